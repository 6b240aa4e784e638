/* paths.h -- why is it alive: the shortest way from a root to an object; and all that can be reached from one.
 *
 * Breadth first, so each way is a shortest one; of equal ones, the first in the order of roots and fields.  One thread;
 * the heap may run. */
#ifndef GC_TOOLS_PATHS_H
#define GC_TOOLS_PATHS_H

#include "runtime/tools/graph.h"

/* The shortest ways to all nodes that can be reached from `from`. */
struct paths {
  const struct graph *graph;
  uint32_t from;
  uint32_t *parents; /* the node before; GRAPH_NONE: not reached; of `from`: itself */
  size_t *edges;     /* the edge from there */
  uint32_t *reached; /* in the order of distance; [0] is `from` */
  size_t reached_count;
};

bool paths_init(struct paths *paths, const struct graph *graph, uint32_t from);
void paths_fini(struct paths *paths);

static inline bool paths_reaches(const struct paths *paths, uint32_t node) {
  return paths->parents[node] != GRAPH_NONE;
}
/* The number of edges of the way to `node`, which is reached. */
size_t paths_length(const struct paths *paths, uint32_t node);
/* Bytes of all that is reached, each object once: the deep size of `from`. */
size_t paths_bytes(const struct paths *paths);

#endif
