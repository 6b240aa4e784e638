#include "runtime/cycle/trigger.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/check.h"
#include "runtime/heap/large_space.h"
#include "runtime/os/clock.h"
#include "runtime/stats/events.h"

void trigger_out_of_memory(struct gc_mutator *m, size_t bytes) {
  struct gc_heap *heap = m->heap;
  if (heap->config.out_of_memory)
    heap->config.out_of_memory(heap, m, bytes);
  check_failed(__FILE__, __LINE__, "out_of_memory does not return", "%zu bytes wanted", bytes);
}

unsigned trigger_stall(struct gc_mutator *m, unsigned cycles) {
  bool measured = !m->heap->config.unmeasured;
  uint64_t begin_ns = measured ? clock_now_ns() : 0;
  bool ordinary = cycles < TRIGGER_ORDINARY_CYCLES;
  GC_EVENT(stall_begin, m->index, 0);
  int64_t freed_bytes = cycle_run(m->heap, m, ordinary ? GC_REASON_ALLOCATION : GC_REASON_LAST_RESORT);
  GC_EVENT(stall_end, m->index, 0);
  m->counts.stall_ns += measured ? clock_now_ns() - begin_ns : 0;
  m->counts.stalls++;
  safepoint_note(m, THREAD_STALL, begin_ns);
  /* a collector that chooses none (epsilon) must not be asked forever */
  bool own = freed_bytes >= 0 || !m->heap->collector->attrs.reclaims;
  return cycles + own;
}

void trigger_sample(struct gc_mutator *m, gc_ref object, uint32_t type, size_t bytes, uint64_t before_bytes) {
  const struct alloc_watch *watch = m->heap->config.watch;
  watch->sampled(watch, m, object, type, bytes, m->counts.alloc_bytes - before_bytes);
}

enum { ZERO_SLICE_BYTES = 64 * 1024 };

static void zero_in_slices(struct gc_mutator *m, uintptr_t start, size_t bytes) {
  for (size_t done = 0; done < bytes; done += ZERO_SLICE_BYTES) {
    memset((void *)(start + done), 0, size_min(ZERO_SLICE_BYTES, bytes - done));
    if (mutator_poll_pending(m))
      mutator_poll_slow(m);
  }
}

gc_ref trigger_alloc_large(struct gc_mutator *m, struct large_space *space, uint32_t type, size_t bytes,
                           uint32_t plan_word) {
  m->node = topology_current_node();
  bool zeroed;
  uintptr_t address = large_space_take(space, bytes, m->node, &zeroed);
  if (!address)
    return GC_NULL;
  if (!zeroed)
    zero_in_slices(m, address, bytes);
  object_init(address, type, plan_word);
  if (!large_space_publish(space, address, bytes))
    return GC_NULL;
  trigger_count(m, address, align_up(bytes, PAGE_BYTES));
  return (gc_ref){address};
}
