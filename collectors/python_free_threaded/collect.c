/* collect.c -- which objects only refer to one another: CPython's free-threaded collector, over the whole heap.
 *
 * There are no lists and no generations.  The world is stopped, every drop is applied, counts are exact:
 *     alive    what globals, rooted locals and the queue of due finalizers reach is alive, without a look at its count
 *     outside  a walk over the heap gathers the others; each has its count, less the references from such objects: what
 *              remains counts those from elsewhere
 *     reach    where something remains the object is alive, with all that it reaches; the others are garbage
 *     forget   a second walk: what is alive is counted, and bears no mark any more
 *     weak     weak references to garbage are cleared; the garbage whose finalizers are due lives on, with all that it
 *              reaches
 *     free     what garbage refers to outside itself is dropped, then its memory is freed
 * Nothing recurses: the stack is in chunks.  One thread, as in CPython.
 *
 * Elsewhere is nowhere, unless a drop was lost for want of memory (trace/rc_buffer.h): such an object is kept.
 *
 * The word beside an object's shared count (barrier/biased.h) holds, while this runs: REACHED, or twice the references
 * from elsewhere, modulo 2^32, since a reference may be subtracted before the count is added; then GARBAGE; after
 * `forget` GARBAGE or 0; and 0 in the end. */
#include "collectors/python_free_threaded/free_threaded.h"

#include "runtime/base/check.h"
#include "runtime/base/mutant.h"
#include "runtime/trace/roots.h"

enum { REACHED = 1, OUTSIDE_ONE = 2, GARBAGE = 2 };

struct collection {
  struct free_threaded *ft;
  struct rc_buffer stack;   /* alive, their references to be looked at */
  struct rc_buffer others;  /* what the roots do not reach: garbage, and what turns out to be alive */
  bool trusting;
  int64_t alive;            /* objects that may be in cycles */
};

static uint32_t *state_of(gc_ref object) { return &biased_of(object)->spare; }
static gc_ref slot_target(gc_field *slot) { return (gc_ref){field_bits(slot)}; }

static void push(struct rc_buffer *stack, gc_ref object) {
  bool pushed = rc_buffer_push(stack, object.bits);
  GC_CHECK(0, pushed, "no memory for the stacks of a collection");
}

/* Walks over the heap give blocks. */
static void for_blocks(struct collection *c, void (*visit)(void *context, gc_ref block)) {
  mark_for_objects(&c->ft->spaces, c, visit);
}

/* ---- alive, outside, reach ---- */

static void reach_slot(void *context, gc_ref source, gc_field *slot) {
  struct collection *c = context;
  gc_ref target = slot_target(slot);
  (void)source;
  if (gc_is_null(target) || biased_word(target) == BIASED_IMMORTAL || *state_of(target) & REACHED)
    return;
  *state_of(target) = REACHED;
  push(&c->stack, target);
}

static void reach_all(struct collection *c) {
  for (uintptr_t item; (item = rc_buffer_pop(&c->stack)) && !GC_MUTANT(free_threaded_reaches_nothing);)
    scan_object(c, (gc_ref){item}, reach_slot);
}

static void subtract_slot(void *context, gc_ref source, gc_field *slot) {
  gc_ref target = slot_target(slot);
  (void)context, (void)source;
  if (!gc_is_null(target) && biased_word(target) != BIASED_IMMORTAL && !(*state_of(target) & REACHED) &&
      !GC_MUTANT(free_threaded_subtracts_nothing))
    *state_of(target) -= OUTSIDE_ONE;
}

static void gather_other(void *context, gc_ref block) {
  struct collection *c = context;
  gc_ref object = object_of_block(block.bits);
  if (*state_of(object) & REACHED)
    return;
  push(&c->others, object);
  if (!c->trusting)
    return;
  *state_of(object) += OUTSIDE_ONE * (uint32_t)biased_count(object);
  scan_object(context, object, subtract_slot);
}

static void reach_from_outside(void *context, uintptr_t item) {
  struct collection *c = context;
  gc_ref object = {item};
  if (*state_of(object) & REACHED || *state_of(object) == 0 || GC_MUTANT(free_threaded_outside_ignored))
    return;
  GC_CHECK(1, (int32_t)*state_of(object) > 0, "%p has more references than its count", (void *)object.bits);
  *state_of(object) = REACHED;
  push(&c->stack, object);
  reach_all(c);
}

static void condemn(void *context, uintptr_t item) {
  (void)context;
  if (*state_of((gc_ref){item}) != REACHED)
    *state_of((gc_ref){item}) = GARBAGE;
}

/* ---- forget ---- */

static void forget_reached(void *context, gc_ref block) {
  struct collection *c = context;
  gc_ref object = object_of_block(block.bits);
  if (*state_of(object) != REACHED)
    return;
  *state_of(object) = 0;
  c->alive += !object_descriptor(object)->acyclic;
}

static bool is_garbage(gc_ref object) { return biased_word(object) != BIASED_IMMORTAL && *state_of(object); }

