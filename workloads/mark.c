/* mark.c -- full collections of a graph that stays: how many objects a second the collector traces.
 *
 * prepare builds the graph and collects once to warm up; run collects `repeats` times more.  Three shapes:
 *   random  nodes in random order form a binary heap through a and b; c and d refer to any node: every
 *           reference misses the caches, and there is always enough to do for many threads
 *   tree    the binary heap in allocation order
 *   list    one chain through a in allocation order: never more than one node to trace
 * Thread 0 collects; other threads have nothing to do. */
#include "workloads/payload.h"

struct node {
  struct gc_header header;
  gc_field a, b, c, d;
  uint64_t id, word[2]; /* id: number in order of allocation */
};

enum { TYPE_node = GC_TYPE_FIRST };
static const struct gc_type types[] = {GC_TYPE(node, a, 4)};

enum { P_SHAPE, P_OBJECTS, P_REPEATS };
enum shape { SHAPE_RANDOM, SHAPE_TREE, SHAPE_LIST };
static const char *const shapes[] = {"random", "tree", "list", NULL};
static const struct gc_option params[] = {
    {"shape", GC_OPTION_CHOICE, .choices = shapes, .fallback = "random", .help = "random, tree or list"},
    {"objects", GC_OPTION_INT, 1, 1e10, .fallback = "1048576",
     .help = "nodes of 64 bytes; published comparisons use 16777216, a gigabyte"},
    {"repeats", GC_OPTION_INT, 1, 1e6, .fallback = "3", .help = "full collections in an iteration"},
    {0}};

enum { GLOBAL_GRAPH = 0 };

static enum shape shape_of(const struct gc_work *work) { return (enum shape)work_int(work, P_SHAPE); }

static gc_ref node_new(struct gc_mutator *m, uint64_t id) {
  gc_ref node = GC_NEW(m, node);
  GC_PUT(m, node, node, id, id);
  GC_PUT(m, node, node, word[0], payload_word(id, 0));
  GC_PUT(m, node, node, word[1], payload_word(id, 1));
  return node;
}

/* ---- building ---- */

static void list_build(struct gc_mutator *m, uint64_t count) {
  GC_ROOTS(m, r, last);
  gc_set(m, &r.last, node_new(m, 0));
  gc_global_store(m, GLOBAL_GRAPH, gc_get(m, &r.last));
  for (uint64_t id = 1; id < count; id++) {
    gc_ref node = node_new(m, id);
    GC_STORE(m, gc_get(m, &r.last), node, a, node);
    gc_set(m, &r.last, node);
  }
  gc_frame_pop(m, &r.frame);
}

/* A random order of all but the first; node 0 stays the root. */
static void array_shuffle(struct gc_mutator *m, const gc_root *nodes, uint64_t count, uint64_t *random) {
  for (uint64_t i = count - 1; i > 1; i--) {
    gc_poll(m);
    uint64_t j = 1 + rng_below(random, i);
    gc_ref array = gc_get(m, nodes), other = gc_array_load(m, array, j);
    gc_array_store(m, array, j, gc_array_load(m, array, i));
    gc_array_store(m, array, i, other);
  }
}

static void heap_build(struct gc_mutator *m, const struct gc_work *work, uint64_t count) {
  uint64_t random = rng_stream(work->seed, 0);
  GC_ROOTS(m, r, nodes);
  gc_set(m, &r.nodes, gc_alloc_array(m, count));
  for (uint64_t id = 0; id < count; id++) {
    gc_ref node = node_new(m, id);
    gc_array_store(m, gc_get(m, &r.nodes), id, node);
  }
  if (shape_of(work) == SHAPE_RANDOM)
    array_shuffle(m, &r.nodes, count, &random);
  for (uint64_t i = 0; i < count; i++) {
    gc_poll(m);
    gc_ref nodes = gc_get(m, &r.nodes), node = gc_array_load(m, nodes, i);
    if (2 * i + 1 < count)
      GC_STORE(m, node, node, a, gc_array_load(m, nodes, 2 * i + 1));
    if (2 * i + 2 < count)
      GC_STORE(m, node, node, b, gc_array_load(m, nodes, 2 * i + 2));
    if (shape_of(work) == SHAPE_RANDOM) {
      GC_STORE(m, node, node, c, gc_array_load(m, nodes, rng_below(&random, count)));
      GC_STORE(m, node, node, d, gc_array_load(m, nodes, rng_below(&random, count)));
    }
  }
  gc_global_store(m, GLOBAL_GRAPH, gc_array_load(m, gc_get(m, &r.nodes), 0));
  gc_frame_pop(m, &r.frame);
}

