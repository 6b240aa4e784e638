/* free_is_safe.c -- gc_free of an object that nothing refers to any more is allowed under every plan, for small and
 * large objects, and disturbs no other object. */
#include "tests/support/suite.h"

TEST(free_is_safe) {
  struct gc_mutator *m = suite_begin(64 * GC_MIB);
  GC_ROOTS(m, r, list);
  size_t rounds = suite_count(2000);
  for (uint64_t i = 0; i < rounds; i++) {
    gc_ref link = GC_NEW(m, link);
    GC_INIT(m, link, link, next, gc_get(m, &r.list));
    GC_PUT(m, link, link, key, i);
    gc_set(m, &r.list, link);
    gc_ref scratch = gc_alloc_raw(m, i % 50 == 0 ? 20000 : 16 + i % 100);
    memset(gc_raw_data(m, scratch), 0xff, 16);
    gc_free(m, scratch);
    if (i % 256 == 0)
      gc_collect(m, 1);
  }
  suite_settle(m);
  uint64_t expected = rounds;
  for (gc_ref link = gc_get(m, &r.list); !gc_is_null(link); link = GC_LOAD(m, link, link, next))
    EXPECT(GC_DEREF(m, link, link)->key == --expected, "link %llu", (unsigned long long)expected);
  EXPECT(expected == 0, "%llu links are missing", (unsigned long long)expected);
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
