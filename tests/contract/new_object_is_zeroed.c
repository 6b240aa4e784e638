/* new_object_is_zeroed.c -- memory that was full of other things is zero in a new object of any size. */
#include "tests/support/suite.h"

static const size_t sizes[] = {8, 16, 24, 40, 56, 100, 200, 500, 1000, 3000, 8000, 9000, 40000, 200000};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

static void expect_zero(struct gc_mutator *m, gc_ref raw, size_t bytes) {
  const unsigned char *data = gc_raw_data(m, raw);
  for (size_t i = 0; i < bytes; i++)
    EXPECT(data[i] == 0, "byte %zu of %zu is %x", i, bytes, data[i]);
}

TEST(new_object_is_zeroed) {
  struct gc_mutator *m = suite_begin(32 * GC_MIB);
  size_t rounds = suite.collector->attrs.reclaims ? suite_count(40) : 4;
  GC_ROOTS(m, r, kept, node);
  for (size_t round = 0; round < rounds; round++) {
    gc_set(m, &r.kept, gc_alloc_array(m, 4 * SIZES)); /* drops the last round's objects */
    for (size_t i = 0; i < 4 * SIZES; i++) {
      size_t bytes = sizes[(i + round) % SIZES];
      gc_ref raw = gc_alloc_raw(m, bytes);
      EXPECT(GC_DEREF(m, gc_raw, raw)->length_bytes == bytes, "length of %zu bytes", bytes);
      expect_zero(m, raw, bytes);
      memset(gc_raw_data(m, raw), 0xa5, bytes);
      if (i % 3) /* so that holes appear between what is kept */
        gc_array_store(m, gc_get(m, &r.kept), i, raw);
      gc_ref node = GC_NEW(m, node);
      EXPECT(gc_is_null(GC_LOAD(m, node, node, left)) && gc_is_null(GC_LOAD(m, node, node, right)) &&
                 GC_DEREF(m, node, node)->key == 0,
             "a new node is not empty in round %zu", round);
      GC_PUT(m, node, node, key, ~0ull);
      GC_STORE(m, node, node, left, node);
      gc_set(m, &r.node, node);
      GC_STORE(m, gc_get(m, &r.node), node, left, GC_NULL); /* no cycle stays for plans that cannot free one */
    }
    if (round % 4 == 0)
      suite_settle(m);
  }
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
