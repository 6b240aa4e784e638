#include "bench/vectors/graph.h"

#include <string.h>

#include "runtime/base/rng.h"

int graph_add(struct graph *graph, const char *name, int kind) {
  if (graph->object_count == GRAPH_OBJECTS)
    return GRAPH_NONE;
  struct graph_object *object = &graph->objects[graph->object_count];
  *object = (struct graph_object){.kind = kind};
  snprintf(object->name, sizeof object->name, "%s", name);
  for (int f = 0; f < SCRIPT_FIELDS; f++)
    object->fields[f] = GRAPH_NONE;
  return graph->object_count++;
}

static struct graph_root *find_root(struct graph *graph, const char *name) {
  for (int i = 0; i < graph->root_count; i++)
    if (strcmp(graph->roots[i].name, name) == 0)
      return &graph->roots[i];
  return NULL;
}

bool graph_set_root(struct graph *graph, const char *name, int object) {
  struct graph_root *root = find_root(graph, name);
  if (!root) {
    if (graph->root_count == GRAPH_ROOTS)
      return false;
    root = &graph->roots[graph->root_count++];
    snprintf(root->name, sizeof root->name, "%s", name);
  }
  root->object = object;
  return true;
}

void graph_forget_root(struct graph *graph, const char *name) {
  struct graph_root *root = find_root(graph, name);
  if (root)
    *root = graph->roots[--graph->root_count];
}

bool graph_kind_has_fields(int kind) { return kind < KIND_COUNT && script_kind_has_fields((enum script_kind)kind); }

bool graph_kind_is_weakrefable(int kind) { return graph_kind_has_fields(kind); }

/* Writes one step from *object to another and moves there; false if nothing certain is there. */
static bool step(const struct graph *graph, uint64_t *seed, char *path, size_t path_bytes, int *object) {
  const struct graph_object *at = &graph->objects[*object];
  size_t used = strlen(path);
  if (at->element_count > 0) {
    int element = (int)rng_below(seed, (uint64_t)at->element_count);
    snprintf(path + used, path_bytes - used, ".%d", element);
    *object = at->elements[element];
    return true;
  }
  for (int f = (int)rng_below(seed, SCRIPT_FIELDS), tries = 0; tries < SCRIPT_FIELDS;
       tries++, f = (f + 1) % SCRIPT_FIELDS)
    if (at->fields[f] >= 0) {
      snprintf(path + used, path_bytes - used, ".%s", script_fields[f]);
      *object = at->fields[f];
      return true;
    }
  return false;
}

bool graph_pick(const struct graph *graph, unsigned kinds, uint64_t *seed, char *path, size_t path_bytes, int *object) {
  enum { TRIES = 20, STEPS = 3 };
  for (int i = 0; graph->root_count > 0 && i < TRIES; i++) {
    const struct graph_root *root = &graph->roots[rng_below(seed, (uint64_t)graph->root_count)];
    snprintf(path, path_bytes, "%s", root->name);
    *object = root->object;
    int steps = rng_below(seed, 3) > 0 ? 0 : 1 + (int)rng_below(seed, STEPS);
    while (steps-- > 0 && step(graph, seed, path, path_bytes, object))
      continue;
    if (kinds & 1u << graph->objects[*object].kind)
      return true;
  }
  return false;
}
