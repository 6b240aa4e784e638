/* stress_every_poll.c -- stress_polls makes each poll a collection, and the program does not notice. */
#include "tests/support/suite.h"

static uint64_t cycles_at_polls(struct gc_mutator *m) {
  struct gc_heap_stats stats;
  heap_stats(m->heap, &stats);
  uint64_t sum = 0;
  for (unsigned kind = 0; kind < GC_CYCLE_KINDS; kind++)
    sum += stats.cycles[kind];
  return sum;
}

TEST(stress_every_poll) {
  NEEDS(reclaims);
  struct gc_heap_config config = suite_config(16 * GC_MIB);
  config.stress_polls = true;
  struct gc_mutator *m = suite_begin_with(&config);
  GC_ROOTS(m, r, list);
  for (uint64_t i = 0; i < 60; i++) {
    gc_ref link = GC_NEW(m, link);
    GC_INIT(m, link, link, next, gc_get(m, &r.list));
    GC_PUT(m, link, link, key, i);
    gc_set(m, &r.list, link);
    uint64_t before = cycles_at_polls(m);
    gc_poll(m);
    EXPECT(cycles_at_polls(m) > before, "poll %llu did not collect", (unsigned long long)i);
  }
  uint64_t expected = 60;
  for (gc_ref link = gc_get(m, &r.list); !gc_is_null(link); link = GC_LOAD(m, link, link, next))
    EXPECT(GC_DEREF(m, link, link)->key == --expected, "link %llu", (unsigned long long)expected);
  EXPECT(expected == 0, "%llu links are missing", (unsigned long long)expected);
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
