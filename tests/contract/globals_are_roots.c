/* globals_are_roots.c -- what a global refers to lives, also when no thread is attached; what it referred to dies. */
#include "tests/support/suite.h"

TEST(globals_are_roots) {
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  struct gc_heap *heap = m->heap;
  for (unsigned i = 0; i < GC_GLOBALS_COUNT; i++) {
    EXPECT(gc_is_null(gc_global_load(m, i)), "global %u of a new heap", i);
    gc_ref leaf = GC_NEW(m, leaf);
    GC_PUT(m, leaf, leaf, key, i);
    gc_global_store(m, i, leaf);
  }
  gc_collect(m, 1);
  gc_detach(m);
  m = gc_attach(heap);
  gc_collect(m, 1);
  suite_churn(m, 64 * GC_KIB);
  for (unsigned i = 0; i < GC_GLOBALS_COUNT; i++)
    EXPECT(GC_DEREF(m, leaf, gc_global_load(m, i))->key == i, "global %u", i);

  GC_ROOTS(m, r, target, weak);
  gc_set(m, &r.target, gc_global_load(m, 5));
  gc_set(m, &r.weak, gc_weak_new(m, &r.target, NULL, NULL));
  gc_set(m, &r.target, GC_NULL);
  suite_settle(m);
  EXPECT(!gc_is_null(gc_weak_get(m, gc_get(m, &r.weak))), "a global's object died");
  gc_global_store(m, 5, GC_NULL);
  suite_settle(m);
  if (suite.collector->attrs.reclaims && suite.collector->attrs.weak)
    EXPECT(gc_is_null(gc_weak_get(m, gc_get(m, &r.weak))), "an overwritten global keeps its object");
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
