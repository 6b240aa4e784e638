/* array_slices_are_marked.c -- every slot of a reference array counts, on both sides of each slice's edge. */
#include "tests/support/suite.h"

static void check_length(struct gc_mutator *m, uint64_t length) {
  GC_ROOTS(m, r, array);
  gc_set(m, &r.array, gc_alloc_array(m, length));
  EXPECT(gc_array_length(m, gc_get(m, &r.array)) == length, "a new array of %llu", (unsigned long long)length);
  for (uint64_t i = 0; i < length; i++) {
    gc_ref leaf = GC_NEW(m, leaf);
    GC_PUT(m, leaf, leaf, key, i);
    gc_array_store(m, gc_get(m, &r.array), i, leaf);
  }
  suite_settle(m);
  suite_churn(m, 256 * GC_KIB); /* overwrites what was freed by mistake */
  for (uint64_t i = 0; i < length; i++) {
    gc_ref leaf = gc_array_load(m, gc_get(m, &r.array), i);
    EXPECT(!gc_is_null(leaf) && GC_DEREF(m, leaf, leaf)->key == i, "slot %llu of %llu", (unsigned long long)i,
           (unsigned long long)length);
  }
  gc_frame_pop(m, &r.frame);
}

TEST(array_slices_are_marked) {
  struct gc_mutator *m = suite_begin(64 * GC_MIB);
  if (suite_count(16) == 16) {
    static const uint64_t lengths[] = {0, 1, SCAN_SLICE_SLOTS - 1, SCAN_SLICE_SLOTS, SCAN_SLICE_SLOTS + 1,
                                       3 * SCAN_SLICE_SLOTS + 5, 100000};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
      check_length(m, lengths[i]);
  } else {
    check_length(m, 0);
    check_length(m, suite_count(16) == 1 ? 100 : 2 * SCAN_SLICE_SLOTS + 1);
  }
  suite_end(m);
}
