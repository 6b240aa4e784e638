/* cycles_are_freed.c -- objects that only refer to each other die: pairs, rings, and a ring with a live neighbour. */
#include "tests/support/suite.h"

/* A ring of `length` nodes; the last also refers to `neighbour`.  Returns one of them. */
static gc_ref ring_new(struct gc_mutator *m, unsigned length, const gc_root *neighbour) {
  GC_ROOTS(m, r, first, last);
  gc_set(m, &r.first, GC_NEW(m, node));
  gc_set(m, &r.last, gc_get(m, &r.first));
  for (unsigned i = 1; i < length; i++) {
    gc_ref node = GC_NEW(m, node);
    GC_STORE(m, gc_get(m, &r.last), node, left, node);
    gc_set(m, &r.last, node);
  }
  GC_STORE(m, gc_get(m, &r.last), node, left, gc_get(m, &r.first));
  GC_STORE(m, gc_get(m, &r.last), node, right, gc_get(m, neighbour));
  gc_ref ring = gc_get(m, &r.last);
  gc_frame_pop(m, &r.frame);
  return ring;
}

TEST(cycles_are_freed) {
  NEEDS(cycles);
  NEEDS(weak);
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  GC_ROOTS(m, r, live, ring, weak);
  for (unsigned length = 1; length <= 1000; length = length * 3 + 1) {
    gc_set(m, &r.live, GC_NEW(m, leaf));
    GC_PUT(m, gc_get(m, &r.live), leaf, key, length);
    gc_set(m, &r.ring, ring_new(m, length, &r.live));
    gc_set(m, &r.weak, gc_weak_new(m, &r.ring, NULL, NULL));
    suite_settle(m);
    EXPECT(!gc_is_null(gc_weak_get(m, gc_get(m, &r.weak))), "a live ring of %u died", length);
    gc_set(m, &r.ring, GC_NULL);
    suite_settle(m);
    EXPECT(gc_is_null(gc_weak_get(m, gc_get(m, &r.weak))), "a dead ring of %u lives", length);
    EXPECT(GC_DEREF(m, leaf, gc_get(m, &r.live))->key == length, "the neighbour of a dead ring of %u", length);
  }
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
