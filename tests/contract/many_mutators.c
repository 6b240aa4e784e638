/* many_mutators.c -- 128 threads, once: each builds a list, meets another's collection, and finds its list whole. */
#include "tests/support/suite.h"

enum { MANY = 128, MANY_LINKS = 40 };

static void many_live(struct gc_mutator *m, unsigned index, void *argument) {
  (void)argument;
  GC_ROOTS(m, r, list);
  for (uint64_t i = 0; i < MANY_LINKS; i++) {
    gc_ref link = GC_NEW(m, link);
    GC_INIT(m, link, link, next, gc_get(m, &r.list));
    GC_PUT(m, link, link, key, (uint64_t)index << 32 | i);
    gc_set(m, &r.list, link);
    gc_poll(m);
  }
  if (index % 32 == 0)
    gc_collect(m, 1);
  uint64_t left = MANY_LINKS;
  for (gc_ref link = gc_get(m, &r.list); !gc_is_null(link); link = GC_LOAD(m, link, link, next))
    EXPECT(GC_DEREF(m, link, link)->key == ((uint64_t)index << 32 | --left), "the list of thread %u", index);
  EXPECT(left == 0, "%llu links are missing from the list of thread %u", (unsigned long long)left, index);
  gc_frame_pop(m, &r.frame);
}

TEST(many_mutators) {
  NEEDS(threads);
  if (suite.stress_polls || suite.stress_every)
    suite_skip("so many threads collect often enough");
  struct gc_mutator *m = suite_begin(128 * GC_MIB);
  suite_run_threads(m, MANY, many_live, NULL);
  suite_settle(m);
  EXPECT(m->safepoint->attached_ever == MANY + 1, "%u threads attached", m->safepoint->attached_ever);
  EXPECT(m->safepoint->count == 1, "%u mutators are left", m->safepoint->count);
  suite_end(m);
}
