/* increments_follow_the_work.c -- how many objects an increment takes is what is due: as many as are new, and the
 * smaller of a share of the heap and twice the new ones; what marking and the last cycle take beyond it is taken less
 * later.
 *
 * The old generation is rings, all dead, of which some number dies in each increment.  All other objects live, and are
 * found by marking: as what was not marked before when a scavenge begins, and as the new ones in each increment. */
#include "tests/support/increments.h"

enum { RINGS = 700, RING_LENGTH = 5, SHARE_OF_HEAP = 10, THRESHOLD = 3, MARKED_COST = 2 };

/* What the collector should have in its books. */
struct books {
  int64_t linked_count; /* objects in the heap that may be in cycles */
  int64_t unmarked;     /* those of them that live, and were not marked */
  int64_t rings;        /* left */
  int64_t work;
  bool begun; /* the scavenge */
};

static int64_t work_due(const struct books *books, int64_t new_count) {
  int64_t share = books->linked_count / SHARE_OF_HEAP / THRESHOLD, most = 2 * new_count;
  return new_count + (share < most ? share : most);
}

/* Returns how many objects are to be found dead by the next increment. */
static uint64_t expect_increment(struct books *books, int64_t new_count) {
  int64_t dead = 0;
  books->linked_count += new_count;
  books->unmarked += new_count;
  books->work += work_due(books, new_count);
  if (books->work < 0)
    return 0;
  books->work -= books->unmarked * (books->begun ? 1 : MARKED_COST);
  books->unmarked = 0;
  for (; books->begun && dead < books->work && books->rings; books->rings--)
    dead += RING_LENGTH;
  books->work -= dead;
  books->linked_count -= dead;
  books->begun = true;
  return (uint64_t)dead;
}

TEST(increments_follow_the_work) {
  enum { KEPT = 400, NEW_MOST = 80, INCREMENTS_MOST = 1000 };
  struct gc_mutator *m = increments_begin(32 * GC_MIB);
  uint64_t rng = suite.seed;
  GC_ROOTS(m, r, rings, kept, none);
  increments_set_threshold(m, THRESHOLD);
  gc_set(m, &r.rings, gc_alloc_array(m, RINGS));
  for (uint64_t i = 0; i < RINGS; i++) {
    gc_ref ring = increments_new_ring(m, RING_LENGTH, &r.none);
    gc_array_store(m, gc_get(m, &r.rings), i, ring);
  }
  increments_add_nodes(m, &r.kept, KEPT);
  increments_take_all(m);
  gc_set(m, &r.rings, GC_NULL);
  gc_poll(m); /* the array dies */
  struct books books = {.linked_count = RINGS * RING_LENGTH + KEPT, .unmarked = KEPT, .rings = RINGS};
  unsigned idle = 0, taking = 0;
  for (unsigned i = 0; books.rings && i < INCREMENTS_MOST; i++) {
    uint64_t new_count = 1 + rng_below(&rng, NEW_MOST);
    int64_t work = books.work;
    increments_add_nodes(m, &r.kept, new_count);
    uint64_t expected = expect_increment(&books, (int64_t)new_count), dead = increments_take(m);
    EXPECT(dead == expected, "increment %u found %llu dead, not %llu: %lld were due, and %llu are new", i,
           (unsigned long long)dead, (unsigned long long)expected, (long long)work, (unsigned long long)new_count);
    idle += dead == 0;
    taking += dead > 0;
  }
  EXPECT(books.rings == 0 && idle > 1 && taking > 10, "%lld rings are left after %u increments, and %u that took none",
         (long long)books.rings, taking, idle);
  gc_frame_pop(m, &r.frame);
  increments_end(m);
}
