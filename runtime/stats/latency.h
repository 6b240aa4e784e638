/* latency.h -- request latencies of one thread of a workload, and what steady demand would have made of them.
 *
 * Open loop: latency counts from the planned start, so a stopped server is not excused (no coordinated omission).
 * Closed loop: from the actual start; a client that waits asks nothing meanwhile, so its latencies know no queue.
 * Metered latency restores the queue: it counts from when the request would have begun had those around it begun at a
 * steady rate (as DaCapo does; here in whole nanoseconds).  One writer, its thread; readers when it is done. */
#ifndef GC_STATS_LATENCY_H
#define GC_STATS_LATENCY_H

#include "runtime/stats/histogram.h"

struct latency_request {
  uint64_t start_ns, end_ns;
};

struct latency_log {
  struct histogram latency; /* nanoseconds */
  uint64_t first_ns, last_ns, last_start_ns;
  bool open_loop;
  struct latency_request *requests; /* the owner's array of `capacity`; NULL: only the distribution is kept */
  size_t count, capacity;
  uint64_t truncated; /* requests for which there was no room */
};

/* A request that was due (or began) at start_ns and ended at end_ns. */
static inline void latency_record(struct latency_log *log, uint64_t start_ns, uint64_t end_ns) {
  if (log->latency.count == 0)
    log->first_ns = start_ns;
  log->last_start_ns = start_ns;
  log->last_ns = end_ns;
  histogram_record(&log->latency, end_ns > start_ns ? end_ns - start_ns : 0);
  if (log->count < log->capacity)
    log->requests[log->count++] = (struct latency_request){start_ns, end_ns};
  else
    log->truncated++;
}

/* Forgets the requests; not the array, nor the schedule. */
void latency_reset(struct latency_log *log);

void latency_sort(struct latency_request *requests, size_t count); /* by start */

/* Records in `into` the metered latency of each of `sorted`: the rate at a request is that of the requests which began
 * within half of window_ns of it, on either side; UINT64_MAX: of all. */
void latency_meter(const struct latency_request *sorted, size_t count, uint64_t window_ns, struct histogram *into);

#endif
