/* scattered_references_are_scanned.c -- references that do not follow one another in their object keep what they refer
 * to, and the scalars between them are no references. */
#include "tests/support/suite.h"

enum { SCATTERED_OBJECTS = 200 };

TEST(scattered_references_are_scanned) {
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  GC_ROOTS(m, r, table, object);
  gc_set(m, &r.table, gc_alloc_array(m, SCATTERED_OBJECTS));
  for (uint64_t i = 0; i < SCATTERED_OBJECTS; i++) {
    gc_ref object = GC_NEW(m, scattered);
    GC_PUT(m, object, scattered, before, ~i); /* would be a wild reference */
    GC_PUT(m, object, scattered, between, i * 8 + 1);
    gc_set(m, &r.object, object);
    for (unsigned side = 0; side < 2; side++) {
      gc_ref leaf = GC_NEW(m, leaf);
      GC_PUT(m, leaf, leaf, key, 2 * i + side);
      if (side)
        GC_STORE(m, gc_get(m, &r.object), scattered, second, leaf);
      else
        GC_STORE(m, gc_get(m, &r.object), scattered, first, leaf);
    }
    gc_array_store(m, gc_get(m, &r.table), i, gc_get(m, &r.object));
  }
  for (unsigned round = 0; round < 2; round++) {
    suite_settle(m);
    suite_churn(m, 64 * GC_KIB);
  }
  for (uint64_t i = 0; i < SCATTERED_OBJECTS; i++) {
    gc_ref object = gc_array_load(m, gc_get(m, &r.table), i);
    EXPECT(GC_DEREF(m, leaf, GC_LOAD(m, object, scattered, first))->key == 2 * i, "first of %llu",
           (unsigned long long)i);
    EXPECT(GC_DEREF(m, leaf, GC_LOAD(m, object, scattered, second))->key == 2 * i + 1, "second of %llu",
           (unsigned long long)i);
    EXPECT(GC_DEREF(m, scattered, object)->before == ~i && GC_DEREF(m, scattered, object)->between == i * 8 + 1,
           "scalars of %llu", (unsigned long long)i);
  }
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
