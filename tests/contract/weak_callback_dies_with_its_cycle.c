/* weak_callback_dies_with_its_cycle.c -- a weak reference that is garbage itself announces nothing, whether its target
 * dies with it or later, and is forgotten: its memory is used again before the target dies. */
#include "tests/support/suite.h"

enum { WEAK_CYCLES = 40 };
static unsigned announced;

static void count_announcement(struct gc_mutator *m, void *argument) {
  (void)m, (void)argument;
  announced++;
}

static gc_ref announcing_weak(struct gc_mutator *m, bool plain, const gc_root *target) {
  if (plain)
    return gc_weak_new(m, target, count_announcement, NULL);
  gc_ref weak = GC_NEW(m, holder);
  gc_weak_init(m, weak, target, count_announcement, NULL);
  return weak;
}

/* A cycle of two nodes, which also hold a weak reference to one of them and one to `live`. */
static void drop_cycle_with_weaks(struct gc_mutator *m, bool plain, const gc_root *live) {
  GC_ROOTS(m, r, first, second);
  gc_set(m, &r.first, GC_NEW(m, node));
  gc_set(m, &r.second, GC_NEW(m, node));
  GC_STORE(m, gc_get(m, &r.first), node, left, gc_get(m, &r.second));
  GC_STORE(m, gc_get(m, &r.second), node, left, gc_get(m, &r.first));
  gc_ref weak = announcing_weak(m, plain, &r.first);
  GC_STORE(m, gc_get(m, &r.first), node, right, weak);
  weak = announcing_weak(m, plain, live);
  GC_STORE(m, gc_get(m, &r.second), node, right, weak);
  gc_frame_pop(m, &r.frame);
}

TEST(weak_callback_dies_with_its_cycle) {
  NEEDS(cycles);
  NEEDS(weak);
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  GC_ROOTS(m, r, live);
  for (unsigned i = 0; i < WEAK_CYCLES; i++) {
    gc_set(m, &r.live, GC_NEW(m, leaf));
    drop_cycle_with_weaks(m, i % 2, &r.live);
    suite_settle(m);
    EXPECT(gc_deliver(m) == 0 && announced == 0, "round %u: a weak reference to its own cycle was announced", i);
    suite_churn(m, 64 * GC_KIB);
    gc_set(m, &r.live, GC_NULL);
    suite_settle(m);
    EXPECT(gc_deliver(m) == 0 && announced == 0, "round %u: a dead weak reference was announced", i);
  }
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
