/* heap_is_used_again.c -- a program that drops what it allocates runs through many times the heap's size, in objects
 * of all sizes and in one size after another, with something kept on the way. */
#include "tests/support/suite.h"

TEST(heap_is_used_again) {
  NEEDS(reclaims);
  struct gc_mutator *m = suite_begin(24 * GC_MIB);
  size_t total = suite_count(12) * 24 * GC_MIB, done = 0;
  uint64_t rng = rng_stream(suite.seed, 0);
  if (suite.stress_every || suite.stress_polls)
    total = 256 * GC_KIB;
  enum { KEPT = 500 };
  GC_ROOTS(m, r, kept);
  gc_set(m, &r.kept, gc_alloc_array(m, KEPT));
  for (uint64_t i = 0; done < total; i++) {
    size_t most = (size_t)16 << (done * 52 / total % 13); /* shifts from 16 bytes to 64 KB, four times */
    size_t bytes = 1 + (size_t)rng_below(&rng, most);
    gc_ref raw = gc_alloc_raw(m, bytes);
    gc_raw_data(m, raw)[bytes - 1] = (unsigned char)bytes;
    if (i % 8 == 0 && bytes < 8192)
      gc_array_store(m, gc_get(m, &r.kept), rng_below(&rng, KEPT), raw);
    done += bytes + sizeof(struct gc_raw);
  }
  suite_settle(m);
  for (uint64_t i = 0; i < KEPT; i++) {
    gc_ref raw = gc_array_load(m, gc_get(m, &r.kept), i);
    if (gc_is_null(raw))
      continue;
    uint64_t length = GC_DEREF(m, gc_raw, raw)->length_bytes;
    EXPECT(gc_raw_data(m, raw)[length - 1] == (unsigned char)length, "the end of kept object %llu",
           (unsigned long long)i);
  }
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
