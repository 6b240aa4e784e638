#include "runtime/stats/thread_log.h"

#include <stdlib.h>

enum { FIRST_CAPACITY = 64 };

void thread_log_init(struct thread_log *log) {
  *log = (struct thread_log){0};
  pthread_mutex_init(&log->lock, NULL);
}

void thread_log_fini(struct thread_log *log) {
  for (unsigned kind = 0; kind < THREAD_EVENT_KINDS; kind++)
    histogram_fini(&log->durations[kind]);
  free(log->events);
  pthread_mutex_destroy(&log->lock);
}

static bool ensure_room(struct thread_log *log) {
  if (log->count < log->capacity)
    return true;
  if (log->count >= THREAD_EVENTS_MAX)
    return false;
  size_t capacity = log->capacity ? 2 * log->capacity : FIRST_CAPACITY;
  struct thread_event *events = realloc(log->events, capacity * sizeof *events);
  if (!events)
    return false;
  log->events = events;
  log->capacity = capacity;
  return true;
}

static void keep(struct thread_log *log, const struct thread_event *event) {
  if (ensure_room(log))
    log->events[log->count++] = *event;
  else
    log->dropped++;
}

void thread_log_record(struct thread_log *log, struct thread_event event) {
  pthread_mutex_lock(&log->lock);
  histogram_record_at(&log->durations[event.kind], event.duration_ns, event.begin_ns);
  keep(log, &event);
  pthread_mutex_unlock(&log->lock);
}

static void add(struct thread_log *into, const struct thread_log *from) {
  for (unsigned kind = 0; kind < THREAD_EVENT_KINDS; kind++)
    histogram_merge(&into->durations[kind], &from->durations[kind]);
  for (size_t i = 0; i < from->count; i++)
    keep(into, &from->events[i]);
  into->dropped += from->dropped;
}

void thread_log_move(struct thread_log *into, struct thread_log *from) {
  pthread_mutex_lock(&from->lock);
  if (into)
    add(into, from);
  for (unsigned kind = 0; kind < THREAD_EVENT_KINDS; kind++)
    if (from->durations[kind].count)
      histogram_reset(&from->durations[kind]);
  from->count = 0;
  from->dropped = 0;
  pthread_mutex_unlock(&from->lock);
}
