/* options.h -- the command line: one table row for each option, read by the parser and by `gclab help`.
 *
 * Called by main, before any thread.  Nothing wrong is corrected: a sentence on stderr, exit 2. */
#ifndef GC_BENCH_OPTIONS_H
#define GC_BENCH_OPTIONS_H

#include "runtime/base/option.h"

enum exit_code {
  EXIT_OK = 0,
  EXIT_RUNS_FAILED = 1, /* some invocation did not end ok */
  EXIT_USAGE = 2,
  EXIT_ENVIRONMENT = 3, /* this machine or folder refuses */
  EXIT_INTERRUPTED = 130,
};

enum command {
  COMMAND_LIST = 1 << 0,
  COMMAND_SHOW = 1 << 1,
  COMMAND_RUN = 1 << 2,
  COMMAND_MINHEAP = 1 << 3,
  COMMAND_SUITE = 1 << 4,
  COMMAND_HELP = 1 << 5,
  COMMAND_VERSION = 1 << 6,
  COMMAND_MICRO = 1 << 8,  /* only for its help: micro reads its own options */
  COMMAND_EXPLORE = 1 << 9,
  COMMAND_MUTANTS = 1 << 10,
  COMMAND_DOCTOR = 1 << 11,
  COMMAND_SELFTEST = 1 << 12,
  COMMAND_REPORT = 1 << 13,
  COMMAND_TRACE = 1 << 14,
  COMMAND_COMPARE = 1 << 15,
  COMMAND_LBO = 1 << 16,
  COMMAND_EXPORT = 1 << 17,
  COMMAND_VERIFY = 1 << 18,
  COMMAND_NOMINAL = 1 << 20,
  COMMAND_VECTORS = 1 << 21,
  COMMAND_INVOKE = 1 << 7, /* what `run` starts for each invocation; not for people */
};

enum { TEXTS_MAX = 64 };
struct text_list {
  const char *items[TEXTS_MAX];
  size_t count;
};

struct options {
  enum command command;
  struct text_list collectors, workloads; /* of -c and -w, as written */
  const char *heap, *topology, *output, *label, *schedule_log;
  const char *budget, *resume, *retry, *only; /* of `gclab suite`, or NULL */
  const char *page;      /* file that `gclab report` writes, or NULL */
  const char *fault;     /* one of fault.h, or NULL */
  const char *artifacts; /* folder for what the invocation writes, or NULL */
  const char *verify_names; /* of --verify, or NULL */
  unsigned verify;          /* the set of them (runtime/verify/verify.h) */
  struct gc_value threads, invocations, iterations, warmup, gc_threads; /* warmup, gc_threads: see has_… */
  struct gc_value seed, timeout_s, stalled_s, stress_every, refuse_chunk, placement, instrumentation, record_fd;
  struct gc_value schedule, schedule_steps, schedule_depth, seeds, first_seed; /* schedule: if has_schedule */
  const char *profile;      /* of --profile: sampled or exact; or NULL */
  const char *mutant, *trace_file;
  const char *metrics, *lbo_metric; /* of `gclab compare` and of `gclab lbo`, apart by commas */
  const char *format, *export_path; /* of `gclab export`, or NULL */
  struct gc_value confidence;
  bool calibrate;
  struct gc_value random; /* scripts of `gclab vectors`; 0: those of files */
  bool against_cpython, checklist;
  struct gc_value order_seed; /* if has_order_seed */
  bool has_warmup, has_gc_threads, has_threads, has_schedule, has_invocations, has_iterations;
  bool has_order_seed;
  bool dry_run, allow_mixed, strict;
  bool leaks, snapshot;
  bool json, matrix, no_pin, stress_polls, again, list, until_failure;
  char **words; /* what is neither an option nor after `--` */
  int word_count;
  char **arguments; /* all of them, the program's name first */
  int argument_count;
  char **workload_options; /* after `--` */
  int workload_option_count;
};

/* Reads argv[1] … into `options`, or exits. */
void options_read(struct options *options, int argc, char **argv);

/* Prints the help of a command ("run"), or of all for NULL, to stdout.  False if there is no such command. */
bool options_help(const char *command);

extern const char *const placements[];
enum instrumentation { INSTRUMENTATION_ON, INSTRUMENTATION_OFF, INSTRUMENTATION_ALTERNATE };
extern const char *const instrumentations[];

/* Prints "gclab: …" and where to read on, and exits with EXIT_USAGE. */
_Noreturn void usage_error(const char *format, ...) GC_PRINTF(1, 2);
/* Prints "gclab: …" and exits with EXIT_ENVIRONMENT. */
_Noreturn void environment_error(const char *format, ...) GC_PRINTF(1, 2);

#endif
