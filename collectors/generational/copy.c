/* copy.c -- live young objects are copied in parallel: to other young blocks until they have survived `age` cycles,
 * then into cells of the old space.
 *
 * Invariant: an object is copied by the one worker that claims it (forward.h); a pinned one stays.  When the phases
 * end, each field that refers to a copied object holds its new address, and each field of an old object that still
 * refers to a young one is remembered for the next cycle. */
#include "collectors/generational/generational.h"

#include "runtime/base/mutant.h"
#include "runtime/object/forward.h"
#include "runtime/trace/roots.h"

static struct copier *copier_of(struct gc_worker *worker) { return worker->plan; }

/* ---- one object ---- */

/* Where the copy goes; 0 if the system refuses memory.  The plan word holds the number of cycles survived. */
static GC_INLINE uintptr_t copy_target(struct generational *g, struct copier *copier, uint64_t *word, size_t bytes,
                                       unsigned node) {
  uint32_t age = (uint32_t)(*word >> GC_PLAN_SHIFT) + 1;
  *word &= ((uint64_t)1 << GC_PLAN_SHIFT) - 1;
  struct tlab *window = &copier->survivors;
  if (age < g->old_age && (bytes <= window->end - window->cursor || young_space_take(&g->young, window, true))) {
    *word |= (uint64_t)age << GC_PLAN_SHIFT;
    uintptr_t address = window->cursor;
    window->cursor += bytes;
    return address;
  }
  return cell_alloc_copy(&g->old.cells, &copier->old, bytes, node);
}

/* A pinned object stays; it is scanned once, by whoever sets its mark. */
static GC_NOINLINE gc_ref keep_pinned(struct gc_worker *worker, gc_ref object) {
  struct generational *g = plan_of(worker->heap);
  young_space_keep(&g->young, object.bits);
  atomic_store_explicit(&g->kept, true, memory_order_relaxed);
  return sidemap_set_par(&g->old.cells.marks, object.bits) ? object : GC_NULL;
}

/* Copies a claimed object of `bytes`, whose header word is `word`. */
static GC_INLINE gc_ref copy_claimed(struct gc_worker *worker, gc_ref object, uint64_t word, size_t bytes,
                                     bool *first) {
  uint64_t new_word = word;
  uintptr_t address = copy_target(plan_of(worker->heap), copier_of(worker), &new_word, bytes, worker->node);
  *first = true;
  if (GC_UNLIKELY(address == 0)) { /* it stays as if it were pinned, from now on: the cycle does not fail half-way */
    forward_abandon(object, word | GC_FLAG_PINNED);
    *first = !gc_is_null(keep_pinned(worker, object));
    return object;
  }
  worker->counts.copied_bytes += bytes;
  gc_ref copy = forward_copy(object, new_word, address, bytes);
  forward_publish(object, word, copy);
  return copy;
}

/* Pinned, hashed, or an array: kept out of the loop, where it would cost the common object registers. */
static GC_NOINLINE gc_ref evacuate_unusual(struct gc_worker *worker, gc_ref object, uint64_t word, bool *first) {
  if ((word & GC_FLAG_PINNED) && !GC_MUTANT(pinned_moves)) {
    forward_abandon(object, word);
    *first = !gc_is_null(keep_pinned(worker, object));
    return object;
  }
  return copy_claimed(worker, object, word, forward_copy_bytes(object, word), first);
}

/* The object's address after this cycle; *first: this call copied it. */
static GC_INLINE gc_ref evacuate(struct gc_worker *worker, gc_ref object, bool alone, bool *first) {
  gc_ref copy = GC_NULL;
  uint64_t word = alone ? forward_claim_alone(object, &copy) : forward_claim(object, &copy);
  if (word == 0)
    return copy;
  const struct gc_type *type = &gc_types[header_type(word)];
  bool is_array = type->kind == GC_KIND_REF_ARRAY || type->kind == GC_KIND_RAW_ARRAY;
  if (GC_UNLIKELY(is_array || (word & (GC_FLAG_PINNED | GC_FLAG_HASHED))))
    return evacuate_unusual(worker, object, word, first);
  return copy_claimed(worker, object, word & ~(uint64_t)(GC_FLAG_PINNED | GC_FLAG_HASHED), type->size_bytes, first);
}

/* ---- one field ---- */

