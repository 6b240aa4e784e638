/* oversubscribed.c -- more threads than a small machine has cores: eight that mutate and four that collect, beside some
 * that only poll and some that are mostly blocked. */
#include <unistd.h>

#include "tests/support/suite.h"

enum {
  CROWD_MUTATORS = 8,
  CROWD_IDLERS = 2,
  CROWD_SLEEPERS = 2,
  CROWD_COLLECTORS = 4,
  CROWD_KEPT = 64,
  CROWD_SHARED_RING = CROWD_MUTATORS
};

struct crowd {
  size_t steps;
  _Atomic unsigned busy; /* mutators that are not done */
};

static gc_ref crowd_node(struct gc_mutator *m, uint64_t key) {
  GC_ROOTS(m, r, leaf);
  gc_ref leaf = GC_NEW(m, leaf);
  GC_PUT(m, leaf, leaf, key, ~key);
  gc_set(m, &r.leaf, leaf);
  gc_ref node = GC_NEW(m, node);
  GC_PUT(m, node, node, key, key);
  GC_INIT(m, node, node, left, gc_get(m, &r.leaf));
  gc_frame_pop(m, &r.frame);
  return node;
}

static void crowd_check(struct gc_mutator *m, gc_ref node, const char *whose) {
  gc_ref leaf = GC_LOAD(m, node, node, left);
  EXPECT(!gc_is_null(leaf), "a node of %s has lost its leaf", whose);
  EXPECT(GC_DEREF(m, leaf, leaf)->key == ~GC_DEREF(m, node, node)->key, "a node of %s is not whole", whose);
}

/* Replaces nodes of its own array, and now and then one of the ring that all threads share. */
static void crowd_mutate(struct gc_mutator *m, unsigned index, struct crowd *crowd) {
  uint64_t rng = rng_stream(suite.seed, index);
  GC_ROOTS(m, r, own, node);
  gc_set(m, &r.own, gc_alloc_array(m, CROWD_KEPT));
  gc_global_store(m, index, gc_get(m, &r.own));
  for (size_t i = 0; i < crowd->steps; i++) {
    uint64_t place = rng_below(&rng, CROWD_KEPT);
    gc_set(m, &r.node, crowd_node(m, (uint64_t)index << 32 | i));
    bool shared = i % 16 == 0;
    gc_ref array = shared ? gc_global_load(m, CROWD_SHARED_RING) : gc_get(m, &r.own);
    gc_array_store(m, array, place, gc_get(m, &r.node));
    gc_set(m, &r.node, gc_array_load(m, gc_global_load(m, CROWD_SHARED_RING), rng_below(&rng, CROWD_KEPT)));
    if (!gc_is_null(gc_get(m, &r.node)))
      crowd_check(m, gc_get(m, &r.node), "the ring");
    if (i % 256 == 128)
      gc_collect(m, (int)(index & 1));
  }
  gc_frame_pop(m, &r.frame);
  atomic_fetch_sub(&crowd->busy, 1);
}

static void crowd_idle(struct gc_mutator *m, struct crowd *crowd) {
  while (atomic_load(&crowd->busy))
    gc_poll(m);
}

static void crowd_sleep(struct gc_mutator *m, struct crowd *crowd) {
  GC_ROOTS(m, r, node);
  gc_set(m, &r.node, crowd_node(m, 7));
  while (atomic_load(&crowd->busy)) {
    gc_block(m);
    usleep(500);
    gc_unblock(m);
    crowd_check(m, gc_get(m, &r.node), "a sleeper");
  }
  gc_frame_pop(m, &r.frame);
}

static void crowd_live(struct gc_mutator *m, unsigned index, void *argument) {
  struct crowd *crowd = argument;
  if (index < CROWD_MUTATORS)
    crowd_mutate(m, index, crowd);
  else if (index < CROWD_MUTATORS + CROWD_IDLERS)
    crowd_idle(m, crowd);
  else if (index < CROWD_MUTATORS + CROWD_IDLERS + CROWD_SLEEPERS)
    crowd_sleep(m, crowd);
}

TEST(oversubscribed) {
  NEEDS(threads);
  if (suite.stress_polls || suite.stress_every)
    suite_skip("so many threads collect often enough");
  suite.gc_threads = CROWD_COLLECTORS;
  struct gc_mutator *m = suite_begin(64 * GC_MIB);
  gc_ref ring = gc_alloc_array(m, CROWD_KEPT);
  gc_global_store(m, CROWD_SHARED_RING, ring);
  struct crowd crowd = {suite_count(8000), CROWD_MUTATORS};
  suite_run_threads(m, CROWD_MUTATORS + CROWD_IDLERS + CROWD_SLEEPERS, crowd_live, &crowd);
  suite_settle(m);
  for (unsigned index = 0; index <= CROWD_SHARED_RING; index++)
    for (unsigned i = 0; i < CROWD_KEPT; i++) {
      gc_ref node = gc_array_load(m, gc_global_load(m, index), i);
      if (!gc_is_null(node))
        crowd_check(m, node, "the end");
    }
  EXPECT(m->safepoint->count == 1, "%u mutators are left", m->safepoint->count);
  suite_end(m);
}
