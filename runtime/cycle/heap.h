/* heap.h -- one heap: its memory, its mutators, its collector, and what was measured.
 *
 * A plan's heap embeds struct gc_heap as its first member.  heap_create and heap_destroy are called by
 * the harness's main thread while no mutator is attached. */
#ifndef GC_CYCLE_HEAP_H
#define GC_CYCLE_HEAP_H

#include "runtime/collector.h"
#include "runtime/cycle/cycle.h"
#include "runtime/heap/large_space.h"
#include "runtime/heap/memory.h"
#include "runtime/mutator/safepoint.h"
#include "runtime/stats/cycle_log.h"
#include "runtime/stats/memory_log.h"
#include "runtime/stats/pauses.h"
#include "runtime/trace/final.h"
#include "runtime/trace/gang.h"
#include "runtime/trace/weak.h"
#include "runtime/verify/verify.h"

/* Who watches allocations (tools/profile.h). */
struct alloc_watch {
  /* An allocation took memory and passed m->sample_at_bytes: `window_bytes` were handed out, `object` is the first in
   * them.  Sets the next point.  The owner, where windows are handed out; the object is not published yet.  NULL:
   * never. */
  void (*sampled)(const struct alloc_watch *watch, struct gc_mutator *m, gc_ref object, uint32_t type, size_t bytes,
                  size_t window_bytes);
  /* Checked forms: each allocation by the program, made by the code at `caller`.  NULL: never. */
  void (*each)(const struct alloc_watch *watch, struct gc_mutator *m, gc_ref object, uint32_t type, size_t bytes,
               const void *caller);
};

struct gc_heap_config {
  const struct gc_collector *collector;
  const struct gc_value *options; /* the collector's, in the order of its table; NULL: defaults */
  size_t heap_bytes;              /* the limit: objects and all of the collector's memory */
  unsigned gc_threads;            /* workers of a stopped phase, the driving thread included; at least 1 */
  unsigned verify;                /* the verifiers that run: VERIFY(heap) | …, VERIFY_ALL, VERIFY_NONE */
  uint64_t stress_every;          /* checked builds: collect at every Nth allocation of a thread; 0: never */
  bool stress_polls;              /* collect at every slow poll, and make every poll slow */
  uint64_t refuse_chunk;          /* refuse the Nth chunk from the system, and all later ones; 0: none */
  uint64_t seed;
  const char *placement;          /* "local" (the default, also for NULL) or "interleave" */
  /* An allocation found no memory after a last-resort cycle.  On the thread that allocated; does not return. */
  void (*out_of_memory)(struct gc_heap *heap, struct gc_mutator *m, size_t bytes);
  const struct alloc_watch *watch; /* outlives the heap; NULL: nobody */
  bool unmeasured; /* pauses, stalls and cycles are not timed: what the timing costs is measured by leaving it out */
};

/* Totals since heap_create, or differences between two snapshots.  Consistent only while the world is quiet. */
struct gc_heap_stats {
  uint64_t cycles[GC_CYCLE_KINDS];
  uint64_t degraded_cycles;
  uint64_t alloc_bytes, alloc_local_bytes, alloc_remote_bytes;
  uint64_t stalls, stall_ns, assist_ns, transition_ns, slow_polls;
  bool unmeasured;             /* as in the configuration: no time of the collector is known */
  uint64_t tallies[TALLY_SLOTS]; /* counting builds (stats/tally.h) */
  uint64_t gc_cpu_ns;          /* collector threads, and mutator threads while they drive a cycle; assists, whose
                                  slices are too short for a CPU clock, are in assist_ns alone, as wall time */
  uint64_t gc_stw_cpu_ns;      /* the part of it inside pauses */
  uint64_t gc_concurrent_cpu_ns;
  uint64_t cpu_readings;       /* that told them (os/cpu_clock.h) */
  uint64_t pause_count, pause_total_ns, pause_max_ns, ttsp_total_ns, ttsp_max_ns;
  uint64_t handshake_count;
  uint64_t copied_bytes;       /* of objects, moved by cycles */
  uint64_t objects_traced, trace_local, trace_remote, steals_local, steals_remote;
  size_t heap_used_bytes, heap_used_peak_bytes;     /* memory held by spaces */
  size_t metadata_bytes, metadata_peak_bytes;       /* side tables, queues, buffers, threads */
  size_t committed_bytes, committed_peak_bytes;     /* both, and free memory that was not given back to the system */
  size_t live_bytes;                                /* after the last full cycle; 0 if there was none */
  uint64_t verified_cycles;
  uint64_t remarks;             /* marks that verifier `remark` looked at; over all of them: */
  uint64_t floating_objects, floating_bytes, floating_peak_bytes; /* dead when marking ended, and kept */
};

struct gc_heap {
  const struct gc_collector *collector;
  struct gc_heap_config config;
  struct gc_value *options;

  struct heap_memory memory;
  gc_ref globals;

  struct safepoint safepoint;
  struct cycle_driver driver;
  struct gang gang;
  struct weak_table weak;
  struct final_table final;
  struct pause_log pauses;
  struct cycle_log cycle_log;
  struct memory_log memory_log;
  struct verify_state verify;

  _Atomic int64_t external_bytes;
  uint64_t seconds_origin_ns; /* CLOCK_MONOTONIC at creation; times in records count from here */
};

/* A heap for config->collector, or NULL with one sentence in `message`. */
struct gc_heap *heap_create(const struct gc_heap_config *config, char *message, size_t message_bytes);
/* No mutator is attached. */
void heap_destroy(struct gc_heap *heap);

void heap_stats(struct gc_heap *heap, struct gc_heap_stats *stats);
/* As config.unmeasured, from now on.  No cycle runs, no other mutator does, and the caller is a blocked one. */
void heap_measure(struct gc_heap *heap, bool measured);

/* The option at `index` of the collector's table. */
static inline struct gc_value heap_option(const struct gc_heap *heap, unsigned index) { return heap->options[index]; }

/* The smallest heap_bytes with which heap_create can succeed for this collector. */
size_t heap_least_bytes(const struct gc_collector *collector);

#endif
