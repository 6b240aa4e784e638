/* epsilon.c -- hands out blocks until the heap is full.  Mutators' threads only; it has no cycles. */
#include "collectors/epsilon/plan.h"

#include "runtime/cycle/trigger.h"

struct epsilon {
  struct gc_heap heap;
  struct large_space large;
};

static struct epsilon *epsilon_of(struct gc_heap *heap) { return (struct epsilon *)heap; }

static const char *init(struct gc_heap *heap) {
  return large_space_init(&epsilon_of(heap)->large, &heap->memory) ? NULL : "no memory for the large-object space";
}
static void fini(struct gc_heap *heap) { large_space_fini(&epsilon_of(heap)->large); }

static void mutator_init(struct gc_heap *heap, struct gc_mutator *m) { (void)heap, (void)m; }

/* The rest of the window is wasted: nothing is ever found again. */
static void mutator_flush(struct gc_heap *heap, struct gc_mutator *m) {
  (void)heap;
  tlab_clear(&m->tlab);
}

static gc_ref try_small(struct gc_mutator *m, uint32_t type, size_t bytes) {
  if (!tlab_extend(&m->tlab, bytes)) {
    m->node = topology_current_node();
    struct block *block = memory_take_block(&m->heap->memory, SPACE_BUMP, m->node, MEMORY_WITHIN_LIMIT);
    if (!block)
      return GC_NULL;
    uintptr_t start = memory_block_start(&m->heap->memory, block);
    trigger_count(m, start, BLOCK_BYTES);
    tlab_set(&m->tlab, start, start + BLOCK_BYTES, block->fresh);
    tlab_extend(&m->tlab, bytes);
  }
  uintptr_t address = 0;
  tlab_bump(&m->tlab, bytes, &address);
  object_init(address, type, 0);
  return (gc_ref){address};
}

static gc_ref try_alloc(struct gc_mutator *m, uint32_t type, size_t bytes) {
  if (bytes <= PLAN_LARGE_BYTES)
    return try_small(m, type, bytes);
  return trigger_alloc_large(m, &epsilon_of(m->heap)->large, type, bytes, 0);
}

gc_ref PLAN_(alloc_slow)(struct gc_mutator *m, uint32_t type, size_t bytes) {
  return trigger_alloc(m, type, bytes, try_alloc);
}

static enum gc_cycle_kind choose(struct gc_heap *heap, enum gc_reason reason) {
  (void)heap, (void)reason;
  return GC_CYCLE_NONE;
}

const struct gc_collector PLAN_(collector) = {
    .name = GC_STRING(GC_PLAN),
    .summary = "allocates, never collects: the floor of every comparison",
    .attrs = {.cycles = false, .weak = true, .ephemerons = true, .finalizers = true, .threads = true},
    .copied_types = true,
    .heap_bytes = sizeof(struct epsilon),
    .mutator_bytes = sizeof(struct plan_mutator),
    .init = init,
    .fini = fini,
    .mutator_init = mutator_init,
    .mutator_flush = mutator_flush,
    .choose = choose,
};
