/* increments_find_all_garbage.c -- what dies in the middle of a scavenge is found in this one or the next, however the
 * increments split it; of dead rings that refer to one another, at least one in each scavenge. */
#include "tests/support/increments.h"

enum { LENGTH_MOST = 40, NEW_EACH = 40 };

/* How many increments two scavenges take at most: all objects are visited, and marked, which counts twice; each new
 * object makes one due, at least. */
static uint64_t increments_most(uint64_t linked_count) { return 2 * 3 * linked_count / NEW_EACH + 4; }

/* Increments until `expected` objects were found dead, or more than `most` were taken. */
static uint64_t take_until(struct gc_mutator *m, gc_root *kept, uint64_t expected, uint64_t most) {
  uint64_t dead = 0;
  for (uint64_t i = 0; dead < expected && i < most; i++) {
    increments_add_nodes(m, kept, NEW_EACH);
    dead += increments_take(m);
  }
  return dead;
}

static void expect_rings_found(struct gc_mutator *m) {
  enum { RINGS = 300, INCREMENTS = 60 };
  uint64_t rng = suite.seed, length[RINGS], linked_count = 0, dropped = 0, dead = 0;
  GC_ROOTS(m, r, rings, kept, none);
  gc_set(m, &r.rings, gc_alloc_array(m, RINGS));
  for (uint64_t i = 0; i < RINGS; i++) {
    linked_count += length[i] = 1 + rng_below(&rng, LENGTH_MOST);
    gc_ref ring = increments_new_ring(m, length[i], &r.none);
    gc_array_store(m, gc_get(m, &r.rings), i, ring);
    if (i % 7 == 0)
      increments_take(m);
  }
  for (unsigned i = 0; i < INCREMENTS; i++) { /* some of them die between increments */
    uint64_t victim = rng_below(&rng, RINGS);
    dropped += gc_is_null(gc_array_load(m, gc_get(m, &r.rings), victim)) ? 0 : length[victim];
    gc_array_store(m, gc_get(m, &r.rings), victim, GC_NULL);
    increments_add_nodes(m, &r.kept, NEW_EACH);
    dead += increments_take(m);
  }
  linked_count += INCREMENTS * NEW_EACH;
  EXPECT(dead <= dropped, "%llu dead of %llu dropped", (unsigned long long)dead, (unsigned long long)dropped);
  dead += take_until(m, &r.kept, dropped - dead, increments_most(linked_count));
  EXPECT(dead == dropped, "%llu of %llu dead objects were not found", (unsigned long long)(dropped - dead),
         (unsigned long long)dropped);
  EXPECT(increments_take_all(m) == 0, "more are dead than were dropped");
  gc_frame_pop(m, &r.frame);
}

/* Each ring refers to the one that was made before it, which the increments come to first. */
static void expect_chain_found(struct gc_mutator *m) {
  enum { RINGS = 6, LENGTH = 200 };
  GC_ROOTS(m, r, last, kept);
  for (unsigned i = 0; i < RINGS; i++)
    gc_set(m, &r.last, increments_new_ring(m, LENGTH, &r.last));
  increments_take_all(m);
  gc_set(m, &r.last, GC_NULL);
  uint64_t dead = take_until(m, &r.kept, RINGS * LENGTH, RINGS * increments_most(RINGS * LENGTH));
  EXPECT(dead == RINGS * LENGTH, "%llu of a chain of rings are dead, not %d", (unsigned long long)dead, RINGS * LENGTH);
  gc_frame_pop(m, &r.frame);
}

TEST(increments_find_all_garbage) {
  struct gc_mutator *m = increments_begin(32 * GC_MIB);
  expect_rings_found(m);
  expect_chain_found(m);
  increments_end(m);
}
