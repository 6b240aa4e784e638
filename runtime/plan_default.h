/* plan_default.h -- the default of every hook; included at the end of a plan header (plan.h).
 *
 * Hooks are static inline functions that the workload's compiler sees, so the choice of a collector
 * costs no dispatch.  Threads: the owner of `m` only.  No hook except alloc and poll may reach a
 * safepoint; one that has too much to do sets its own poll word (mutator_request_poll). */
#ifndef GC_PLAN_DEFAULT_H
#define GC_PLAN_DEFAULT_H

#include "runtime/base/chaos.h"
#include "runtime/base/mutant.h"
#include "runtime/plan.h"

#ifndef PLAN_MOVES
#define PLAN_MOVES 0
#endif
/* Whether the collector has controls (gc_control.h), under which an object dies when its last reference goes. */
#ifndef PLAN_CONTROLS
#define PLAN_CONTROLS 0
#endif
#ifndef PLAN_LARGE_BYTES
#define PLAN_LARGE_BYTES 8192
#endif

/* The plan word of a new object's header. */
#ifndef PLAN_OWN_NEW_WORD
static GC_INLINE uint32_t plan_new_word(struct gc_mutator *m) {
  (void)m;
  return 0;
}
#endif

/* A new object of `bytes` (a multiple of 8, at least 16), its references null.  Small ones are bumped in m->tlab, or,
 * with PLAN_CELLS, in the windows of the struct cell_cache that is member `cells` of struct plan_mutator. */
#if !defined(PLAN_OWN_ALLOC) && defined(PLAN_CELLS)
static GC_INLINE gc_ref plan_alloc(struct gc_mutator *m, uint32_t type, size_t bytes) {
  uintptr_t address;
  if (GC_UNLIKELY(bytes > PLAN_LARGE_BYTES || !cell_bump(&((struct plan_mutator *)m)->cells, bytes, &address)))
    return PLAN_(alloc_slow)(m, type, bytes);
  object_init(address, type, plan_new_word(m));
  return (gc_ref){address};
}
#elif !defined(PLAN_OWN_ALLOC)
static GC_INLINE gc_ref plan_alloc(struct gc_mutator *m, uint32_t type, size_t bytes) {
  if (GC_LIKELY(bytes <= PLAN_LARGE_BYTES)) {
    uintptr_t address;
    if (GC_LIKELY(tlab_bump(&m->tlab, bytes, &address))) {
      object_init(address, type, plan_new_word(m));
      return (gc_ref){address};
    }
  }
  return PLAN_(alloc_slow)(m, type, bytes);
}
#endif

/* ---- fields: what a load returns, and what surrounds a store ---- */

#ifndef PLAN_OWN_LOAD
static GC_INLINE gc_ref plan_load(struct gc_mutator *m, gc_ref object, gc_field *field) {
  (void)m, (void)object;
  /* acquire: pairs with the release in plan_store of another mutator */
  return (gc_ref){atomic_load_explicit(&field->bits, memory_order_acquire)};
}
#endif

/* Reads the target of a weak reference, or the key or value of an ephemeron, which the collector may be about to
 * clear.  Target and key are never coloured (trace/weak.h): a plan whose load heals the field has its own. */
#ifndef PLAN_OWN_WEAK_LOAD
static GC_INLINE gc_ref plan_weak_load(struct gc_mutator *m, gc_ref object, gc_field *field) {
  return plan_load(m, object, field);
}
#endif

/* The bits that a field holds for a reference. */
#ifndef PLAN_OWN_COLOUR
static GC_INLINE uintptr_t plan_colour(struct gc_mutator *m, gc_ref value) {
  (void)m;
  return value.bits;
}
#endif

/* What a field's bits refer to, without healing or shading; for compare-and-swap. */
#ifndef PLAN_OWN_UNCOLOUR
static GC_INLINE gc_ref plan_uncolour(uintptr_t bits) { return (gc_ref){bits}; }
#endif

#ifndef PLAN_OWN_BEFORE_STORE
static GC_INLINE void plan_before_store(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref value) {
  (void)m, (void)object, (void)field, (void)value;
}
#endif

/* `old` is what the field held; valid only if the plan defines PLAN_STORE_EXCHANGES. */
#ifndef PLAN_OWN_AFTER_STORE
static GC_INLINE void plan_after_store(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref old, gc_ref value) {
  (void)m, (void)object, (void)field, (void)old, (void)value;
}
#endif

