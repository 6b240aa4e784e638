/* latency.h -- request latencies of one thread of a workload.
 *
 * Open loop: latency counts from the planned start, so a stopped server is not excused (no coordinated omission).
 * Closed loop: from the actual start.  One writer, its thread. */
#ifndef GC_STATS_LATENCY_H
#define GC_STATS_LATENCY_H

#include "runtime/stats/histogram.h"

struct latency_log {
  struct histogram latency; /* nanoseconds */
  uint64_t first_ns, last_ns;
  bool open_loop;
};

/* A request that was due (or began) at start_ns and ended at end_ns. */
static inline void latency_record(struct latency_log *log, uint64_t start_ns, uint64_t end_ns) {
  if (log->latency.count == 0)
    log->first_ns = start_ns;
  log->last_ns = end_ns;
  histogram_record(&log->latency, end_ns > start_ns ? end_ns - start_ns : 0);
}

#endif
