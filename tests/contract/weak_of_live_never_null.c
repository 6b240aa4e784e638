/* weak_of_live_never_null.c -- while a strong reference exists, the weak one never reads as null, even for a moment
 * of a collection, and always shows the same object. */
#include "tests/support/suite.h"

struct race {
  _Atomic unsigned readers;
  size_t rounds;
};

static void collect_until_done(struct gc_mutator *m, struct race *race) {
  do {
    suite_churn(m, 4 * GC_KIB);
    gc_collect(m, 1);
  } while (atomic_load(&race->readers));
}

static void read_often(struct gc_mutator *m, struct race *race, unsigned index) {
  GC_ROOTS(m, r, strong, weak);
  gc_ref strong = GC_NEW(m, leaf);
  GC_PUT(m, strong, leaf, key, index);
  gc_set(m, &r.strong, strong);
  gc_set(m, &r.weak, gc_weak_new(m, &r.strong, NULL, NULL));
  for (size_t i = 0; i < race->rounds; i++) {
    gc_ref seen = gc_weak_get(m, gc_get(m, &r.weak));
    EXPECT(!gc_is_null(seen), "null after %zu reads", i);
    EXPECT(gc_same(m, seen, gc_get(m, &r.strong)), "another object after %zu reads", i);
    EXPECT(GC_DEREF(m, leaf, seen)->key == index, "contents after %zu reads", i);
    gc_poll(m);
  }
  gc_frame_pop(m, &r.frame);
  atomic_fetch_sub(&race->readers, 1);
}

static void read_weakly(struct gc_mutator *m, unsigned index, void *argument) {
  if (index == 0)
    collect_until_done(m, argument);
  else
    read_often(m, argument, index);
}

TEST(weak_of_live_never_null) {
  NEEDS(weak);
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  struct race race = {.readers = 2, .rounds = suite_count(200000)};
  if (suite.collector->attrs.threads) {
    suite_run_threads(m, 3, read_weakly, &race);
  } else {
    read_often(m, &race, 1);
  }
  suite_end(m);
}
