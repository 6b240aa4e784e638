#include "bench/requests.h"

#include <stdlib.h>
#include <string.h>

#include "bench/report.h"

static const uint64_t window_100ms_ns = 100000000;

void requests_make_room(struct latency_log *log) {
  log->requests = malloc(REQUESTS_MAX * sizeof *log->requests);
  log->capacity = log->requests ? REQUESTS_MAX : 0;
}

void requests_free_room(struct latency_log *log) {
  histogram_fini(&log->latency);
  free(log->requests);
}

/* ---- an iteration ---- */

static void add_spans(struct requests *requests, struct latency_log *const *logs, size_t threads) {
  uint64_t first_ns = UINT64_MAX, last_start_ns = 0, last_ns = 0, count = 0;
  for (size_t i = 0; i < threads; i++) {
    const struct latency_log *log = logs[i];
    if (log->latency.count == 0)
      continue;
    count += log->latency.count;
    first_ns = log->first_ns < first_ns ? log->first_ns : first_ns;
    last_start_ns = log->last_start_ns > last_start_ns ? log->last_start_ns : last_start_ns;
    last_ns = log->last_ns > last_ns ? log->last_ns : last_ns;
  }
  if (count == 0)
    return;
  requests->intervals += count - 1;
  requests->offered_span_ns += last_start_ns - first_ns;
  requests->achieved_span_ns += last_ns - first_ns;
}

/* All threads' requests in one queue. */
static void meter(struct requests *requests, struct latency_log *const *logs, size_t threads) {
  size_t count = 0, at = 0;
  for (size_t i = 0; i < threads; i++)
    count += logs[i]->count;
  if (count == 0)
    return;
  struct latency_request *all = malloc(count * sizeof *all);
  if (!all) {
    requests->refused = true;
    return;
  }
  for (size_t i = 0; i < threads; at += logs[i++]->count)
    memcpy(all + at, logs[i]->requests, logs[i]->count * sizeof *all);
  latency_sort(all, count);
  latency_meter(all, count, window_100ms_ns, &requests->metered_100ms);
  latency_meter(all, count, UINT64_MAX, &requests->metered_full);
  free(all);
}

void requests_add(struct requests *requests, struct latency_log *const *logs, size_t threads) {
  for (size_t i = 0; i < threads; i++) {
    histogram_merge(&requests->latency, &logs[i]->latency);
    requests->open_loop |= logs[i]->open_loop;
    requests->truncated += logs[i]->truncated;
  }
  add_spans(requests, logs, threads);
  if (!requests->open_loop)
    meter(requests, logs, threads);
}

bool requests_metered(const struct requests *requests) {
  return !requests->open_loop && !requests->truncated && !requests->refused;
}

/* ---- the group ---- */

static void set_metered(json_t *group, const char *name, const struct requests *requests, const struct histogram *h) {
  if (requests->open_loop)
    report_null(group, name, "an open loop plans its requests, so that no rate need be guessed");
  else if (requests->truncated)
    report_null(group, name, "a thread had more requests in an iteration than are kept one by one");
  else if (requests->refused)
    report_null(group, name, "the system refused memory for the requests");
  else
    json_object_set_new(group, name, report_distribution(h));
}

json_t *requests_report(const struct requests *requests) {
  uint64_t count = requests->latency.count;
  if (count == 0)
    return NULL;
  bool open = requests->open_loop;
  json_t *group = json_object();
  json_object_set_new(group, "schedule", json_string(open ? "open" : "closed"));
  json_object_set_new(group, open ? "planned" : "simple", report_distribution(&requests->latency));
  report_null(group, open ? "simple" : "planned", "of the other schedule");
  set_metered(group, "metered_100ms", requests, &requests->metered_100ms);
  set_metered(group, "metered_full", requests, &requests->metered_full);
  json_object_set_new(group, "truncated", json_integer((json_int_t)requests->truncated));
  if (open)
    report_rate(group, "offered_per_s", requests->intervals, requests->offered_span_ns, "one request has no rate");
  else
    report_null(group, "offered_per_s", "a closed loop asks when it is answered");
  report_rate(group, "achieved_per_s", count, requests->achieved_span_ns, "the requests took no time");
  return group;
}
