/* long_array_dies.c -- an array of very many references is dropped while others stop the world: all that it held dies,
 * and what was taken out of it lives. */
#include "tests/support/suite.h"

enum { LONG_LENGTH = 20000, LONG_KEPT_EVERY = 2000, LONG_KEPT = LONG_LENGTH / LONG_KEPT_EVERY };

static void long_drop(struct gc_mutator *m, uint64_t length) {
  GC_ROOTS(m, r, array, leaf);
  gc_set(m, &r.array, gc_alloc_array(m, length));
  for (uint64_t i = 0; i < length; i++) {
    gc_ref leaf = GC_NEW(m, leaf);
    GC_PUT(m, leaf, leaf, key, i);
    gc_set(m, &r.leaf, leaf);
    gc_array_store(m, gc_get(m, &r.array), i, gc_get(m, &r.leaf));
    if (i % LONG_KEPT_EVERY == 0)
      gc_global_store(m, (unsigned)(i / LONG_KEPT_EVERY), gc_get(m, &r.leaf));
  }
  gc_frame_pop(m, &r.frame);
}

static void long_live(struct gc_mutator *m, unsigned index, void *argument) {
  _Atomic bool *done = argument;
  if (index == 0) {
    for (unsigned i = 0; i < 2; i++)
      long_drop(m, suite_count(LONG_LENGTH));
    atomic_store(done, true);
  }
  while (!atomic_load(done)) {
    gc_collect(m, 0);
    gc_poll(m);
  }
}

TEST(long_array_dies) {
  NOT_UNDER_STRESS();
  struct gc_mutator *m = suite_begin(64 * GC_MIB);
  _Atomic bool done = false;
  size_t empty_bytes = suite_used_bytes(m), length = suite_count(LONG_LENGTH);
  if (suite.collector->attrs.threads)
    suite_run_threads(m, 2, long_live, &done);
  else
    long_live(m, 0, &done);
  suite_settle(m);
  for (unsigned i = 0; i < LONG_KEPT && i * LONG_KEPT_EVERY < length; i++) {
    gc_ref leaf = gc_global_load(m, i);
    EXPECT(GC_DEREF(m, leaf, leaf)->key == i * LONG_KEPT_EVERY, "the leaf that global %u keeps", i);
  }
  size_t left_bytes = suite_used_bytes(m), array_bytes = length * (sizeof(gc_field) + sizeof(struct leaf));
  EXPECT(!suite.collector->attrs.reclaims || left_bytes < empty_bytes + array_bytes + GC_MIB,
         "%zu bytes are left, %zu before, of arrays of %zu", left_bytes, empty_bytes, array_bytes);
  suite_end(m);
}
