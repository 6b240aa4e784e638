/* binary_trees.c -- workloads/binary_trees.c on a peer: the threads share the trees out.
 *
 * Stretch tree of depth n + 1 and long-lived tree of depth n in prepare; then for d = 4, 6 … n: 2^(n - d + 4) trees
 * of depth d, built bottom-up, counted and dropped. */
#include "bench/peers/peer.h"

struct node {
  struct node *left, *right;
};

enum { P_DEPTH };
static const struct gc_option params[] = {
    {"depth", GC_OPTION_INT, 6, 26, .fallback = "16", .help = "depth n of the long-lived tree"}, {0}};

enum { SHALLOWEST = 4, KEPT_TREE = 0 };

static uint64_t tree_nodes(unsigned depth) { return (2ull << depth) - 1; }

static struct node *tree_new(struct memory_pool *pool, unsigned depth) {
  if (depth == 0)
    return memory_new(pool, sizeof(struct node));
  struct node *left = tree_new(pool, depth - 1);
  struct node *right = tree_new(pool, depth - 1);
  struct node *tree = memory_new(pool, sizeof(struct node));
  tree->left = left;
  tree->right = right;
  return tree;
}

static uint64_t tree_count(const struct node *tree) {
  return tree->left ? 1 + tree_count(tree->left) + tree_count(tree->right) : 1;
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

static void prepare(struct peer_thread *thread) {
  unsigned depth = (unsigned)peer_int(thread, P_DEPTH);
  struct memory_pool pool = {0};
  struct node *stretch = tree_new(&pool, depth + 1);
  if (tree_count(stretch) != tree_nodes(depth + 1))
    peer_fail("the stretch tree has the wrong size");
  tree_drop(stretch);
  thread->kept[KEPT_TREE] = tree_new(&pool, depth);
}

static void run(struct peer_thread *thread) {
  unsigned deepest = (unsigned)peer_int(thread, P_DEPTH);
  struct memory_pool pool = {0};
  for (unsigned depth = SHALLOWEST; depth <= deepest; depth += 2) {
    uint64_t trees = 1ull << (deepest - depth + SHALLOWEST);
    for (uint64_t i = thread->index; i < trees; i += thread->run->threads) {
      struct node *tree = tree_new(&pool, depth);
      thread->sum += tree_count(tree);
      tree_drop(tree);
    }
  }
}

/* For each d the nodes of all trees are 2^(n - d + 4) * (2^(d + 1) - 1). */
static void check(const struct peer_run *run) {
  unsigned deepest = (unsigned)run->params[P_DEPTH].integer;
  uint64_t expected = 0, sum = 0;
  for (unsigned depth = SHALLOWEST; depth <= deepest; depth += 2)
    expected += (1ull << (deepest - depth + SHALLOWEST)) * tree_nodes(depth);
  for (unsigned i = 0; i < run->threads; i++)
    sum += run->thread[i].sum;
  if (sum != expected)
    peer_fail("all trees have %llu nodes, not %llu", (unsigned long long)sum, (unsigned long long)expected);
  if (tree_count(run->thread[0].kept[KEPT_TREE]) != tree_nodes(deepest))
    peer_fail("the long-lived tree has the wrong size");
}

static void drop(struct peer_thread *thread) { tree_free(thread->kept[KEPT_TREE]); }

const struct peer_program peer_binary_trees = {
    .name = "binary_trees", .params = params, .prepare = prepare, .run = run, .check = check, .drop = drop};
