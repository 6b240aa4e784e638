/* instant.c -- frees objects as their last references go, without recursion, and gives empty blocks back when memory
 * runs out.  The one mutator's thread; the row of the cycle, the world stopped.
 *
 * The dead that wait to be buried are a stack threaded through their plan words, whose counts are zero: each holds the
 * number of the next one, counted in 8-byte words from the heap's base. */
#include "tests/plans/instant/plan.h"

#include "runtime/base/check.h"
#include "runtime/cycle/mark.h"

struct instant {
  struct mark_heap base;
  uint32_t dead; /* top of the stack, a number; 0: empty */
  bool burying;
};

static struct instant *instant_of(struct gc_heap *heap) { return (struct instant *)heap; }
static struct plan_mutator *mine(struct gc_mutator *m) { return (struct plan_mutator *)m; }

static const char *init(struct gc_heap *heap) {
  if (heap->memory.reserved_bytes >> 3 > UINT32_MAX)
    return "instant counting numbers its dead with 32 bits: heaps of up to 7 GiB";
  const char *problem = mark_heap_init(heap);
  if (!problem)
    mark_heap_spaces(heap)->cells.exact = true;
  return problem;
}

static void mutator_init(struct gc_heap *heap, struct gc_mutator *m) { (void)heap, (void)m; }

static void mutator_flush(struct gc_heap *heap, struct gc_mutator *m) {
  cell_cache_retire(&mark_heap_spaces(heap)->cells, &mine(m)->cells);
}

static gc_ref try_alloc(struct gc_mutator *m, uint32_t type, size_t bytes) {
  return mark_alloc(m, mark_heap_spaces(m->heap), &mine(m)->cells, type, bytes);
}

gc_ref PLAN_(alloc_slow)(struct gc_mutator *m, uint32_t type, size_t bytes) {
  return trigger_alloc(m, type, bytes, try_alloc);
}

/* ---- death ---- */

static void push_dead(struct gc_heap *heap, gc_ref object) {
  struct instant *instant = instant_of(heap);
  instant_set_count(object, instant->dead);
  instant->dead = (uint32_t)((object.bits - heap->memory.base) >> 3);
}

static gc_ref pop_dead(struct gc_heap *heap) {
  struct instant *instant = instant_of(heap);
  gc_ref object = {heap->memory.base + ((uintptr_t)instant->dead << 3)};
  instant->dead = instant_count(object);
  instant_set_count(object, 0);
  return object;
}

static void drop_slot(void *context, gc_ref source, gc_field *slot) {
  (void)source;
  gc_ref target = {field_bits(slot)};
  if (gc_is_null(target))
    return;
  instant_set_count(target, instant_count(target) - 1);
  if (instant_count(target) == 0)
    push_dead(context, target);
}

static void drop_value(void *heap, gc_ref ephemeron, gc_ref value) {
  gc_field slot;
  field_set_bits(&slot, value.bits);
  drop_slot(heap, ephemeron, &slot);
}

/* Weak references are cleared before the finalizer is due; a finalizable object lives on. */
static bool outlives_death(struct gc_heap *heap, gc_ref object) {
  if (object_has_flag(object, GC_FLAG_WEAK_TARGET)) {
    weak_table_clear_target(&heap->weak, object);
    weak_table_clear_key(&heap->weak, object, heap, drop_value);
  }
  if (!object_has_flag(object, GC_FLAG_FINALIZE) || !final_table_due(&heap->final, object))
    return false;
  instant_set_count(object, 1);
  return true;
}

static void bury(struct gc_mutator *m, gc_ref object) {
  struct gc_heap *heap = m->heap;
  if (outlives_death(heap, object))
    return;
  enum gc_kind kind = object_descriptor(object)->kind;
  if (kind == GC_KIND_WEAK || kind == GC_KIND_EPHEMERON)
    weak_table_drop(&heap->weak, object);
  if (kind == GC_KIND_EPHEMERON)
    drop_slot(heap, object, &((struct gc_ephemeron *)object.bits)->value);
  scan_object(heap, object, drop_slot);
  if (mine(m)->newborn.bits == object.bits)
    mine(m)->newborn = GC_NULL;
  if (mine(m)->returned.bits == object.bits)
    mine(m)->returned = GC_NULL;
  if (memory_chunk_space(&heap->memory, memory_chunk_index(&heap->memory, object.bits)) == SPACE_LARGE)
    large_space_free(&mark_heap_spaces(heap)->large, object.bits);
  else
    cell_space_free(&mark_heap_spaces(heap)->cells, object.bits);
}

void PLAN_(die)(struct gc_mutator *m, gc_ref object) {
  struct instant *instant = instant_of(m->heap);
  if (object.bits == m->heap->globals.bits)
    return;
  push_dead(m->heap, object);
  if (instant->burying)
    return;
  instant->burying = true;
  while (instant->dead)
    bury(m, pop_dead(m->heap));
  instant->burying = false;
}

/* ---- the cycle: everything dead is free already, but its blocks are still held ---- */

static enum gc_phase_result release(struct gc_heap *heap) {
  cell_space_release_empty(&mark_heap_spaces(heap)->cells);
  return GC_NEXT;
}

static const struct gc_phase full[] = {{.name = "release", .mode = GC_STW, .run = release}, {0}};

static enum gc_cycle_kind choose(struct gc_heap *heap, enum gc_reason reason) {
  (void)heap, (void)reason;
  return GC_CYCLE_MAJOR;
}

static size_t live_bytes(struct gc_heap *heap) {
  return atomic_load_explicit(&heap->memory.used_bytes, memory_order_relaxed);
}

static bool verify_live(struct gc_heap *heap, gc_ref object) {
  (void)heap;
  return instant_count(object) > 0;
}

static const char *verify_object(struct gc_heap *heap, gc_ref object) {
  const char *problem = mark_heap_verify_object(heap, object);
  bool cell = memory_chunk_space(&heap->memory, memory_chunk_index(&heap->memory, object.bits)) == SPACE_CELL;
  if (!problem && cell && !sidemap_test(&mark_heap_spaces(heap)->cells.allocated, object.bits))
    return "a cell that is free";
  return problem;
}

static int64_t verify_count(struct gc_heap *heap, gc_ref object) {
  (void)heap;
  return instant_count(object);
}

const struct gc_collector PLAN_(collector) = {
    .name = GC_STRING(GC_PLAN),
    .summary = "counts references and frees at once, in the middle of a store; one mutator",
    .attrs = {.reclaims = true, .counts = true, .weak = true, .ephemerons = true, .finalizers = true},
    .copied_types = true,
    .heap_bytes = sizeof(struct instant),
    .mutator_bytes = sizeof(struct plan_mutator),
    .init = init,
    .fini = mark_heap_fini,
    .mutator_init = mutator_init,
    .mutator_flush = mutator_flush,
    .choose = choose,
    .cycles = {[GC_CYCLE_MAJOR] = full, [GC_CYCLE_EMERGENCY] = full},
    .live_bytes = live_bytes,
    .verify_live = verify_live,
    .verify_object = verify_object,
    .verify_for_objects = mark_heap_for_objects,
    .verify_count = verify_count,
};
