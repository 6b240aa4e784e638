/* runner.h -- one run of one (workload, collector) pair in a child process, for tests.
 *
 * What `gclab invoke` does, without measuring: a heap, mutator threads, and prepare → run → check in each iteration.
 * The child writes its result to memory that it shares with the parent, so a crash, a hang and an exhausted heap
 * are results like any other.  The caller has one thread. */
#ifndef TESTS_WORKLOADS_RUNNER_H
#define TESTS_WORKLOADS_RUNNER_H

#include <stdio.h>

#include "runtime/registry.h"

enum { RUN_THREADS_MAX = 16, RUN_OPTIONS_MAX = 32 };

struct run_spec {
  const struct gc_workload *pair;
  const char *params;  /* "depth=8,array=100", as after -w; empty: defaults */
  const char *options; /* the collector's, in the same way */
  unsigned threads, iterations, gc_threads;
  unsigned verify;     /* VERIFY_ALL, … */
  size_t heap_bytes;
  uint64_t seed, stress_every, refuse_chunk;
  unsigned limit_s;    /* after which the run counts as hung */
  FILE *errors;        /* takes what the child writes to stderr; NULL: stderr */
};

enum run_status { RUN_OK, RUN_OOM, RUN_REFUSED, RUN_FAILED, RUN_CRASHED, RUN_HUNG };

struct run_result {
  enum run_status status;
  uint64_t checksum;    /* RUN_OK: of each iteration */
  uint64_t live_bytes;  /* RUN_OK: reachable after the last iteration's check, by the verifier's traversal */
  uint64_t alloc_bytes; /* RUN_OK: of all iterations */
  uint64_t cycles;      /* RUN_OK */
  double figures[GC_FIGURES_MAX]; /* RUN_OK: of the last iteration; NAN: not found */
  char message[256];    /* otherwise: why */
};

/* Runs `spec` in a child. */
void run_in_child(const struct run_spec *spec, struct run_result *result);

/* A checksum may be taken again and again: what the last iteration's `check` needs. */
struct run_end {
  const struct gc_workload *pair;
  struct gc_mutator *m;       /* the only mutator left */
  struct gc_work *work;       /* its work; `fail` may be replaced */
  uint64_t check_sum;         /* what `check` returned */
};

/* The same in the calling process, which it ends.  After the last iteration, with all other threads gone and before
 * the heap is destroyed, it calls at_end(context, end), which may be NULL. */
_Noreturn void run_here(const struct run_spec *spec, struct run_result *result,
                        void (*at_end)(void *context, struct run_end *end), void *context);

/* NULL if `pair` can run with these parameters and `threads`, or why not. */
const char *run_unsupported(const struct gc_workload *pair, const char *params, unsigned threads);

/* "ok", "oom", … */
const char *run_status_name(enum run_status status);

/* Writes the options of test_workloads that repeat this run. */
void run_format(const struct run_spec *spec, char *text, size_t text_bytes);

/* Memory that children share with the parent; `bytes` of zeros.  Never freed. */
void *shared_memory(size_t bytes);

#endif
