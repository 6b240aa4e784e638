/* tally.h -- how often mutators did what: operations of gc.h, and the slow halves of barriers.
 *
 * Only a counting build (-DGC_COUNTING=ON, preset `counting`) counts: an increment at every load and store costs more
 * than some collectors' barriers, so its times are of no use, and its records say so.  In all other builds TALLY is
 * nothing and the arrays are empty.
 * A thread counts for itself; its mutator holds the address of its counts (mutator.h), which are read while the world
 * is quiet.  What a collector's own thread does on behalf of a mutator is not counted.
 * Slots below TALLY_COUNT count operations, those from there on the objects allocated, by size (sizes.h). */
#ifndef GC_STATS_TALLY_H
#define GC_STATS_TALLY_H

#include <stdatomic.h>

#include "runtime/stats/sizes.h"

#ifndef GC_COUNTING
#define GC_COUNTING 0
#endif

#if GC_COUNTING
#define TALLIES(X)                                                                               \
  X(allocs) X(slow_allocs) X(requested_bytes)                                                    \
  X(allocated_fields) /* of references, in new objects */                                        \
  X(loads) X(weak_loads)                                                                         \
  X(stores) X(init_stores) X(swaps) X(cas) X(copied_fields)                                      \
  X(polls) X(slow_polls)                                                                         \
  X(frames) X(root_sets)                                                                         \
  X(satb_slow_stores)  /* while a cycle marks */                                                 \
  X(remembered_fields) /* old to young */                                                        \
  X(logged_fields)                                                                               \
  X(rc_increments) X(rc_decrements)
#else
#define TALLIES(X)
#endif

enum {
#define TALLY_ENUM(name) TALLY_##name,
  TALLIES(TALLY_ENUM) TALLY_COUNT
#undef TALLY_ENUM
};
extern const char *const tally_names[TALLY_COUNT + 1];
enum { TALLY_SLOTS = TALLY_COUNT + (GC_COUNTING ? SIZES_BUCKETS : 0) };

#if GC_COUNTING
extern _Thread_local _Atomic uint64_t tally_here[TALLY_SLOTS];
/* relaxed: one writer, and readers in quiet times */
static GC_INLINE void tally_add(size_t slot, uint64_t count) {
  atomic_store_explicit(&tally_here[slot], atomic_load_explicit(&tally_here[slot], memory_order_relaxed) + count,
                        memory_order_relaxed);
}
#define TALLY_ADD(name, count) tally_add(TALLY_##name, count)
/* A new object of `bytes`, a multiple of 8. */
#define TALLY_SIZE(bytes) tally_add(TALLY_COUNT + sizes_bucket_of(bytes), 1)
#else
#define TALLY_ADD(name, count) ((void)0)
#define TALLY_SIZE(bytes) ((void)0)
#endif
#define TALLY(name) TALLY_ADD(name, 1)

/* The calling thread's counts from zero on, and their address for tally_sum; NULL if nothing is counted. */
_Atomic uint64_t *tally_begin(void);
void tally_sum(uint64_t *sum, const _Atomic uint64_t *counts);

#endif
