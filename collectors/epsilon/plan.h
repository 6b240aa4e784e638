/* epsilon/plan.h -- allocates, never collects: the floor that every other collector is measured against,
 * and the template to copy.  Every hook is the default: bump allocation, plain loads and stores. */
#ifndef GC_PLAN_EPSILON_H
#define GC_PLAN_EPSILON_H

#include "runtime/plan.h"

struct plan_mutator {
  struct gc_mutator base;
};

#include "runtime/plan_default.h"

#endif
