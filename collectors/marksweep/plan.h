/* marksweep/plan.h -- cells of one size per block, no barriers: a stopped, parallel, non-moving collector. */
#ifndef GC_PLAN_MARKSWEEP_H
#define GC_PLAN_MARKSWEEP_H

#define PLAN_OWN_ALLOC
#define PLAN_LARGE_BYTES CELL_MAX_BYTES

#include "runtime/heap/cell_space.h"
#include "runtime/plan.h"

struct plan_mutator {
  struct gc_mutator base;
  struct cell_cache cells;
};

static GC_INLINE gc_ref plan_alloc(struct gc_mutator *m, uint32_t type, size_t bytes) {
  uintptr_t address;
  if (GC_UNLIKELY(bytes > PLAN_LARGE_BYTES || !cell_bump(&((struct plan_mutator *)m)->cells, bytes, &address)))
    return PLAN_(alloc_slow)(m, type, bytes);
  object_init(address, type, 0);
  return (gc_ref){address};
}

#include "runtime/plan_default.h"

#endif
