/* subject.h -- what is measured: a collector with its options, and a workload with its parameters.
 *
 * Read from `NAME[,opt=value…]` by the parent and, from the same text, by the process of the invocation. */
#ifndef GC_BENCH_SUBJECT_H
#define GC_BENCH_SUBJECT_H

#include "bench/options.h"
#include "runtime/registry.h"

enum { SUBJECT_TEXT_BYTES = 512, SUBJECT_OPTIONS_MAX = 32 };

struct collector_choice {
  char text[SUBJECT_TEXT_BYTES]; /* as the user wrote it */
  const struct gc_collector *collector;
  bool checked;
  struct gc_value values[SUBJECT_OPTIONS_MAX];
};

struct workload_choice {
  char text[SUBJECT_TEXT_BYTES];      /* the name and what was given, as -w takes it */
  const struct gc_workload *workload; /* any pair of this workload */
  struct gc_value values[SUBJECT_OPTIONS_MAX];
};

/* Each returns false with one sentence in `message`. */
bool subject_read_collector(struct collector_choice *choice, const char *text, char *message, size_t message_bytes);
bool subject_read_workload(struct workload_choice *choice, const char *text, char *message, size_t message_bytes);

/* The choices of -c, -w and `--`; `all` is expanded.  Exits with a usage error. */
struct subjects {
  struct collector_choice *collectors;
  struct workload_choice *workloads;
  size_t collector_count, workload_count;
};
void subjects_read(struct subjects *subjects, const struct options *options);
void subjects_free(struct subjects *subjects);

/* All parameters with their values, "depth=16,rounds=3": the same text for the same work. */
void subject_format_values(const struct gc_option *table, const struct gc_value *values, char *text, size_t text_bytes);

#endif
