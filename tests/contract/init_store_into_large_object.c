/* init_store_into_large_object.c -- what only initialising stores put into a large object lives as long as it does.
 *
 * A generational plan places large objects among the old, and initialising stores have no barrier. */
#include "tests/support/suite.h"

enum { INIT_SLOTS = 3000, INIT_ROUNDS = 20 };

TEST(init_store_into_large_object) {
  struct gc_mutator *m = suite_begin(32 * GC_MIB);
  GC_ROOTS(m, r, leaf, array);
  for (uint64_t round = 0; round < INIT_ROUNDS; round++) {
    gc_ref leaf = GC_NEW(m, leaf);
    GC_PUT(m, leaf, leaf, key, round);
    gc_set(m, &r.leaf, leaf);
    gc_ref array = gc_alloc_array(m, INIT_SLOTS);
    for (uint64_t i = round; i < INIT_SLOTS; i += 1000)
      gc_init_store(m, array, gc_array_slot(m, array, i), gc_get(m, &r.leaf));
    gc_set(m, &r.array, array);
    gc_set(m, &r.leaf, GC_NULL);
    for (int young = 0; young < 3; young++) {
      gc_collect(m, 0);
      suite_churn(m, 64 * GC_KIB);
    }
    for (uint64_t i = round; i < INIT_SLOTS; i += 1000) {
      gc_ref found = gc_array_load(m, gc_get(m, &r.array), i);
      EXPECT(!gc_is_null(found) && GC_DEREF(m, leaf, found)->key == round, "slot %llu in round %llu",
             (unsigned long long)i, (unsigned long long)round);
    }
  }
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
