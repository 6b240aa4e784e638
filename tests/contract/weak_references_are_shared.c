/* weak_references_are_shared.c -- whoever asks for a weak reference without callback gets the one that is there, where
 * the collector can name it: until nobody holds it, or its target is dead.  Those that have a callback, or were asked
 * for anew, are others. */
#include "tests/support/suite.h"

static void expect_referent(struct gc_mutator *m, const gc_root *weak, const gc_root *target) {
  EXPECT(gc_same(m, gc_weak_get(m, gc_get(m, weak)), gc_get(m, target)), "it refers to its target");
}

static unsigned shared_called;

static void count_shared_call(struct gc_mutator *m, void *argument) {
  (void)m, (void)argument;
  shared_called++;
}

TEST(weak_references_are_shared) {
  NEEDS(weak);
  bool shares = suite.collector->weak_shared != NULL;
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  GC_ROOTS(m, r, target, other, calls, first, second, fresh);
  gc_set(m, &r.target, GC_NEW(m, node));
  gc_set(m, &r.other, GC_NEW(m, node));
  gc_set(m, &r.calls, gc_weak_new(m, &r.target, count_shared_call, NULL));
  for (unsigned round = 0; round < 3; round++) {
    gc_set(m, &r.first, gc_weak_shared(m, &r.target));
    gc_set(m, &r.fresh, gc_weak_new(m, &r.target, NULL, NULL));
    gc_set(m, &r.second, gc_weak_shared(m, &r.target));
    expect_referent(m, &r.first, &r.target);
    expect_referent(m, &r.second, &r.target);
    EXPECT(gc_same(m, gc_get(m, &r.first), gc_get(m, &r.second)) == shares, "asked for twice in round %u", round);
    EXPECT(!gc_same(m, gc_get(m, &r.first), gc_get(m, &r.calls)), "one with a callback in round %u", round);
    EXPECT(!gc_same(m, gc_get(m, &r.first), gc_get(m, &r.fresh)), "a new one in round %u", round);
    gc_set(m, &r.second, gc_weak_shared(m, &r.other));
    expect_referent(m, &r.second, &r.other);
    EXPECT(!gc_same(m, gc_get(m, &r.first), gc_get(m, &r.second)), "that of another object in round %u", round);
    gc_set(m, &r.fresh, GC_NULL);
    gc_set(m, &r.first, GC_NULL); /* it dies, and is not found any more */
    suite_settle(m);
    suite_churn(m, 16 * GC_KIB);
  }
  gc_set(m, &r.first, gc_weak_shared(m, &r.target));
  gc_set(m, &r.target, GC_NULL);
  suite_settle(m);
  bool reclaims = suite.collector->attrs.reclaims;
  EXPECT(gc_is_null(gc_weak_get(m, gc_get(m, &r.first))) == reclaims, "the target is dead");
  EXPECT(gc_deliver(m) == reclaims && shared_called == reclaims, "the callback is called");
  gc_set(m, &r.target, GC_NEW(m, node));
  gc_set(m, &r.second, gc_weak_shared(m, &r.target));
  EXPECT(!gc_same(m, gc_get(m, &r.first), gc_get(m, &r.second)), "a new object, perhaps in the old one's place");
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