/* ---- weak: in the order of weak.h, all of one step before the next ---- */

/* A weak reference that is garbage itself announces nothing; a finalizer may bring it back. */
static void silence_weak(void *context, uintptr_t item) {
  struct collection *c = context;
  gc_ref object = {item};
  if (object_descriptor(object)->kind != GC_KIND_WEAK || !is_garbage(object))
    return;
  weak_table_drop(&c->ft->heap.weak, object);
  field_set_bits(weak_field(object), 0);
}

static void clear_weak(void *context, uintptr_t item) {
  struct collection *c = context;
  gc_ref object = {item};
  if (object_has_flag(object, GC_FLAG_WEAK_TARGET) && is_garbage(object) && !GC_MUTANT(free_threaded_weak_kept))
    weak_table_clear_target(&c->ft->heap.weak, object);
}

static void keep(struct collection *c, gc_ref object) {
  if (!is_garbage(object))
    return;
  *state_of(object) = 0;
  c->alive += !object_descriptor(object)->acyclic;
  push(&c->stack, object);
}
static void keep_slot(void *context, gc_ref source, gc_field *slot) {
  (void)source;
  if (!gc_is_null(slot_target(slot)))
    keep(context, slot_target(slot));
}

/* The finalizer queue counts the object, which lives on with all that it reaches. */
static void keep_for_finalizer(void *context, uintptr_t item) {
  struct collection *c = context;
  gc_ref object = {item};
  if (!object_has_flag(object, GC_FLAG_FINALIZE) || !is_garbage(object) ||
      !final_table_due(&c->ft->heap.final, object))
    return;
  biased_revive(object);
  keep(c, object);
  while ((item = rc_buffer_pop(&c->stack)) && !GC_MUTANT(free_threaded_resurrected_alone))
    scan_object(c, (gc_ref){item}, keep_slot);
}

/* ---- free ---- */

static void drop_slot(void *context, gc_ref source, gc_field *slot) {
  gc_ref target = slot_target(slot);
  (void)context, (void)source;
  if (!gc_is_null(target) && !is_garbage(target))
    PLAN_(drop_stw)(target);
}

static void take_apart(void *context, uintptr_t item) {
  if (is_garbage((gc_ref){item}))
    scan_object(context, (gc_ref){item}, drop_slot);
}

static void free_garbage(void *context, uintptr_t item) {
  struct collection *c = context;
  gc_ref object = {item};
  if (is_garbage(object))
    PLAN_(free_memory)(c->ft, block_of_object(object), true);
}

/* ---- the whole ---- */

static void decide(struct collection *c) {
  struct gc_heap *heap = &c->ft->heap;
  roots_scan_shared(heap->globals, &heap->final, c, reach_slot);
  for (struct gc_mutator *m = heap->safepoint.mutators; m; m = m->next)
    roots_scan_mutator(m, c, reach_slot);
  reach_all(c);
  for_blocks(c, gather_other);
  if (c->trusting)
    rc_buffer_for_items(&c->others, c, reach_from_outside);
  rc_buffer_for_items(&c->others, c, condemn);
  for_blocks(c, forget_reached);
}

void PLAN_(collect_stw)(struct free_threaded *ft, bool trusting) {
  struct collection c = {.ft = ft, .trusting = trusting};
  rc_buffer_init(&c.stack, &ft->pool, NULL, 0);
  rc_buffer_init(&c.others, &ft->pool, NULL, 0);
  decide(&c);
  rc_buffer_for_items(&c.others, &c, silence_weak);
  rc_buffer_for_items(&c.others, &c, clear_weak);
  rc_buffer_for_items(&c.others, &c, keep_for_finalizer);
  rc_buffer_for_items(&c.others, &c, take_apart);
  rc_buffer_for_items(&c.others, &c, free_garbage);
  rc_buffer_clear(&c.stack);
  rc_buffer_clear(&c.others);
  atomic_store_explicit(&ft->total, c.alive, memory_order_relaxed); /* relaxed: thresholds */
  atomic_store_explicit(&ft->young, 0, memory_order_relaxed);
}

/* ---- walks over all objects ---- */

struct walk {
  void *context;
  void (*visit)(void *context, gc_ref object);
};

static void visit_block(void *context, gc_ref block) {
  const struct walk *walk = context;
  walk->visit(walk->context, object_of_block(block.bits));
}

void PLAN_(for_objects_stw)(struct gc_heap *heap, void *context, void (*visit)(void *context, gc_ref object)) {
  struct walk walk = {context, visit};
  mark_for_objects(&free_threaded_of(heap)->spaces, &walk, visit_block);
}

static void note_stuck(void *context, gc_ref block) {
  *(bool *)context |= biased_is_stuck(biased_shared(object_of_block(block.bits)));
}

bool PLAN_(any_stuck_stw)(struct free_threaded *ft) {
  bool any = false;
  mark_for_objects(&ft->spaces, &any, note_stuck);
  return any;
}
