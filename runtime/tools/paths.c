#include "runtime/tools/paths.h"

#include <stdlib.h>
#include <string.h>

bool paths_init(struct paths *paths, const struct graph *graph, uint32_t from) {
  *paths = (struct paths){.graph = graph, .from = from};
  paths->parents = malloc(graph->count * sizeof *paths->parents);
  paths->edges = malloc(graph->count * sizeof *paths->edges);
  paths->reached = malloc(graph->count * sizeof *paths->reached);
  if (!paths->parents || !paths->edges || !paths->reached) {
    paths_fini(paths);
    return false;
  }
  memset(paths->parents, 0xff, graph->count * sizeof *paths->parents); /* GRAPH_NONE */
  paths->parents[from] = from;
  paths->reached[paths->reached_count++] = from;
  for (size_t done = 0; done < paths->reached_count; done++) {
    uint32_t node = paths->reached[done];
    for (size_t e = graph_edges_begin(graph, node); e < graph_edges_end(graph, node); e++) {
      uint32_t target = graph->edges[e].target;
      if (paths_reaches(paths, target))
        continue;
      paths->parents[target] = node;
      paths->edges[target] = e;
      paths->reached[paths->reached_count++] = target;
    }
  }
  return true;
}

void paths_fini(struct paths *paths) {
  free(paths->parents);
  free(paths->edges);
  free(paths->reached);
  *paths = (struct paths){0};
}

size_t paths_length(const struct paths *paths, uint32_t node) {
  size_t length = 0;
  for (; node != paths->from; node = paths->parents[node])
    length++;
  return length;
}

size_t paths_bytes(const struct paths *paths) {
  size_t bytes = 0;
  for (size_t i = 0; i < paths->reached_count; i++)
    bytes += paths->graph->nodes[paths->reached[i]].bytes;
  return bytes;
}
