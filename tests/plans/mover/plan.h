/* mover/plan.h -- a skeleton that proves moving: every collection copies every small object to another block.
 *
 * Allocation bumps through blocks; hashes survive by growing the copy.  Large objects and globals stay, and so do
 * pinned objects: the block of one is kept, with nothing else alive in it, until a collection finds no pin there. */
#ifndef GC_PLAN_MOVER_H
#define GC_PLAN_MOVER_H

#define PLAN_MOVES 1

#include "runtime/plan.h"

struct plan_mutator {
  struct gc_mutator base;
};

#include "runtime/plan_default.h"

#endif
