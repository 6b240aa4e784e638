/* deep_list_is_freed.c -- a list of ten million nodes is kept, and then freed, without recursion. */
#include "tests/support/suite.h"

TEST(deep_list_is_freed) {
  NOT_UNDER_STRESS();
  struct gc_heap_config config = suite_config(1536 * GC_MIB);
  config.verify = VERIFY_NONE; /* the oracle visits lists elsewhere; here only the collector's own depth counts */
  suite_calm(&config);
  struct gc_mutator *m = suite_begin_with(&config);
  size_t empty_bytes = suite_used_bytes(m); /* a nursery counts whether it is used or not */
  size_t length = suite_count(10 * 1000 * 1000);
  GC_ROOTS(m, r, list);
  for (size_t i = 0; i < length; i++) {
    gc_ref link = GC_NEW(m, link);
    GC_INIT(m, link, link, next, gc_get(m, &r.list));
    GC_PUT(m, link, link, key, i);
    gc_set(m, &r.list, link);
  }
  gc_collect(m, 1);
  size_t found = 0;
  for (gc_ref link = gc_get(m, &r.list); !gc_is_null(link); link = GC_LOAD(m, link, link, next))
    EXPECT(GC_DEREF(m, link, link)->key == length - ++found, "a wrong node %zu from the end", found);
  EXPECT(found == length, "%zu nodes of %zu", found, length);

  size_t list_bytes = suite_used_bytes(m) - empty_bytes;
  gc_set(m, &r.list, GC_NULL);
  if (suite.collector->attrs.reclaims) {
    suite_settle(m);
    size_t left_bytes = suite_used_bytes(m);
    EXPECT(left_bytes < empty_bytes + list_bytes / 4, "%zu bytes are left of %zu, and %zu before", left_bytes,
           list_bytes, empty_bytes);
  }
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
