/* random_graph.h -- graphs for the tests of runtime/tools: by hand, or random with everything that may be odd about a
 * heap: parts that nothing reaches, several edges between the same two, objects that refer to themselves. */
#ifndef TESTS_RUNTIME_TOOLS_RANDOM_GRAPH_H
#define TESTS_RUNTIME_TOOLS_RANDOM_GRAPH_H

#include "runtime/base/rng.h"
#include "runtime/tools/graph.h"

struct hand_edge {
  uint32_t source, target;
};

/* Nodes 1 … count - 1 of 16, 32, 48 … bytes, by turns of seven; `edges` sorted by source. */
static inline void hand_graph(struct graph *graph, uint32_t count, const struct hand_edge *edges, size_t edge_count) {
  graph_init(graph);
  for (uint32_t node = 1; node < count; node++)
    graph_add_node(graph, 0x1000 + 16 * node, 16 + 16 * (node % 7), 16 + node % 3);
  for (uint32_t node = 0, e = 0; node < count; node++) {
    graph_begin_edges(graph, node);
    for (; e < edge_count && edges[e].source == node; e++)
      if (node == GRAPH_ROOTS)
        graph_add_root(graph, edges[e].target, (struct graph_root){GRAPH_ROOT_LOCAL, .index = e});
      else
        graph_add_edge(graph, edges[e].target, 1 + e);
  }
  graph->reachable = graph->count;
  graph_finish(graph);
}

enum { RANDOM_NODES_MOST = 40, RANDOM_EDGES_MOST = 120 };

/* Node 0 has no edge to it. */
static inline void random_graph(struct graph *graph, uint64_t *random) {
  struct hand_edge edges[RANDOM_EDGES_MOST];
  uint32_t count = 2 + (uint32_t)rng_below(random, RANDOM_NODES_MOST - 2);
  size_t wanted = rng_below(random, count * 3), edge_count = 0;
  for (uint32_t source = 0; source < count; source++)
    for (size_t i = rng_below(random, 2 * wanted / count + 2); i > 0 && edge_count < RANDOM_EDGES_MOST; i--)
      edges[edge_count++] = (struct hand_edge){source, 1 + (uint32_t)rng_below(random, count - 1)};
  hand_graph(graph, count, edges, edge_count);
}

/* Marks what `from` reaches without passing `avoided`, by going over all edges until nothing changes. */
static inline void mark_reached(const struct graph *graph, uint32_t from, uint32_t avoided, bool *reached) {
  for (uint32_t node = 0; node < graph->count; node++)
    reached[node] = node == from && node != avoided;
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t node = 0; node < graph->count; node++)
      for (size_t e = graph_edges_begin(graph, node); reached[node] && e < graph_edges_end(graph, node); e++) {
        uint32_t target = graph->edges[e].target;
        if (target != avoided && !reached[target])
          reached[target] = changed = true;
      }
  }
}

#endif
