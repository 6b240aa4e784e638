/* instrumentation.h -- what measuring itself cost an invocation: each kind of event, how often, times its unit cost.
 *
 * A unit is measured on the spot, by doing what the runtime does for such an event many times into a scratch log.
 * What is left out: the kernel's own work for open counters at each switch of threads, and cache lines that the
 * workload loses.  bench/instrumentation.sh measures the whole, by paired runs with and without.
 * Called once, at the end, by one thread. */
#ifndef GC_BENCH_INSTRUMENTATION_H
#define GC_BENCH_INSTRUMENTATION_H

#include <jansson.h>

#include "bench/measure.h"
#include "bench/samples.h"

/* Sets instrumentation_ns (CPU time, over the iterations that are no warm-up), instrumentation_share (of their wall
 * time) and instrumentation_units in the group `quality`.  `scheduled`: the run followed a schedule. */
void instrumentation_report(json_t *quality, struct gc_heap *heap, const struct measured *measured,
                            const struct samples *samples, bool scheduled);

#endif
