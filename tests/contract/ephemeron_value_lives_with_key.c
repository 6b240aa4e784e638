/* ephemeron_value_lives_with_key.c -- a value that only its ephemeron holds lives as long as the key, no longer; and
 * the ephemeron does not keep the key. */
#include "tests/support/suite.h"

enum { ENTRIES = 40 };

TEST(ephemeron_value_lives_with_key) {
  NEEDS(ephemerons);
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  bool reclaims = suite.collector->attrs.reclaims;
  GC_ROOTS(m, r, table, keys, key, value, weaks);
  gc_set(m, &r.table, gc_alloc_array(m, ENTRIES));
  gc_set(m, &r.keys, gc_alloc_array(m, ENTRIES));
  gc_set(m, &r.weaks, gc_alloc_array(m, ENTRIES));
  for (unsigned i = 0; i < ENTRIES; i++) {
    gc_set(m, &r.key, GC_NEW(m, leaf));
    gc_ref value = GC_NEW(m, leaf);
    GC_PUT(m, value, leaf, key, i);
    gc_set(m, &r.value, value);
    gc_array_store(m, gc_get(m, &r.keys), i, gc_get(m, &r.key));
    gc_ref ephemeron = gc_ephemeron_new(m, &r.key, &r.value);
    gc_array_store(m, gc_get(m, &r.table), i, ephemeron);
    gc_ref weak = gc_weak_new(m, &r.value, NULL, NULL);
    gc_array_store(m, gc_get(m, &r.weaks), i, weak);
  }
  gc_set(m, &r.key, GC_NULL);
  gc_set(m, &r.value, GC_NULL);
  for (unsigned round = 0; round < 2; round++) {
    suite_settle(m);
    suite_churn(m, 64 * GC_KIB);
    for (unsigned i = 0; i < ENTRIES; i++) {
      gc_ref ephemeron = gc_array_load(m, gc_get(m, &r.table), i);
      bool lives = round == 0 || i % 3 == 0 || !reclaims;
      EXPECT(gc_is_null(gc_ephemeron_key(m, ephemeron)) != lives, "key %u in round %u", i, round);
      EXPECT(gc_is_null(gc_ephemeron_value(m, ephemeron)) != lives, "value %u in round %u", i, round);
      EXPECT(gc_is_null(gc_weak_get(m, gc_array_load(m, gc_get(m, &r.weaks), i))) != lives,
             "the value's memory, %u in round %u", i, round);
      if (!lives)
        continue;
      EXPECT(gc_same(m, gc_ephemeron_key(m, ephemeron), gc_array_load(m, gc_get(m, &r.keys), i)), "the key of %u", i);
      EXPECT(GC_DEREF(m, leaf, gc_ephemeron_value(m, ephemeron))->key == i, "the value of %u", i);
    }
    for (unsigned i = 0; i < ENTRIES && reclaims; i++)
      if (i % 3)
        gc_array_store(m, gc_get(m, &r.keys), i, GC_NULL);
  }
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
