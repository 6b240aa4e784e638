/* listener_hears_each_death.c -- who asks to be told of deaths is told of each, of the members of dead cycles too. */
#include "runtime/gc_control.h"
#include "tests/support/suite.h"

enum { HEARD_RINGS = 20, HEARD_LENGTH = 5 };

static void hear_one(void *context, gc_ref object) {
  (void)object;
  ++*(size_t *)context;
}

/* A ring of nodes, each of which refers to a leaf of its own. */
static void heard_ring_new(struct gc_mutator *m, gc_root *ring) {
  GC_ROOTS(m, r, first, leaf);
  gc_set(m, &r.first, GC_NEW(m, node));
  gc_set(m, ring, gc_get(m, &r.first));
  for (unsigned i = 0; i < HEARD_LENGTH; i++) {
    gc_set(m, &r.leaf, GC_NEW(m, leaf));
    GC_STORE(m, gc_get(m, ring), node, right, gc_get(m, &r.leaf));
    gc_ref next = i + 1 < HEARD_LENGTH ? GC_NEW(m, node) : gc_get(m, &r.first);
    GC_STORE(m, gc_get(m, ring), node, left, next);
    gc_set(m, ring, next);
  }
  gc_frame_pop(m, &r.frame);
}

TEST(listener_hears_each_death) {
  if (!suite.collector->control)
    suite_skip("the plan has no controls");
  size_t died = 0;
  const struct gc_delivery delivery = {.context = &died, .died = hear_one};
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  GC_ROOTS(m, r, ring);
  suite.collector->control->deliver(m->heap, &delivery);
  for (unsigned i = 0; i < HEARD_RINGS; i++)
    heard_ring_new(m, &r.ring);
  gc_set(m, &r.ring, GC_NULL);
  suite_settle(m);
  EXPECT(died == 2 * HEARD_RINGS * HEARD_LENGTH, "%zu deaths are told, not %d", died, 2 * HEARD_RINGS * HEARD_LENGTH);
  suite.collector->control->deliver(m->heap, NULL);
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
