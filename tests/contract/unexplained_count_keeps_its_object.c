/* unexplained_count_keeps_its_object.c -- a count that is higher than the references that there are, as where an entry
 * of a buffer was lost, keeps its object, with all that it refers to: it may leak, but is never freed too early. */
#include "tests/support/suite.h"

/* A rooted local vanishes without being popped: nobody drops its reference. */
static void lose(struct gc_mutator *m, gc_ref node) {
  GC_ROOTS(m, r, node);
  gc_set(m, &r.node, node);
  m->frames = r.frame.previous;
}

TEST(unexplained_count_keeps_its_object) {
  NOT_UNDER_STRESS();
  NEEDS(weak);
  if (!suite.collector->verify_count)
    suite_skip("the plan keeps no counts, or none that is exact");
  struct gc_heap_config config = suite_config(16 * GC_MIB);
  config.verify &= ~(unsigned)VERIFY(counts);
  suite_calm(&config);
  struct gc_mutator *m = suite_begin_with(&config);
  GC_ROOTS(m, r, node, weak);
  gc_set(m, &r.node, GC_NEW(m, node));
  gc_ref leaf = GC_NEW(m, leaf);
  GC_PUT(m, leaf, leaf, key, 77);
  GC_STORE(m, gc_get(m, &r.node), node, left, leaf);
  GC_STORE(m, gc_get(m, &r.node), node, right, gc_get(m, &r.node)); /* a cycle */
  gc_set(m, &r.weak, gc_weak_new(m, &r.node, NULL, NULL));
  lose(m, gc_get(m, &r.node));
  gc_set(m, &r.node, GC_NULL);
  for (unsigned i = 0; i < 3; i++) {
    suite_settle(m);
    suite_churn(m, 64 * GC_KIB);
  }
  gc_ref node = gc_weak_get(m, gc_get(m, &r.weak));
  EXPECT(!gc_is_null(node), "the object was freed");
  EXPECT(GC_DEREF(m, leaf, GC_LOAD(m, node, node, left))->key == 77, "what it refers to was freed");
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
