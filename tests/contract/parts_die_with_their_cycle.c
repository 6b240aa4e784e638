/* parts_die_with_their_cycle.c -- objects that refer to each other through parts of their own die with these, and with
 * what only these refer to; a neighbour that a part refers to lives. */
#include "tests/support/suite.h"

enum { PARTS_ROUNDS = 20, PARTS_SLOTS = 4 };

/* One of two nodes with a part each: of references to both nodes, to `inner` and to `neighbour`. */
static gc_ref parts_new(struct gc_mutator *m, const gc_root *inner, const gc_root *neighbour) {
  GC_ROOTS(m, r, a, b, part);
  gc_set(m, &r.a, GC_NEW(m, node));
  gc_set(m, &r.b, GC_NEW(m, node));
  for (int i = 0; i < 2; i++) {
    gc_set(m, &r.part, gc_alloc(m, TYPE_part, sizeof(struct gc_array) + PARTS_SLOTS * sizeof(gc_field)));
    GC_PUT(m, gc_get(m, &r.part), gc_array, length, PARTS_SLOTS);
    gc_array_store(m, gc_get(m, &r.part), 0, gc_get(m, &r.a));
    gc_array_store(m, gc_get(m, &r.part), 1, gc_get(m, &r.b));
    gc_array_store(m, gc_get(m, &r.part), 2, gc_get(m, inner));
    gc_array_store(m, gc_get(m, &r.part), 3, gc_get(m, neighbour));
    GC_STORE(m, gc_get(m, i ? &r.a : &r.b), node, left, gc_get(m, &r.part));
    gc_set(m, &r.part, GC_NULL);
  }
  gc_ref one = gc_get(m, &r.a);
  gc_frame_pop(m, &r.frame);
  return one;
}

TEST(parts_die_with_their_cycle) {
  NEEDS(cycles);
  NEEDS(weak);
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  GC_ROOTS(m, r, neighbour, inner, node, weak_inner, weak_node);
  gc_set(m, &r.neighbour, GC_NEW(m, leaf));
  GC_PUT(m, gc_get(m, &r.neighbour), leaf, key, 4711);
  for (int round = 0; round < PARTS_ROUNDS; round++) {
    gc_set(m, &r.inner, GC_NEW(m, leaf));
    gc_set(m, &r.node, parts_new(m, &r.inner, &r.neighbour));
    gc_set(m, &r.weak_inner, gc_weak_new(m, &r.inner, NULL, NULL));
    gc_set(m, &r.weak_node, gc_weak_new(m, &r.node, NULL, NULL));
    gc_set(m, &r.inner, GC_NULL);
    suite_settle(m);
    EXPECT(!gc_is_null(gc_weak_get(m, gc_get(m, &r.weak_inner))), "what a living part refers to died");
    gc_set(m, &r.node, GC_NULL);
    suite_settle(m);
    EXPECT(gc_is_null(gc_weak_get(m, gc_get(m, &r.weak_node))), "a dead cycle lives");
    EXPECT(gc_is_null(gc_weak_get(m, gc_get(m, &r.weak_inner))), "what a dead part refers to lives");
    EXPECT(GC_DEREF(m, leaf, gc_get(m, &r.neighbour))->key == 4711, "the neighbour of a dead cycle");
  }
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
