/* ephemeron_chain_is_linear.c -- a chain in which each value is the next key, registered from its far end, is decided
 * in linear time: a quadratic weak phase would not end before the test's limit.  It also dies in one cycle. */
#include "tests/support/suite.h"

TEST(ephemeron_chain_is_linear) {
  NOT_UNDER_STRESS();
  NEEDS(ephemerons);
  struct gc_heap_config config = suite_config(256 * GC_MIB);
  suite_calm(&config);
  struct gc_mutator *m = suite_begin_with(&config);
  size_t length = suite_count(400000);
  GC_ROOTS(m, r, table, key, value, weak);
  gc_set(m, &r.table, gc_alloc_array(m, length));
  gc_set(m, &r.value, GC_NEW(m, leaf)); /* the far end */
  gc_set(m, &r.weak, gc_weak_new(m, &r.value, NULL, NULL));
  for (size_t i = 0; i < length; i++) {
    gc_set(m, &r.key, GC_NEW(m, leaf));
    gc_ref ephemeron = gc_ephemeron_new(m, &r.key, &r.value);
    gc_array_store(m, gc_get(m, &r.table), i, ephemeron);
    gc_set(m, &r.value, gc_get(m, &r.key));
  }
  gc_set(m, &r.value, GC_NULL); /* only r.key, the near end, is left */
  suite_settle(m);
  EXPECT(!gc_is_null(gc_weak_get(m, gc_get(m, &r.weak))), "the far end died");
  for (size_t i = 0; i < length; i++) {
    gc_ref ephemeron = gc_array_load(m, gc_get(m, &r.table), i);
    EXPECT(!gc_is_null(gc_ephemeron_value(m, ephemeron)), "value %zu of %zu died", i, length);
  }
  gc_set(m, &r.key, GC_NULL);
  if (suite.collector->attrs.reclaims) {
    suite_settle(m);
    EXPECT(gc_is_null(gc_weak_get(m, gc_get(m, &r.weak))), "the far end outlived the near one");
  }
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
