/* counters.h -- the record's group `counters`: what the kernel and the processor counted, for the whole process.
 *
 * The sums over the iterations that are no warm-up, from the first lane in `run` to the end of the last cycle that
 * this run caused (measure.h).  An array with an object for each event: name, value, stw, other, enabled_ns,
 * running_ns, supported, why_not.
 * counters_open: while the process has one thread.  The rest: thread 0 of the lanes, or whoever ends the process. */
#ifndef GC_BENCH_COUNTERS_H
#define GC_BENCH_COUNTERS_H

#include <jansson.h>

#include "runtime/os/perf.h"

struct counters {
  bool on; /* opened, and not only empty */
  struct perf_set set;
  struct perf_value before[PERF_EVENT_COUNT], sum[PERF_EVENT_COUNT];
};

void counters_open(struct counters *counters);
/* Whether events count; they do from counters_open on. */
void counters_run(const struct counters *counters, bool count);
void counters_begin(struct counters *counters);
/* Adds what was counted since counters_begin. */
void counters_end(struct counters *counters);
/* stw_cpu_ns: what of the task clock was spent inside pauses, by the driver's own readings. */
json_t *counters_report(const struct counters *counters, uint64_t stw_cpu_ns);

#endif
