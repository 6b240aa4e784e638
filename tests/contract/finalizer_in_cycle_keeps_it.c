/* finalizer_in_cycle_keeps_it.c -- an object with a finalizer that is part of a dead cycle is queued with the cycle
 * whole, and what the program does not keep of it dies afterwards. */
#include "tests/support/suite.h"

enum { CYCLES = 20 };

/* A ring of two, one of which has a finalizer, and a leaf that hangs off the other. */
static void drop_ring(struct gc_mutator *m, uint64_t key) {
  GC_ROOTS(m, r, one, two);
  gc_set(m, &r.one, GC_NEW(m, node));
  gc_set(m, &r.two, GC_NEW(m, node));
  GC_PUT(m, gc_get(m, &r.one), node, key, key);
  GC_STORE(m, gc_get(m, &r.one), node, left, gc_get(m, &r.two));
  GC_STORE(m, gc_get(m, &r.two), node, left, gc_get(m, &r.one));
  gc_ref leaf = GC_NEW(m, leaf);
  GC_PUT(m, leaf, leaf, key, 1000 + key);
  GC_STORE(m, gc_get(m, &r.two), node, right, leaf);
  gc_finalizer_attach(m, gc_get(m, &r.one));
  gc_frame_pop(m, &r.frame);
}

TEST(finalizer_in_cycle_keeps_it) {
  NEEDS(cycles);
  NEEDS(finalizers);
  NEEDS(weak);
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  GC_ROOTS(m, r, one, two, weak);
  for (uint64_t key = 0; key < CYCLES; key++)
    drop_ring(m, key);
  suite_settle(m);
  suite_churn(m, 64 * GC_KIB);
  suite_settle(m);
  for (unsigned taken = 0; taken < CYCLES; taken++) {
    gc_set(m, &r.one, gc_finalizer_next(m));
    EXPECT(!gc_is_null(gc_get(m, &r.one)), "%u finalizers of %d", taken, CYCLES);
    uint64_t key = GC_DEREF(m, node, gc_get(m, &r.one))->key;
    gc_set(m, &r.two, GC_LOAD(m, gc_get(m, &r.one), node, left));
    EXPECT(!gc_is_null(gc_get(m, &r.two)), "ring %llu is cut open", (unsigned long long)key);
    EXPECT(gc_same(m, GC_LOAD(m, gc_get(m, &r.two), node, left), gc_get(m, &r.one)), "ring %llu is no ring",
           (unsigned long long)key);
    gc_ref leaf = GC_LOAD(m, gc_get(m, &r.two), node, right);
    EXPECT(!gc_is_null(leaf) && GC_DEREF(m, leaf, leaf)->key == 1000 + key, "what hangs off ring %llu",
           (unsigned long long)key);
  }
  EXPECT(gc_is_null(gc_finalizer_next(m)), "more finalizers than rings");

  gc_set(m, &r.weak, gc_weak_new(m, &r.two, NULL, NULL));
  gc_set(m, &r.one, GC_NULL);
  gc_set(m, &r.two, GC_NULL);
  suite_settle(m);
  EXPECT(gc_is_null(gc_weak_get(m, gc_get(m, &r.weak))), "a ring that was finalized lives for ever");
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
