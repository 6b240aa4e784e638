#include "runtime/tools/graph.h"

#include <stdlib.h>

#include "runtime/base/check.h"

enum { LEAST_CAPACITY = 256 };

/* Makes room for one element more than `count`.  False if memory was refused; the array is as it was. */
static bool make_room(void **array, size_t element_bytes, size_t count, size_t *capacity) {
  if (count < *capacity)
    return true;
  size_t wanted = *capacity ? *capacity * 2 : LEAST_CAPACITY;
  void *grown = realloc(*array, wanted * element_bytes);
  if (!grown)
    return false;
  *array = grown;
  *capacity = wanted;
  return true;
}

void graph_init(struct graph *graph) {
  *graph = (struct graph){0};
  graph_add_node(graph, 0, 0, 0);
}

void graph_fini(struct graph *graph) {
  free(graph->nodes);
  free(graph->edges);
  free(graph->roots);
  *graph = (struct graph){0};
}

uint32_t graph_add_node(struct graph *graph, uintptr_t address, size_t bytes, uint32_t type) {
  /* one place more than there are nodes: for the end of the last one's edges */
  if (graph->out_of_memory || graph->count == GRAPH_NONE - 1 ||
      !make_room((void **)&graph->nodes, sizeof *graph->nodes, graph->count + 1, &graph->node_capacity)) {
    graph->out_of_memory = true;
    return GRAPH_NONE;
  }
  graph->nodes[graph->count] = (struct graph_node){.address = address, .bytes = bytes, .type = type};
  return (uint32_t)graph->count++;
}

void graph_begin_edges(struct graph *graph, uint32_t node) { graph->nodes[node].first_edge = graph->edge_count; }

void graph_add_edge(struct graph *graph, uint32_t target, uint32_t place) {
  if (graph->out_of_memory ||
      !make_room((void **)&graph->edges, sizeof *graph->edges, graph->edge_count, &graph->edge_capacity)) {
    graph->out_of_memory = true;
    return;
  }
  graph->edges[graph->edge_count++] = (struct graph_edge){target, place};
}

void graph_add_root(struct graph *graph, uint32_t target, struct graph_root root) {
  if (!make_room((void **)&graph->roots, sizeof *graph->roots, graph->root_count, &graph->root_capacity)) {
    graph->out_of_memory = true;
    return;
  }
  graph->roots[graph->root_count] = root;
  graph_add_edge(graph, target, (uint32_t)graph->root_count++);
}

void graph_finish(struct graph *graph) {
  if (graph->out_of_memory)
    return;
  graph->nodes[graph->count].first_edge = graph->edge_count;
  size_t kept = 0;
  for (uint32_t node = 0; node < graph->count; node++) {
    size_t edge = graph->nodes[node].first_edge, end = graph->nodes[node + 1].first_edge;
    graph->nodes[node].first_edge = kept;
    for (; edge < end; edge++)
      if (graph->edges[edge].target != GRAPH_NONE) {
        graph->edges[kept++] = graph->edges[edge];
        graph->nodes[graph->edges[edge].target].in_edges++;
      }
  }
  graph->nodes[graph->count].first_edge = graph->edge_count = kept;
}

uint32_t graph_find(const struct graph *graph, uintptr_t address) {
  for (uint32_t node = 1; node < graph->count; node++)
    if (graph->nodes[node].address == address)
      return node;
  return GRAPH_NONE;
}

bool graph_reverse_init(struct graph_reverse *reverse, const struct graph *graph) {
  reverse->first = calloc(graph->count + 2, sizeof *reverse->first);
  reverse->sources = malloc((graph->edge_count + 1) * sizeof *reverse->sources);
  if (!reverse->first || !reverse->sources) {
    graph_reverse_fini(reverse);
    return false;
  }
  /* first[i + 1] is where the next source of i goes, so that in the end it is where those of i + 1 begin */
  for (size_t i = 0; i < graph->count; i++)
    reverse->first[i + 2] = reverse->first[i + 1] + graph->nodes[i].in_edges;
  for (uint32_t node = 0; node < graph->count; node++)
    for (size_t e = graph_edges_begin(graph, node); e < graph_edges_end(graph, node); e++)
      reverse->sources[reverse->first[graph->edges[e].target + 1]++] = node;
  return true;
}

void graph_reverse_fini(struct graph_reverse *reverse) {
  free(reverse->first);
  free(reverse->sources);
  *reverse = (struct graph_reverse){0};
}