static void prepare(struct gc_mutator *m, const struct gc_work *work) {
  uint64_t count = (uint64_t)work_int(work, P_OBJECTS);
  if (shape_of(work) == SHAPE_LIST)
    list_build(m, count);
  else
    heap_build(m, work, count);
  gc_collect(m, 1);
}

static uint64_t run(struct gc_mutator *m, const struct gc_work *work) {
  if (work->thread != 0)
    return 0;
  for (int64_t i = 0; i < work_int(work, P_REPEATS); i++) {
    int64_t freed_bytes = gc_collect(m, 1);
    if (freed_bytes >= 0) /* otherwise this collector does not collect */
      work_add_ops(work, (uint64_t)work_int(work, P_OBJECTS));
  }
  return 0;
}

/* ---- checking ---- */

/* The id of `node`, after checking what follows from it. */
static uint64_t node_check(struct gc_mutator *m, const struct gc_work *work, gc_ref node) {
  if (gc_is_null(node))
    work_fail(work, "a node is gone");
  const struct node *n = GC_DEREF(m, node, node);
  if (n->word[0] != payload_word(n->id, 0) || n->word[1] != payload_word(n->id, 1))
    work_fail(work, "node %llu has changed", (unsigned long long)n->id);
  return n->id;
}

static uint64_t list_check(struct gc_mutator *m, const struct gc_work *work, uint64_t count) {
  GC_ROOTS(m, r, node);
  gc_set(m, &r.node, gc_global_load(m, GLOBAL_GRAPH));
  for (uint64_t id = 0; id < count; id++) {
    gc_poll(m);
    gc_ref node = gc_get(m, &r.node);
    if (node_check(m, work, node) != id)
      work_fail(work, "the list skips node %llu", (unsigned long long)id);
    if (!gc_is_null(GC_LOAD(m, node, node, b)) || !gc_is_null(GC_LOAD(m, node, node, c)) ||
        !gc_is_null(GC_LOAD(m, node, node, d)))
      work_fail(work, "node %llu of the list refers to a second one", (unsigned long long)id);
    gc_set(m, &r.node, GC_LOAD(m, node, node, a));
  }
  if (!gc_is_null(gc_get(m, &r.node)))
    work_fail(work, "the list has no end");
  gc_frame_pop(m, &r.frame);
  return count;
}

/* Mixes the ids of the sub-heap at index `i`; the index bounds the depth, whatever the references say. */
static uint64_t heap_check(struct gc_mutator *m, const struct gc_work *work, gc_ref node, uint64_t i, uint64_t count,
                           uint64_t sum) {
  if (i >= count) {
    if (!gc_is_null(node))
      work_fail(work, "a leaf has a child");
    return sum;
  }
  uint64_t id = node_check(m, work, node);
  sum = rng_mix(sum, id);
  gc_ref c = GC_LOAD(m, node, node, c), d = GC_LOAD(m, node, node, d);
  if (shape_of(work) == SHAPE_RANDOM) {
    sum = rng_mix(sum, node_check(m, work, c));
    sum = rng_mix(sum, node_check(m, work, d));
  } else if (id != i || !gc_is_null(c) || !gc_is_null(d)) {
    work_fail(work, "node %llu of the tree is in the wrong place", (unsigned long long)id);
  }
  sum = heap_check(m, work, GC_LOAD(m, node, node, a), 2 * i + 1, count, sum);
  return heap_check(m, work, GC_LOAD(m, node, node, b), 2 * i + 2, count, sum);
}

static uint64_t check(struct gc_mutator *m, const struct gc_work *work) {
  uint64_t count = (uint64_t)work_int(work, P_OBJECTS);
  if (shape_of(work) == SHAPE_LIST)
    return list_check(m, work, count);
  return heap_check(m, work, gc_global_load(m, GLOBAL_GRAPH), 0, count, 0);
}

GC_WORKLOAD(.name = "mark", .summary = "full collections of a graph that stays: random, tree or list",
            .stresses = "The tracing loop: memory latency (random), its cost per object (tree), and what it does "
                        "when there is nothing to share (list).  Time is spent in gc_collect only.",
            .operation = "objects traced",
            .source = "gclab's peer comparison; the random graph is laid out there with a gigabyte of nodes",
            .sharing = GC_WORK_SPLIT, .types = types, .type_count = 1, .params = params,
            .small = "shape=random,objects=3000,repeats=2", .prepare = prepare,
            .run = run, .check = check);
