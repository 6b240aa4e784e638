/* run.h -- `gclab run` and `gclab demo`: plans invocations, launches them one by one, keeps and sums up the records.
 *
 * Parent only.  Each command returns its exit code. */
#ifndef GC_BENCH_RUN_H
#define GC_BENCH_RUN_H

#include "bench/options.h"
#include "bench/progress.h"
#include "bench/results.h"
#include "bench/subject.h"
#include "bench/table.h"

/* One (workload, collector, heap), to be invoked options->invocations times. */
struct run_case {
  struct options options;
  struct collector_choice *collector;
  struct workload_choice *workload;
  size_t heap_bytes;
  double heap_factor;
  size_t minheap_bytes;
  const char *minheap_from;
};

/* Fills in what the command line left open (warm-up, collector threads), reads the topology and catches signals. */
void run_settle(struct options *options);

/* Runs all cases in order, prints the table or JSON, and says where the records are. */
int run_cases(struct run_case *cases, size_t count, const struct options *options, const char *label);

int command_run(struct options *options);
int command_demo(struct options *options);

#endif
