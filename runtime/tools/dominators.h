/* dominators.h -- what would die with an object: immediate dominators, and the bytes that each object retains.
 *
 * Lengauer and Tarjan 1979, the simple form: O(edges · log nodes) whatever the shape.  (The iterative form of Cooper,
 * Harvey and Kennedy is shorter, but quadratic for a doubly linked list with pointers to both ends, and every cache has
 * one.)  Arrays, no recursion.  One thread; the heap may run. */
#ifndef GC_TOOLS_DOMINATORS_H
#define GC_TOOLS_DOMINATORS_H

#include "runtime/tools/graph.h"

struct dominators {
  uint32_t *parents;      /* the immediate dominator; GRAPH_NONE: GRAPH_ROOTS itself, and what no root reaches */
  size_t *retained_bytes; /* of the node and of all that it dominates; 0 if no root reaches it */
};

bool dominators_init(struct dominators *dominators, const struct graph *graph);
void dominators_fini(struct dominators *dominators);

#endif
