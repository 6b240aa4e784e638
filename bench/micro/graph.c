/* graph.c -- what full collections are measured with, on the heap of each plan: the random graph of limit/mark_random,
 * and a list of empty lists. */
#include "bench/micro/loops.h"
#include "bench/micro/objects.h"
#include "runtime/base/rng.h"

static void connect(struct gc_mutator *m, gc_ref order, uint64_t index, unsigned edge, uint64_t target) {
  gc_ref node = gc_array_load(m, order, index);
  gc_store(m, node, GC_FIELD(m, node, quad, edge[0]) + edge, gc_array_load(m, order, target));
}

/* A binary heap through edges 0 and 1 of the nodes in a random order; edges 2 and 3 lead anywhere. */
static void connect_all(struct gc_mutator *m, gc_ref order, uint64_t count, uint64_t random) {
  for (uint64_t i = count - 1; i > 0; i--) {
    uint64_t j = rng_below(&random, i + 1);
    gc_ref node = gc_array_load(m, order, i), other = gc_array_load(m, order, j);
    gc_array_store(m, order, i, other);
    gc_array_store(m, order, j, node);
  }
  for (uint64_t i = 0; i < count; i++) {
    for (unsigned e = 0; e < 2; e++)
      if (2 * i + 1 + e < count)
        connect(m, order, i, e, 2 * i + 1 + e);
    for (unsigned e = 2; e < QUAD_EDGES; e++)
      connect(m, order, i, e, rng_below(&random, count));
  }
}

void GC_CONCAT(micro_graph__, GC_PLAN)(struct gc_mutator *m, uint64_t count, uint64_t seed) {
  GC_ROOTS(m, r, order);
  gc_set(m, &r.order, gc_alloc_array(m, count));
  for (uint64_t i = 0; i < count; i++) {
    gc_ref node = GC_NEW(m, quad);
    gc_array_store(m, gc_get(m, &r.order), i, node);
  }
  gc_ref order = gc_get(m, &r.order);
  connect_all(m, order, count, rng_stream(seed, 0));
  gc_global_store(m, GLOBAL_GRAPH, gc_array_load(m, order, 0));
  gc_frame_pop(m, &r.frame);
}

void GC_CONCAT(micro_lists__, GC_PLAN)(struct gc_mutator *m, uint64_t count) {
  gc_global_store(m, GLOBAL_GRAPH, gc_alloc_array(m, count));
  for (uint64_t i = 0; i < count; i++) {
    gc_ref list = GC_NEW(m, list);
    gc_array_store(m, gc_global_load(m, GLOBAL_GRAPH), i, list);
  }
}
