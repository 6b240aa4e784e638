/* components.h -- the cycles of a graph: strongly connected components (Tarjan 1972), with an explicit stack.
 *
 * Counting alone never frees a component of several objects, or one object that refers to itself.  One thread; the heap
 * may run. */
#ifndef GC_TOOLS_COMPONENTS_H
#define GC_TOOLS_COMPONENTS_H

#include "runtime/tools/graph.h"

struct components {
  uint32_t *of;     /* for each node: the number of its component; edges between components lead to smaller numbers */
  uint32_t *sizes;  /* of each component: its nodes */
  bool *cyclic;     /* of each component: more than one node, or one that refers to itself */
  size_t count;
};

/* Of all nodes, garbage too. */
bool components_init(struct components *components, const struct graph *graph);
void components_fini(struct components *components);

#endif
