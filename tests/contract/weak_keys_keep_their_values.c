/* weak_keys_keep_their_values.c -- in a table of weak keys a value that nothing else holds lives as long as its key and
 * no longer, also one that leads to its key where there are ephemerons and cycles are found; and each key has its own.
 */
#include "runtime/gc_weak_keys.h"
#include "tests/support/suite.h"

enum { WEAK_KEYS = 120 };

static void put_weak_key(struct gc_mutator *m, const gc_root *table, const gc_root *key, uint64_t number,
                    const gc_root *watch) {
  GC_ROOTS(m, r, value);
  gc_set(m, &r.value, GC_NEW(m, node));
  GC_PUT(m, gc_get(m, &r.value), node, key, number);
  if (suite.collector->attrs.ephemerons && suite.collector->attrs.cycles)
    GC_STORE(m, gc_get(m, &r.value), node, left, gc_get(m, key));
  gc_weak_keys_put(m, table, key, &r.value);
  gc_ref weak = gc_weak_new(m, &r.value, NULL, NULL);
  gc_array_store(m, gc_get(m, watch), number % WEAK_KEYS, weak);
  gc_frame_pop(m, &r.frame);
}

static void expect_weak_key(struct gc_mutator *m, const gc_root *table, gc_ref key, uint64_t number) {
  gc_ref value = gc_weak_keys_get(m, gc_get(m, table), key);
  EXPECT(!gc_is_null(value), "key %llu lives and has no value", (unsigned long long)number);
  EXPECT(GC_DEREF(m, node, value)->key == number, "key %llu has the value %llu", (unsigned long long)number,
         (unsigned long long)GC_DEREF(m, node, value)->key);
}

static bool is_watched_dead(struct gc_mutator *m, const gc_root *watch, uint64_t i) {
  return gc_is_null(gc_weak_get(m, gc_array_load(m, gc_get(m, watch), i)));
}

/* Drops the keys that 3 does not divide. */
static void drop_weak_keys(struct gc_mutator *m, const gc_root *keys) {
  for (uint64_t i = 0; i < WEAK_KEYS; i++)
    if (i % 3)
      gc_array_store(m, gc_get(m, keys), i, GC_NULL);
}

TEST(weak_keys_keep_their_values) {
  NEEDS(weak);
  bool reclaims = suite.collector->attrs.reclaims;
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  GC_ROOTS(m, r, table, keys, watch, key);
  gc_set(m, &r.table, gc_weak_table_new(m));
  gc_set(m, &r.keys, gc_alloc_array(m, WEAK_KEYS));
  gc_set(m, &r.watch, gc_alloc_array(m, WEAK_KEYS));
  for (uint64_t number = 0; number < 2 * WEAK_KEYS; number++) { /* each key gets a second value */
    uint64_t i = number % WEAK_KEYS;
    if (number < WEAK_KEYS) {
      gc_set(m, &r.key, GC_NEW(m, leaf));
      gc_array_store(m, gc_get(m, &r.keys), i, gc_get(m, &r.key));
      EXPECT(gc_is_null(gc_weak_keys_get(m, gc_get(m, &r.table), gc_get(m, &r.key))), "a new key has a value");
    }
    gc_set(m, &r.key, gc_array_load(m, gc_get(m, &r.keys), i));
    put_weak_key(m, &r.table, &r.key, number, &r.watch);
  }
  gc_set(m, &r.key, GC_NULL);
  suite_settle(m);
  suite_churn(m, 64 * GC_KIB);
  EXPECT(gc_weak_table_size(m, gc_get(m, &r.table)) == WEAK_KEYS, "all keys live");
  for (uint64_t i = 0; i < WEAK_KEYS; i++)
    expect_weak_key(m, &r.table, gc_array_load(m, gc_get(m, &r.keys), i), i + WEAK_KEYS);

  drop_weak_keys(m, &r.keys);
  gc_alloc_raw(m, sizeof(uint64_t)); /* settles what is at zero, where that kills at once */
  for (uint64_t i = 0; i < WEAK_KEYS && PLAN_CONTROLS; i++)
    EXPECT(is_watched_dead(m, &r.watch, i) == (i % 3 != 0), "value %llu dies with its key", (unsigned long long)i);
  suite_settle(m);
  uint64_t size = gc_weak_table_size(m, gc_get(m, &r.table));
  EXPECT(size == (reclaims ? WEAK_KEYS / 3 : WEAK_KEYS), "%llu keys live", (unsigned long long)size);
  /* What has no ephemerons holds the values until it needs room. */
  for (uint64_t i = 0; i < 4 * WEAK_KEYS && reclaims; i++) {
    gc_set(m, &r.key, GC_NEW(m, leaf));
    gc_weak_keys_put(m, &r.table, &r.key, &r.table);
  }
  gc_set(m, &r.key, GC_NULL);
  suite_settle(m);
  suite_settle(m); /* what the first lets go of, where deaths by count are queued */
  for (uint64_t i = 0; i < WEAK_KEYS; i++)
    EXPECT(is_watched_dead(m, &r.watch, i) == (reclaims && i % 3), "value %llu", (unsigned long long)i);
  for (uint64_t i = 0; i < WEAK_KEYS; i += 3) {
    gc_ref key = gc_array_load(m, gc_get(m, &r.keys), i);
    expect_weak_key(m, &r.table, key, i + WEAK_KEYS);
    EXPECT(gc_weak_keys_remove(m, gc_get(m, &r.table), key), "key %llu is there", (unsigned long long)i);
    key = gc_array_load(m, gc_get(m, &r.keys), i);
    EXPECT(gc_is_null(gc_weak_keys_get(m, gc_get(m, &r.table), key)), "key %llu is removed", (unsigned long long)i);
  }
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
