/* finalizer_queue_keeps_and_resurrects.c -- an object with a finalizer is kept once more with all that it refers to;
 * the program may keep it; it is finalized once for each registration. */
#include "tests/support/suite.h"

enum { OBJECTS = 30 };

TEST(finalizer_queue_keeps_and_resurrects) {
  NEEDS(reclaims);
  NEEDS(finalizers);
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  GC_ROOTS(m, r, kept, object, part);
  gc_set(m, &r.kept, gc_alloc_array(m, OBJECTS));
  for (uint64_t i = 0; i < OBJECTS; i++) {
    gc_ref part = GC_NEW(m, leaf);
    GC_PUT(m, part, leaf, key, 1000 + i);
    gc_set(m, &r.part, part);
    gc_ref object = GC_NEW(m, node);
    GC_PUT(m, object, node, key, i);
    GC_INIT(m, object, node, left, gc_get(m, &r.part));
    gc_set(m, &r.object, object);
    gc_finalizer_attach(m, gc_get(m, &r.object));
  }
  gc_set(m, &r.object, GC_NULL);
  gc_set(m, &r.part, GC_NULL);
  suite_settle(m);
  suite_churn(m, 64 * GC_KIB);
  suite_settle(m); /* the queue is a root: nothing is lost while it waits */
  uint64_t seen = 0;
  unsigned taken = 0;
  for (;;) {
    gc_set(m, &r.object, gc_finalizer_next(m));
    if (gc_is_null(gc_get(m, &r.object)))
      break;
    uint64_t key = GC_DEREF(m, node, gc_get(m, &r.object))->key;
    EXPECT(key < OBJECTS && !(seen >> key & 1), "object %llu is due twice", (unsigned long long)key);
    seen |= 1ull << key;
    gc_array_store(m, gc_get(m, &r.kept), key, gc_get(m, &r.object));
    taken++;
  }
  EXPECT(taken == OBJECTS, "%u finalizers of %d", taken, OBJECTS);

  gc_finalizer_attach(m, gc_array_load(m, gc_get(m, &r.kept), 7)); /* once more, for one of them */
  suite_settle(m);
  suite_churn(m, 64 * GC_KIB);
  for (uint64_t i = 0; i < OBJECTS; i++) {
    gc_ref object = gc_array_load(m, gc_get(m, &r.kept), i);
    gc_ref part = GC_LOAD(m, object, node, left);
    EXPECT(GC_DEREF(m, node, object)->key == i && GC_DEREF(m, leaf, part)->key == 1000 + i, "resurrected object %llu",
           (unsigned long long)i);
  }
  gc_set(m, &r.kept, GC_NULL);
  suite_settle(m);
  gc_set(m, &r.object, gc_finalizer_next(m));
  EXPECT(!gc_is_null(gc_get(m, &r.object)) && GC_DEREF(m, node, gc_get(m, &r.object))->key == 7,
         "the object that was registered again");
  EXPECT(gc_is_null(gc_finalizer_next(m)), "an object was finalized twice for one registration");
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
