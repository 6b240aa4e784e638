/* runner.h -- runs invocations one by one in a given order, each in a fresh process, and keeps and sums up the records.
 *
 * What `gclab run` and `gclab suite` share.  Parent only. */
#ifndef GC_BENCH_RUNNER_H
#define GC_BENCH_RUNNER_H

#include "bench/program.h"
#include "bench/record.h"
#include "bench/results.h"

/* One (workload, collector, heap, threads) on one binary. */
struct run_case {
  char key[RECORD_KEY_BYTES]; /* of its records; run_case_set_key */
  struct options options;
  struct collector_choice *collector;
  struct workload_choice *workload;
  const struct program *program;
  size_t heap_bytes;
  double heap_factor; /* 0: the heap was given as a size */
  size_t minheap_bytes;
  const char *minheap_from;
  uint64_t estimate_ns; /* of an invocation, from earlier ones; 0: not known */
};

/* One invocation of a case. */
struct run_step {
  struct run_case *run_case;
  unsigned sequence, invocation, attempt;
  struct layout layout;
  bool recorded; /* by an earlier start of the same run */
};

struct runner {
  const struct options *options; /* of the command: json */
  struct results *results;
  struct run_step *steps;
  size_t step_count;
  struct run_case *cases; /* all that the steps point to */
  size_t case_count;
  bool quiet; /* no table, no progress but on a terminal, and no word about where the records are */
  bool has_order_seed;
  uint64_t order_seed;
  const char *resume;                                              /* the command that goes on, or NULL */
  void (*kept)(void *context, unsigned recorded, unsigned failed); /* after each record; may be NULL */
  void *context;
};

/* Fills in what the command line left open (warm-up, collector threads), reads the topology and catches signals. */
void runner_settle(struct options *options);

/* From all its other members. */
void run_case_set_key(struct run_case *c);
/* NULL, or why it cannot be run: this build has no such pair, or the collector lacks what the workload needs. */
const char *run_case_lacks(const struct run_case *c);

/* Runs the steps that are not recorded yet, in order, prints the table or JSON, and says where the records are.
 * Returns the exit code of the command. */
int runner_run(const struct runner *runner);

#endif
