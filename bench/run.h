/* run.h -- `gclab run`: every collector of the command line with every workload.  Returns its exit code. */
#ifndef GC_BENCH_RUN_H
#define GC_BENCH_RUN_H

#include "bench/options.h"

int command_run(struct options *options);

#endif
