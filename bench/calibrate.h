/* calibrate.h -- `gclab compare RUN --calibrate`: does the comparison call the same thing different as rarely as it
 * says?
 *
 * From the invocations of each cell of RUN two groups are drawn that share none, and compared, many times; with some
 * hundred invocations of each cell this shows what the intervals are worth for such data.  Parent only. */
#ifndef GC_BENCH_CALIBRATE_H
#define GC_BENCH_CALIBRATE_H

#include "bench/options.h"

int calibrate(const struct options *options);

#endif
