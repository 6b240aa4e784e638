/* trace_json.c -- the buffers of runtime/stats/events.h as Chrome's trace events.
 *
 * Each pair x_begin, x_end is a slice on its thread's lane.  Pauses and phases have lanes of their own besides, since
 * whichever thread drives a cycle may change. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/trace.h"
#include "runtime/stats/events.h"

/* Somebody asked the world to stop. */
struct request {
  uint64_t at_ns;
  unsigned thread;
};

struct writer {
  FILE *file;
  uint64_t origin_ns; /* of the first event */
  bool any;           /* event was written */
  struct request *requests; /* by time */
  size_t request_count;
};

enum { PROCESS = 1 };

/* Begins an event that `thread` told; the caller adds members and closes it.  Times are microseconds; the origin is
 * subtracted first, so that no digit is lost. */
static void open_event(struct writer *w, const char *phase, const char *name, unsigned thread, uint64_t at_ns) {
  uint64_t ns = at_ns - w->origin_ns;
  fprintf(w->file, "%s\n{\"ph\":\"%s\",\"name\":\"%s\",\"pid\":%d,\"tid\":%u,\"ts\":%llu.%03llu", w->any ? "," : "",
          phase, name, PROCESS, thread, (unsigned long long)(ns / 1000), (unsigned long long)(ns % 1000));
  w->any = true;
}

static void close_event(struct writer *w) { fputc('}', w->file); }

static void add_argument(struct writer *w, const char **separator, const char *name, uint64_t value, bool is_name) {
  if (!*name)
    return;
  if (is_name)
    fprintf(w->file, "%s\"%s\":\"%s\"", *separator, name, (const char *)(uintptr_t)value);
  else
    fprintf(w->file, "%s\"%s\":%llu", *separator, name, (unsigned long long)value);
  *separator = ",";
}

static bool is_phase(uint64_t kind) { return kind == EVENT_phase_begin || kind == EVENT_phase_end; }

static void add_arguments(struct writer *w, const struct event *event) {
  const struct event_row *row = &event_rows[event->kind];
  const char *separator = "";
  fputs(",\"args\":{", w->file);
  add_argument(w, &separator, row->a, event->a, is_phase(event->kind));
  add_argument(w, &separator, row->b, event->b, false);
  fputc('}', w->file);
}

/* ---- lanes that belong to no thread: asynchronous slices ---- */

static void write_async(struct writer *w, const char *phase, const char *category, const char *name,
                        const struct event *event, unsigned thread) {
  open_event(w, phase, name, thread, event->at_ns);
  fprintf(w->file, ",\"cat\":\"%s\",\"id\":\"%s\"", category, name);
  add_arguments(w, event);
  close_event(w);
}

/* ---- arrows ---- */

static int compare_times(const void *left, const void *right) {
  const struct request *a = left, *b = right;
  return a->at_ns < b->at_ns ? -1 : a->at_ns > b->at_ns;
}

/* Any thread may drive a cycle, so the requests to stop are gathered from all.  Without memory there are no arrows. */
static void gather_requests(struct writer *w) {
  size_t capacity = 0;
  for (const struct event_buffer *buffer = events_buffers(); buffer; buffer = buffer->next) {
    uint64_t count = atomic_load_explicit(&buffer->count, memory_order_acquire);
    for (uint64_t i = 0; i < count; i++) {
      if (buffer->events[i].kind != EVENT_pause_request)
        continue;
      if (w->request_count == capacity) {
        capacity = capacity ? 2 * capacity : 256;
        struct request *more = realloc(w->requests, capacity * sizeof *more);
        if (!more)
          return;
        w->requests = more;
      }
      w->requests[w->request_count++] = (struct request){buffer->events[i].at_ns, buffer->number};
    }
  }
  if (w->request_count)
    qsort(w->requests, w->request_count, sizeof *w->requests, compare_times);
}

/* The last one before `at_ns`; NULL if there is none. */
static const struct request *last_request(const struct writer *w, uint64_t at_ns) {
  size_t low = 0, high = w->request_count;
  while (low < high) { /* the first one after at_ns */
    size_t middle = (low + high) / 2;
    if (w->requests[middle].at_ns <= at_ns)
      low = middle + 1;
    else
      high = middle;
  }
  return low ? &w->requests[low - 1] : NULL;
}

