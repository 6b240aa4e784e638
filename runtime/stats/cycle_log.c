#include "runtime/stats/cycle_log.h"

#include <stdlib.h>

enum { FIRST_CAPACITY = 64 };

static bool ensure_room(struct cycle_log *log) {
  if (log->count < log->capacity)
    return true;
  size_t capacity = log->capacity ? 2 * log->capacity : FIRST_CAPACITY;
  struct cycle_event *events = realloc(log->events, capacity * sizeof *events);
  if (!events)
    return false;
  log->events = events;
  log->capacity = capacity;
  return true;
}

void cycle_log_record(struct cycle_log *log, const struct cycle_event *event) {
  if (ensure_room(log))
    log->events[log->count++] = *event;
  else
    log->dropped++;
}

void cycle_log_reset(struct cycle_log *log) {
  log->count = 0;
  log->dropped = 0;
}

void cycle_log_fini(struct cycle_log *log) {
  free(log->events);
  *log = (struct cycle_log){0};
}
