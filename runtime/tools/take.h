/* take.h -- the graph of a heap whose world is stopped; and stopping it.
 *
 * Fields are read by the verifiers' oracle (verify/oracle.h), which is held against every collector's own reading at
 * each test; a third reading would be one more that may be wrong.  The walk, its visited set and the roots' names are
 * the graph's own, since the oracle remembers neither edges nor which root was which.
 * What keeps alive is an edge: strong references, and the value of an ephemeron whose key is reached.  Weak targets
 * are none.  (Where ephemerons' values lead to further ephemerons' keys, each step of such a chain looks at all
 * that still wait.) */
#ifndef GC_TOOLS_TAKE_H
#define GC_TOOLS_TAKE_H

#include "runtime/object/ref.h"
#include "runtime/tools/graph.h"

struct gc_heap;
struct gc_mutator;

enum take_extent {
  TAKE_REACHABLE,
  TAKE_GARBAGE, /* what is dead but not yet freed as well, as far as the collector can list its objects */
};

/* Takes the graph.  False if memory was refused.  The world is stopped, or the caller's thread is the only one.
 * `asked`: NULL, or the root by which a tool was given an object: its object has a node, but the root is no edge, so
 * that what is said of the object holds for the program without the question. */
bool take_graph_stw(struct graph *graph, struct gc_heap *heap, enum take_extent extent, const gc_root *asked);

/* Stops the world, between cycles: it waits for the one that runs.  `m`: the caller's mutator, whose references expire,
 * or NULL if it has none.  It is no pause: no record counts it.  May be called by several threads; one has it. */
void take_stop(struct gc_heap *heap, struct gc_mutator *m);
void take_resume(struct gc_heap *heap, struct gc_mutator *m);

/* All three together.  *node is that of the object in `asked`, GRAPH_NONE if that is null or `asked` is NULL. */
bool take_graph(struct graph *graph, struct gc_heap *heap, struct gc_mutator *m, enum take_extent extent,
                const gc_root *asked, uint32_t *node);

#endif
