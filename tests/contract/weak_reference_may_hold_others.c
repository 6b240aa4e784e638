/* weak_reference_may_hold_others.c -- a weak reference of the program's own type keeps what its other fields refer to,
 * and not its target. */
#include "tests/support/suite.h"

enum { HOLDERS = 40 };

TEST(weak_reference_may_hold_others) {
  NEEDS(reclaims);
  NEEDS(weak);
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  GC_ROOTS(m, r, holders, target, live);
  gc_set(m, &r.holders, gc_alloc_array(m, HOLDERS));
  gc_set(m, &r.live, GC_NEW(m, leaf));
  for (uint64_t i = 0; i < HOLDERS; i++) {
    gc_set(m, &r.target, GC_NEW(m, leaf));
    gc_ref holder = GC_NEW(m, holder);
    gc_weak_init(m, holder, i % 2 ? &r.target : &r.live, NULL, NULL);
    GC_PUT(m, holder, holder, key, i);
    gc_array_store(m, gc_get(m, &r.holders), i, holder);
    gc_ref held = GC_NEW(m, leaf);
    GC_PUT(m, held, leaf, key, 1000 + i);
    GC_STORE(m, gc_array_load(m, gc_get(m, &r.holders), i), holder, held, held);
  }
  gc_set(m, &r.target, GC_NULL);
  for (unsigned round = 0; round < 2; round++) {
    suite_settle(m);
    suite_churn(m, 64 * GC_KIB);
  }
  for (uint64_t i = 0; i < HOLDERS; i++) {
    gc_ref holder = gc_array_load(m, gc_get(m, &r.holders), i);
    EXPECT(GC_DEREF(m, holder, holder)->key == i, "the key of holder %llu", (unsigned long long)i);
    EXPECT(GC_DEREF(m, leaf, GC_LOAD(m, holder, holder, held))->key == 1000 + i, "what holder %llu holds",
           (unsigned long long)i);
    gc_ref target = gc_weak_get(m, holder);
    EXPECT(gc_is_null(target) == (i % 2 == 1), "the target of holder %llu", (unsigned long long)i);
    EXPECT(gc_is_null(target) || gc_same(m, target, gc_get(m, &r.live)), "the live target of holder %llu",
           (unsigned long long)i);
  }
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
