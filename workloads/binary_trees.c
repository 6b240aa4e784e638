/* binary_trees.c -- allocates and drops perfect binary trees of many sizes beside one that stays.
 *
 * The benchmarks game's program with the parameters of peers.md: a stretch tree of depth n + 1, a long-lived
 * one of depth n, then for d = 4, 6 … n: 2^(n - d + 4) trees of depth d, split over the threads.
 * Each tree's check is its node count; the sum over all is known in closed form. */
#include "workloads/seen.h"

struct node {
  struct gc_header header;
  gc_field left, right;
};

enum { TYPE_node = GC_TYPE_FIRST };
static const struct gc_type types[] = {GC_TYPE(node, left, 2)};

enum { P_DEPTH };
static const struct gc_option params[] = {
    {"depth", GC_OPTION_INT, 6, 26, .fallback = "16", .help = "depth n of the long-lived tree"}, {0}};

/* UNPOLLED_DEPTH: a subtree that is counted between two polls, at most 8191 nodes. */
enum { SHALLOWEST = 4, UNPOLLED_DEPTH = 12, GLOBAL_TREE = 0 };

/* A perfect tree of `depth` edges, built bottom-up: 2^(depth + 1) - 1 nodes. */
static gc_ref tree_new(struct gc_mutator *m, unsigned depth) {
  if (depth == 0)
    return GC_NEW(m, node);
  GC_ROOTS(m, r, left, right);
  gc_set(m, &r.left, tree_new(m, depth - 1));
  gc_set(m, &r.right, tree_new(m, depth - 1));
  gc_ref tree = GC_NEW(m, node);
  GC_INIT(m, tree, node, left, gc_get(m, &r.left));
  GC_INIT(m, tree, node, right, gc_get(m, &r.right));
  gc_frame_pop(m, &r.frame);
  return tree;
}

static uint64_t subtree_count(struct gc_mutator *m, gc_ref tree) {
  gc_ref left = GC_LOAD(m, tree, node, left);
  if (gc_is_null(left))
    return 1;
  return 1 + subtree_count(m, left) + subtree_count(m, GC_LOAD(m, tree, node, right));
}

/* The nodes of a tree of `depth`.  Polls. */
static uint64_t tree_count(struct gc_mutator *m, gc_ref tree, unsigned depth) {
  if (depth <= UNPOLLED_DEPTH)
    return subtree_count(m, tree);
  GC_ROOTS(m, r, tree);
  gc_set(m, &r.tree, tree);
  gc_poll(m);
  uint64_t count = 1 + tree_count(m, GC_LOAD(m, gc_get(m, &r.tree), node, left), depth - 1);
  count += tree_count(m, GC_LOAD(m, gc_get(m, &r.tree), node, right), depth - 1);
  gc_frame_pop(m, &r.frame);
  return count;
}

/* Counts the nodes and fails unless the tree is perfect.  Adds the leaves: if they are all distinct, so are their
 * parents, up to the root. */
static uint64_t tree_check(struct gc_mutator *m, const struct gc_work *work, struct seen *seen, gc_ref tree,
                           unsigned depth) {
  if (gc_is_null(tree))
    work_fail(work, "a tree ends %u levels early", depth + 1);
  gc_ref left = GC_LOAD(m, tree, node, left), right = GC_LOAD(m, tree, node, right);
  if (depth > 0)
    return 1 + tree_check(m, work, seen, left, depth - 1) + tree_check(m, work, seen, right, depth - 1);
  if (!gc_is_null(left) || !gc_is_null(right))
    work_fail(work, "a leaf has a child");
  seen_object(m, work, seen, tree);
  return 1;
}

static void prepare(struct gc_mutator *m, const struct gc_work *work) {
  unsigned depth = (unsigned)work_int(work, P_DEPTH);
  gc_ref stretch = tree_new(m, depth + 1);
  if (tree_count(m, stretch, depth + 1) != (2ull << (depth + 1)) - 1)
    work_fail(work, "the stretch tree has the wrong size");
  gc_ref kept = tree_new(m, depth);
  gc_global_store(m, GLOBAL_TREE, kept);
}

static uint64_t run(struct gc_mutator *m, const struct gc_work *work) {
  unsigned deepest = (unsigned)work_int(work, P_DEPTH);
  uint64_t sum = 0;
  for (unsigned depth = SHALLOWEST; depth <= deepest; depth += 2) {
    uint64_t trees = 1ull << (deepest - depth + SHALLOWEST);
    for (uint64_t i = work->thread; i < trees; i += work->threads) {
      gc_ref tree = tree_new(m, depth);
      sum += tree_count(m, tree, depth);
    }
  }
  return sum;
}

static uint64_t check(struct gc_mutator *m, const struct gc_work *work) {
  unsigned depth = (unsigned)work_int(work, P_DEPTH);
  struct seen seen = seen_create(work, 1ull << depth);
  uint64_t count = tree_check(m, work, &seen, gc_global_load(m, GLOBAL_TREE), depth);
  seen_check_full(work, &seen);
  seen_destroy(&seen);
  return count;
}

GC_WORKLOAD(.name = "binary_trees", .summary = "perfect binary trees of many sizes beside one that stays",
            .stresses = "Allocation rate and young deaths; all threads allocate at full speed.",
            .source = "The Computer Language Benchmarks Game, binary-trees; depth 18 in published comparisons",
            .sharing = GC_WORK_SPLIT, .types = types, .type_count = 1, .params = params,
            .small = "depth=9", .prepare = prepare, .run = run,
            .check = check);
