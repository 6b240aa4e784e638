/* objects.h -- the objects that loops over gc.h work on; included by what is compiled for each plan.
 *
 * Objects that a loop reads are kept in globals.  Old ones have survived two full collections, young ones were just
 * allocated.  Within a loop that neither allocates nor polls a gc_ref stays good. */
#ifndef GC_BENCH_MICRO_OBJECTS_H
#define GC_BENCH_MICRO_OBJECTS_H

#include <string.h>

#include "runtime/gc.h"

struct object16 {
  struct gc_header header;
  uint64_t word[1];
};
struct object32 {
  struct gc_header header;
  uint64_t word[3];
};
struct object64 {
  struct gc_header header;
  uint64_t word[7];
};
struct object256 {
  struct gc_header header;
  uint64_t word[31];
};
struct object1024 {
  struct gc_header header;
  uint64_t word[127];
};
struct node {
  struct gc_header header;
  gc_field left, right;
};
/* As many bytes as CPython's, links or GC header included, and one reference, as there. */
struct list {
  struct gc_header header;
  gc_field items;
  int64_t size, allocated, unused;
};
/* As struct limit_node (limits.c). */
enum { QUAD_EDGES = 4 };
struct quad {
  struct gc_header header;
  gc_field edge[QUAD_EDGES];
  uint64_t word[3];
};

enum {
  TYPE_object16 = GC_TYPE_FIRST,
  TYPE_object32,
  TYPE_object64,
  TYPE_object256,
  TYPE_object1024,
  TYPE_node,
  TYPE_quad,
  TYPE_list
};

enum {
  GLOBAL_OLD,   /* a node whose left field refers to itself */
  GLOBAL_WEAK,  /* a weak reference to it */
  GLOBAL_OLDS,  /* barrier_loops.c: an array of nodes */
  GLOBAL_SLOTS, /* an array of as many references */
  GLOBAL_YOUNG, /* a node */
  GLOBAL_GRAPH, /* graph.c: the root, or the array of lists */
};

/* A reference as a value that the compiler must produce; costs nothing. */
static GC_INLINE uintptr_t word_of(gc_ref ref) {
  uintptr_t word;
  memcpy(&word, &ref, sizeof word);
  return word;
}

#endif
