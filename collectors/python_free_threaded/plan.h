/* python_free_threaded/plan.h -- CPython's free-threaded build: biased counts, several mutators, and collections of the
 * whole heap for what only cycles keep.
 *
 * Every field and rooted local counts, references in registers do not.  The thread that made an object counts it with
 * plain instructions.  A drop that may be the last waits: for a rooted local until this thread's next poll, since
 * nobody else can have read it there; for a field until every thread has polled.  So what is found dead is known to
 * nobody.  README.md says why. */
#ifndef GC_PLAN_PYTHON_FREE_THREADED_H
#define GC_PLAN_PYTHON_FREE_THREADED_H

#define PLAN_LARGE_BYTES (CELL_MAX_BYTES - BIASED_BYTES)
#define PLAN_STORE_EXCHANGES
#define PLAN_OWN_ALLOC
#define PLAN_OWN_WEAK_LOAD
#define PLAN_OWN_INIT_STORE
#define PLAN_OWN_BEFORE_STORE
#define PLAN_OWN_AFTER_STORE
#define PLAN_OWN_CAS_FAILED
#define PLAN_OWN_ROOT_SET
#define PLAN_OWN_POP
#define PLAN_OWN_TAKEN

#include "runtime/barrier/biased.h"
#include "runtime/barrier/newborn.h"
#include "runtime/base/mutant.h"
#include "runtime/heap/cell_space.h"
#include "runtime/object/type.h"
#include "runtime/plan.h"
#include "runtime/stats/tally.h"
#include "runtime/trace/rc_delay.h"

struct plan_mutator {
  struct gc_mutator base;
  uint32_t owner;    /* its number, as the plan words of its objects hold it (barrier/biased.h) */
  int32_t balance;   /* objects that may be in cycles: made, less freed, since it was last added to the heap's */
  struct newborn_slot newborn;
  struct cell_cache cells;
  struct rc_buffer locals; /* drops for rooted locals, and others that may be applied at this thread's next poll */
  struct rc_delay fields;  /* drops for fields, and memory to be freed (DELAYED_MEMORY) */
  struct rc_buffer dead;   /* nothing refers to them: to be taken apart */
};

/* The halves that are not inlined (free_threaded.c).  None reaches a safepoint. */
void PLAN_(take_slow)(gc_ref value, uint32_t owner);
void PLAN_(drop_newborn)(struct gc_mutator *m) GC_COLD;
gc_ref PLAN_(weak_load)(struct gc_mutator *m, gc_field *field);

static GC_INLINE struct plan_mutator *plan_owner(struct gc_mutator *m) { return (struct plan_mutator *)m; }

static GC_INLINE void plan_take(struct gc_mutator *base, gc_ref value) {
  struct plan_mutator *m = plan_owner(base);
  if (gc_is_null(value))
    return;
  TALLY(rc_increments);
  if (GC_UNLIKELY(!biased_take_own(value, m->owner)))
    PLAN_(take_slow)(value, m->owner);
}

/* A reference that no other thread can have read. */
static GC_INLINE void plan_drop_local(struct gc_mutator *base, gc_ref old) {
  struct plan_mutator *m = plan_owner(base);
  if (gc_is_null(old))
    return;
  TALLY(rc_decrements);
  if (GC_UNLIKELY(!biased_drop_own(old, m->owner)))
    rc_buffer_push(&m->locals, old.bits);
}

static GC_INLINE void plan_drop_field(struct gc_mutator *base, gc_ref old) {
  if (gc_is_null(old))
    return;
  TALLY(rc_decrements);
  rc_delay_push(&plan_owner(base)->fields, old.bits);
}

/* ---- allocation ---- */

/* At the next allocation no register refers to the previous object any more: if nothing counts it, it is dead. */
static GC_INLINE void plan_settle_newborn(struct gc_mutator *base) {
  if (GC_UNLIKELY(biased_local(biased_word(plan_owner(base)->newborn.object)) == 0))
    PLAN_(drop_newborn)(base);
}

/* Writes the header of an object whose cell is `block` and zeroed: so are its shared count and its references. */
static GC_INLINE gc_ref plan_place(struct plan_mutator *m, uintptr_t block, uint32_t type) {
  m->balance += !gc_types[type].acyclic;
  object_init(block + BIASED_BYTES, type, m->owner);
  return m->newborn.object = (gc_ref){block + BIASED_BYTES};
}

static GC_INLINE gc_ref plan_alloc(struct gc_mutator *base, uint32_t type, size_t bytes) {
  struct plan_mutator *m = plan_owner(base);
  uintptr_t block;
  plan_settle_newborn(base);
  if (GC_UNLIKELY(bytes > PLAN_LARGE_BYTES || !cell_bump(&m->cells, bytes + BIASED_BYTES, &block)))
    return PLAN_(alloc_slow)(base, type, bytes);
  return plan_place(m, block, type);
}

/* ---- fields: the new value is counted before another thread can see it, and may drop it ---- */

static GC_INLINE void plan_before_store(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref value) {
  (void)object, (void)field;
  plan_take(m, value);
}
static GC_INLINE void plan_after_store(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref old, gc_ref value) {
  (void)object, (void)field, (void)value;
  plan_drop_field(m, old);
}
static GC_INLINE void plan_cas_failed(struct gc_mutator *m, gc_ref value) { plan_drop_local(m, value); }

static GC_INLINE void plan_init_store(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref value) {
  (void)object;
  plan_take(m, value);
  field_set_bits(field, value.bits);
}

/* An object that only weak references refer to may die at any moment. */
static GC_INLINE gc_ref plan_weak_load(struct gc_mutator *m, gc_ref object, gc_field *field) {
  (void)object;
  return PLAN_(weak_load)(m, field);
}

/* ---- rooted locals ---- */

static GC_INLINE void plan_root_set(struct gc_mutator *m, gc_root *root, gc_ref value) {
  gc_ref old = {root->bits};
  plan_take(m, value);
  root->bits = value.bits;
  plan_drop_local(m, old);
}

static GC_INLINE void plan_pop(struct gc_mutator *m, gc_root *roots, size_t count) {
  for (size_t i = 0; i < count; i++)
    plan_drop_local(m, (gc_ref){roots[i].bits});
}

/* The queue's own count is given up. */
static GC_INLINE void plan_taken(struct gc_mutator *m, gc_ref object) { plan_drop_local(m, object); }

#include "runtime/plan_default.h"

#endif
