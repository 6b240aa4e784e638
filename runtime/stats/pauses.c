#include "runtime/stats/pauses.h"

#include <stdlib.h>

enum { FIRST_CAPACITY = 256, WAITING_MOST = 64 };

bool pause_log_init(struct pause_log *log) {
  *log = (struct pause_log){.capacity = FIRST_CAPACITY};
  log->events = malloc(FIRST_CAPACITY * sizeof *log->events);
  if (!log->events)
    log->capacity = 0;
  return log->events != NULL;
}

void pause_log_fini(struct pause_log *log) {
  free(log->events);
  histogram_fini(&log->total);
  histogram_fini(&log->ttsp);
  histogram_fini(&log->operation);
  histogram_fini(&log->total_net);
  histogram_fini(&log->lost);
  histogram_fini(&log->handshake);
  *log = (struct pause_log){0};
}

static bool ensure_room(struct pause_log *log) {
  if (log->count < log->capacity)
    return true;
  size_t capacity = log->capacity ? 2 * log->capacity : FIRST_CAPACITY;
  struct pause_event *events = realloc(log->events, capacity * sizeof *events);
  if (!events)
    return false;
  log->events = events;
  log->capacity = capacity;
  return true;
}

static void add(struct pause_log *log, const struct pause_event *event) {
  uint64_t total_ns = event->resumed_ns - event->request_ns;
  histogram_record_at(&log->total, total_ns, event->request_ns);
  histogram_record_at(&log->ttsp, event->stopped_ns - event->request_ns, event->request_ns);
  histogram_record_at(&log->operation, event->resumed_ns - event->stopped_ns, event->stopped_ns);
  if (event->lost_known) {
    uint64_t lost_ns = event->lost_ns < total_ns ? event->lost_ns : total_ns;
    histogram_record_at(&log->total_net, total_ns - lost_ns, event->request_ns);
    histogram_record_at(&log->lost, lost_ns, event->request_ns);
  }
}

void pause_log_settle(struct pause_log *log) {
  for (; log->added < log->count; log->added++)
    add(log, &log->events[log->added]);
}

void pause_record(struct pause_log *log, struct pause_event event) {
  uint64_t total_ns = event.resumed_ns - event.request_ns, ttsp_ns = event.stopped_ns - event.request_ns;
  log->pauses++;
  log->total_ns += total_ns;
  log->ttsp_ns += ttsp_ns;
  log->longest_ns = total_ns > log->longest_ns ? total_ns : log->longest_ns;
  log->longest_ttsp_ns = ttsp_ns > log->longest_ttsp_ns ? ttsp_ns : log->longest_ttsp_ns;
  if (ensure_room(log)) {
    log->events[log->count++] = event;
    if (log->count - log->added == WAITING_MOST)
      pause_log_settle(log);
  } else {
    add(log, &event);
    log->dropped++;
  }
}

void pause_log_reset(struct pause_log *log) {
  log->count = log->added = 0;
  log->dropped = 0;
  log->pauses = log->total_ns = log->longest_ns = log->ttsp_ns = log->longest_ttsp_ns = 0;
  histogram_reset(&log->total);
  histogram_reset(&log->ttsp);
  histogram_reset(&log->operation);
  histogram_reset(&log->total_net);
  histogram_reset(&log->lost);
  histogram_reset(&log->handshake);
}
