/* launch.h -- runs one invocation in a fresh process, watches the clock, and says how it ended.
 *
 * Called by the parent's only thread.  SIGINT and SIGTERM end the running child and set the interrupted flag. */
#ifndef GC_BENCH_LAUNCH_H
#define GC_BENCH_LAUNCH_H

#include <jansson.h>

#include "bench/subject.h"

/* outcome.status of a record, in the order of how bad it is. */
#define OUTCOMES(X) X(ok) X(oom) X(timeout) X(crash) X(verify_failed) X(unsupported) X(harness_error) X(interrupted)
enum outcome {
#define OUTCOME_ENUM(name) OUTCOME_##name,
  OUTCOMES(OUTCOME_ENUM) OUTCOME_COUNT
#undef OUTCOME_ENUM
};
extern const char *const outcome_names[OUTCOME_COUNT];
/* harness_error for NULL and for a name that is none. */
enum outcome outcome_by_name(const char *name);

/* What may differ between invocations of the same case: where things lie in memory. */
struct layout {
  unsigned env_padding_bytes; /* a variable of that size is added to the environment, which lies above the stack */
  bool fixed_addresses;       /* no address space layout randomisation, which the system does by itself */
};

struct launch_request {
  const struct options *options;
  const struct collector_choice *collector;
  const struct workload_choice *workload;
  const char *program; /* path of the binary; NULL or "": this one */
  struct layout layout;
  size_t heap_bytes;
  double timeout_s;
  const char *artifacts;       /* the invocation's folder (results.h), for what it writes; NULL: nothing is kept */
  void (*tick)(void *context); /* several times a second while the child runs; may be NULL */
  void *context;
};

struct launch_result {
  enum outcome outcome;
  json_t *report; /* the groups that the child reported, and `outcome`; the caller's to decref */
  uint64_t elapsed_ns;
  bool aslr; /* as it was: the system may have it off, or refuse to turn it off */
};

/* Catches the signals from now on. */
void launch_catch_signals(void);
bool launch_interrupted(void);

struct launch_result launch(const struct launch_request *request);

/* Without starting a process: the pair lacks a capability, or is not in this build. */
struct launch_result launch_unsupported(const char *why);

#endif
