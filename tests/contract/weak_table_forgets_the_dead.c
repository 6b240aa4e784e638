/* weak_table_forgets_the_dead.c -- a table of weak values finds what lives, whatever else died, was removed, or was
 * put in its place; and does not grow by what died. */
#include "runtime/gc_weak_table.h"
#include "tests/support/suite.h"

enum { VALUES = 150, VALUES_SLOWLY = 45, VALUE_ROUNDS = 6 }; /* multiples of 15 */

/* Words that differ in high bits only meet in few buckets. */
static uint64_t table_word(uint64_t i) { return i % 2 ? i : i << 52 | i; }

static void put_table_leaf(struct gc_mutator *m, const gc_root *table, const gc_root *held, uint64_t i, bool holds) {
  GC_ROOTS(m, r, value);
  gc_set(m, &r.value, GC_NEW(m, leaf));
  GC_PUT(m, gc_get(m, &r.value), leaf, key, i);
  gc_weak_table_put(m, table, table_word(i), &r.value);
  if (holds)
    gc_array_store(m, gc_get(m, held), i, gc_get(m, &r.value));
  gc_frame_pop(m, &r.frame);
}

static void expect_value(struct gc_mutator *m, const gc_root *table, const gc_root *held, uint64_t i) {
  gc_ref found = gc_weak_table_get(m, gc_get(m, table), table_word(i)), value = gc_array_load(m, gc_get(m, held), i);
  if (gc_is_null(value)) {
    EXPECT(gc_is_null(found) || !suite.collector->attrs.reclaims, "value %llu died", (unsigned long long)i);
    return;
  }
  EXPECT(!gc_is_null(found), "value %llu lives and is not found", (unsigned long long)i);
  EXPECT(gc_same(m, found, value), "another value is found for %llu", (unsigned long long)i);
  EXPECT(GC_DEREF(m, leaf, found)->key == i, "value %llu", (unsigned long long)i);
}

TEST(weak_table_forgets_the_dead) {
  NEEDS(weak);
  bool reclaims = suite.collector->attrs.reclaims;
  uint64_t values = suite_count(16) == 16 ? VALUES : VALUES_SLOWLY;
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  GC_ROOTS(m, r, table, held);
  gc_set(m, &r.table, gc_weak_table_new(m));
  gc_set(m, &r.held, gc_alloc_array(m, values));
  EXPECT(gc_weak_table_size(m, gc_get(m, &r.table)) == 0, "a new table");
  for (uint64_t round = 0; round < VALUE_ROUNDS; round++) {
    for (uint64_t i = 0; i < values; i++)
      put_table_leaf(m, &r.table, &r.held, i, true);
    EXPECT(gc_weak_table_size(m, gc_get(m, &r.table)) == values, "all live in round %llu", (unsigned long long)round);
    EXPECT(gc_weak_table_is_packed(m, gc_get(m, &r.table)) || round, "each was put once");
    for (uint64_t i = 0; i < values; i++)
      if (i % 3 != round % 3)
        gc_array_store(m, gc_get(m, &r.held), i, GC_NULL);
    suite_settle(m);
    for (uint64_t i = 0; i < values; i++)
      expect_value(m, &r.table, &r.held, i);
    uint64_t size = gc_weak_table_size(m, gc_get(m, &r.table));
    EXPECT(size == (reclaims ? values / 3 : values), "%llu live", (unsigned long long)size);
    for (uint64_t i = 0; i < values; i += 5) {
      bool lives = !reclaims || i % 3 == round % 3;
      EXPECT(gc_weak_table_remove(m, gc_get(m, &r.table), table_word(i)) == lives, "%llu is removed",
             (unsigned long long)i);
      EXPECT(!gc_weak_table_remove(m, gc_get(m, &r.table), table_word(i)), "%llu is there again",
             (unsigned long long)i);
      gc_array_store(m, gc_get(m, &r.held), i, GC_NULL);
      expect_value(m, &r.table, &r.held, i);
    }
  }
  EXPECT(!gc_weak_table_is_packed(m, gc_get(m, &r.table)), "some were removed");
  uint64_t capacity = gc_weak_table_words(m, gc_get(m, &r.table))->capacity;
  for (uint64_t word = 1000; word < 1000 + 20 * values && reclaims; word++) {
    put_table_leaf(m, &r.table, &r.held, word, false);
    if (word % 20 == 0)
      suite_settle(m);
  }
  EXPECT(gc_weak_table_words(m, gc_get(m, &r.table))->capacity == capacity, "it grew by what died");
  for (uint64_t i = 0; i < values; i++)
    expect_value(m, &r.table, &r.held, i);
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
