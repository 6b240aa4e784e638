/* marksweep.c -- when memory runs out, stop, mark in parallel, flip the marks; mutators find the holes as they
 * allocate.  Nothing moves and nothing is logged, so mutators pay for allocation alone. */
#include "collectors/marksweep/plan.h"

#include "runtime/cycle/mark.h"
#include "runtime/cycle/trigger.h"

struct marksweep {
  struct gc_heap heap;
  struct mark_spaces spaces;
};

static struct mark_spaces *spaces_of(struct gc_heap *heap) { return &((struct marksweep *)heap)->spaces; }
static struct cell_cache *cells_of(struct gc_mutator *m) { return &((struct plan_mutator *)m)->cells; }

static const char *init(struct gc_heap *heap) { return mark_spaces_init(spaces_of(heap), &heap->memory); }
static void fini(struct gc_heap *heap) { mark_spaces_fini(spaces_of(heap)); }
static void mutator_init(struct gc_heap *heap, struct gc_mutator *m) { (void)heap, (void)m; }
static void mutator_flush(struct gc_heap *heap, struct gc_mutator *m) {
  cell_cache_retire(&spaces_of(heap)->cells, cells_of(m));
}

/* ---- allocation ---- */

static gc_ref try_alloc(struct gc_mutator *m, uint32_t type, size_t bytes) {
  if (bytes > PLAN_LARGE_BYTES)
    return trigger_alloc_large(m, &spaces_of(m->heap)->large, type, bytes, 0);
  uintptr_t address = trigger_alloc_cell(m, &spaces_of(m->heap)->cells, cells_of(m), bytes);
  if (!address)
    return GC_NULL;
  object_init(address, type, 0);
  return (gc_ref){address};
}

gc_ref PLAN_(alloc_slow)(struct gc_mutator *m, uint32_t type, size_t bytes) {
  return trigger_alloc(m, type, bytes, try_alloc);
}

/* ---- the cycle ---- */

static enum gc_phase_result begin(struct gc_heap *heap) {
  mark_begin(heap, spaces_of(heap));
  return GC_NEXT;
}
static enum gc_phase_result mark(struct gc_heap *heap) {
  mark_reachable(heap);
  return GC_NEXT;
}
static enum gc_phase_result weak(struct gc_heap *heap) {
  mark_weak(heap);
  return GC_NEXT;
}
static enum gc_phase_result sweep(struct gc_heap *heap) {
  mark_flip(spaces_of(heap));
  mark_sweep(heap, spaces_of(heap));
  return GC_NEXT;
}

static const struct gc_phase full[] = {{.name = "begin", .mode = GC_STW, .run = begin},
                                       {.name = "mark", .mode = GC_STW, .run = mark},
                                       {.name = "weak", .mode = GC_STW, .run = weak},
                                       {.name = "sweep", .mode = GC_STW, .run = sweep},
                                       {0}};

static enum gc_cycle_kind choose(struct gc_heap *heap, enum gc_reason reason) {
  (void)heap, (void)reason;
  return GC_CYCLE_MAJOR;
}

static size_t live_bytes(struct gc_heap *heap) { return mark_live_bytes(spaces_of(heap)); }
static bool verify_live(struct gc_heap *heap, gc_ref object) { return mark_verify_live(spaces_of(heap), object); }
static const char *verify_object(struct gc_heap *heap, gc_ref object) {
  return mark_verify_object(spaces_of(heap), object);
}

const struct gc_collector PLAN_(collector) = {
    .name = GC_STRING(GC_PLAN),
    .summary = "stop, mark in parallel, sweep lazily; never moves",
    .attrs = {.reclaims = true, .cycles = true, .weak = true, .ephemerons = true, .finalizers = true, .threads = true},
    .heap_bytes = sizeof(struct marksweep),
    .mutator_bytes = sizeof(struct plan_mutator),
    .init = init,
    .fini = fini,
    .mutator_init = mutator_init,
    .mutator_flush = mutator_flush,
    .choose = choose,
    .cycles = {[GC_CYCLE_MAJOR] = full, [GC_CYCLE_EMERGENCY] = full},
    .live_bytes = live_bytes,
    .verify_live = verify_live,
    .verify_object = verify_object,
};