static void write_arrow(struct writer *w, const struct event *stop, unsigned thread) {
  const struct request *request = last_request(w, stop->at_ns);
  if (!request || request->thread == thread)
    return;
  unsigned long long id = (stop->at_ns - w->origin_ns) << 10 | (thread & 1023);
  open_event(w, "s", "stop", request->thread, request->at_ns);
  fprintf(w->file, ",\"cat\":\"safepoint\",\"id\":\"%llx\"", id);
  close_event(w);
  open_event(w, "f", "stop", thread, stop->at_ns);
  fprintf(w->file, ",\"cat\":\"safepoint\",\"id\":\"%llx\",\"bp\":\"e\"", id);
  close_event(w);
}

/* ---- one event ---- */

static bool ends_with(const char *name, const char *end, size_t *stem) {
  size_t length = strlen(name), end_length = strlen(end);
  *stem = length > end_length ? length - end_length : 0;
  return *stem && strcmp(name + *stem, end) == 0;
}

static void write_slice_edge(struct writer *w, const char *phase, const char *name, const struct event *event,
                             unsigned thread) {
  open_event(w, phase, name, thread, event->at_ns);
  add_arguments(w, event);
  close_event(w);
}

static void write_event(struct writer *w, const struct event *event, unsigned thread) {
  const char *name = event_rows[event->kind].name;
  size_t stem;
  char stem_name[32];
  switch (event->kind) {
  case EVENT_pause_request:
    write_slice_edge(w, "B", "pause", event, thread);
    write_slice_edge(w, "B", "time to safepoint", event, thread);
    write_async(w, "b", "pause", "pause", event, thread);
    return;
  case EVENT_pause_stopped: write_slice_edge(w, "E", "time to safepoint", event, thread); return;
  case EVENT_pause_resumed:
    write_slice_edge(w, "E", "pause", event, thread);
    write_async(w, "e", "pause", "pause", event, thread);
    return;
  case EVENT_heap: write_slice_edge(w, "C", "heap", event, thread); return;
  case EVENT_phase_begin:
  case EVENT_phase_end:
    name = (const char *)(uintptr_t)event->a;
    write_slice_edge(w, event->kind == EVENT_phase_begin ? "B" : "E", name, event, thread);
    write_async(w, event->kind == EVENT_phase_begin ? "b" : "e", "phase", name, event, thread);
    return;
  case EVENT_stop_begin: write_arrow(w, event, thread); break;
  default: break;
  }
  bool begins = ends_with(name, "_begin", &stem);
  if (!begins && !ends_with(name, "_end", &stem)) {
    open_event(w, "i", name, thread, event->at_ns);
    fputs(",\"s\":\"t\"", w->file);
    add_arguments(w, event);
    close_event(w);
    return;
  }
  snprintf(stem_name, sizeof stem_name, "%.*s", (int)stem, name);
  write_slice_edge(w, begins ? "B" : "E", stem_name, event, thread);
}

/* ---- the file ---- */

static void write_name(struct writer *w, const char *what, unsigned thread, const char *name) {
  open_event(w, "M", what, thread, w->origin_ns);
  fprintf(w->file, ",\"args\":{\"name\":\"%s\"}", name);
  close_event(w);
}

static uint64_t first_event_ns(void) {
  uint64_t first = UINT64_MAX;
  for (const struct event_buffer *buffer = events_buffers(); buffer; buffer = buffer->next)
    if (atomic_load_explicit(&buffer->count, memory_order_acquire) && buffer->events[0].at_ns < first)
      first = buffer->events[0].at_ns;
  return first == UINT64_MAX ? 0 : first;
}

bool trace_write(const char *path, const char *title) {
  struct writer w = {.file = fopen(path, "w"), .origin_ns = first_event_ns()};
  unsigned long long dropped = 0;
  if (!w.file)
    return false;
  gather_requests(&w);
  fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[", w.file);
  write_name(&w, "process_name", 0, title);
  for (const struct event_buffer *buffer = events_buffers(); buffer; buffer = buffer->next) {
    uint64_t count = atomic_load_explicit(&buffer->count, memory_order_acquire);
    write_name(&w, "thread_name", buffer->number, buffer->thread_name);
    for (uint64_t i = 0; i < count; i++)
      write_event(&w, &buffer->events[i], buffer->number);
    dropped += atomic_load_explicit(&buffer->dropped, memory_order_relaxed);
  }
  fprintf(w.file,
          "\n],\"otherData\":{\"dropped_events\":\"%llu\",\"clock\":\"CLOCK_MONOTONIC\",\"origin_ns\":\"%llu\"}}\n",
          dropped, (unsigned long long)w.origin_ns);
  free(w.requests);
  bool whole = !ferror(w.file);
  return fclose(w.file) == 0 && whole;
}
