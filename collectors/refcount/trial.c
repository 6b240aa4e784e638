/* trial.c -- garbage cycles by trial deletion: Bacon and Rajan's synchronous algorithm (ECOOP 2001, section 3).
 *
 * The world is stopped, all decrements are applied.  From each suspect (purple):
 *     mark    all that it reaches becomes grey, and every reference inside that set is subtracted from its target's
 *             count: what is left counts references from outside
 *     scan    a grey object that is still counted is black, with all that it reaches, and their counts are put
 *             back; the others are white
 *     gather  what is white is garbage
 * Each step handles all suspects before the next begins, so the whole is linear in the objects and references reached.
 * Green objects are neither entered nor subtracted from.  No recursion: stacks in chunks.
 *
 * An ephemeron's reference to its value holds only while both the ephemeron and its key live.  It is subtracted when
 * the first of the two becomes grey, and put back when the second of them is known to be black; in between the
 * ephemeron bears HELD_BACK. */
#include "collectors/refcount/refcount.h"

#include "runtime/base/mutant.h"

/* Nobody is queued while the world is stopped for this, so the bit is free. */
enum { HELD_BACK = RC_QUEUED };

struct trial {
  struct refcount *rc;
  struct rc_buffer stack;   /* grey objects whose references are to be looked at */
  struct rc_buffer blacker; /* the same, for black ones */
  struct rc_buffer garbage;
  size_t traversed;
};

typedef void visit_ephemeron(void *context, gc_ref ephemeron);

static void push(struct rc_buffer *stack, gc_ref object) {
  bool pushed = rc_buffer_push(stack, object.bits);
  GC_CHECK(0, pushed, "no memory for the stacks of trial deletion");
}

static void paint(gc_ref object, uint32_t colour) {
  rc_set_word(object, (rc_word(object) & ~(uint32_t)RC_COLOUR) | colour);
}
static bool has_flag(gc_ref object, uint32_t flag) { return rc_word(object) & flag; }
static bool is_colour(gc_ref object, uint32_t colour) { return rc_colour(rc_word(object)) == colour; }

/* What trial deletion follows: null and green targets are not. */
static bool is_followed(gc_ref target) { return !gc_is_null(target) && !has_flag(target, RC_GREEN); }
static gc_ref slot_target(gc_field *slot) { return (gc_ref){field_bits(slot)}; }

static GC_INLINE void for_references(struct trial *trial, gc_ref object, scan_visitor *visit,
                                     visit_ephemeron *ephemeron) {
  uint64_t header = object_word(object);
  scan_object(trial, object, visit);
  if (GC_UNLIKELY(header_type(header) == GC_TYPE_EPHEMERON))
    ephemeron(trial, object);
  if (GC_UNLIKELY(header & GC_FLAG_WEAK_TARGET))
    weak_table_for_key(&trial->rc->heap.weak, object, trial, ephemeron);
}

/* ---- mark ---- */

static void subtract(struct trial *trial, gc_ref target) {
  uint32_t word = rc_word(target);
  GC_CHECK(1, rc_count(word) > 0, "%p has more references than its count", (void *)target.bits);
  rc_set_word(target, ((word - RC_ONE) & ~(uint32_t)RC_COLOUR) | RC_GREY);
  if (rc_colour(word) != RC_GREY)
    push(&trial->stack, target);
}

static void mark_slot(void *context, gc_ref source, gc_field *slot) {
  (void)source;
  if (is_followed(slot_target(slot)))
    subtract(context, slot_target(slot));
}

static void mark_ephemeron(void *context, gc_ref ephemeron) {
  gc_ref value = slot_target(&ephemeron_of(ephemeron)->value);
  if (!is_followed(value) || has_flag(ephemeron, HELD_BACK))
    return;
  rc_set_word(ephemeron, rc_word(ephemeron) | HELD_BACK);
  subtract(context, value);
}

static void mark_suspect(void *context, uintptr_t item) {
  struct trial *trial = context;
  gc_ref object = {item};
  if (is_colour(object, RC_GREY))
    return;
  paint(object, RC_GREY);
  for (; item; item = rc_buffer_pop(&trial->stack)) {
    for_references(trial, (gc_ref){item}, mark_slot, mark_ephemeron);
    trial->traversed++;
  }
}

