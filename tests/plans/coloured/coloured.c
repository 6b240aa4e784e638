/* coloured.c -- marks in place like marksweep, healing the colour of every live field, then makes the other colour
 * good.  The rows run on the cycle's thread and the gang, the world stopped; heal on mutators. */
#include "tests/plans/coloured/plan.h"

#include "runtime/cycle/mark.h"
#include "runtime/trace/closure.h"
#include "runtime/trace/roots.h"
#include "runtime/verify/verify.h"

struct coloured {
  struct mark_heap base;
  uintptr_t good;
};

static uintptr_t *good_of(struct gc_heap *heap) { return &((struct coloured *)heap)->good; }
static struct cell_cache *cells_of(struct gc_mutator *m) { return &((struct plan_mutator *)m)->cells; }

static const char *init(struct gc_heap *heap) {
  *good_of(heap) = COLOUR_EVEN;
  return mark_heap_init(heap);
}

static void take_colour(struct gc_heap *heap, struct gc_mutator *m) {
  ((struct plan_mutator *)m)->good = *good_of(heap);
}

static void mutator_flush(struct gc_heap *heap, struct gc_mutator *m) {
  cell_cache_retire(&mark_heap_spaces(heap)->cells, cells_of(m));
}

static gc_ref try_alloc(struct gc_mutator *m, uint32_t type, size_t bytes) {
  return mark_alloc(m, mark_heap_spaces(m->heap), cells_of(m), type, bytes);
}

gc_ref PLAN_(alloc_slow)(struct gc_mutator *m, uint32_t type, size_t bytes) {
  return trigger_alloc(m, type, bytes, try_alloc);
}

gc_ref PLAN_(heal)(struct gc_mutator *m, gc_field *field, uintptr_t bits) {
  uintptr_t seen = bits, good = coloured_good(m);
  GC_CHECK(1, (bits & COLOUR_BITS) == (COLOUR_BITS ^ good), "field %p holds %llx while colour %llx is good",
           (void *)field, (unsigned long long)bits, (unsigned long long)good);
  /* relaxed: whoever acquires the healed value still reads from the release sequence of the original store */
  atomic_compare_exchange_strong_explicit(&field->bits, &seen, plan_uncolour(bits).bits | good, memory_order_relaxed,
                                          memory_order_relaxed);
  return plan_uncolour(bits);
}

/* ---- the cycle ---- */

/* Roots (no source) are plain; every field has a colour, and gets the good one. */
static GC_INLINE gc_ref visit(struct gc_worker *worker, gc_ref source, gc_field *slot, gc_ref target) {
  gc_ref plain = plan_uncolour(target.bits);
  bool root = gc_is_null(source);
  GC_CHECK(1, root == (plain.bits == target.bits), "slot %p of %p holds %llx", (void *)slot, (void *)source.bits,
           (unsigned long long)target.bits);
  if (!root)
    field_set_bits(slot, plain.bits | *good_of(worker->heap));
  return sidemap_set_par(&worker->marks, plain.bits) ? plain : GC_NULL;
}

static GC_INLINE gc_ref visit_noting(struct gc_worker *worker, gc_ref source, gc_field *slot, gc_ref target) {
  gc_ref grey = visit(worker, source, slot, target);
  if (!gc_is_null(grey))
    weak_note_reached(&worker->heap->weak, worker->heap, grey.bits, grey, mark_resolve);
  return grey;
}

static GC_INLINE void push_root(void *context, gc_ref source, gc_field *slot) {
  gc_ref target = {field_bits(slot)};
  gc_ref grey = gc_is_null(target) ? GC_NULL : visit(context, source, slot, target);
  if (!gc_is_null(grey))
    closure_push_grey(context, grey);
}

static void mark_job(struct gc_worker *worker) {
  struct gc_heap *heap = worker->heap;
  roots_scan_par(&heap->safepoint, heap->globals, &heap->final, &worker->gang->next_share, worker, push_root);
  closure_drain(worker, CLOSURE_PLAIN, false, visit);
}

static enum gc_phase_result mark(struct gc_heap *heap) {
  gang_run(&heap->gang, GANG_WAKE, mark_job, NULL);
  return GC_NEXT;
}

static enum gc_phase_result weak(struct gc_heap *heap) {
  weak_phase(gang_driver(&heap->gang), &heap->weak, &heap->final, WEAK_ALL, mark_resolve, weak_never_young,
             visit_noting);
  return GC_NEXT;
}

static void check_slot(void *context, gc_ref source, gc_field *slot) {
  uintptr_t bits = field_bits(slot), good = *good_of(context);
  GC_CHECK(0, bits == 0 || (bits & COLOUR_BITS) == good, "slot %p of %p holds %llx after marking", (void *)slot,
           (void *)source.bits, (unsigned long long)bits);
}

static bool check_object(void *context, gc_ref object) {
  scan_object(context, object, check_slot);
  return true;
}

/* From here on every live field has the bad colour: none was missed, or it would look healed after the next flip. */
static enum gc_phase_result flip(struct gc_heap *heap) {
  if (heap->config.verify & VERIFY(heap)) {
    verify_heap(heap); /* enumerating a broken heap would end in a trap */
    verify_for_reachable(heap, heap, check_object);
  }
  *good_of(heap) ^= COLOUR_BITS;
  return GC_NEXT;
}

static const struct gc_phase full[] = {{.name = "begin", .mode = GC_STW, .run = mark_row_begin},
                                       {.name = "mark", .mode = GC_STW, .run = mark},
                                       {.name = "weak", .mode = GC_STW, .run = weak},
                                       {.name = "sweep", .mode = GC_STW, .run = mark_row_sweep},
                                       {.name = "flip", .mode = GC_STW, .run = flip},
                                       {.name = "colour", .mode = GC_STW, .each = take_colour},
                                       {0}};

static enum gc_cycle_kind choose(struct gc_heap *heap, enum gc_reason reason) {
  (void)heap, (void)reason;
  return GC_CYCLE_MAJOR;
}

static gc_ref verify_decode(struct gc_heap *heap, uintptr_t bits) {
  (void)heap;
  return plan_uncolour(bits);
}

const struct gc_collector PLAN_(collector) = {
    .name = GC_STRING(GC_PLAN),
    .summary = "marks in place; fields hold coloured references that loads heal",
    .attrs = {.reclaims = true, .cycles = true, .weak = true, .ephemerons = true, .finalizers = true, .threads = true},
    .copied_types = true,
    .heap_bytes = sizeof(struct coloured),
    .mutator_bytes = sizeof(struct plan_mutator),
    .init = init,
    .fini = mark_heap_fini,
    .mutator_init = take_colour,
    .mutator_flush = mutator_flush,
    .choose = choose,
    .cycles = {[GC_CYCLE_MAJOR] = full, [GC_CYCLE_EMERGENCY] = full},
    .live_bytes = mark_heap_live_bytes,
    .verify_live = mark_heap_verify_live,
    .verify_object = mark_heap_verify_object,
    .verify_decode = verify_decode,
};
