#include "runtime/stats/latency.h"

#include <stdlib.h>

void latency_reset(struct latency_log *log) {
  histogram_reset(&log->latency);
  log->first_ns = log->last_ns = log->last_start_ns = 0;
  log->count = 0;
  log->truncated = 0;
}

static int by_start(const void *a, const void *b) {
  const struct latency_request *x = a, *y = b;
  return (x->start_ns > y->start_ns) - (x->start_ns < y->start_ns);
}

void latency_sort(struct latency_request *requests, size_t count) {
  qsort(requests, count, sizeof *requests, by_start);
}

void latency_meter(const struct latency_request *sorted, size_t count, uint64_t window_ns, struct histogram *into) {
  uint64_t half_ns = window_ns / 2;
  size_t first = 0, last = 0; /* of the window: the first that began in it, and the first that began after it */
  for (size_t i = 0; i < count; i++) {
    uint64_t start_ns = sorted[i].start_ns, end_ns = sorted[i].end_ns;
    uint64_t from_ns = start_ns > half_ns ? start_ns - half_ns : 0;
    while (sorted[first].start_ns < from_ns)
      first++;
    while (last < count - 1 && sorted[last].start_ns - sorted[0].start_ns < start_ns - sorted[0].start_ns + half_ns)
      last++;
    uint64_t smoothed_ns = start_ns;
    if (last > first) /* 128 bits: a day in nanoseconds, times a million requests */
      smoothed_ns = sorted[first].start_ns +
                    (uint64_t)((unsigned __int128)(i - first) * (sorted[last].start_ns - sorted[first].start_ns) /
                               (last - first));
    uint64_t began_ns = smoothed_ns < start_ns ? smoothed_ns : start_ns;
    histogram_record(into, end_ns > began_ns ? end_ns - began_ns : 0);
  }
}
