/* mark.c -- workloads/mark.c on a peer: full collections of a graph that stays.
 *
 * random  nodes in random order form a binary heap through a and b; c and d refer to any node
 * tree    the binary heap in allocation order
 * list    one chain through a in allocation order */
#include "bench/peers/peer.h"

struct node {
  struct node *a, *b, *c, *d;
  uint64_t id, word[3];
};

enum { P_SHAPE, P_OBJECTS, P_REPEATS };
enum shape { SHAPE_RANDOM, SHAPE_TREE, SHAPE_LIST };
static const char *const shapes[] = {"random", "tree", "list", NULL};
static const struct gc_option params[] = {
    {"shape", GC_OPTION_CHOICE, .choices = shapes, .fallback = "random", .help = "random, tree or list"},
    {"objects", GC_OPTION_INT, 1, 1e10, .fallback = "1048576", .help = "nodes of 64 bytes"},
    {"repeats", GC_OPTION_INT, 1, 1e6, .fallback = "3", .help = "full collections in an iteration"},
    {0}};

enum { KEPT_GRAPH = 0 };

static struct node *node_new(struct memory_pool *pool, uint64_t id) {
  struct node *node = memory_new(pool, sizeof *node);
  node->id = id;
  for (unsigned i = 0; i < 3; i++)
    node->word[i] = id + i;
  return node;
}

static struct node *list_build(uint64_t count) {
  struct memory_pool pool = {0};
  struct node *first = node_new(&pool, 0), *last = first;
  for (uint64_t id = 1; id < count; id++)
    last = last->a = node_new(&pool, id);
  return first;
}

static struct node *heap_build(const struct peer_run *run, uint64_t count, bool random_order) {
  uint64_t random = rng_stream(run->seed, 0);
  struct memory_pool pool = {0};
  struct node **nodes = memory_array(count * sizeof *nodes);
  for (uint64_t id = 0; id < count; id++)
    nodes[id] = node_new(&pool, id);
  for (uint64_t i = count - 1; random_order && i > 1; i--) {
    uint64_t j = 1 + rng_below(&random, i);
    struct node *other = nodes[j];
    nodes[j] = nodes[i];
    nodes[i] = other;
  }
  for (uint64_t i = 0; i < count; i++) {
    nodes[i]->a = 2 * i + 1 < count ? nodes[2 * i + 1] : NULL;
    nodes[i]->b = 2 * i + 2 < count ? nodes[2 * i + 2] : NULL;
    if (random_order) {
      nodes[i]->c = nodes[rng_below(&random, count)];
      nodes[i]->d = nodes[rng_below(&random, count)];
    }
  }
  return nodes[0];
}

/* Builds the graph and collects once to warm up. */
static void prepare(struct peer_thread *thread) {
  uint64_t count = (uint64_t)peer_int(thread, P_OBJECTS);
  enum shape shape = (enum shape)peer_int(thread, P_SHAPE);
  thread->kept[KEPT_GRAPH] =
      shape == SHAPE_LIST ? list_build(count) : heap_build(thread->run, count, shape == SHAPE_RANDOM);
  memory_collect();
}

static void run(struct peer_thread *thread) {
  if (thread->index != 0)
    return;
  for (int64_t i = 0; i < peer_int(thread, P_REPEATS); i++) {
    memory_collect();
    thread->ops += (uint64_t)peer_int(thread, P_OBJECTS);
  }
}

static void node_check(const struct node *node) {
  if (!node)
    peer_fail("a node is gone");
  for (unsigned i = 0; i < 3; i++)
    if (node->word[i] != node->id + i)
      peer_fail("node %llu has changed", (unsigned long long)node->id);
}

static uint64_t heap_check(const struct node *node, uint64_t index, uint64_t count, bool random_order) {
  if (index >= count)
    return 0;
  node_check(node);
  if (random_order) {
    node_check(node->c);
    node_check(node->d);
  }
  return 1 + heap_check(node->a, 2 * index + 1, count, random_order) +
         heap_check(node->b, 2 * index + 2, count, random_order);
}

static void check(const struct peer_run *run) {
  uint64_t count = (uint64_t)run->params[P_OBJECTS].integer, found = 0;
  enum shape shape = (enum shape)run->params[P_SHAPE].integer;
  const struct node *graph = run->thread[0].kept[KEPT_GRAPH];
  if (shape != SHAPE_LIST)
    found = heap_check(graph, 0, count, shape == SHAPE_RANDOM);
  for (const struct node *node = graph; shape == SHAPE_LIST && node; node = node->a, found++)
    node_check(node);
  if (found != count)
    peer_fail("the graph has %llu nodes", (unsigned long long)found);
}

const struct peer_program peer_mark = {
    .name = "mark", .params = params, .prepare = prepare, .run = run, .check = check};
