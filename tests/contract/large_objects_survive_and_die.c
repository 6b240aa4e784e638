/* large_objects_survive_and_die.c -- large arrays keep their contents and what they refer to, and are freed. */
#include "tests/support/suite.h"

enum { KEPT = 8 };

static gc_ref large_new(struct gc_mutator *m, uint64_t slots, uint64_t key) {
  GC_ROOTS(m, r, leaf);
  gc_ref leaf = GC_NEW(m, leaf);
  GC_PUT(m, leaf, leaf, key, key);
  gc_set(m, &r.leaf, leaf);
  gc_ref array = gc_alloc_array(m, slots);
  gc_array_store(m, array, slots - 1, gc_get(m, &r.leaf));
  gc_frame_pop(m, &r.frame);
  return array;
}

TEST(large_objects_survive_and_die) {
  struct gc_mutator *m = suite_begin(64 * GC_MIB);
  bool reclaims = suite.collector->attrs.reclaims;
  size_t rounds = reclaims ? suite_count(80) + KEPT : KEPT + 2;
  size_t empty_bytes = suite_used_bytes(m);
  GC_ROOTS(m, r, table, array);
  gc_set(m, &r.table, gc_alloc_array(m, KEPT));
  for (uint64_t i = 0; i < rounds; i++) {
    gc_set(m, &r.array, large_new(m, 1500 + i % 7 * 40000, i)); /* 12 KB to 2 MB */
    gc_array_store(m, gc_get(m, &r.table), i % KEPT, gc_get(m, &r.array));
    if (i % 16 == 0)
      gc_collect(m, 1);
  }
  suite_settle(m);
  for (uint64_t i = rounds - KEPT; i < rounds; i++) {
    gc_ref array = gc_array_load(m, gc_get(m, &r.table), i % KEPT);
    uint64_t length = gc_array_length(m, array);
    EXPECT(length == 1500 + i % 7 * 40000, "array %llu has %llu slots", (unsigned long long)i,
           (unsigned long long)length);
    EXPECT(gc_is_null(gc_array_load(m, array, length / 2)), "a slot that was never written");
    EXPECT(GC_DEREF(m, leaf, gc_array_load(m, array, length - 1))->key == i, "the leaf of array %llu",
           (unsigned long long)i);
  }
  size_t full_bytes = suite_used_bytes(m);
  EXPECT(full_bytes > empty_bytes + GC_MIB, "%zu bytes hold it all", full_bytes);
  gc_set(m, &r.table, GC_NULL);
  gc_set(m, &r.array, GC_NULL);
  if (reclaims) {
    suite_settle(m);
    EXPECT(suite_used_bytes(m) < empty_bytes + GC_MIB, "%zu bytes are held, %zu were when empty", suite_used_bytes(m),
           empty_bytes);
  }
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
