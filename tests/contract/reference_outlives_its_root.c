/* reference_outlives_its_root.c -- a reference is good until the next allocation or poll, also when the last root or
 * field that held its object is overwritten; and if it is stored before that, the object lives on. */
#include "tests/support/suite.h"

enum { ROUNDS = 50 };

static void expect_key(struct gc_mutator *m, gc_ref leaf, uint64_t key, const char *after) {
  EXPECT(GC_DEREF(m, leaf, leaf)->key == key, "key %llu instead of %llu after %s",
         (unsigned long long)GC_DEREF(m, leaf, leaf)->key, (unsigned long long)key, after);
}

static gc_ref leaf_new(struct gc_mutator *m, uint64_t key) {
  gc_ref leaf = GC_NEW(m, leaf);
  GC_PUT(m, leaf, leaf, key, key);
  return leaf;
}

/* The object's only root goes with the frame of this function. */
static gc_ref popped_leaf(struct gc_mutator *m, uint64_t key) {
  GC_ROOTS(m, r, leaf);
  gc_set(m, &r.leaf, leaf_new(m, key));
  gc_ref leaf = gc_get(m, &r.leaf);
  gc_frame_pop(m, &r.frame);
  return leaf;
}

TEST(reference_outlives_its_root) {
#ifdef PLAN_RC_INSTANT
  suite_skip("the plan frees in the middle of a store");
#endif
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  GC_ROOTS(m, r, node, leaf);
  for (uint64_t round = 0; round < ROUNDS; round++) {
    gc_set(m, &r.node, GC_NEW(m, node));
    gc_ref popped = popped_leaf(m, 4 * round);
    expect_key(m, popped, 4 * round, "a pop");
    GC_STORE(m, gc_get(m, &r.node), node, left, popped);

    gc_set(m, &r.leaf, leaf_new(m, 4 * round + 1));
    gc_ref leaf = gc_get(m, &r.leaf);
    gc_set(m, &r.leaf, GC_NULL);
    expect_key(m, leaf, 4 * round + 1, "a set");
    GC_STORE(m, gc_get(m, &r.node), node, right, leaf);

    gc_ref left = GC_LOAD(m, gc_get(m, &r.node), node, left), right = GC_LOAD(m, gc_get(m, &r.node), node, right);
    GC_STORE(m, gc_get(m, &r.node), node, left, right);
    expect_key(m, left, 4 * round, "a store");
    GC_STORE(m, gc_get(m, &r.node), node, right, left); /* exchanged */

    suite_churn(m, 4 * GC_KIB);
    if (round % 8 == 0)
      suite_settle(m);
    expect_key(m, GC_LOAD(m, gc_get(m, &r.node), node, left), 4 * round + 1, "an exchange");
    expect_key(m, GC_LOAD(m, gc_get(m, &r.node), node, right), 4 * round, "an exchange");
  }
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
