/* cycle.h -- the driver: runs a collector's phase table; the only code that opens a pause.
 *
 * Cycles run one at a time under the driver's mutex.  A collector without concurrent rows has no thread of its own:
 * the mutator that found no memory drives the cycle itself, as a blocked mutator, which saves two wake-ups of
 * some 50 microseconds each per collection.  A concurrent collector's cycles run on the heap's cycle thread.
 * Adjacent stopped rows share one pause.  The driver stops the world, flushes every mutator, runs the rows, verifies,
 * resumes and records, so no plan can measure itself kindly. */
#ifndef GC_CYCLE_CYCLE_H
#define GC_CYCLE_CYCLE_H

#include "runtime/collector.h"
#include "runtime/cycle/lost.h"
#include "runtime/stats/cycle_log.h"
#include "runtime/stats/pauses.h"

struct cycle_driver {
  pthread_mutex_t running;   /* held by who runs a cycle */
  pthread_mutex_t lock;      /* the fields below */
  pthread_cond_t changed;    /* a request arrived, or a cycle ended */
  pthread_t thread;
  bool has_thread, quit;
  bool requested;
  enum gc_reason reason;     /* of the request: the most urgent one */
  uint64_t begun, ended;     /* cycles */

  /* of the running cycle; its thread only, but `row`: whoever acts in a handshake reads it */
  enum gc_cycle_kind kind;
  const struct gc_phase *row;
  bool paused;
  struct pause_event pause;
  uint64_t pause_cpu_begin_ns;
  uint64_t cpu_readings; /* for which the system was asked (os/cpu_clock.h); of the driver, under `running` */
  struct lost_watch lost;
  struct cycle_event event; /* what it did so far; cpu_ns is the reading at its begin */
  uint64_t event_count;     /* cycles ever begun, those inside others too */

  _Atomic uint64_t cycles[GC_CYCLE_KINDS];
  _Atomic uint64_t degraded, verified, handshakes;
  _Atomic uint64_t driven_cpu_ns;  /* spent by mutators' threads in cycles that they drove */
  _Atomic uint64_t stw_cpu_ns;     /* spent by all of the collector's threads inside pauses */
  _Atomic uint64_t freed_bytes;    /* by all cycles */
  _Atomic uint32_t nested_kind;    /* enum gc_cycle_kind wanted inside the running concurrent row */
};

/* False if the thread was refused. */
bool cycle_driver_init(struct gc_heap *heap);
void cycle_driver_fini(struct gc_heap *heap);

/* Asks the cycle thread for a cycle and returns at once.  Concurrent collectors; any thread. */
void cycle_request(struct gc_heap *heap, enum gc_reason reason);

/* Returns after a cycle for `reason` that began after the call has ended, unless the collector chose none.
 * `m` is running; it is blocked meanwhile.  Returns the bytes freed; -1 if no cycle was run for this call: the
 * collector chose none, or reason is GC_REASON_ALLOCATION and another thread's cycle ended meanwhile. */
int64_t cycle_run(struct gc_heap *heap, struct gc_mutator *m, enum gc_reason reason);

/* The cycle alone, for a collector's `collect`, which cycle_run calls if there is one. */
int64_t cycle_drive(struct gc_heap *heap, struct gc_mutator *m, enum gc_reason reason);

/* Runs `kind`'s table, with the world stopped, inside the concurrent row that is running now, when that row yields.
 * `m` waits, blocked.  Returns false if no concurrent row is running. */
bool cycle_run_nested(struct gc_heap *heap, struct gc_mutator *m, enum gc_cycle_kind kind);

#endif
