#include "runtime/stats/events.h"

#include <stdlib.h>

#include "runtime/os/clock.h"

const struct event_row event_rows[EVENT_COUNT] = {
#define GC_EVENT_ROW(name, a, b, about, script) {#name, a, b, about, script},
#include "runtime/stats/events.def"
#undef GC_EVENT_ROW
};

bool events_on;

static _Atomic(struct event_buffer *) buffers;
static _Atomic unsigned buffer_count;
static _Atomic unsigned generation = 1; /* of events_begin: a thread's buffer of an earlier one is gone */
static _Thread_local struct event_buffer *own;
static _Thread_local unsigned own_generation;

/* NULL if memory was refused: then the thread tells nothing. */
static struct event_buffer *buffer_new(void) {
  struct event_buffer *buffer = calloc(1, sizeof *buffer); /* touched as it fills */
  if (!buffer)
    return NULL;
  buffer->number = atomic_fetch_add_explicit(&buffer_count, 1, memory_order_relaxed) + 1;
  pthread_getname_np(pthread_self(), buffer->thread_name, sizeof buffer->thread_name);
  buffer->next = atomic_load_explicit(&buffers, memory_order_relaxed);
  /* release: pairs with the acquire in events_buffers */
  while (!atomic_compare_exchange_weak_explicit(&buffers, &buffer->next, buffer, memory_order_release,
                                                memory_order_relaxed))
    ;
  return buffer;
}

void event_record(enum event_kind kind, uint64_t a, uint64_t b) {
  unsigned now = atomic_load_explicit(&generation, memory_order_relaxed);
  if (GC_UNLIKELY(own_generation != now)) {
    own = buffer_new();
    own_generation = now;
  }
  if (!own)
    return;
  uint64_t count = atomic_load_explicit(&own->count, memory_order_relaxed);
  if (GC_UNLIKELY(count == EVENTS_MAX)) {
    atomic_fetch_add_explicit(&own->dropped, 1, memory_order_relaxed);
    return;
  }
  own->events[count] = (struct event){.at_ns = clock_now_ns(), .kind = kind, .a = a, .b = b};
  atomic_store_explicit(&own->count, count + 1, memory_order_release); /* pairs with the readers' acquire */
}

void events_begin(void) { events_on = true; }

const struct event_buffer *events_buffers(void) { return atomic_load_explicit(&buffers, memory_order_acquire); }

void events_end(void) {
  events_on = false;
  atomic_fetch_add_explicit(&generation, 1, memory_order_relaxed);
  for (struct event_buffer *buffer = atomic_exchange(&buffers, NULL), *next; buffer; buffer = next) {
    next = buffer->next;
    free(buffer);
  }
  atomic_store_explicit(&buffer_count, 0, memory_order_relaxed);
}
