/* graph.h -- what a random script has made so far: which roots there certainly are, and what their fields hold.
 *
 * Used by the generator alone, so that every path that it writes leads somewhere.  Dead objects stay here: no root
 * leads to them.  A field that a finalizer may change is unknown, and so is a root that a finalizer may drop. */
#ifndef GC_BENCH_VECTORS_GRAPH_H
#define GC_BENCH_VECTORS_GRAPH_H

#include "bench/vectors/script.h"

enum {
  GRAPH_OBJECTS = 512,
  GRAPH_ROOTS = 128,
  GRAPH_ELEMENTS = 48,
  GRAPH_NAME_BYTES = 16,
  GRAPH_TUPLE = KIND_COUNT, /* kinds beyond those of `new` */
  GRAPH_WEAKREF,
  GRAPH_ANY, /* whatever a finalizer left there */
  GRAPH_NONE = -1,
  GRAPH_UNKNOWN = -2,
};

struct graph_object {
  char name[GRAPH_NAME_BYTES];
  int kind;
  int fields[SCRIPT_FIELDS];    /* objects; of a dict the values of these keys */
  int elements[GRAPH_ELEMENTS]; /* of a list or tuple */
  int element_count;
};

struct graph_root {
  char name[GRAPH_NAME_BYTES];
  int object;
};

struct graph {
  struct graph_object objects[GRAPH_OBJECTS];
  int object_count;
  struct graph_root roots[GRAPH_ROOTS]; /* those that there certainly are */
  int root_count;
};

/* The index of a new object, or GRAPH_NONE if there is no more room. */
int graph_add(struct graph *graph, const char *name, int kind);
/* False if there is no more room. */
bool graph_set_root(struct graph *graph, const char *name, int object);
void graph_forget_root(struct graph *graph, const char *name);

bool graph_kind_has_fields(int kind);
bool graph_kind_is_weakrefable(int kind);

/* A path to an object whose kind is one of those that `kinds` has bits of, drawn with *seed; false if none was found.
 * `object` gets its index. */
bool graph_pick(const struct graph *graph, unsigned kinds, uint64_t *seed, char *path, size_t path_bytes, int *object);

#endif
