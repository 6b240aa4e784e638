/* gcbench.c -- workloads/gcbench.c on a peer: every thread does the whole.
 *
 * Stretch tree, long-lived tree and array, then for d = 4, 6 … depth: 2 * size(depth + 2) / size(d) trees top-down
 * and as many bottom-up. */
#include "bench/peers/peer.h"

struct node {
  struct node *left, *right;
  int32_t i, j;
};

enum { P_DEPTH, P_ARRAY };
static const struct gc_option params[] = {
    {"depth", GC_OPTION_INT, 4, 24, .fallback = "16", .help = "depth of the long-lived tree"},
    {"array", GC_OPTION_INT, 0, 1e9, .fallback = "500000", .help = "doubles in the long-lived array"},
    {0}};

enum { SHALLOWEST = 4, KEPT_TREE = 0, KEPT_ARRAY = 1 };

static uint64_t tree_nodes(unsigned depth) { return (2ull << depth) - 1; }

/* Grows `self` to a perfect tree of `depth` > 0, parents first. */
static void tree_populate(struct memory_pool *pool, unsigned depth, struct node *self) {
  self->j = (int32_t)depth;
  self->left = memory_new(pool, sizeof(struct node));
  self->right = memory_new(pool, sizeof(struct node));
  if (depth > 1) {
    tree_populate(pool, depth - 1, self->left);
    tree_populate(pool, depth - 1, self->right);
  }
}

/* A perfect tree of `depth`, children first. */
static struct node *tree_new(struct memory_pool *pool, unsigned depth) {
  if (depth == 0)
    return memory_new(pool, sizeof(struct node));
  struct node *left = tree_new(pool, depth - 1);
  struct node *right = tree_new(pool, depth - 1);
  struct node *tree = memory_new(pool, sizeof(struct node));
  tree->left = left;
  tree->right = right;
  tree->j = (int32_t)depth;
  return tree;
}

static void tree_free(struct node *tree) {
  if (!tree)
    return;
  tree_free(tree->left);
  tree_free(tree->right);
  memory_free(tree);
}

static void tree_drop(struct node *tree) {
  if (!MEMORY_COLLECTS)
    tree_free(tree);
}

static double *array_new(uint64_t length) {
  double *value = memory_plain(length * sizeof *value);
  for (uint64_t i = 0; i < length / 2; i++)
    value[i] = 1.0 / (double)(i + 1);
  return value;
}

/* In a frame of its own: a conservative collector must not find the tree's address in that of run. */
static GC_NOINLINE void stretch(struct memory_pool *pool, unsigned depth) { tree_drop(tree_new(pool, depth)); }

static void run(struct peer_thread *thread) {
  unsigned deepest = (unsigned)peer_int(thread, P_DEPTH);
  struct memory_pool pool = {0};
  stretch(&pool, deepest + 2);

  struct node *tree = memory_new(&pool, sizeof(struct node));
  tree_populate(&pool, deepest, tree);
  thread->kept[KEPT_TREE] = tree;
  thread->kept[KEPT_ARRAY] = array_new((uint64_t)peer_int(thread, P_ARRAY));

  for (unsigned depth = SHALLOWEST; depth <= deepest; depth += 2) {
    uint64_t rounds = 2 * tree_nodes(deepest + 2) / tree_nodes(depth);
    for (uint64_t i = 0; i < rounds; i++) {
      struct node *grown = memory_new(&pool, sizeof(struct node));
      tree_populate(&pool, depth, grown);
      tree_drop(grown);
    }
    for (uint64_t i = 0; i < rounds; i++)
      tree_drop(tree_new(&pool, depth));
  }
}

/* The nodes of a perfect tree of `depth`. */
static uint64_t tree_check(const struct node *tree, int depth) {
  if (depth < 0) {
    if (tree)
      peer_fail("a leaf has a child");
    return 0;
  }
  if (!tree || tree->i != 0 || tree->j != depth)
    peer_fail("a node of height %d is gone or has changed", depth);
  return 1 + tree_check(tree->left, depth - 1) + tree_check(tree->right, depth - 1);
}

static void check(const struct peer_run *run) {
  uint64_t length = (uint64_t)run->params[P_ARRAY].integer;
  unsigned depth = (unsigned)run->params[P_DEPTH].integer;
  for (unsigned i = 0; i < run->threads; i++) {
    if (tree_check(run->thread[i].kept[KEPT_TREE], (int)depth) != tree_nodes(depth))
      peer_fail("the long-lived tree has the wrong size");
    const double *value = run->thread[i].kept[KEPT_ARRAY];
    for (uint64_t at = 0; at < length; at++)
      if (value[at] != (at < length / 2 ? 1.0 / (double)(at + 1) : 0))
        peer_fail("element %llu of the array is %g", (unsigned long long)at, value[at]);
  }
}

static void drop(struct peer_thread *thread) {
  tree_free(thread->kept[KEPT_TREE]);
  memory_free(thread->kept[KEPT_ARRAY]);
}

const struct peer_program peer_gcbench = {
    .name = "gcbench", .params = params, .run = run, .check = check, .drop = drop};
