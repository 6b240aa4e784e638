/* tools.c -- the answers of gc_tools.h.  Each takes a graph, which the algorithms of this folder read while the program
 * runs on. */
#include "runtime/gc_tools.h"

#include <stdlib.h>

#include "runtime/cycle/heap.h"
#include "runtime/tools/components.h"
#include "runtime/tools/dominators.h"
#include "runtime/tools/leaks.h"
#include "runtime/tools/snapshot.h"
#include "runtime/tools/take.h"
#include "runtime/tools/words.h"

/* ---- one object ---- */

/* The graph around the object in `asked`.  What to answer if there is none: GC_UNKNOWN, or 0 for a null root. */
static bool take_around(struct graph *graph, struct gc_mutator *m, const gc_root *asked, uint32_t *node,
                        uint64_t *otherwise) {
  *otherwise = GC_UNKNOWN;
  if (!take_graph(graph, m->heap, m, TAKE_REACHABLE, asked, node))
    return false;
  *otherwise = 0;
  if (*node == GRAPH_NONE)
    graph_fini(graph);
  return *node != GRAPH_NONE;
}

uint64_t gc_sizeof(struct gc_mutator *m, const gc_root *object) {
  (void)m;
  return object->bits ? object_bytes((gc_ref){object->bits}) : 0;
}

uint64_t gc_sizeof_deep(struct gc_mutator *m, const gc_root *object) {
  struct graph graph;
  struct paths paths;
  uint32_t node;
  uint64_t bytes;
  if (!take_around(&graph, m, object, &node, &bytes))
    return bytes;
  bytes = GC_UNKNOWN;
  if (paths_init(&paths, &graph, node)) {
    bytes = paths_bytes(&paths);
    paths_fini(&paths);
  }
  graph_fini(&graph);
  return bytes;
}

/* What no other root reaches is all retained by the question's root; the rest has its dominators. */
static uint64_t retained_bytes(const struct graph *graph, const struct dominators *dominators, uint32_t node) {
  struct paths paths;
  uint64_t bytes = 0;
  if (dominators->retained_bytes[node])
    return dominators->retained_bytes[node];
  if (!paths_init(&paths, graph, node))
    return GC_UNKNOWN;
  for (size_t i = 0; i < paths.reached_count; i++)
    if (dominators->retained_bytes[paths.reached[i]] == 0)
      bytes += graph->nodes[paths.reached[i]].bytes;
  paths_fini(&paths);
  return bytes;
}

uint64_t gc_retained_bytes(struct gc_mutator *m, const gc_root *object) {
  struct graph graph;
  struct dominators dominators;
  uint32_t node;
  uint64_t bytes;
  if (!take_around(&graph, m, object, &node, &bytes))
    return bytes;
  bytes = GC_UNKNOWN;
  if (dominators_init(&dominators, &graph)) {
    bytes = retained_bytes(&graph, &dominators, node);
    dominators_fini(&dominators);
  }
  graph_fini(&graph);
  return bytes;
}

uint64_t gc_reference_count(struct gc_mutator *m, const gc_root *object) {
  struct graph graph;
  uint32_t node;
  uint64_t count;
  if (!take_around(&graph, m, object, &node, &count))
    return count;
  count = graph.nodes[node].in_edges;
  graph_fini(&graph);
  return count;
}

/* `told`: the end of the edge that the answer is about. */
static struct gc_reference describe(const struct graph *graph, uint32_t source, size_t edge, uint32_t told) {
  if (told == GRAPH_ROOTS)
    return (struct gc_reference){0};
  return (struct gc_reference){.type = gc_types[graph->nodes[told].type].name,
                               .offset_bytes = source == GRAPH_ROOTS ? 0 : 8 * (size_t)graph->edges[edge].place,
                               .id = graph->nodes[told].address};
}

uint64_t gc_referrers(struct gc_mutator *m, const gc_root *object, struct gc_reference *references, size_t limit) {
  struct graph graph;
  uint32_t node;
  uint64_t count;
  if (!take_around(&graph, m, object, &node, &count))
    return count;
  for (uint32_t source = 0; source < graph.count; source++)
    for (size_t edge = graph_edges_begin(&graph, source); edge < graph_edges_end(&graph, source); edge++)
      if (graph.edges[edge].target == node && count++ < limit)
        references[count - 1] = describe(&graph, source, edge, source);
  graph_fini(&graph);
  return count;
}

