/* gc_checked.h -- what `-c checked,of=<collector>` adds to each call of gc.h; nothing in other builds.
 *
 * In a checked build a gc_ref carries, in its upper 16 bits, the stamp of its thread at the moment it was
 * obtained.  Each call that may reach a safepoint advances the stamp, so a reference that was not rooted
 * is caught at its next use, under every collector and on every run, not only when an object moved.
 * Also checked: the object is live and well-formed, a field lies inside its object, gc_init_store is used on
 * the newest object only, frames are popped in order.  Inside the runtime references are never stamped.
 *
 * Stores have one hook more, also in builds with checks per structure: see GC_SHADOW. */
#ifndef GC_GC_CHECKED_H
#define GC_GC_CHECKED_H

#include "runtime/base/check.h"
#include "runtime/base/mutant.h"
#include "runtime/mutator/mutator.h"
#include "runtime/object/object.h"

/* Out-of-line parts of the interface that gc.h inlines; see the named headers. */
gc_ref heap_globals(struct gc_heap *heap);                     /* cycle/heap.c */
void weak_register(struct gc_heap *heap, gc_ref weak, gc_ref target, void (*callback)(struct gc_mutator *, void *),
                   void *argument);                            /* trace/weak.c */
gc_ref weak_find_shared(struct gc_heap *heap, gc_ref target);  /* cycle/heap.c */
void ephemeron_register(struct gc_heap *heap, gc_ref ephemeron, gc_ref key); /* trace/weak.c */
void finalizer_register(struct gc_heap *heap, gc_ref object);  /* trace/final.c */
gc_ref finalizer_take(struct gc_heap *heap);                   /* trace/final.c */

/* Out-of-line checks (verify/checked.c).  Each prints what was wrong and aborts. */
void checked_fail_stale(struct gc_mutator *m, gc_ref ref) GC_COLD;
void checked_object(struct gc_mutator *m, gc_ref plain, size_t at_least_bytes);
void checked_slot(struct gc_mutator *m, gc_ref plain, const gc_field *field);
void checked_type(struct gc_mutator *m, uint32_t type, size_t bytes);
void checked_collect(struct gc_mutator *m);

/* Notes what the store of `value` into `field` is about to overwrite and to insert (verify/shadow.c). */
void shadow_note(struct gc_mutator *m, const gc_field *field, gc_ref value) GC_COLD;
void shadow_note_copy(struct gc_mutator *m, const gc_field *to, const gc_field *from) GC_COLD;

/* Tells the heap's watch of an allocation by the calling code (cycle/heap.c). */
void alloc_note(struct gc_mutator *m, gc_ref object, uint32_t type, size_t bytes) GC_COLD;

#ifndef GC_CHECKED
#define GC_CHECKED 0
#endif

/* Whether stores have the hook of verifier `shadow`: in checked forms, and in builds with checks per structure. */
enum { GC_SHADOW = GC_CHECKED || GC_CHECK_LEVEL >= 2 };

enum { CHECKED_STAMP_SHIFT = 48, CHECKED_STAMP_MASK = 0x7fff };

static GC_INLINE gc_ref checked_strip(gc_ref ref) {
  return GC_CHECKED ? (gc_ref){ref.bits & (((uintptr_t)1 << CHECKED_STAMP_SHIFT) - 1)} : ref;
}

static GC_INLINE gc_ref checked_stamp(struct gc_mutator *m, gc_ref ref) {
  if (!GC_CHECKED || gc_is_null(ref))
    return ref;
  checked_object(m, ref, 0);
  return (gc_ref){ref.bits | (uintptr_t)(m->stamp & CHECKED_STAMP_MASK) << CHECKED_STAMP_SHIFT};
}

/* The plain reference, after checking that it has not expired.  Null passes. */
static GC_INLINE gc_ref checked_use(struct gc_mutator *m, gc_ref ref) {
  if (!GC_CHECKED || gc_is_null(ref))
    return ref;
  if (GC_UNLIKELY(ref.bits >> CHECKED_STAMP_SHIFT != (m->stamp & CHECKED_STAMP_MASK)))
    checked_fail_stale(m, ref);
  return checked_strip(ref);
}

/* checked_object and checked_slot do not return for null.  Saying so keeps gcc from warning of what would come next. */
static GC_INLINE gc_ref checked_not_null(gc_ref plain) {
  if (GC_CHECKED && gc_is_null(plain))
    __builtin_unreachable();
  return plain;
}

static GC_INLINE gc_ref checked_deref(struct gc_mutator *m, gc_ref ref, size_t bytes) {
  gc_ref plain = checked_use(m, ref);
  if (GC_CHECKED)
    checked_object(m, plain, bytes);
  return checked_not_null(plain);
}

static GC_INLINE gc_ref checked_field(struct gc_mutator *m, gc_ref object, const gc_field *field) {
  gc_ref plain = checked_use(m, object);
  if (GC_CHECKED && !GC_MUTANT(checked_slot_forgotten))
    checked_slot(m, plain, field);
  return checked_not_null(plain);
}

/* Before a store that has a barrier. */
static GC_INLINE void checked_store(struct gc_mutator *m, const gc_field *field, gc_ref plain) {
  if (GC_SHADOW && GC_UNLIKELY(m->notes_stores))
    shadow_note(m, field, plain);
}

/* Before `count` fields are copied. */
static GC_INLINE void checked_copy(struct gc_mutator *m, const gc_field *to, const gc_field *from, size_t count) {
  if (GC_SHADOW && GC_UNLIKELY(m->notes_stores))
    for (size_t i = 0; i < count; i++)
      shadow_note_copy(m, to + i, from + i);
}

static GC_INLINE gc_ref checked_index(struct gc_mutator *m, gc_ref array, uint64_t index) {
  gc_ref plain = checked_use(m, array);
  if (GC_CHECKED)
    checked_object(m, plain, sizeof(struct gc_header) + 8 + (index + 1) * sizeof(gc_field));
  return checked_not_null(plain);
}

static GC_INLINE void checked_expire(struct gc_mutator *m) {
  if (GC_CHECKED && !GC_MUTANT(checked_stamp_stands)) {
    m->stamp++;
    m->newborn = 0;
  }
}

static GC_INLINE void checked_before_alloc(struct gc_mutator *m, uint32_t type, size_t bytes) {
  if (GC_CHECKED) {
    checked_type(m, type, bytes);
    checked_expire(m);
    if (m->stress_left && --m->stress_left == 0)
      checked_collect(m);
  }
}

static GC_INLINE gc_ref checked_newborn(struct gc_mutator *m, gc_ref ref, uint32_t type, size_t bytes) {
  if (!GC_CHECKED)
    return ref;
  if (GC_UNLIKELY(m->notes_allocs))
    alloc_note(m, ref, type, bytes);
  m->newborn = ref.bits;
  return (gc_ref){ref.bits | (uintptr_t)(m->stamp & CHECKED_STAMP_MASK) << CHECKED_STAMP_SHIFT};
}

static GC_INLINE void checked_init(struct gc_mutator *m, gc_ref object) {
  if (GC_CHECKED && checked_strip(object).bits != m->newborn)
    checked_fail_stale(m, object);
}

static GC_INLINE void checked_pop(struct gc_mutator *m, struct gc_frame *frame) {
  if (GC_CHECKED && m->frames != frame)
    checked_fail_stale(m, GC_NULL);
}

#endif
