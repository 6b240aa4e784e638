/* bare/plan.h -- no collector and no object model: workloads become plain C (runtime/gc_bare.h). */
#ifndef GC_PLAN_BARE_H
#define GC_PLAN_BARE_H

#include "runtime/plan.h"

#define PLAN_BARE 1

struct plan_mutator {
  struct gc_mutator base;
};

#endif
