/* lbo.h -- `gclab lbo`: lower-bound overheads of the collectors of a run (bench/stats/overhead.h), as a table.
 *
 * The bound is taken for each workload and number of threads, over all of its collectors, options and heaps.  Reads
 * records only.  Parent only; returns its exit code. */
#ifndef GC_BENCH_LBO_H
#define GC_BENCH_LBO_H

#include "bench/options.h"

int command_lbo(const struct options *options);

#endif