uint64_t gc_referents(struct gc_mutator *m, const gc_root *object, struct gc_reference *references, size_t limit) {
  struct graph graph;
  uint32_t node;
  uint64_t count;
  if (!take_around(&graph, m, object, &node, &count))
    return count;
  for (size_t edge = graph_edges_begin(&graph, node); edge < graph_edges_end(&graph, node); edge++)
    if (count++ < limit)
      references[count - 1] = describe(&graph, node, edge, graph.edges[edge].target);
  graph_fini(&graph);
  return count;
}

uint64_t gc_why_alive(struct gc_mutator *m, const gc_root *object, char *text, size_t text_bytes) {
  struct graph graph;
  struct paths paths;
  uint32_t node;
  uint64_t length;
  if (text_bytes)
    *text = '\0';
  if (!take_around(&graph, m, object, &node, &length))
    return length;
  length = GC_UNKNOWN;
  if (paths_init(&paths, &graph, GRAPH_ROOTS)) {
    length = 0;
    if (paths_reaches(&paths, node)) {
      length = paths_length(&paths, node);
      words_path(&paths, node, text, text_bytes);
    }
    paths_fini(&paths);
  }
  graph_fini(&graph);
  return length;
}

/* ---- all objects ---- */

uint64_t gc_type_histogram(struct gc_mutator *m, struct gc_type_count *counts, size_t limit) {
  struct gc_snapshot *now = gc_snapshot_take(m);
  uint64_t count = now ? gc_snapshot_diff(NULL, now, counts, limit) : GC_UNKNOWN;
  gc_snapshot_free(now);
  return count;
}

/* ---- leaks ---- */

static void collect_all(struct gc_mutator *m) {
  m->stamp++; /* as gc_collect */
  m->newborn = 0;
  cycle_run(m->heap, m, GC_REASON_EXPLICIT_FULL);
}

struct gc_snapshot *gc_leaks_begin(struct gc_mutator *m) {
  collect_all(m);
  return gc_snapshot_take(m);
}

uint64_t gc_leaks(struct gc_mutator *m, const struct gc_snapshot *early, struct gc_leak *leaks, size_t limit) {
  struct graph graph;
  collect_all(m);
  if (!take_graph(&graph, m->heap, m, TAKE_REACHABLE, NULL, NULL))
    return GC_UNKNOWN;
  uint64_t count = leaks_find(&early->census, &graph, profile_of(m->heap), leaks, limit);
  graph_fini(&graph);
  return count;
}

/* ---- cycles ---- */

static int most_garbage_first(const void *a, const void *b) {
  const struct gc_cycle_count *x = a, *y = b;
  if (x->garbage_bytes != y->garbage_bytes)
    return x->garbage_bytes < y->garbage_bytes ? 1 : -1;
  return x->live_bytes < y->live_bytes ? 1 : x->live_bytes > y->live_bytes ? -1 : 0;
}

/* The row of the type called `name`, perhaps a new one. */
static struct gc_cycle_count *row_of(struct gc_cycle_count *rows, size_t *count, const char *name) {
  for (size_t i = 0; i < *count; i++)
    if (rows[i].type == name)
      return &rows[i];
  rows[*count] = (struct gc_cycle_count){.type = name};
  return &rows[(*count)++];
}

static size_t count_members(struct gc_cycle_count *rows, const struct graph *graph,
                            const struct components *components) {
  size_t count = 0;
  for (uint32_t node = 1; node < graph->count; node++) {
    uint32_t component = components->of[node];
    if (!components->cyclic[component])
      continue;
    struct gc_cycle_count *row = row_of(rows, &count, gc_types[graph->nodes[node].type].name);
    bool live = node < graph->reachable;
    *(live ? &row->live : &row->garbage) += 1;
    *(live ? &row->live_bytes : &row->garbage_bytes) += (int64_t)graph->nodes[node].bytes;
    if (components->sizes[component] > row->largest)
      row->largest = components->sizes[component];
  }
  return count;
}

uint64_t gc_count_cycles(struct gc_mutator *m, struct gc_cycle_count *counts, size_t limit) {
  struct graph graph;
  struct components components;
  uint64_t count = GC_UNKNOWN;
  struct gc_cycle_count *rows = calloc(GC_TYPE_LIMIT, sizeof *rows);
  if (rows && take_graph(&graph, m->heap, m, TAKE_GARBAGE, NULL, NULL)) {
    if (components_init(&components, &graph)) {
      count = count_members(rows, &graph, &components);
      qsort(rows, count, sizeof *rows, most_garbage_first);
      for (size_t i = 0; i < count && i < limit; i++)
        counts[i] = rows[i];
      components_fini(&components);
    }
    graph_fini(&graph);
  }
  free(rows);
  return count;
}
