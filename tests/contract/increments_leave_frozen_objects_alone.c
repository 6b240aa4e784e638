/* increments_leave_frozen_objects_alone.c -- frozen objects are in no generation, whatever is marked, taken and visited
 * beside them, and scavenges go on: rings die as they do without them.  When they are let go, they die like others. */
#include "tests/support/increments.h"

static int generation_in(struct gc_mutator *m, const gc_root *object) {
  return suite.collector->control->generation_of(m->heap, checked_strip(gc_get(m, object)));
}

/* Increments until something dies, or there were too many; returns how much did. */
static uint64_t take_until_death(struct gc_mutator *m, gc_root *kept) {
  enum { NEW_EACH = 50, INCREMENTS_MOST = 200 };
  uint64_t dead = 0;
  for (unsigned i = 0; dead == 0 && i < INCREMENTS_MOST; i++) {
    increments_add_nodes(m, kept, NEW_EACH);
    dead = increments_take(m);
  }
  return dead;
}

TEST(increments_leave_frozen_objects_alone) {
  enum { RING = 500, NEW_EACH = 50, FROZEN = 300, FROZEN_RING = 20, ROUNDS = 4 };
  struct gc_mutator *m = increments_begin(32 * GC_MIB);
  const struct gc_control *control = suite.collector->control;
  GC_ROOTS(m, r, frozen, frozen_ring, ring, kept, none);
  increments_add_nodes(m, &r.frozen, FROZEN);
  increments_take_all(m);
  gc_set(m, &r.frozen_ring, increments_new_ring(m, FROZEN_RING, &r.frozen));
  control->freeze(m->heap);
  for (unsigned round = 0; round < ROUNDS; round++) {
    gc_set(m, &r.ring, increments_new_ring(m, RING, &r.frozen));
    increments_add_nodes(m, &r.kept, NEW_EACH);
    increments_take(m);
    increments_take(m);
    EXPECT(generation_in(m, &r.ring) == GC_GENERATIONS - 1, "round %u: a ring is in generation %d", round,
           generation_in(m, &r.ring));
    gc_set(m, &r.ring, GC_NULL);
    uint64_t dead = take_until_death(m, &r.kept);
    EXPECT(dead == RING, "round %u: %llu of a ring of %d are dead", round, (unsigned long long)dead, RING);
    EXPECT(generation_in(m, &r.frozen) == GC_FROZEN && generation_in(m, &r.frozen_ring) == GC_FROZEN,
           "round %u: frozen objects are in generations %d and %d", round, generation_in(m, &r.frozen),
           generation_in(m, &r.frozen_ring));
    gc_set(m, &r.kept, GC_NULL); /* what lives is marked, and puts off what comes */
  }
  gc_set(m, &r.frozen_ring, GC_NULL);
  EXPECT(take_until_death(m, &r.kept) == 0, "a frozen ring died");
  gc_set(m, &r.kept, GC_NULL);
  control->unfreeze(m->heap);
  EXPECT(generation_in(m, &r.frozen) == GC_GENERATIONS - 1, "thawed objects are in generation %d",
         generation_in(m, &r.frozen));
  uint64_t dead = take_until_death(m, &r.kept);
  EXPECT(dead == FROZEN_RING, "%llu of a thawed ring of %d are dead", (unsigned long long)dead, FROZEN_RING);
  gc_frame_pop(m, &r.frame);
  increments_end(m);
}
