/* explore.h -- `gclab explore`: many seeds of replayable schedules, and the command that repeats the one that failed.
 *
 * Parent only.  Each schedule is a fresh process.  One record for each pair, in a new folder of results/. */
#ifndef GC_BENCH_EXPLORE_H
#define GC_BENCH_EXPLORE_H

#include "bench/options.h"

int command_explore(struct options *options);

#endif
