/* garbage_of_all_sizes_dies.c -- a cycle of many megabytes, in small objects and large ones that refer to each other
 * forwards and backwards, dies as a whole, again and again in a heap that holds two of it; its neighbour lives. */
#include "tests/support/suite.h"

enum { SIZES_NODES = 60000, SIZES_EVERY = 1000, SIZES_SLOTS = 2000, SIZES_ROUNDS = 5 };

/* A chain, each node of which refers to the one before and the one behind it; where an array is in between, the node
 * behind refers to that, and it to the node before, to those that the array before it refers to, and to `neighbour`.
 * The last node and the first close the ring. */
static void sizes_chain_new(struct gc_mutator *m, size_t count, const gc_root *neighbour, gc_root *first) {
  GC_ROOTS(m, r, last, array, node);
  gc_set(m, &r.last, GC_NEW(m, node));
  gc_set(m, first, gc_get(m, &r.last));
  for (size_t i = 1; i < count; i++) {
    gc_set(m, &r.node, GC_NEW(m, node));
    GC_STORE(m, gc_get(m, &r.last), node, right, gc_get(m, &r.node));
    GC_STORE(m, gc_get(m, &r.node), node, left, gc_get(m, &r.last));
    if (i % SIZES_EVERY == 0) {
      gc_ref array = gc_alloc_array(m, SIZES_SLOTS), before = gc_get(m, &r.array);
      if (!gc_is_null(before))
        gc_copy_fields(m, array, gc_array_slot(m, array, 0), before, gc_array_slot(m, before, 0), SIZES_SLOTS);
      gc_set(m, &r.array, array);
      gc_array_store(m, gc_get(m, &r.array), i / SIZES_EVERY, gc_get(m, &r.last));
      gc_array_store(m, gc_get(m, &r.array), SIZES_SLOTS - 1, gc_get(m, neighbour));
      GC_STORE(m, gc_get(m, &r.node), node, left, gc_get(m, &r.array));
    }
    gc_set(m, &r.last, gc_get(m, &r.node));
  }
  GC_STORE(m, gc_get(m, &r.last), node, right, gc_get(m, first));
  gc_frame_pop(m, &r.frame);
}

TEST(garbage_of_all_sizes_dies) {
  NOT_UNDER_STRESS();
  NEEDS(cycles);
  NEEDS(weak);
  struct gc_heap_config config = suite_config(16 * GC_MIB);
  suite_calm(&config);
  struct gc_mutator *m = suite_begin_with(&config);
  GC_ROOTS(m, r, neighbour, first, weak);
  gc_set(m, &r.neighbour, GC_NEW(m, leaf));
  GC_PUT(m, gc_get(m, &r.neighbour), leaf, key, 4711);
  for (int round = 0; round < SIZES_ROUNDS; round++) {
    sizes_chain_new(m, suite_count(SIZES_NODES), &r.neighbour, &r.first);
    gc_set(m, &r.weak, gc_weak_new(m, &r.first, NULL, NULL));
    gc_set(m, &r.first, GC_NULL);
    suite_settle(m);
    EXPECT(gc_is_null(gc_weak_get(m, gc_get(m, &r.weak))), "a dead ring lives");
    EXPECT(GC_DEREF(m, leaf, gc_get(m, &r.neighbour))->key == 4711, "the neighbour of a dead ring");
  }
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
