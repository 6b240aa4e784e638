/* plan.h -- what a plan header builds on.  A plan header has three parts, in this order:
 *     1. #define PLAN_OWN_<HOOK> for each hook of its own, and the constants that differ from plan_default.h;
 *     2. #include this file and its mechanisms; struct plan_mutator; its own hooks;
 *     3. #include "runtime/plan_default.h", which supplies every other hook. */
#ifndef GC_PLAN_H
#define GC_PLAN_H

#include "runtime/mutator/mutator.h"
#include "runtime/object/object.h"

/* PLAN_(alloc_slow) is marksweep_alloc_slow in the plan marksweep: what the plan's .c file defines. */
#define PLAN_(name) GC_CONCAT(GC_CONCAT(GC_PLAN, _), name)

/* Objects larger than PLAN_LARGE_BYTES, and whatever does not fit the window. */
gc_ref PLAN_(alloc_slow)(struct gc_mutator *m, uint32_t type, size_t bytes) GC_COLD;

#endif
