/* unpinned_after_full_collection.c -- an object that was pinned through a full collection, and may move from then on,
 * is still found by its weak reference, its ephemeron and its finalizer. */
#include "tests/support/suite.h"

enum { UNPINNED_KEY = 4711 };

TEST(unpinned_after_full_collection) {
  NEEDS(reclaims);
  NEEDS(weak);
  NEEDS(ephemerons);
  NEEDS(finalizers);
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  GC_ROOTS(m, r, object, weak, ephemeron);
  gc_set(m, &r.object, GC_NEW(m, leaf));
  GC_PUT(m, gc_get(m, &r.object), leaf, key, UNPINNED_KEY);
  gc_pin(m, gc_get(m, &r.object));
  gc_set(m, &r.weak, gc_weak_new(m, &r.object, NULL, NULL));
  gc_set(m, &r.ephemeron, gc_ephemeron_new(m, &r.object, &r.object));
  gc_finalizer_attach(m, gc_get(m, &r.object));
  gc_collect(m, 1);
  gc_unpin(m, gc_get(m, &r.object));
  for (unsigned i = 0; i < 3; i++)
    gc_collect(m, 0);
  EXPECT(gc_same(m, gc_weak_get(m, gc_get(m, &r.weak)), gc_get(m, &r.object)), "the weak reference leads elsewhere");
  EXPECT(gc_same(m, gc_ephemeron_key(m, gc_get(m, &r.ephemeron)), gc_get(m, &r.object)), "the key is elsewhere");
  gc_set(m, &r.object, GC_NULL);
  gc_set(m, &r.ephemeron, GC_NULL);
  suite_settle(m);
  suite_settle(m);
  gc_ref due = gc_finalizer_next(m);
  EXPECT(!gc_is_null(due) && GC_DEREF(m, leaf, due)->key == UNPINNED_KEY, "no finalizer is due, or not this one's");
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
