/* weak_table_holds_still_while_walked.c -- a walk meets each entry that stays once, and in order, while others die, are
 * removed and are put, so that the table grows; after the walk it is packed again. */
#include "runtime/gc_weak_table.h"
#include "tests/support/suite.h"

enum { WALKED = 60, WALKED_QUIETLY = 30, WALKED_LATER = 400 };

static void put_walked(struct gc_mutator *m, const gc_root *table, const gc_root *held, uint64_t i) {
  GC_ROOTS(m, r, value);
  gc_set(m, &r.value, GC_NEW(m, leaf));
  gc_weak_table_put(m, table, i, &r.value);
  if (i < WALKED)
    gc_array_store(m, gc_get(m, held), i, gc_get(m, &r.value));
  gc_frame_pop(m, &r.frame);
}

/* Every third stays; of the others the odd ones die, and the even ones are removed: some that the walk met already, and
 * some that it never meets. */
static void disturb(struct gc_mutator *m, const gc_root *table, const gc_root *held) {
  for (uint64_t i = 1; i < WALKED; i++) {
    if (i % 3 && i % 2)
      gc_array_store(m, gc_get(m, held), i, GC_NULL);
    if (i % 3 && i % 2 == 0)
      EXPECT(gc_weak_table_remove(m, gc_get(m, table), i), "%llu is there", (unsigned long long)i);
  }
  suite_settle(m);
  for (uint64_t i = 0; i < WALKED_LATER; i++)
    put_walked(m, table, held, WALKED + i);
}

static uint64_t count_walked(struct gc_mutator *m, const gc_root *table) {
  struct gc_weak_walk walk;
  uint64_t count = 0;
  gc_weak_walk_begin(m, gc_get(m, table), &walk);
  while (!gc_is_null(gc_weak_walk_next(m, gc_get(m, table), &walk)))
    count++;
  gc_weak_walk_end(m, gc_get(m, table));
  return count;
}

TEST(weak_table_holds_still_while_walked) {
  NEEDS(reclaims);
  NEEDS(weak);
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  GC_ROOTS(m, r, table, held, value);
  gc_set(m, &r.table, gc_weak_table_new(m));
  gc_set(m, &r.held, gc_alloc_array(m, WALKED));
  for (uint64_t i = 0; i < WALKED; i++)
    put_walked(m, &r.table, &r.held, i);
  EXPECT(count_walked(m, &r.table) == WALKED, "undisturbed");

  struct gc_weak_walk walk;
  uint64_t expected = 0;
  gc_weak_walk_begin(m, gc_get(m, &r.table), &walk);
  while (gc_set(m, &r.value, gc_weak_walk_next(m, gc_get(m, &r.table), &walk)), !gc_is_null(gc_get(m, &r.value))) {
    if (walk.word >= WALKED)
      continue;
    EXPECT(walk.word == expected, "%llu is met, not %llu", (unsigned long long)walk.word,
           (unsigned long long)expected);
    EXPECT(gc_same(m, gc_array_load(m, gc_get(m, &r.held), walk.word), gc_get(m, &r.value)), "the value of %llu",
           (unsigned long long)walk.word);
    if (expected == WALKED_QUIETLY) {
      disturb(m, &r.table, &r.held);
      count_walked(m, &r.table); /* its end does not end this one */
      for (uint64_t i = 0; i < WALKED_LATER; i++)
        put_walked(m, &r.table, &r.held, WALKED + WALKED_LATER + i);
    }
    expected += expected < WALKED_QUIETLY ? 1 : 3;
  }
  EXPECT(expected == WALKED, "the walk ended at %llu", (unsigned long long)expected);
  gc_weak_walk_end(m, gc_get(m, &r.table));

  gc_set(m, &r.value, GC_NULL);
  gc_set(m, &r.held, gc_alloc_array(m, WALKED));
  suite_settle(m);
  uint64_t capacity = gc_weak_table_words(m, gc_get(m, &r.table))->capacity;
  for (uint64_t i = 0; i <= capacity; i++) {
    put_walked(m, &r.table, &r.held, WALKED + i);
    if (i % 50 == 0)
      suite_settle(m);
  }
  EXPECT(gc_weak_table_words(m, gc_get(m, &r.table))->capacity == capacity, "the dead are still given room");
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
