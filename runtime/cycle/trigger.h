/* trigger.h -- what an allocation does when no memory is left: collect, try again, give up in good order.
 *
 * trigger_alloc is the common second half of every <plan>_alloc_slow.  `try` inlines; it returns null if no
 * memory may be had.  After two ordinary cycles and four of last resort *of its own* without success the heap's
 * out_of_memory is called, which records the outcome and does not return.  Cycles of other threads do not count: what
 * they freed may be gone before this thread runs again.  May stop the thread; owner only. */
#ifndef GC_CYCLE_TRIGGER_H
#define GC_CYCLE_TRIGGER_H

#include "runtime/cycle/heap.h"
#include "runtime/heap/cell_space.h"

typedef gc_ref trigger_try(struct gc_mutator *m, uint32_t type, size_t bytes);

_Noreturn void trigger_out_of_memory(struct gc_mutator *m, size_t bytes) GC_COLD;
/* Waits for memory.  `cycles`: of this allocation so far; returns it, one more if a cycle was this thread's own. */
unsigned trigger_stall(struct gc_mutator *m, unsigned cycles) GC_COLD;

/* Tells the heap's watch of the allocation that made counts.alloc_bytes grow from before_bytes. */
void trigger_sample(struct gc_mutator *m, gc_ref object, uint32_t type, size_t bytes, uint64_t before_bytes) GC_COLD;

enum { TRIGGER_ORDINARY_CYCLES = 2, TRIGGER_LAST_CYCLES = 4 };

static GC_INLINE gc_ref trigger_alloc(struct gc_mutator *m, uint32_t type, size_t bytes, trigger_try *try) {
  m->counts.slow_allocs++;
  TALLY(slow_allocs);
  if (mutator_poll_pending(m))
    mutator_poll_slow(m);
  uint64_t before_bytes = m->counts.alloc_bytes;
  for (unsigned cycles = 0;;) {
    gc_ref object = try(m, type, bytes);
    if (GC_LIKELY(!gc_is_null(object))) {
      if (GC_UNLIKELY(m->counts.alloc_bytes > m->sample_at_bytes))
        trigger_sample(m, object, type, bytes, before_bytes);
      return object;
    }
    if (cycles == TRIGGER_ORDINARY_CYCLES + TRIGGER_LAST_CYCLES)
      trigger_out_of_memory(m, bytes);
    cycles = trigger_stall(m, cycles);
  }
}

/* Counts `bytes` newly handed to `m` at `address` as allocated, local or remote. */
static GC_INLINE void trigger_count(struct gc_mutator *m, uintptr_t address, size_t bytes) {
  m->counts.alloc_bytes += bytes;
  if (memory_node_of(&m->heap->memory, address) == m->node)
    m->counts.alloc_local_bytes += bytes;
  else
    m->counts.alloc_remote_bytes += bytes;
}

/* The next cell for an object of `bytes` when the window of `cache` is exhausted; 0 if no memory may be had. */
static GC_INLINE uintptr_t trigger_alloc_cell(struct gc_mutator *m, struct cell_space *space, struct cell_cache *cache,
                                              size_t bytes) {
  size_t window_bytes;
  m->node = topology_current_node();
  uintptr_t address = cell_alloc_slow(space, cache, bytes, m->node, MEMORY_WITHIN_LIMIT, &window_bytes);
  if (window_bytes)
    trigger_count(m, address, window_bytes);
  return address;
}

/* A published, zeroed large object from `space`; null if no memory may be had.  Zeroes in slices with a poll between
 * them, so `m` may be stopped.  `plan_word` goes into the header. */
gc_ref trigger_alloc_large(struct gc_mutator *m, struct large_space *space, uint32_t type, size_t bytes,
                           uint32_t plan_word);

#endif
