/* marksweep/plan.h -- cells of one size per block, no barriers: a stopped, parallel, non-moving collector. */
#ifndef GC_PLAN_MARKSWEEP_H
#define GC_PLAN_MARKSWEEP_H

#define PLAN_CELLS
#define PLAN_LARGE_BYTES CELL_MAX_BYTES

#include "runtime/heap/cell_space.h"
#include "runtime/plan.h"

struct plan_mutator {
  struct gc_mutator base;
  struct cell_cache cells;
};

#include "runtime/plan_default.h"

#endif
