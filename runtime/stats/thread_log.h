/* thread_log.h -- when a mutator was kept from its own work, event by event.
 *
 *   pause      its way into a stop begins, or it wants to run while the world is stopped → it runs again
 *   handshake  request → its acknowledgement, by itself or by the driver that acts for it while it is blocked
 *   action     the part of a handshake that it spends itself
 *   stall      an allocation that found no memory → a cycle has ended; who drives a cycle itself also is in one
 *   assist     collector's work inside the mutator
 *
 * Recorded on slow paths only, by the owner, and for a blocked one by the driver; read from time to time by the
 * harness.  A lock of its own keeps them apart; nobody waits for it long but while the harness copies.  All
 * times are CLOCK_MONOTONIC nanoseconds.  Distributions are complete; of the events between two readings the first
 * THREAD_EVENTS_MAX are kept, and the others counted. */
#ifndef GC_STATS_THREAD_LOG_H
#define GC_STATS_THREAD_LOG_H

#include <pthread.h>

#include "runtime/stats/histogram.h"

enum thread_event_kind {
  THREAD_PAUSE,
  THREAD_HANDSHAKE,
  THREAD_ACTION,
  THREAD_STALL,
  THREAD_ASSIST,
  THREAD_EVENT_KINDS
};

struct thread_event {
  uint64_t begin_ns, duration_ns;
  uint64_t cycle; /* that runs, or ran last (cycle_log.h); 0: none yet */
  uint32_t thread, kind;
};

enum { THREAD_EVENTS_MAX = 1 << 18 };

struct thread_log {
  pthread_mutex_t lock; /* all below */
  struct histogram durations[THREAD_EVENT_KINDS];
  struct thread_event *events;
  size_t count, capacity;
  size_t added; /* of these, to `durations`: many at a time, as in pauses.h */
  uint64_t dropped;
};

void thread_log_init(struct thread_log *log);
void thread_log_fini(struct thread_log *log);

void thread_log_record(struct thread_log *log, struct thread_event event);

/* Empties `from`, whose owner may go on recording, into `into`, which is the caller's; NULL: nowhere. */
void thread_log_move(struct thread_log *into, struct thread_log *from);

#endif