/* A store into an object that no other thread has seen, before the next allocation or poll. */
#ifndef PLAN_OWN_INIT_STORE
static GC_INLINE void plan_init_store(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref value) {
  (void)object;
  atomic_store_explicit(&field->bits, plan_colour(m, value), memory_order_relaxed);
}
#endif

#ifndef PLAN_OWN_STORE
static GC_INLINE void plan_store(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref value) {
  plan_before_store(m, object, field, value);
  GC_STEP("store after its barrier");
#ifdef PLAN_STORE_EXCHANGES
  /* acq_rel: release pairs with plan_load's acquire; acquire lets the plan read the old object */
  uintptr_t old = atomic_exchange_explicit(&field->bits, plan_colour(m, value), memory_order_acq_rel);
  plan_after_store(m, object, field, plan_uncolour(old), value);
#else
  if (GC_MUTANT(store_unordered))
    atomic_store_explicit(&field->bits, plan_colour(m, value), memory_order_relaxed);
  else /* release: publishes the object that `value` refers to; pairs with the acquire in plan_load */
    atomic_store_explicit(&field->bits, plan_colour(m, value), memory_order_release);
  plan_after_store(m, object, field, GC_NULL, value);
#endif
}
#endif

#ifndef PLAN_OWN_SWAP
static GC_INLINE gc_ref plan_swap(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref value) {
  plan_load(m, object, field); /* heals, where the plan heals */
  plan_before_store(m, object, field, value);
  gc_ref old = plan_uncolour(atomic_exchange_explicit(&field->bits, plan_colour(m, value), memory_order_acq_rel));
  plan_after_store(m, object, field, old, value);
  return old;
}
#endif

/* Stores `value` if the field refers to `expected`; returns whether it did. */
#ifndef PLAN_OWN_CAS
static GC_INLINE bool plan_cas(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref expected, gc_ref value) {
  for (;;) {
    if (plan_load(m, object, field).bits != expected.bits) /* heals before it compares */
      return false;
    uintptr_t seen = atomic_load_explicit(&field->bits, memory_order_relaxed);
    if (plan_uncolour(seen).bits != expected.bits)
      return false;
    plan_before_store(m, object, field, value);
    if (atomic_compare_exchange_strong_explicit(&field->bits, &seen, plan_colour(m, value), memory_order_acq_rel,
                                                memory_order_relaxed)) {
      plan_after_store(m, object, field, expected, value);
      return true;
    }
#ifdef PLAN_OWN_CAS_FAILED
    plan_cas_failed(m, value);
#endif
  }
}
#endif

/* Copies `count` references between objects, or within one: overlapping runs are moved as memmove would. */
#ifndef PLAN_OWN_COPY
static GC_INLINE void plan_copy(struct gc_mutator *m, gc_ref to, gc_field *to_field, gc_ref from, gc_field *from_field,
                                size_t count) {
  if (to_field <= from_field)
    for (size_t i = 0; i < count; i++)
      plan_store(m, to, to_field + i, plan_load(m, from, from_field + i));
  else
    for (size_t i = count; i-- > 0;)
      plan_store(m, to, to_field + i, plan_load(m, from, from_field + i));
}
#endif

/* ---- the rest ---- */

#ifndef PLAN_OWN_SAME
static GC_INLINE bool plan_same(struct gc_mutator *m, gc_ref a, gc_ref b) {
  (void)m;
  return a.bits == b.bits;
}
#endif

#ifndef PLAN_OWN_ROOT_SET
static GC_INLINE void plan_root_set(struct gc_mutator *m, gc_root *root, gc_ref value) {
  (void)m;
  root->bits = value.bits;
}
#endif

/* Called before a frame of `count` roots is unlinked. */
#ifndef PLAN_OWN_POP
static GC_INLINE void plan_pop(struct gc_mutator *m, gc_root *roots, size_t count) {
  (void)m, (void)roots, (void)count;
}
#endif

/* `object` has become the key of an ephemeron, so what the ephemeron's value refers to may now depend on it. */
#ifndef PLAN_OWN_BECOMES_KEY
static GC_INLINE void plan_becomes_key(struct gc_mutator *m, gc_ref object) { (void)m, (void)object; }
#endif

/* The finalizer queue hands `object` to the program and no longer refers to it itself. */
#ifndef PLAN_OWN_TAKEN
static GC_INLINE void plan_taken(struct gc_mutator *m, gc_ref object) { (void)m, (void)object; }
#endif

/* The mutator declares an object dead.  Only plans whose deaths are known act on it. */
#ifndef PLAN_OWN_FREE
static GC_INLINE void plan_free(struct gc_mutator *m, gc_ref object) { (void)m, (void)object; }
#endif

#endif
