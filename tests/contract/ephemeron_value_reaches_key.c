/* ephemeron_value_reaches_key.c -- a value that refers to its own key does not keep the pair alive; one that refers
 * to the key of another ephemeron, or to an ephemeron that nothing else holds, keeps what follows. */
#include "tests/support/suite.h"

static gc_ref value_for(struct gc_mutator *m, const gc_root *target, uint64_t key) {
  gc_ref value = GC_NEW(m, node);
  GC_PUT(m, value, node, key, key);
  GC_INIT(m, value, node, left, gc_get(m, target));
  return value;
}

TEST(ephemeron_value_reaches_key) {
  NEEDS(ephemerons);
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  GC_ROOTS(m, r, self, key, value, first, inner_key, inner, live_key);

  gc_set(m, &r.key, GC_NEW(m, leaf)); /* self: value → its own key */
  gc_set(m, &r.value, value_for(m, &r.key, 1));
  gc_set(m, &r.self, gc_ephemeron_new(m, &r.key, &r.value));

  gc_set(m, &r.inner_key, GC_NEW(m, leaf)); /* first: live key, value → an ephemeron that nothing else holds */
  gc_set(m, &r.value, value_for(m, &r.inner_key, 2));
  gc_set(m, &r.inner, gc_ephemeron_new(m, &r.inner_key, &r.value));
  gc_ref holder = GC_NEW(m, node);
  GC_INIT(m, holder, node, left, gc_get(m, &r.inner));
  GC_INIT(m, holder, node, right, gc_get(m, &r.inner_key));
  gc_set(m, &r.value, holder);
  gc_set(m, &r.live_key, GC_NEW(m, leaf));
  gc_set(m, &r.first, gc_ephemeron_new(m, &r.live_key, &r.value));

  gc_set(m, &r.key, GC_NULL);
  gc_set(m, &r.value, GC_NULL);
  gc_set(m, &r.inner_key, GC_NULL);
  gc_set(m, &r.inner, GC_NULL);
  suite_settle(m);
  suite_churn(m, 64 * GC_KIB);

  if (suite.collector->attrs.cycles) {
    EXPECT(gc_is_null(gc_ephemeron_key(m, gc_get(m, &r.self))), "a value kept its own key");
    EXPECT(gc_is_null(gc_ephemeron_value(m, gc_get(m, &r.self))), "the value of a dead key");
  }
  gc_set(m, &r.value, gc_ephemeron_value(m, gc_get(m, &r.first)));
  EXPECT(!gc_is_null(gc_get(m, &r.value)), "the value of a live key");
  gc_ref inner = GC_LOAD(m, gc_get(m, &r.value), node, left);
  gc_ref inner_key = GC_LOAD(m, gc_get(m, &r.value), node, right);
  EXPECT(gc_same(m, gc_ephemeron_key(m, inner), inner_key), "the inner key");
  gc_ref inner_value = gc_ephemeron_value(m, inner);
  EXPECT(!gc_is_null(inner_value) && GC_DEREF(m, node, inner_value)->key == 2, "the inner value");
  EXPECT(gc_same(m, GC_LOAD(m, inner_value, node, left), inner_key), "what the inner value refers to");
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
