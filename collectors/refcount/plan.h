/* refcount/plan.h -- immediate reference counting: every field and rooted local counts, registers do not.
 *
 * While one mutator is attached it counts with plain loads and stores, and an object that reaches zero waits in
 * its queue for the next poll.  Where several share the heap, increments are atomic and at once; decrements are
 * written down and applied after the thread's next poll (rooted locals), or after every thread's (fields), so that
 * nobody's uncounted reference can outlive its object.  README.md says why. */
#ifndef GC_PLAN_REFCOUNT_H
#define GC_PLAN_REFCOUNT_H

#define PLAN_LARGE_BYTES CELL_MAX_BYTES
#define PLAN_OWN_ALLOC
#define PLAN_OWN_WEAK_LOAD
#define PLAN_OWN_INIT_STORE
#define PLAN_OWN_BEFORE_STORE
#define PLAN_OWN_AFTER_STORE
#define PLAN_OWN_STORE
#define PLAN_OWN_CAS_FAILED
#define PLAN_OWN_ROOT_SET
#define PLAN_OWN_POP
#define PLAN_OWN_TAKEN
#define PLAN_OWN_BECOMES_KEY

#include "runtime/barrier/newborn.h"
#include "runtime/barrier/rc.h"
#include "runtime/base/mutant.h"
#include "runtime/heap/cell_space.h"
#include "runtime/object/type.h"
#include "runtime/plan.h"
#include "runtime/stats/tally.h"
#include "runtime/trace/rc_buffer.h"

/* What one thread, or the stopped world, has found and not yet acted on. */
struct refcount_queues {
  struct rc_buffer zeros;       /* at zero, or found so; dead if they still are when no register counts any more */
  struct rc_buffer locals;      /* shared: decrements for rooted locals, to be applied at the thread's next poll */
  struct rc_buffer overwritten; /* shared: decrements for fields, to be applied after every thread's next poll */
  struct rc_buffer suspects;    /* purple objects, and husks that wait for their entry to go */
};

struct plan_mutator {
  struct gc_mutator base;
  bool alone;                  /* no other mutator is attached; changes at stops only */
  uint32_t born_green;         /* RC_GREEN if this heap suspects nobody */
  struct newborn_slot newborn; /* its object is in no queue */
  struct cell_cache cells;
  struct refcount_queues queues;
  size_t filter_chunks; /* of suspects: when so many are full, look which are suspects still */
};

/* The halves that are not inlined (refcount.c).  None reaches a safepoint. */
void PLAN_(inc_shared)(gc_ref value);
void PLAN_(drop_alone)(struct gc_mutator *m, gc_ref object);
void PLAN_(drop_newborn)(struct gc_mutator *m) GC_COLD;
void PLAN_(store_shared)(struct gc_mutator *m, gc_field *field, gc_ref value);
void PLAN_(drop_field_shared)(struct gc_mutator *m, gc_ref old);
void PLAN_(drop_locals_shared)(struct gc_mutator *m, const gc_root *roots, size_t count);
gc_ref PLAN_(weak_load_shared)(struct gc_mutator *m, gc_field *field);

static GC_INLINE struct plan_mutator *plan_counting(struct gc_mutator *m) { return (struct plan_mutator *)m; }

static GC_INLINE void plan_count(struct plan_mutator *m, gc_ref value) {
  if (gc_is_null(value))
    return;
  TALLY(rc_increments);
  if (GC_LIKELY(m->alone))
    rc_inc_alone(value);
  else
    PLAN_(inc_shared)(value);
}

static GC_INLINE void plan_uncount_alone(struct plan_mutator *m, gc_ref old) {
  if (gc_is_null(old))
    return;
  TALLY(rc_decrements);
  if (!rc_dec_alone_fast(old))
    PLAN_(drop_alone)(&m->base, old);
}

/* ---- allocation ---- */

/* At the next allocation no register refers to the previous object any more: if nothing counts it, it is dead. */
static GC_INLINE void plan_settle_newborn(struct plan_mutator *m) {
  if (GC_UNLIKELY(!(m->alone ? rc_unqueue_alone(m->newborn.object) : rc_unqueue_shared(m->newborn.object))))
    PLAN_(drop_newborn)(&m->base);
}

