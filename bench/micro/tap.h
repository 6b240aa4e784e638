/* tap.h -- a collector whose marking is held before it begins, or timed.
 *
 * A copy of the collector's struct with a copy of its table for full collections, in which one row is added or wrapped:
 * the plan is not asked and does not know.  What marks is a row of the name "mark"; where mutators run beside it, all
 * of them have been scanned when it comes.
 * One heap at a time.  tap_begin and tap_end: the heap's only mutator; the rows: the cycle's thread. */
#ifndef GC_BENCH_MICRO_TAP_H
#define GC_BENCH_MICRO_TAP_H

#include <semaphore.h>
#include <stdatomic.h>

#include "runtime/cycle/heap.h"

enum { TAP_ROWS_MAX = 24 };

struct tap {
  struct gc_collector collector; /* first: the rows find the tap through their heap */
  struct gc_phase rows[TAP_ROWS_MAX];
  const struct gc_phase *original; /* timed: row i of `rows` is row i of this */
  uint64_t mark_ns;                /* timed: in rows that mark, since it was last set to 0 */
  _Atomic bool wanted, held;
  sem_t may_go;
};

/* False if the collector has no such row (for tap_hold: one that runs beside mutators). */
bool tap_hold(struct tap *tap, const struct gc_collector *collector);
bool tap_time(struct tap *tap, const struct gc_collector *collector);

/* Starts a cycle and returns when it is about to mark: until tap_end, barriers are as they are while it marks. */
void tap_begin(struct tap *tap, struct gc_mutator *m);
/* Lets it mark; returns when the cycle has ended. */
void tap_end(struct tap *tap, struct gc_mutator *m);

#endif