/* A field of an old object that still refers to a young one is remembered for the next cycle. */
static GC_INLINE gc_ref visit(struct gc_worker *worker, gc_ref source, gc_field *slot, gc_ref target, bool alone) {
  struct generational *g = plan_of(worker->heap);
  if (!young_contains(g->young.base, g->young.bytes, target.bits))
    return GC_NULL;
  bool first = false;
  gc_ref now = target;
  if (young_state_of(&g->young, target.bits) >= YOUNG_FROM) {
    now = evacuate(worker, target, alone, &first);
    field_set_bits(slot, now.bits);
  }
  if (!gc_is_null(source) && young_contains(g->young.base, g->young.bytes, now.bits) &&
      !young_contains(g->young.base, g->young.bytes, source.bits) && !GC_MUTANT(promoted_field_forgotten))
    ssb_push(&copier_of(worker)->remembered, slot);
  return first ? now : GC_NULL;
}
static GC_INLINE gc_ref visit_alone(struct gc_worker *worker, gc_ref source, gc_field *slot, gc_ref target) {
  return visit(worker, source, slot, target, true);
}
static GC_INLINE gc_ref visit_par(struct gc_worker *worker, gc_ref source, gc_field *slot, gc_ref target) {
  return visit(worker, source, slot, target, false);
}

/* Roots and remembered fields; out of line, so that the closure's loop is laid out for itself. */
static GC_NOINLINE void slot_visit(struct gc_worker *worker, gc_ref source, gc_field *slot, bool alone) {
  gc_ref target = {field_bits(slot)};
  if (gc_is_null(target))
    return;
  gc_ref grey = visit(worker, source, slot, target, alone);
  if (!gc_is_null(grey))
    closure_push_grey(worker, grey);
}
static GC_INLINE void slot_alone(void *context, gc_ref source, gc_field *slot) {
  slot_visit(context, source, slot, true);
}
static GC_INLINE void slot_par(void *context, gc_ref source, gc_field *slot) {
  slot_visit(context, source, slot, false);
}

/* Remembered fields are fields of old objects; the globals object stands for whichever it was. */
static GC_INLINE void scan_remembered(struct gc_worker *worker, scan_visitor *visit_slot) {
  struct generational *g = plan_of(worker->heap);
  for (struct ssb_segment *segment; (segment = ssb_take(&g->looked_at));) {
    for (size_t i = 0; i < segment->count; i++)
      visit_slot(worker, g->heap.globals, segment->slots[i]);
    ssb_give_back(&g->remembered, segment);
  }
}

static GC_INLINE void root_alone(void *context, gc_ref source, gc_field *slot) {
  (void)source; /* roots, globals included, are looked at in every cycle: not remembered */
  slot_visit(context, GC_NULL, slot, true);
}
static GC_INLINE void root_par(void *context, gc_ref source, gc_field *slot) {
  (void)source;
  slot_visit(context, GC_NULL, slot, false);
}

/* ---- the phases ---- */

static void copy_alone_job(struct gc_worker *worker) {
  struct gc_heap *heap = worker->heap;
  roots_scan_par(&heap->safepoint, heap->globals, &heap->final, &worker->gang->next_share, worker, root_alone);
  scan_remembered(worker, slot_alone);
  closure_drain(worker, CLOSURE_PLAIN, false, visit_alone);
}
static void copy_par_job(struct gc_worker *worker) {
  struct gc_heap *heap = worker->heap;
  roots_scan_par(&heap->safepoint, heap->globals, &heap->final, &worker->gang->next_share, worker, root_par);
  scan_remembered(worker, slot_par);
  closure_drain(worker, CLOSURE_PLAIN, false, visit_par);
}

enum gc_phase_result PLAN_(copy)(struct gc_heap *heap) {
  struct generational *g = plan_of(heap);
  struct gc_worker *driver = gang_driver(&heap->gang);
  for (size_t i = 0; i < g->born_old_count; i++)
    closure_push_grey(driver, g->born_old[i]);
  g->born_old_count = 0;
  gang_run(&heap->gang, GANG_LAZY, driver->alone ? copy_alone_job : copy_par_job, NULL);
  return GC_NEXT;
}

/* Where an object is now; null if it is young and was not reached. */
static GC_INLINE gc_ref resolve(struct gc_heap *heap, gc_ref object) {
  struct generational *g = plan_of(heap);
  if (gc_is_null(object) || !is_young(heap, object) || young_state_of(&g->young, object.bits) < YOUNG_FROM)
    return object;
  uint64_t word = object_word(object);
  if (word_is_forwarded(word))
    return word_forwarding(word);
  return sidemap_test(&g->old.cells.marks, object.bits) ? object : GC_NULL; /* pinned, or dead */
}

static gc_ref visit_noting(struct gc_worker *worker, gc_ref source, gc_field *slot, gc_ref target) {
  gc_ref grey = visit_par(worker, source, slot, target);
  if (!gc_is_null(grey))
    weak_note_reached(&worker->heap->weak, worker->heap, target.bits, grey, resolve);
  return grey;
}

enum gc_phase_result PLAN_(weak_young)(struct gc_heap *heap) {
  weak_phase(gang_driver(&heap->gang), &heap->weak, &heap->final, WEAK_YOUNG, resolve, is_young, visit_noting);
  return GC_NEXT;
}