/* ---- scan ---- */

static void scan_target(struct trial *trial, gc_ref target) {
  if (is_followed(target) && is_colour(target, RC_GREY))
    push(&trial->stack, target);
}

static void put_back(struct trial *trial, gc_ref target) {
  uint32_t word = rc_word(target);
  rc_set_word(target, (word + (GC_MUTANT(rc_trial_not_put_back) ? 0 : RC_ONE)) & ~(uint32_t)RC_COLOUR);
  if (rc_colour(word) == RC_GREY || rc_colour(word) == RC_WHITE)
    push(&trial->blacker, target);
}

static void blacken_slot(void *context, gc_ref source, gc_field *slot) {
  (void)source;
  if (is_followed(slot_target(slot)))
    put_back(context, slot_target(slot));
}

static bool is_live(gc_ref object) {
  return gc_is_null(object) || is_colour(object, 0) || is_colour(object, RC_PURPLE);
}

static void blacken_ephemeron(void *context, gc_ref ephemeron) {
  struct gc_ephemeron *e = ephemeron_of(ephemeron);
  if (!has_flag(ephemeron, HELD_BACK))
    return;
  if (!is_live(ephemeron) || !is_live(slot_target(&e->key))) {
    scan_target(context, slot_target(&e->value)); /* which alone may lead to the other one */
    return;
  }
  rc_set_word(ephemeron, rc_word(ephemeron) & ~(uint32_t)HELD_BACK);
  put_back(context, slot_target(&e->value));
}

static void blacken(struct trial *trial, gc_ref object) {
  paint(object, 0);
  for (uintptr_t item = object.bits; item; item = rc_buffer_pop(&trial->blacker))
    for_references(trial, (gc_ref){item}, blacken_slot, blacken_ephemeron);
}

static void scan_slot(void *context, gc_ref source, gc_field *slot) {
  (void)source;
  scan_target(context, slot_target(slot));
}
static void scan_ephemeron(void *context, gc_ref ephemeron) {
  scan_target(context, slot_target(&ephemeron_of(ephemeron)->value));
}

static void scan_suspect(void *context, uintptr_t item) {
  struct trial *trial = context;
  for (; item; item = rc_buffer_pop(&trial->stack)) {
    gc_ref object = {item};
    if (!is_colour(object, RC_GREY))
      continue;
    if (rc_count(rc_word(object)) > GC_MUTANT(rc_trial_ignores_one)) {
      blacken(trial, object);
      continue;
    }
    paint(object, RC_WHITE);
    for_references(trial, object, scan_slot, scan_ephemeron);
  }
}

/* ---- gather: what is white becomes the list of garbage, once each ---- */

static void gather_target(struct trial *trial, gc_ref target) {
  if (gc_is_null(target) || !is_colour(target, RC_WHITE) || has_flag(target, RC_BUFFERED))
    return;
  rc_set_word(target, rc_word(target) | RC_BUFFERED);
  push(&trial->stack, target);
}
static void gather_slot(void *context, gc_ref source, gc_field *slot) {
  (void)source;
  gather_target(context, slot_target(slot));
}
static void gather_ephemeron(void *context, gc_ref ephemeron) {
  gather_target(context, slot_target(&ephemeron_of(ephemeron)->value));
}

static void forget_suspect(void *context, uintptr_t item) {
  (void)context;
  rc_set_word((gc_ref){item}, rc_word((gc_ref){item}) & ~(uint32_t)RC_BUFFERED);
}

static void gather_suspect(void *context, uintptr_t item) {
  struct trial *trial = context;
  gather_target(trial, (gc_ref){item});
  while ((item = rc_buffer_pop(&trial->stack))) {
    push(&trial->garbage, (gc_ref){item});
    for_references(trial, (gc_ref){item}, gather_slot, gather_ephemeron);
  }
}

/* ---- the dead: in the order of weak.h, all of one step before the next ---- */

