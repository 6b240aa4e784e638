/* generational/plan.h -- bump allocation in a nursery, a store barrier that remembers old-to-young references. */
#ifndef GC_PLAN_GENERATIONAL_H
#define GC_PLAN_GENERATIONAL_H

#define PLAN_OWN_BEFORE_STORE
#define PLAN_MOVES 1
#define PLAN_LARGE_BYTES 4096

#include "runtime/barrier/young_barrier.h"
#include "runtime/plan.h"

struct plan_mutator {
  struct gc_mutator base;
  struct young_barrier young;
};

static GC_INLINE void plan_before_store(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref value) {
  young_barrier_before_store(&((struct plan_mutator *)m)->young, object, field, value);
}

#include "runtime/plan_default.h"

#endif
