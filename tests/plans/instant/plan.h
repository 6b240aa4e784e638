/* instant/plan.h -- a skeleton that proves instant counting: an object is freed inside the store, set or pop that drops
 * its last reference, as Python does it.  One mutator; cycles are never freed.
 *
 * The plan word of the header counts references from fields, rooted locals and the queue of due finalizers; references
 * in registers are not counted.  Two of those must not be lost: the newest object, and what a swap or the finalizer
 * queue returned; each has a slot in the mutator, and dies when the slot is used again, if still uncounted. */
#ifndef GC_PLAN_INSTANT_H
#define GC_PLAN_INSTANT_H

#define PLAN_RC_INSTANT 1
#define PLAN_STORE_EXCHANGES 1
#define PLAN_OWN_ALLOC
#define PLAN_OWN_INIT_STORE
#define PLAN_OWN_BEFORE_STORE
#define PLAN_OWN_AFTER_STORE
#define PLAN_OWN_SWAP
#define PLAN_OWN_ROOT_SET
#define PLAN_OWN_POP
#define PLAN_OWN_TAKEN
#define PLAN_LARGE_BYTES CELL_MAX_BYTES

#include "runtime/heap/cell_space.h"
#include "runtime/plan.h"

struct plan_mutator {
  struct gc_mutator base;
  struct cell_cache cells;
  gc_ref newborn, returned; /* perhaps uncounted, and alive */
};

/* `object` has no reference any more: frees it, and all that dies with it. */
void PLAN_(die)(struct gc_mutator *m, gc_ref object);

/* relaxed throughout: there is one mutator */
static GC_INLINE uint32_t instant_count(gc_ref object) {
  return atomic_load_explicit(header_plan_word(object), memory_order_relaxed);
}
static GC_INLINE void instant_set_count(gc_ref object, uint32_t count) {
  atomic_store_explicit(header_plan_word(object), count, memory_order_relaxed);
}

static GC_INLINE void instant_take(gc_ref object) {
  if (!gc_is_null(object))
    instant_set_count(object, instant_count(object) + 1);
}
static GC_INLINE void instant_drop(struct gc_mutator *m, gc_ref object) {
  if (gc_is_null(object))
    return;
  instant_set_count(object, instant_count(object) - 1);
  if (instant_count(object) == 0)
    PLAN_(die)(m, object);
}

/* `slot` keeps `object` from now on, and no longer what it kept before. */
static GC_INLINE void instant_keep(struct gc_mutator *m, gc_ref *slot, gc_ref object) {
  gc_ref before = *slot;
  *slot = object;
  if (!gc_is_null(before) && before.bits != object.bits && instant_count(before) == 0)
    PLAN_(die)(m, before);
}

static GC_INLINE gc_ref plan_alloc(struct gc_mutator *m, uint32_t type, size_t bytes) {
  struct plan_mutator *mine = (struct plan_mutator *)m;
  uintptr_t address;
  gc_ref object;
  instant_keep(m, &mine->newborn, GC_NULL);
  instant_keep(m, &mine->returned, GC_NULL);
  if (GC_UNLIKELY(bytes > PLAN_LARGE_BYTES || !cell_bump(&mine->cells, bytes, &address))) {
    object = PLAN_(alloc_slow)(m, type, bytes);
  } else {
    object_init(address, type, 0);
    object = (gc_ref){address};
  }
  mine->newborn = object;
  return object;
}

static GC_INLINE void plan_init_store(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref value) {
  (void)object;
  gc_ref old = {atomic_load_explicit(&field->bits, memory_order_relaxed)};
  instant_take(value);
  atomic_store_explicit(&field->bits, value.bits, memory_order_relaxed);
  instant_drop(m, old);
}

/* A store counts the new value before it drops the old one: they may be the same object.  The exchange of plan_cas
 * never fails, since there is one mutator, so no count has to be taken back. */
static GC_INLINE void plan_before_store(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref value) {
  (void)m, (void)object, (void)field;
  instant_take(value);
}
static GC_INLINE void plan_after_store(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref old, gc_ref value) {
  (void)object, (void)field, (void)value;
  instant_drop(m, old);
}

static GC_INLINE gc_ref plan_swap(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref value) {
  (void)object;
  instant_take(value);
  gc_ref old = {atomic_exchange_explicit(&field->bits, value.bits, memory_order_relaxed)};
  if (!gc_is_null(old))
    instant_set_count(old, instant_count(old) - 1);
  instant_keep(m, &((struct plan_mutator *)m)->returned, old);
  return old;
}

static GC_INLINE void plan_root_set(struct gc_mutator *m, gc_root *root, gc_ref value) {
  gc_ref old = {root->bits};
  instant_take(value);
  root->bits = value.bits;
  instant_drop(m, old);
}

static GC_INLINE void plan_pop(struct gc_mutator *m, gc_root *roots, size_t count) {
  for (size_t i = 0; i < count; i++)
    instant_drop(m, (gc_ref){roots[i].bits});
}

/* The queue's own count is given up. */
static GC_INLINE void plan_taken(struct gc_mutator *m, gc_ref object) {
  instant_set_count(object, instant_count(object) - 1);
  instant_keep(m, &((struct plan_mutator *)m)->returned, object);
}

#include "runtime/plan_default.h"

#endif
