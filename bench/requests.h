/* requests.h -- the record's group `latency`: the requests of all threads together, over the measured iterations.
 *
 * Requests are metered within an iteration, all threads' in one queue.  Each thread keeps the times of its first
 * REQUESTS_MAX requests of an iteration; if there were more, the metered latencies are null, since a part of a run has
 * another rate.  One thread, when the workload's are done. */
#ifndef GC_BENCH_REQUESTS_H
#define GC_BENCH_REQUESTS_H

#include <jansson.h>

#include "runtime/stats/latency.h"

enum { REQUESTS_MAX = 1 << 20 }; /* of a thread: 16 MiB, of which the system gives what is written */

struct requests {
  struct histogram latency, metered_100ms, metered_full;
  bool open_loop, refused;
  uint64_t truncated;
  uint64_t intervals, offered_span_ns;  /* from the first planned start to the last */
  uint64_t achieved_span_ns;            /* from the first start to the last end */
};

/* Gives `log` room for requests; without memory it keeps distributions only. */
void requests_make_room(struct latency_log *log);
void requests_free_room(struct latency_log *log);
/* Adds an iteration, whose log of thread i is *logs[i]. */
void requests_add(struct requests *requests, struct latency_log *const *logs, size_t threads);
/* Whether the metered distributions are those of all requests. */
bool requests_metered(const struct requests *requests);
/* NULL if the workload logs no requests. */
json_t *requests_report(const struct requests *requests);

#endif
