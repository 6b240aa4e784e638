/* same_after_collection.c -- two references to one object stay the same, and two objects stay different, however they
 * were obtained and whatever moved. */
#include "tests/support/suite.h"

TEST(same_after_collection) {
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  GC_ROOTS(m, r, a, b, one, other);
  gc_set(m, &r.one, GC_NEW(m, leaf));
  gc_set(m, &r.other, GC_NEW(m, leaf));
  gc_set(m, &r.a, GC_NEW(m, node));
  gc_set(m, &r.b, GC_NEW(m, node));
  GC_STORE(m, gc_get(m, &r.a), node, left, gc_get(m, &r.one));
  GC_STORE(m, gc_get(m, &r.a), node, right, gc_get(m, &r.other));
  GC_STORE(m, gc_get(m, &r.b), node, left, gc_get(m, &r.one));
  for (unsigned round = 0; round < 4; round++) {
    gc_ref through_a = GC_LOAD(m, gc_get(m, &r.a), node, left);
    gc_ref through_b = GC_LOAD(m, gc_get(m, &r.b), node, left);
    gc_ref other = GC_LOAD(m, gc_get(m, &r.a), node, right);
    EXPECT(gc_same(m, through_a, through_b), "one object through two fields, round %u", round);
    EXPECT(gc_same(m, through_a, gc_get(m, &r.one)), "one object through a field and a root, round %u", round);
    EXPECT(!gc_same(m, through_a, other), "two objects, round %u", round);
    EXPECT(!gc_same(m, through_a, GC_NULL) && gc_same(m, GC_NULL, GC_NULL), "null, round %u", round);
    EXPECT(gc_cas(m, gc_get(m, &r.b), GC_FIELD(m, gc_get(m, &r.b), node, left), through_a, through_a),
           "compare-and-swap agrees, round %u", round);
    gc_collect(m, round & 1);
    suite_churn(m, 16 * GC_KIB);
  }
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
