/* increments_take_whole_cycles.c -- a ring that is many times as large as an increment dies in one of them, whole, and
 * until then all of it lives; also in the scavenges in which the bit of visited objects has its other meaning. */
#include "tests/support/increments.h"

TEST(increments_take_whole_cycles) {
  enum { RING = 4000, NEW_EACH = 50, INCREMENTS_MOST = 20, ROUNDS = 4 };
  struct gc_mutator *m = increments_begin(32 * GC_MIB);
  GC_ROOTS(m, r, ring, middle, first_weak, middle_weak, kept, none);
  for (unsigned round = 0; round < ROUNDS; round++) {
    gc_set(m, &r.ring, increments_new_ring(m, RING, &r.none));
    gc_set(m, &r.middle, gc_get(m, &r.ring));
    for (unsigned i = 0; i < RING / 2; i++)
      gc_set(m, &r.middle, GC_LOAD(m, gc_get(m, &r.middle), node, left));
    gc_set(m, &r.first_weak, gc_weak_new(m, &r.ring, NULL, NULL));
    gc_set(m, &r.middle_weak, gc_weak_new(m, &r.middle, NULL, NULL));
    EXPECT(increments_take_all(m) == 0, "round %u: what is rooted died", round);
    gc_set(m, &r.ring, GC_NULL);
    gc_set(m, &r.middle, GC_NULL);
    uint64_t dead = 0;
    unsigned increments = 0;
    for (; dead == 0 && increments < INCREMENTS_MOST; increments++) {
      increments_add_nodes(m, &r.kept, NEW_EACH);
      dead = increments_take(m);
      bool first = gc_is_null(gc_weak_get(m, gc_get(m, &r.first_weak)));
      bool middle = gc_is_null(gc_weak_get(m, gc_get(m, &r.middle_weak)));
      EXPECT(first == middle && first == (dead > 0), "round %u: after increment %u one half of a ring lives", round,
             increments);
    }
    EXPECT(dead == RING, "round %u: %llu of a ring of %d are dead after %u increments", round,
           (unsigned long long)dead, RING, increments);
    gc_set(m, &r.kept, GC_NULL);
  }
  gc_frame_pop(m, &r.frame);
  increments_end(m);
}
