/* pinned_object_stays.c -- a pinned object keeps its address and its contents until it is unpinned, and is freed after
 * that like any other. */
#include "tests/support/suite.h"

enum { PINNED_OBJECTS = 64 };

TEST(pinned_object_stays) {
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  static const struct leaf *address[PINNED_OBJECTS];
  GC_ROOTS(m, r, table, leaf, weak);
  gc_set(m, &r.table, gc_alloc_array(m, PINNED_OBJECTS));
  for (unsigned i = 0; i < PINNED_OBJECTS; i++) {
    gc_set(m, &r.leaf, GC_NEW(m, leaf));
    GC_PUT(m, gc_get(m, &r.leaf), leaf, key, i);
    if (i % 3 == 0)
      gc_pin(m, gc_get(m, &r.leaf));
    address[i] = GC_DEREF(m, leaf, gc_get(m, &r.leaf));
    gc_array_store(m, gc_get(m, &r.table), i, gc_get(m, &r.leaf));
  }
  for (unsigned round = 0; round < 4; round++) {
    gc_collect(m, round & 1);
    suite_churn(m, 64 * GC_KIB);
    for (unsigned i = 0; i < PINNED_OBJECTS; i++) {
      const struct leaf *now = GC_DEREF(m, leaf, gc_array_load(m, gc_get(m, &r.table), i));
      EXPECT(now->key == i, "contents of %u in round %u", i, round);
      EXPECT(i % 3 != 0 || now == address[i], "pinned object %u moved in round %u", i, round);
    }
  }
  gc_set(m, &r.leaf, gc_array_load(m, gc_get(m, &r.table), 0));
  gc_set(m, &r.weak, gc_weak_new(m, &r.leaf, NULL, NULL));
  gc_unpin(m, gc_get(m, &r.leaf));
  suite_settle(m);
  EXPECT(GC_DEREF(m, leaf, gc_get(m, &r.leaf))->key == 0, "contents after unpinning");
  gc_set(m, &r.leaf, GC_NULL);
  gc_set(m, &r.table, GC_NULL); /* the others die while pinned */
  suite_settle(m);
  if (suite.collector->attrs.reclaims && suite.collector->attrs.weak)
    EXPECT(gc_is_null(gc_weak_get(m, gc_get(m, &r.weak))), "an unpinned object was not freed");
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
