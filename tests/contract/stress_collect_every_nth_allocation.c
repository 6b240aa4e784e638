/* stress_collect_every_nth_allocation.c -- in the checked form, stress_every = N collects at each Nth allocation of a
 * thread, no less often and no more. */
#include "tests/support/suite.h"

static uint64_t cycles(struct gc_mutator *m) {
  struct gc_heap_stats stats;
  heap_stats(m->heap, &stats);
  uint64_t sum = 0;
  for (unsigned kind = 0; kind < GC_CYCLE_KINDS; kind++)
    sum += stats.cycles[kind];
  return sum;
}

TEST(stress_collect_every_nth_allocation) {
  if (!GC_CHECKED)
    suite_skip("only the checked form counts allocations");
  NEEDS(reclaims);
  struct gc_heap_config config = suite_config(16 * GC_MIB);
  config.stress_every = 5;
  config.stress_polls = false;
  struct gc_mutator *m = suite_begin_with(&config);
  GC_ROOTS(m, r, kept);
  uint64_t before = cycles(m);
  for (uint64_t i = 0; i < 100; i++) {
    gc_ref leaf = GC_NEW(m, leaf);
    GC_PUT(m, leaf, leaf, key, i);
    if (i % 7 == 0)
      gc_set(m, &r.kept, leaf);
    EXPECT(GC_DEREF(m, leaf, gc_get(m, &r.kept))->key == i / 7 * 7, "the kept leaf after %llu", (unsigned long long)i);
  }
  uint64_t run = cycles(m) - before;
  EXPECT(run == 20, "%llu collections in 100 allocations", (unsigned long long)run);
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
