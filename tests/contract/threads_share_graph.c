/* threads_share_graph.c -- threads replace random parts of one shared tree of arrays while collections run; every leaf
 * that any of them ever sees is whole, and so is the end. */
#include "tests/support/suite.h"

enum { SHARERS = 3, BRANCHES = 16, SHARED = 2 };

struct work {
  size_t steps;
};

static uint64_t seal(uint64_t key) { return key * 0x9e3779b97f4a7c15u; }

static gc_ref leaf_pair_new(struct gc_mutator *m, uint64_t key) {
  GC_ROOTS(m, r, leaf);
  gc_ref leaf = GC_NEW(m, leaf);
  GC_PUT(m, leaf, leaf, key, seal(key));
  gc_set(m, &r.leaf, leaf);
  gc_ref node = GC_NEW(m, node);
  GC_PUT(m, node, node, key, key);
  GC_INIT(m, node, node, left, gc_get(m, &r.leaf));
  gc_frame_pop(m, &r.frame);
  return node;
}

static void check_node(struct gc_mutator *m, gc_ref node) {
  if (gc_is_null(node))
    return;
  gc_ref leaf = GC_LOAD(m, node, node, left);
  EXPECT(!gc_is_null(leaf) && GC_DEREF(m, leaf, leaf)->key == seal(GC_DEREF(m, node, node)->key), "node %llx",
         (unsigned long long)GC_DEREF(m, node, node)->key);
}

static void share(struct gc_mutator *m, unsigned index, void *argument) {
  const struct work *work = argument;
  uint64_t rng = rng_stream(suite.seed, index);
  GC_ROOTS(m, r, branch, node);
  for (size_t i = 0; i < work->steps; i++) {
    gc_ref trunk = gc_global_load(m, SHARED);
    gc_set(m, &r.branch, gc_array_load(m, trunk, rng_below(&rng, BRANCHES)));
    uint64_t slot = rng_below(&rng, BRANCHES);
    switch (rng_below(&rng, 4)) {
    case 0: { /* a new branch, grown from the old one */
      gc_ref branch = gc_alloc_array(m, BRANCHES);
      gc_set(m, &r.node, branch);
      gc_ref old = gc_get(m, &r.branch);
      gc_copy_fields(m, gc_get(m, &r.node), gc_array_slot(m, gc_get(m, &r.node), 0), old, gc_array_slot(m, old, 0),
                     BRANCHES);
      gc_array_store(m, gc_global_load(m, SHARED), slot, gc_get(m, &r.node));
      break;
    }
    case 1: { /* moves a node from one place to another */
      gc_set(m, &r.node, gc_array_load(m, gc_get(m, &r.branch), slot));
      check_node(m, gc_get(m, &r.node));
      gc_array_store(m, gc_get(m, &r.branch), rng_below(&rng, BRANCHES), gc_get(m, &r.node));
      break;
    }
    default:
      gc_set(m, &r.node, leaf_pair_new(m, (uint64_t)index << 40 | i));
      gc_array_store(m, gc_get(m, &r.branch), slot, gc_get(m, &r.node));
    }
    gc_set(m, &r.node, gc_array_load(m, gc_get(m, &r.branch), rng_below(&rng, BRANCHES)));
    check_node(m, gc_get(m, &r.node));
    if (index == 0 && i % 256 == 0)
      gc_collect(m, (int)(i / 256 & 1));
  }
  gc_frame_pop(m, &r.frame);
}

TEST(threads_share_graph) {
  struct gc_mutator *m = suite_begin(64 * GC_MIB);
  struct work work = {suite_count(20000)};
  gc_ref trunk = gc_alloc_array(m, BRANCHES);
  gc_global_store(m, SHARED, trunk);
  for (unsigned i = 0; i < BRANCHES; i++) {
    gc_ref branch = gc_alloc_array(m, BRANCHES);
    gc_array_store(m, gc_global_load(m, SHARED), i, branch);
  }
  if (suite.collector->attrs.threads)
    suite_run_threads(m, SHARERS, share, &work);
  else
    share(m, 0, &work);
  suite_settle(m);
  unsigned nodes = 0;
  for (unsigned i = 0; i < BRANCHES * BRANCHES; i++) {
    gc_ref branch = gc_array_load(m, gc_global_load(m, SHARED), i / BRANCHES);
    gc_ref node = gc_array_load(m, branch, i % BRANCHES);
    check_node(m, node);
    nodes += !gc_is_null(node);
  }
  EXPECT(nodes > 0, "the graph is empty");
  suite_end(m);
}
