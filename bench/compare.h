/* compare.h -- `gclab compare`: two runs, or two parts of one, and which differences are shown.
 *
 * A difference is shown if the interval of the ratio of geometric means (bench/stats/estimate.h) leaves 1 out; never is
 * anything called the same.  The rank sum test stands beside it, and needs no shape of the distributions.
 * Reads records only.  Parent only; returns its exit code. */
#ifndef GC_BENCH_COMPARE_H
#define GC_BENCH_COMPARE_H

#include "bench/options.h"

int command_compare(const struct options *options);

#endif
