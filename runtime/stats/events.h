/* events.h -- what happens when, told twice: as a USDT probe for whoever watches from outside, and, while events_on, as
 * a record in a buffer of the thread.
 *
 *   GC_EVENT(pause_stopped, mutators, 0);        the names: events.def
 *
 * A probe is one nop; its record costs a load and a branch when off, some 40 ns of clock and stores when on.  Only slow
 * paths tell of themselves: no allocation, load, store or poll that goes its fast way.
 * Threads: each writes its own buffer, of EVENTS_MAX records; what finds no room is counted, and nothing more is
 * written there.  events_begin comes before the threads that tell start; the buffers may be read at any time. */
#ifndef GC_STATS_EVENTS_H
#define GC_STATS_EVENTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "runtime/base/compiler.h"

#if __has_include(<sys/sdt.h>)
#include <sys/sdt.h>
#define GC_PROBE(name, a, b) DTRACE_PROBE2(gclab, name, a, b)
#else
#define GC_PROBE(name, a, b) ((void)0)
#endif

enum event_kind {
#define GC_EVENT_ROW(name, a, b, about, script) EVENT_##name,
#include "runtime/stats/events.def"
#undef GC_EVENT_ROW
  EVENT_COUNT
};

struct event_row {
  const char *name, *a, *b, *about, *script;
};
extern const struct event_row event_rows[EVENT_COUNT];

struct event {
  uint64_t at_ns; /* CLOCK_MONOTONIC */
  uint64_t kind;  /* enum event_kind */
  uint64_t a, b;  /* a phase's name is its address */
};

enum { EVENTS_MAX = 1 << 17, EVENT_THREAD_NAME_BYTES = 16 };

/* What one thread told. */
struct event_buffer {
  struct event_buffer *next; /* of another thread */
  _Atomic uint64_t count; /* release: the events before it are written; pairs with whoever reads it by acquire */
  _Atomic uint64_t dropped;
  unsigned number; /* in the order of the threads' first events, from 1 on */
  char thread_name[EVENT_THREAD_NAME_BYTES];
  struct event events[EVENTS_MAX];
};

extern bool events_on;

/* Any thread, while events_on. */
void event_record(enum event_kind kind, uint64_t a, uint64_t b);

#define GC_EVENT(name, a, b)                                                                     \
  do {                                                                                           \
    GC_PROBE(name, (uint64_t)(a), (uint64_t)(b));                                                \
    if (GC_UNLIKELY(events_on))                                                                  \
      event_record(EVENT_##name, (uint64_t)(a), (uint64_t)(b));                                  \
  } while (0)

/* From here on events are recorded. */
void events_begin(void);

/* The buffers, newest thread first; NULL if nothing was told. */
const struct event_buffer *events_buffers(void);

/* Forgets all buffers: their threads have ended, or tell nothing more. */
void events_end(void);

#endif
