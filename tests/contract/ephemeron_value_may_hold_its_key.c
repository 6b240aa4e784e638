/* ephemeron_value_may_hold_its_key.c -- an ephemeron whose value leads to its key keeps neither; and looking for cycles
 * from such an ephemeron, or from its value, leaves both as they were while somebody holds the key. */
#include "tests/support/suite.h"

enum { HOLD_KEYS = 20 };

/* Lets go of the second of two references, so that what is left may be a cycle. */
static void let_go(struct gc_mutator *m, const gc_root *holder, uint64_t i, gc_ref object) {
  GC_ROOTS(m, r, object);
  gc_set(m, &r.object, object);
  gc_array_store(m, gc_get(m, holder), i, gc_get(m, &r.object));
  suite_settle(m);
  gc_array_store(m, gc_get(m, holder), i, GC_NULL);
  gc_frame_pop(m, &r.frame);
  suite_settle(m);
}

TEST(ephemeron_value_may_hold_its_key) {
  NEEDS(ephemerons);
  NEEDS(cycles);
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  GC_ROOTS(m, r, table, holder, keys, key, value);
  gc_set(m, &r.table, gc_alloc_array(m, HOLD_KEYS));
  gc_set(m, &r.holder, gc_alloc_array(m, HOLD_KEYS));
  gc_set(m, &r.keys, gc_alloc_array(m, HOLD_KEYS));
  for (uint64_t i = 0; i < HOLD_KEYS; i++) {
    gc_set(m, &r.key, GC_NEW(m, node));
    gc_set(m, &r.value, GC_NEW(m, node));
    GC_PUT(m, gc_get(m, &r.value), node, key, i);
    GC_STORE(m, gc_get(m, &r.value), node, left, gc_get(m, &r.key));
    gc_array_store(m, gc_get(m, &r.keys), i, gc_get(m, &r.key));
    gc_ref ephemeron = gc_ephemeron_new(m, &r.key, &r.value);
    gc_array_store(m, gc_get(m, &r.table), i, ephemeron);
  }
  gc_set(m, &r.key, GC_NULL);
  gc_set(m, &r.value, GC_NULL);
  for (uint64_t i = 0; i < HOLD_KEYS; i++) {
    gc_ref ephemeron = gc_array_load(m, gc_get(m, &r.table), i);
    let_go(m, &r.holder, i, i % 2 ? ephemeron : gc_ephemeron_value(m, ephemeron));
  }
  suite_churn(m, 64 * GC_KIB);
  for (uint64_t i = 0; i < HOLD_KEYS; i++) {
    gc_ref value = gc_ephemeron_value(m, gc_array_load(m, gc_get(m, &r.table), i));
    EXPECT(!gc_is_null(value) && GC_DEREF(m, node, value)->key == i, "value %u while its key is held", (unsigned)i);
    EXPECT(gc_same(m, GC_LOAD(m, value, node, left), gc_array_load(m, gc_get(m, &r.keys), i)), "key %u", (unsigned)i);
  }
  gc_set(m, &r.keys, GC_NULL);
  suite_settle(m);
  suite_settle(m);
  for (uint64_t i = 0; i < HOLD_KEYS; i++)
    EXPECT(gc_is_null(gc_ephemeron_key(m, gc_array_load(m, gc_get(m, &r.table), i))), "key %u is kept by its value",
           (unsigned)i);
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
