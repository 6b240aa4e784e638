/* large_zeroing_polls.c -- while a large object is zeroed, its thread polls once for each slice, so that nobody waits
 * long for it; a collection in between neither sees nor loses the object. */
#include "tests/support/suite.h"

enum { LARGE_BYTES = 1 << 20, SLICE_BYTES = 64 * 1024 };

TEST(large_zeroing_polls) {
  NEEDS(reclaims);
  struct gc_heap_config config = suite_config(64 * GC_MIB);
  config.stress_every = 0;
  config.stress_polls = true;
  struct gc_mutator *m = suite_begin_with(&config);
  GC_ROOTS(m, r, neighbour, large, list);
  gc_set(m, &r.large, gc_alloc_raw(m, LARGE_BYTES));
  gc_set(m, &r.neighbour, gc_alloc_raw(m, 100 * 1000)); /* in the same chunk, which therefore stays in use */
  memset(gc_raw_data(m, gc_get(m, &r.large)), 0x5a, LARGE_BYTES);
  gc_set(m, &r.large, GC_NULL);
  suite_settle(m);

  uint64_t polls = m->counts.slow_polls;
  gc_set(m, &r.large, gc_alloc_raw(m, LARGE_BYTES));
  polls = m->counts.slow_polls - polls;
  EXPECT(polls >= LARGE_BYTES / SLICE_BYTES, "%llu polls", (unsigned long long)polls);
  suite_settle(m);
  const unsigned char *data = gc_raw_data(m, gc_get(m, &r.large));
  for (size_t i = 0; i < LARGE_BYTES; i++)
    EXPECT(data[i] == 0, "byte %zu is %x", i, data[i]);
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
