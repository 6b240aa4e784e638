/* weak_ref_cleared_before_finalizer_runs.c -- once an object's finalizer is due, no weak reference shows the object. */
#include "tests/support/suite.h"

TEST(weak_ref_cleared_before_finalizer_runs) {
  NEEDS(reclaims);
  NEEDS(weak);
  NEEDS(finalizers);
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  GC_ROOTS(m, r, object, part, weak, weak_of_part, due);
  gc_set(m, &r.part, GC_NEW(m, leaf));
  gc_ref object = GC_NEW(m, node);
  GC_PUT(m, object, node, key, 17);
  GC_INIT(m, object, node, left, gc_get(m, &r.part));
  gc_set(m, &r.object, object);
  gc_finalizer_attach(m, gc_get(m, &r.object));
  gc_set(m, &r.weak, gc_weak_new(m, &r.object, NULL, NULL));
  gc_set(m, &r.weak_of_part, gc_weak_new(m, &r.part, NULL, NULL));
  gc_set(m, &r.part, GC_NULL);
  suite_settle(m);
  EXPECT(gc_is_null(gc_finalizer_next(m)), "a finalizer is due although its object is reachable");
  EXPECT(!gc_is_null(gc_weak_get(m, gc_get(m, &r.weak))), "the weak reference to a reachable object is null");

  gc_set(m, &r.object, GC_NULL);
  suite_settle(m);
  EXPECT(gc_is_null(gc_weak_get(m, gc_get(m, &r.weak))), "a weak reference shows an object whose finalizer is due");
  gc_set(m, &r.due, gc_finalizer_next(m));
  EXPECT(!gc_is_null(gc_get(m, &r.due)), "no finalizer is due");
  EXPECT(GC_DEREF(m, node, gc_get(m, &r.due))->key == 17, "another object is due");
  EXPECT(gc_is_null(gc_weak_get(m, gc_get(m, &r.weak))), "taking the object brought the weak reference back");
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