static GC_INLINE uint32_t plan_newborn_word(struct plan_mutator *m, uint32_t type) {
  return rc_newborn_word(gc_types[type].acyclic || GC_MUTANT(rc_born_green)) | m->born_green;
}

static GC_INLINE gc_ref plan_alloc(struct gc_mutator *base, uint32_t type, size_t bytes) {
  struct plan_mutator *m = plan_counting(base);
  uintptr_t address;
  plan_settle_newborn(m);
  if (GC_UNLIKELY(bytes > PLAN_LARGE_BYTES || !cell_bump(&m->cells, bytes, &address)))
    return PLAN_(alloc_slow)(base, type, bytes);
  object_init(address, type, plan_newborn_word(m, type));
  return m->newborn.object = (gc_ref){address};
}

/* ---- fields ---- */

static GC_INLINE void plan_store(struct gc_mutator *base, gc_ref object, gc_field *field, gc_ref value) {
  struct plan_mutator *m = plan_counting(base);
  (void)object;
  if (GC_UNLIKELY(!m->alone)) {
    PLAN_(store_shared)(base, field, value);
    return;
  }
  gc_ref old = {field_bits(field)};
  if (!gc_is_null(value)) {
    TALLY(rc_increments);
    rc_inc_alone(value); /* before the decrement: `old` may be `value` */
  }
  atomic_store_explicit(&field->bits, value.bits, memory_order_release); /* pairs with the acquire in plan_load */
  if (!GC_MUTANT(rc_old_value_kept))
    plan_uncount_alone(m, old);
}

/* The new value is counted before another thread can see it: its last other count may be dropped at any time. */
static GC_INLINE void plan_before_store(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref value) {
  (void)object, (void)field;
  plan_count(plan_counting(m), value);
}
static GC_INLINE void plan_after_store(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref old, gc_ref value) {
  (void)object, (void)field, (void)value;
  if (GC_LIKELY(plan_counting(m)->alone))
    plan_uncount_alone(plan_counting(m), old);
  else if (!gc_is_null(old))
    PLAN_(drop_field_shared)(m, old);
}
static GC_INLINE void plan_cas_failed(struct gc_mutator *m, gc_ref value) {
  plan_after_store(m, GC_NULL, NULL, value, GC_NULL);
}

static GC_INLINE void plan_init_store(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref value) {
  (void)object;
  if (!GC_MUTANT(rc_init_store_uncounted))
    plan_count(plan_counting(m), value);
  field_set_bits(field, value.bits);
}

/* An object that only weak references refer to may be freed at any moment by another thread. */
static GC_INLINE gc_ref plan_weak_load(struct gc_mutator *m, gc_ref object, gc_field *field) {
  (void)object;
  if (GC_UNLIKELY(!plan_counting(m)->alone))
    return PLAN_(weak_load_shared)(m, field);
  return (gc_ref){field_bits(field)};
}

/* ---- rooted locals ---- */

static GC_INLINE void plan_root_set(struct gc_mutator *base, gc_root *root, gc_ref value) {
  struct plan_mutator *m = plan_counting(base);
  gc_root old = *root;
  plan_count(m, value);
  root->bits = value.bits;
  if (GC_LIKELY(m->alone))
    plan_uncount_alone(m, (gc_ref){old.bits});
  else
    PLAN_(drop_locals_shared)(base, &old, 1);
}

static GC_INLINE void plan_pop(struct gc_mutator *base, gc_root *roots, size_t count) {
  struct plan_mutator *m = plan_counting(base);
  if (GC_UNLIKELY(!m->alone)) {
    PLAN_(drop_locals_shared)(base, roots, count);
    return;
  }
  for (size_t i = GC_MUTANT(rc_pop_forgets_first); i < count; i++)
    plan_uncount_alone(m, (gc_ref){roots[i].bits});
}

static GC_INLINE void plan_taken(struct gc_mutator *m, gc_ref object) {
  gc_root queue = {object.bits};
  plan_pop(m, &queue, 1);
}

/* A value may refer to its own key: a cycle, whatever the key's type. */
static GC_INLINE void plan_becomes_key(struct gc_mutator *m, gc_ref object) {
  if (!plan_counting(m)->born_green)
    atomic_fetch_and_explicit(header_plan_word(object), ~(uint32_t)RC_GREEN, memory_order_relaxed);
}

#include "runtime/plan_default.h"

#endif
