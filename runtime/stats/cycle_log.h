/* cycle_log.h -- what each collection cycle did, event by event.
 *
 * Written by the cycle driver alone (one thread at a time); read, and emptied, when the world is quiet.  All times are
 * CLOCK_MONOTONIC nanoseconds.  A cycle that runs inside another has an event of its own: its pauses, stopped time and
 * CPU are in none but its own, so that sums over events count everything once. */
#ifndef GC_STATS_CYCLE_LOG_H
#define GC_STATS_CYCLE_LOG_H

#include "runtime/base/compiler.h"

struct cycle_event {
  uint64_t id;             /* counts the cycles of a heap, from 1 */
  uint32_t kind, reason;   /* enum gc_cycle_kind, enum gc_reason */
  uint64_t begin_ns, end_ns;
  uint64_t pauses, stw_ns; /* the pauses that this cycle opened, and how long the world stood still in them */
  uint64_t cpu_ns;         /* of the collector's threads and of the one that drove */
  size_t used_before_bytes, used_after_bytes; /* held by spaces */
  size_t metadata_bytes;   /* at its end */
};

struct cycle_log {
  struct cycle_event *events;
  size_t count, capacity;
  uint64_t dropped; /* not kept because memory was refused */
};

void cycle_log_record(struct cycle_log *log, const struct cycle_event *event);
void cycle_log_reset(struct cycle_log *log); /* keeps the memory */
void cycle_log_fini(struct cycle_log *log);

#endif
