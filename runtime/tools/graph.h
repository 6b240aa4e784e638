/* graph.h -- a heap as a directed graph in arrays, which every tool reads.
 *
 * Node 0 stands for all roots: an edge of it is a root.  The other nodes are objects, the reachable ones first; edges
 * of a node stand together, in the order of its fields:
 *
 *     nodes   | 0 roots | 1 … reachable-1: objects | reachable … count-1: garbage that is not freed yet |
 *     edges   | of 0 | of 1 | of 2 | …             nodes[i].first_edge ≤ edge < nodes[i + 1].first_edge
 *
 * Made with the world stopped (take.h) or by hand (tests), read by one thread at leisure: the heap may run on and move,
 * so an address is no more than a name here.  A node takes 32 bytes and an edge 8; none of it is the heap's. */
#ifndef GC_TOOLS_GRAPH_H
#define GC_TOOLS_GRAPH_H

#include <stdint.h>

#include "runtime/base/compiler.h"

enum { GRAPH_ROOTS = 0 };
#define GRAPH_NONE UINT32_MAX

struct graph_node {
  uintptr_t address;
  size_t bytes;      /* header included */
  size_t first_edge;
  uint32_t type;     /* of the header: with the site, where a profile put one there (profile.h) */
  uint32_t in_edges; /* edges to this node: its reference count as the heap sees it */
};

struct graph_edge {
  uint32_t target;
  uint32_t place; /* of objects: the field's offset / 8; of GRAPH_ROOTS: index in graph.roots */
};

struct graph_root {
  enum graph_root_kind { GRAPH_ROOT_GLOBALS, GRAPH_ROOT_LOCAL, GRAPH_ROOT_DUE_FINALIZER, GRAPH_ROOT_GARBAGE } kind;
  unsigned mutator, frame, index; /* of a local: frame 0 is the innermost */
};

struct graph {
  struct graph_node *nodes; /* count, and one more that ends the last one's edges */
  struct graph_edge *edges;
  struct graph_root *roots;
  size_t count, reachable, edge_count, root_count;
  size_t node_capacity, edge_capacity, root_capacity;
  bool out_of_memory; /* something is missing; set once, by any of the functions that add */
};

/* ---- making: nodes in any order before their edges; edges node by node, in the order of the nodes ---- */

/* A graph of GRAPH_ROOTS alone. */
void graph_init(struct graph *graph);
void graph_fini(struct graph *graph);

/* The new node's number, or GRAPH_NONE. */
uint32_t graph_add_node(struct graph *graph, uintptr_t address, size_t bytes, uint32_t type);
/* The edges that are added from now on are those of `node`. */
void graph_begin_edges(struct graph *graph, uint32_t node);
void graph_add_edge(struct graph *graph, uint32_t target, uint32_t place);
void graph_add_root(struct graph *graph, uint32_t target, struct graph_root root);
/* After the last edge: drops those whose target is GRAPH_NONE, and counts the others in. */
void graph_finish(struct graph *graph);

/* ---- reading ---- */

static inline size_t graph_edges_begin(const struct graph *graph, uint32_t node) {
  return graph->nodes[node].first_edge;
}
static inline size_t graph_edges_end(const struct graph *graph, uint32_t node) {
  return graph->nodes[node + 1].first_edge;
}

/* The node of the object at `address`, or GRAPH_NONE.  Looks at every node. */
uint32_t graph_find(const struct graph *graph, uintptr_t address);

/* The edges, turned around: sources[first[i]] … are the nodes that refer to node i, once for each edge. */
struct graph_reverse {
  size_t *first;     /* count + 1 */
  uint32_t *sources;
};
bool graph_reverse_init(struct graph_reverse *reverse, const struct graph *graph);
void graph_reverse_fini(struct graph_reverse *reverse);

#endif
