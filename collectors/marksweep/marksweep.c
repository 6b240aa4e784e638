/* marksweep.c -- when memory runs out, stop, mark in parallel, flip the marks; mutators find the holes as they
 * allocate.  Nothing moves and nothing is logged, so mutators pay for allocation alone. */
#include "collectors/marksweep/plan.h"

#include "runtime/cycle/mark.h"

static struct cell_cache *cells_of(struct gc_mutator *m) { return &((struct plan_mutator *)m)->cells; }

static void mutator_init(struct gc_heap *heap, struct gc_mutator *m) { (void)heap, (void)m; }
static void mutator_flush(struct gc_heap *heap, struct gc_mutator *m) {
  cell_cache_retire(&mark_heap_spaces(heap)->cells, cells_of(m));
}

static gc_ref try_alloc(struct gc_mutator *m, uint32_t type, size_t bytes) {
  return mark_alloc(m, mark_heap_spaces(m->heap), cells_of(m), type, bytes);
}

gc_ref PLAN_(alloc_slow)(struct gc_mutator *m, uint32_t type, size_t bytes) {
  return trigger_alloc(m, type, bytes, try_alloc);
}

static const struct gc_phase full[] = {{.name = "begin", .mode = GC_STW, .run = mark_row_begin},
                                       {.name = "mark", .mode = GC_STW, .run = mark_row_reachable},
                                       {.name = "weak", .mode = GC_STW, .run = mark_row_weak},
                                       {.name = "sweep", .mode = GC_STW, .run = mark_row_sweep},
                                       {0}};

static enum gc_cycle_kind choose(struct gc_heap *heap, enum gc_reason reason) {
  (void)heap, (void)reason;
  return GC_CYCLE_MAJOR;
}

const struct gc_collector PLAN_(collector) = {
    .name = GC_STRING(GC_PLAN),
    .summary = "stop, mark in parallel, sweep lazily; never moves",
    .attrs = {.reclaims = true, .cycles = true, .weak = true, .ephemerons = true, .finalizers = true, .threads = true},
    .copied_types = true,
    .heap_bytes = sizeof(struct mark_heap),
    .mutator_bytes = sizeof(struct plan_mutator),
    .init = mark_heap_init,
    .fini = mark_heap_fini,
    .mutator_init = mutator_init,
    .mutator_flush = mutator_flush,
    .choose = choose,
    .cycles = {[GC_CYCLE_MAJOR] = full, [GC_CYCLE_EMERGENCY] = full},
    .live_bytes = mark_heap_live_bytes,
    .verify_live = mark_heap_verify_live,
    .verify_object = mark_heap_verify_object,
};
