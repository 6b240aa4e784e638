/* run.h -- `gclab run`: every collector of the command line with every workload.  Parent only. */
#ifndef GC_BENCH_RUN_H
#define GC_BENCH_RUN_H

#include "bench/runner.h"

/* Returns its exit code. */
int command_run(struct options *options);

/* Runs each case options->invocations times, in a new folder of `folder`: those of one workload take turns, so that a
 * drift of the machine meets them alike.  Cases of a workload stand together.  Returns the exit code. */
int run_cases(struct run_case *cases, size_t count, const struct options *options, const char *folder);

#endif
