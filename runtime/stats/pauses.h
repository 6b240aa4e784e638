/* pauses.h -- when the world stood still, and for how long, event by event.
 *
 * Written by the cycle driver alone (one thread at a time); read when the world is quiet.  All times are
 * CLOCK_MONOTONIC nanoseconds.  request → stopped is the time to safepoint; stopped → resumed the operation.
 * Distributions lie far apart in memory, out of the caches when a pause ends, so events wait and are added many at a
 * time. */
#ifndef GC_STATS_PAUSES_H
#define GC_STATS_PAUSES_H

#include "runtime/base/compiler.h"
#include "runtime/stats/histogram.h"

struct pause_event {
  uint64_t request_ns; /* decision to stop */
  uint64_t stopped_ns; /* the last mutator reached its safepoint */
  uint64_t resumed_ns; /* the world runs again */
  uint32_t cycle_kind; /* enum gc_cycle_kind */
  uint32_t mutators;   /* threads that were stopped */
  bool lost_known;
  uint64_t lost_ns;    /* for want of a processor (cycle/lost.h), if known; at most the whole pause counts */
  uint64_t cycle;      /* that opened it (cycle_log.h) */
};

struct pause_log {
  struct pause_event *events;
  size_t count, capacity;
  size_t added; /* of these events, to the distributions but `handshake` */
  uint64_t pauses, total_ns, longest_ns, ttsp_ns, longest_ttsp_ns; /* of all, at any time */
  struct histogram total;     /* request → resumed */
  struct histogram ttsp;      /* request → stopped */
  struct histogram operation; /* stopped → resumed */
  struct histogram total_net; /* total less lost, of the pauses whose lost part is known */
  struct histogram lost;      /* of those */
  struct histogram handshake; /* one handshake: post → the last mutator's acknowledgement */
  uint64_t dropped;           /* events not kept because memory was refused; histograms have them */
};

bool pause_log_init(struct pause_log *log);
void pause_log_fini(struct pause_log *log);
void pause_record(struct pause_log *log, struct pause_event event);
/* Adds to the distributions the events that still wait; they are read after it. */
void pause_log_settle(struct pause_log *log);
/* Forgets everything: the end of warm-up. */
void pause_log_reset(struct pause_log *log);

#endif
