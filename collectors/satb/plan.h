/* satb/plan.h -- cells of one size per block; a store remembers what it overwrites while a cycle is marking. */
#ifndef GC_PLAN_SATB_H
#define GC_PLAN_SATB_H

#define PLAN_CELLS
#define PLAN_OWN_BEFORE_STORE
#define PLAN_OWN_WEAK_LOAD
#define PLAN_LARGE_BYTES CELL_MAX_BYTES

#include "runtime/barrier/satb.h"
#include "runtime/heap/cell_space.h"
#include "runtime/plan.h"

struct plan_mutator {
  struct gc_mutator base;
  struct satb_buffer satb;
  struct cell_cache cells;
};

static GC_INLINE void plan_before_store(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref value) {
  (void)object;
  satb_before_store(&((struct plan_mutator *)m)->satb, field, value);
}

/* What a weak reference yields becomes reachable, whatever the snapshot says. */
static GC_INLINE gc_ref plan_weak_load(struct gc_mutator *m, gc_ref object, gc_field *field) {
  (void)object;
  /* acquire: pairs with the release of the store that published the target */
  gc_ref target = {atomic_load_explicit(&field->bits, memory_order_acquire)};
  satb_after_weak_load(&((struct plan_mutator *)m)->satb, target);
  return target;
}

#include "runtime/plan_default.h"

#endif
