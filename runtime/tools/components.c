#include "runtime/tools/components.h"

#include <stdlib.h>
#include <string.h>

struct walk {
  const struct graph *graph;
  uint32_t *number; /* of the depth-first walk; GRAPH_NONE: not visited */
  uint32_t *low;    /* the least number that is reached through the subtree and one edge back */
  uint32_t *path;   /* from the walk's root to where it is */
  uint32_t *open;   /* visited, and not yet in a component */
  size_t *edge;     /* the next edge to look at */
  uint32_t visited;
  size_t depth, open_count;
};

static bool walk_init(struct walk *walk, const struct graph *graph) {
  size_t count = graph->count;
  *walk = (struct walk){.graph = graph};
  walk->number = malloc(4 * count * sizeof *walk->number);
  walk->edge = malloc(count * sizeof *walk->edge);
  if (!walk->number || !walk->edge)
    return false;
  memset(walk->number, 0xff, count * sizeof *walk->number); /* GRAPH_NONE */
  walk->low = walk->number + count;
  walk->path = walk->low + count;
  walk->open = walk->path + count;
  return true;
}

static void walk_fini(struct walk *walk) {
  free(walk->number);
  free(walk->edge);
}

static void enter(struct walk *walk, uint32_t node) {
  walk->number[node] = walk->low[node] = walk->visited++;
  walk->edge[node] = graph_edges_begin(walk->graph, node);
  walk->path[walk->depth++] = node;
  walk->open[walk->open_count++] = node;
}

static void lower(struct walk *walk, uint32_t node, uint32_t value) {
  if (value < walk->low[node])
    walk->low[node] = value;
}

/* What is open from `node` on is a component. */
static void close_component(struct walk *walk, struct components *components, uint32_t node) {
  uint32_t number = (uint32_t)components->count++, member;
  do {
    member = walk->open[--walk->open_count];
    components->of[member] = number;
    components->sizes[number]++;
  } while (member != node);
  components->cyclic[number] |= components->sizes[number] > 1;
}

/* All edges of the innermost node of the path are done. */
static void leave(struct walk *walk, struct components *components) {
  uint32_t node = walk->path[--walk->depth];
  if (walk->low[node] == walk->number[node])
    close_component(walk, components, node);
  if (walk->depth)
    lower(walk, walk->path[walk->depth - 1], walk->low[node]);
}

static void walk_from(struct walk *walk, struct components *components, uint32_t start) {
  enter(walk, start);
  while (walk->depth) {
    uint32_t node = walk->path[walk->depth - 1];
    if (walk->edge[node] == graph_edges_end(walk->graph, node)) {
      leave(walk, components);
      continue;
    }
    uint32_t target = walk->graph->edges[walk->edge[node]++].target;
    if (walk->number[target] == GRAPH_NONE)
      enter(walk, target);
    else if (components->of[target] == GRAPH_NONE)
      lower(walk, node, walk->number[target]);
  }
}

static void mark_self_references(struct components *components, const struct graph *graph) {
  for (uint32_t node = 0; node < graph->count; node++)
    for (size_t e = graph_edges_begin(graph, node); e < graph_edges_end(graph, node); e++)
      if (graph->edges[e].target == node)
        components->cyclic[components->of[node]] = true;
}

bool components_init(struct components *components, const struct graph *graph) {
  struct walk walk;
  *components = (struct components){.of = malloc(graph->count * sizeof *components->of),
                                    .sizes = calloc(graph->count, sizeof *components->sizes),
                                    .cyclic = calloc(graph->count, sizeof *components->cyclic)};
  bool done = walk_init(&walk, graph) && components->of && components->sizes && components->cyclic;
  if (done) {
    memset(components->of, 0xff, graph->count * sizeof *components->of); /* GRAPH_NONE */
    for (uint32_t node = 0; node < graph->count; node++)
      if (walk.number[node] == GRAPH_NONE)
        walk_from(&walk, components, node);
    mark_self_references(components, graph);
  } else {
    components_fini(components);
  }
  walk_fini(&walk);
  return done;
}

void components_fini(struct components *components) {
  free(components->of);
  free(components->sizes);
  free(components->cyclic);
  *components = (struct components){0};
}
