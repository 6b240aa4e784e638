/* pacer.h -- when a concurrent collector starts its next cycle: early enough to finish before memory runs out.
 *
 *     free     = limit - metadata - live                          bytes that may be allocated after a flip
 *     during   = margin * rate * cycle                            bytes that mutators allocate while a cycle runs
 *     budget   = free - during, but at least free / 2             bytes after which the next cycle is asked for
 *
 * rate (bytes/s, from a flip to the next cycle's begin) and cycle (s, from its begin to the end of the sweep) rise
 * at once and fall by half of the difference.  The margin doubles, up to 8, after a cycle in which memory ran
 * out, and else falls by an eighth, down to 1.5.  The floor means: at most twice the cycles of a collector that
 * waits until memory is gone.  With a fixed start of p percent instead: budget = limit * p / 100 - live, with the
 * same floor.  External bytes count as allocated.
 *
 * pacer_allocated: any mutator.  The rest: the cycle's thread. */
#ifndef GC_CYCLE_PACER_H
#define GC_CYCLE_PACER_H

#include "runtime/base/compiler.h"

#include <stdatomic.h>

struct gc_heap;

struct pacer {
  /* fixed */
  size_t limit_bytes;
  unsigned start_percent; /* 0: by rate */

  /* the cycle's thread */
  double rate_bytes_per_s, cycle_s, margin;
  uint64_t begun_ns, flipped_ns;

  /* any mutator */
  GC_CACHE_ALIGNED _Atomic size_t allocated_bytes; /* since the last flip */
  _Atomic size_t budget_bytes;      /* SIZE_MAX from the request for a cycle to that cycle's end */
  _Atomic int64_t external_bytes;   /* as they were at the last flip */
  _Atomic bool exhausted;           /* an allocation found no memory since the last cycle's end */
};

#define PACER_MARGIN_LEAST 1.5
#define PACER_MARGIN_MOST 8.0

/* The formulas above, alone. */
size_t pacer_budget_by_rate(size_t free_bytes, double rate_bytes_per_s, double cycle_s, double margin);
size_t pacer_budget_fixed(size_t limit_bytes, size_t free_bytes, unsigned start_percent);
double pacer_estimate(double before, double measured);
double pacer_next_margin(double margin, bool exhausted);

void pacer_init(struct pacer *pacer, size_t limit_bytes, unsigned start_percent);

/* A mutator took `bytes` for objects; asks for a cycle if one is due. */
void pacer_allocated(struct pacer *pacer, struct gc_heap *heap, size_t bytes);
/* A mutator found no memory. */
void pacer_exhausted(struct pacer *pacer);
static inline bool pacer_is_exhausted(struct pacer *pacer) {
  return atomic_load_explicit(&pacer->exhausted, memory_order_relaxed); /* relaxed: a hint */
}

/* Whether a request for reasons of pacing still stands: no cycle has run since it was made. */
bool pacer_is_due(struct pacer *pacer);

/* A cycle begins; its marks are flipped, the world stopped; it has swept and `live_bytes` of objects are left. */
void pacer_begin(struct pacer *pacer, uint64_t now_ns);
void pacer_flip(struct pacer *pacer, int64_t external_bytes, uint64_t now_ns);
void pacer_end(struct pacer *pacer, size_t live_bytes, size_t metadata_bytes, uint64_t now_ns);

#endif
