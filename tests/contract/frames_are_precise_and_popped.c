/* frames_are_precise_and_popped.c -- rooted locals of all active frames keep objects; those of popped frames and those
 * set to something else do not, and nothing else in the C stack does. */
#include "tests/support/suite.h"

enum { DEPTH = 20 };

/* One leaf in a frame of each level; at the bottom a collection, on the way back each leaf is read. */
static void descend(struct gc_mutator *m, unsigned depth) {
  GC_ROOTS(m, r, leaf, nothing);
  EXPECT(gc_is_null(gc_get(m, &r.leaf)) && gc_is_null(gc_get(m, &r.nothing)), "a new frame is not null");
  gc_ref leaf = GC_NEW(m, leaf);
  GC_PUT(m, leaf, leaf, key, depth);
  gc_set(m, &r.leaf, leaf);
  if (depth)
    descend(m, depth - 1);
  else
    suite_settle(m);
  EXPECT(GC_DEREF(m, leaf, gc_get(m, &r.leaf))->key == depth, "the leaf of level %u", depth);
  gc_frame_pop(m, &r.frame);
}

/* Leaves a weak reference to an object that only a popped frame referred to. */
static GC_NOINLINE void drop_one(struct gc_mutator *m, gc_root *weak) {
  GC_ROOTS(m, r, leaf);
  gc_set(m, &r.leaf, GC_NEW(m, leaf));
  gc_set(m, weak, gc_weak_new(m, &r.leaf, NULL, NULL));
  gc_frame_pop(m, &r.frame);
}

TEST(frames_are_precise_and_popped) {
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  descend(m, DEPTH);
  EXPECT(m->frames == NULL, "a frame is left");
  if (suite.collector->attrs.reclaims && suite.collector->attrs.weak) {
    GC_ROOTS(m, r, weak, other);
    drop_one(m, &r.weak);
    suite_settle(m);
    EXPECT(gc_is_null(gc_weak_get(m, gc_get(m, &r.weak))), "a popped frame keeps its object");
    gc_set(m, &r.other, GC_NEW(m, leaf));
    gc_set(m, &r.weak, gc_weak_new(m, &r.other, NULL, NULL));
    gc_set(m, &r.other, GC_NEW(m, leaf));
    suite_settle(m);
    EXPECT(gc_is_null(gc_weak_get(m, gc_get(m, &r.weak))), "an overwritten root keeps its object");
    gc_frame_pop(m, &r.frame);
  }
  suite_end(m);
}