/* A weak reference that is garbage itself announces nothing; a finalizer may bring it back. */
static void silence_weak(void *context, uintptr_t item) {
  struct trial *trial = context;
  gc_ref object = {item};
  if (object_descriptor(object)->kind != GC_KIND_WEAK)
    return;
  weak_table_drop(&trial->rc->heap.weak, object);
  field_set_bits(weak_field(object), 0);
}

static void clear_weak(void *context, uintptr_t item) {
  struct trial *trial = context;
  if (object_has_flag((gc_ref){item}, GC_FLAG_WEAK_TARGET))
    weak_table_clear_target(&trial->rc->heap.weak, (gc_ref){item});
}

/* The finalizer queue counts the object, which lives on with all that it reaches. */
static void keep_for_finalizer(void *context, uintptr_t item) {
  struct trial *trial = context;
  gc_ref object = {item};
  if (!object_has_flag(object, GC_FLAG_FINALIZE) || !final_table_due(&trial->rc->heap.final, object))
    return;
  rc_set_word(object, rc_word(object) + RC_ONE);
  if (is_colour(object, RC_WHITE))
    blacken(trial, object);
}

static void drop_green_slot(void *context, gc_ref source, gc_field *slot) {
  struct trial *trial = context;
  gc_ref target = slot_target(slot);
  (void)source;
  if (!gc_is_null(target) && has_flag(target, RC_GREEN))
    PLAN_(drop_stw)(trial->rc, target);
}

/* The key died.  What was held back stays subtracted. */
static void release_value(void *context, gc_ref ephemeron, gc_ref value) {
  struct trial *trial = context;
  if (has_flag(ephemeron, HELD_BACK))
    rc_set_word(ephemeron, rc_word(ephemeron) & ~(uint32_t)HELD_BACK);
  else
    PLAN_(drop_stw)(trial->rc, value);
}

/* References to garbage and from garbage to what lives on are subtracted already; those to green objects are not. */
static void take_apart(void *context, uintptr_t item) {
  struct trial *trial = context;
  struct weak_table *weak = &trial->rc->heap.weak;
  gc_ref object = {item};
  if (!is_colour(object, RC_WHITE))
    return;
  if (object_has_flag(object, GC_FLAG_WEAK_TARGET))
    weak_table_clear_key(weak, object, trial, release_value);
  scan_object(trial, object, drop_green_slot);
  if (object_type(object) == GC_TYPE_EPHEMERON) {
    weak_table_drop(weak, object);
    drop_green_slot(trial, object, &ephemeron_of(object)->value);
  }
}

static void free_white(void *context, uintptr_t item) {
  struct trial *trial = context;
  gc_ref object = {item};
  if (is_colour(object, RC_WHITE))
    PLAN_(free_memory)(trial->rc, object, true);
  else
    rc_set_word(object, rc_word(object) & ~(uint32_t)RC_BUFFERED);
}

/* ---- the whole ---- */

size_t PLAN_(trial_stw)(struct refcount *rc) {
  struct trial trial = {.rc = rc};
  struct rc_buffer *suspects = &rc->handed.suspects;
  rc_buffer_init(&trial.stack, &rc->queue_pool, NULL, 0);
  rc_buffer_init(&trial.blacker, &rc->queue_pool, NULL, 0);
  rc_buffer_init(&trial.garbage, &rc->queue_pool, NULL, 0);

  rc_buffer_for_items(suspects, &trial, mark_suspect);
  rc_buffer_for_items(suspects, &trial, scan_suspect);
  rc_buffer_for_items(suspects, &trial, forget_suspect);
  rc_buffer_for_items(suspects, &trial, gather_suspect);
  rc_buffer_clear(suspects);

  rc_buffer_for_items(&trial.garbage, &trial, silence_weak);
  rc_buffer_for_items(&trial.garbage, &trial, clear_weak);
  rc_buffer_for_items(&trial.garbage, &trial, keep_for_finalizer);
  rc_buffer_for_items(&trial.garbage, &trial, take_apart);
  rc_buffer_for_items(&trial.garbage, &trial, free_white);

  rc_buffer_clear(&trial.stack);
  rc_buffer_clear(&trial.blacker);
  rc_buffer_clear(&trial.garbage);
  return trial.traversed;
}
