#include "runtime/stats/thread_log.h"

#include <stdlib.h>

enum { FIRST_CAPACITY = 64, WAITING_MOST = 64 };

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

static bool keep(struct thread_log *log, const struct thread_event *event) {
  bool kept = ensure_room(log);
  if (kept)
    log->events[log->count++] = *event;
  else
    log->dropped++;
  return kept;
}

static void add_duration(struct thread_log *log, const struct thread_event *event) {
  histogram_record_at(&log->durations[event->kind], event->duration_ns, event->begin_ns);
}

static void settle(struct thread_log *log) {
  for (; log->added < log->count; log->added++)
    add_duration(log, &log->events[log->added]);
}

void thread_log_record(struct thread_log *log, struct thread_event event) {
  pthread_mutex_lock(&log->lock);
  if (!keep(log, &event))
    add_duration(log, &event);
  else if (log->count - log->added == WAITING_MOST)
    settle(log);
  pthread_mutex_unlock(&log->lock);
}

static void add(struct thread_log *into, const struct thread_log *from) {
  for (unsigned kind = 0; kind < THREAD_EVENT_KINDS; kind++)
    histogram_merge(&into->durations[kind], &from->durations[kind]);
  for (size_t i = 0; i < from->count; i++)
    keep(into, &from->events[i]);
  into->added = into->count; /* their durations came with `from`'s */
  into->dropped += from->dropped;
}

void thread_log_move(struct thread_log *into, struct thread_log *from) {
  pthread_mutex_lock(&from->lock);
  settle(from);
  if (into)
    add(into, from);
  for (unsigned kind = 0; kind < THREAD_EVENT_KINDS; kind++)
    if (from->durations[kind].count)
      histogram_reset(&from->durations[kind]);
  from->count = from->added = 0;
  from->dropped = 0;
  pthread_mutex_unlock(&from->lock);
}
