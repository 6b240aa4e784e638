/* gcbench_trees.h -- the program of Ellis, Kovac and Boehm, shared by gcbench.c and mt_gcbench.c.
 *
 * The includer defines GCBENCH_HOLES (0 or 1) and GCBENCH_STRETCH (0 or 1) first.  Every thread does the whole:
 * a stretch tree thrown away, a long-lived tree and a long-lived array of doubles half filled, then, for each depth
 * d = 4, 6 … max: 2 * size(max + 2) / size(d) trees top-down (stores into older nodes) and as many bottom-up.
 * With holes, garbage of power-law sizes lies between the nodes, as in Whippet's mt-gcbench. */
#ifndef GC_WORKLOADS_GCBENCH_TREES_H
#define GC_WORKLOADS_GCBENCH_TREES_H

#include <string.h>

#include "workloads/lane.h"
#include "workloads/seen.h"

struct node {
  struct gc_header header;
  gc_field left, right;
  int32_t i, j; /* 0, and the node's height */
};

/* What a thread keeps. */
struct kept {
  struct gc_header header;
  gc_field tree, array;
  uint64_t thread;
};

enum { TYPE_node = GC_TYPE_FIRST, TYPE_kept };
static const struct gc_type types[] = {GC_TYPE(node, left, 2), GC_TYPE(kept, tree, 2)};

enum { P_DEPTH, P_ARRAY };
static const struct gc_option params[] = {
    {"depth", GC_OPTION_INT, 4, 24, .fallback = "16", .help = "depth of the long-lived tree and the deepest others"},
    {"array", GC_OPTION_INT, 0, 1e9, .fallback = "500000", .help = "length of the long-lived array, half of it filled"},
    {0}};

enum { SHALLOWEST = 4, HOLE_TABLE_LENGTH = 256, ARRAY_SLICE = 4096 };

/* Sizes of holes in words, the same for all threads; written by prepare, then only read. */
struct holes {
  uint8_t words[HOLE_TABLE_LENGTH];
};

/* One thread's way through the trees. */
struct builder {
  struct gc_mutator *m;
  const struct holes *holes;
  uint64_t hole_count;
};

static GC_INLINE void leave_hole(struct builder *b) {
  if (!GCBENCH_HOLES)
    return;
  unsigned words = b->holes->words[b->hole_count++ % HOLE_TABLE_LENGTH];
  if (words)
    gc_alloc_raw(b->m, words * sizeof(uint64_t));
}

static inline uint64_t tree_nodes(unsigned depth) { return (2ull << depth) - 1; }
static inline uint64_t tree_rounds(const struct gc_work *work, unsigned depth) {
  return 2 * tree_nodes((unsigned)work_int(work, P_DEPTH) + 2) / tree_nodes(depth);
}

/* Grows `self` to a perfect tree of `depth` > 0, parents first. */
static void tree_populate(struct builder *b, unsigned depth, gc_ref self) {
  struct gc_mutator *m = b->m;
  GC_ROOTS(m, r, self);
  gc_set(m, &r.self, self);
  GC_PUT(m, self, node, j, (int32_t)depth);
  leave_hole(b);
  gc_ref left = GC_NEW(m, node);
  GC_STORE(m, gc_get(m, &r.self), node, left, left);
  leave_hole(b);
  gc_ref right = GC_NEW(m, node);
  GC_STORE(m, gc_get(m, &r.self), node, right, right);
  if (depth > 1) {
    tree_populate(b, depth - 1, GC_LOAD(m, gc_get(m, &r.self), node, left));
    tree_populate(b, depth - 1, GC_LOAD(m, gc_get(m, &r.self), node, right));
  }
  gc_frame_pop(m, &r.frame);
}

/* A perfect tree of `depth`, children first. */
static gc_ref tree_new(struct builder *b, unsigned depth) {
  struct gc_mutator *m = b->m;
  if (depth == 0)
    return GC_NEW(m, node);
  GC_ROOTS(m, r, left, right);
  gc_set(m, &r.left, tree_new(b, depth - 1));
  gc_set(m, &r.right, tree_new(b, depth - 1));
  leave_hole(b);
  gc_ref tree = GC_NEW(m, node);
  GC_INIT(m, tree, node, left, gc_get(m, &r.left));
  GC_INIT(m, tree, node, right, gc_get(m, &r.right));
  GC_PUT(m, tree, node, j, (int32_t)depth);
  gc_frame_pop(m, &r.frame);
  return tree;
}

/* A raw array whose first half is 1 / (index + 1). */
static gc_ref array_new(struct gc_mutator *m, uint64_t length) {
  GC_ROOTS(m, r, array);
  gc_set(m, &r.array, gc_alloc_raw(m, length * sizeof(double)));
  for (uint64_t from = 0; from < length / 2; from += ARRAY_SLICE) {
    double *value = (double *)gc_raw_data(m, gc_get(m, &r.array));
    uint64_t to = size_min(from + ARRAY_SLICE, length / 2);
    for (uint64_t i = from; i < to; i++)
      value[i] = 1.0 / (double)(i + 1);
    gc_poll(m);
  }
  gc_ref array = gc_get(m, &r.array);
  gc_frame_pop(m, &r.frame);
  return array;
}

/* The 256 sizes: start at 0 and accept with probability 0.15, else try the next integer. */
static inline void holes_fill(struct holes *holes, uint64_t seed) {
  uint64_t random = rng_stream(seed, 0);
  for (unsigned i = 0; i < HOLE_TABLE_LENGTH; i++) {
    uint8_t words = 0;
    while (words < UINT8_MAX && rng_unit(&random) >= 0.15)
      words++;
    holes->words[i] = words;
  }
}

static void prepare(struct gc_mutator *m, const struct gc_work *work) {
  lanes_create(m, work);
  if (GCBENCH_HOLES)
    holes_fill(work->shared, work->seed);
}

static void keep_long_lived(struct builder *b, const struct gc_work *work, unsigned depth) {
  struct gc_mutator *m = b->m;
  gc_ref kept = GC_NEW(m, kept);
  GC_PUT(m, kept, kept, thread, work->thread);
  lane_store(m, work, kept);

  GC_ROOTS(m, r, kept, tree);
  gc_set(m, &r.kept, kept);
  gc_set(m, &r.tree, GC_NEW(m, node));
  tree_populate(b, depth, gc_get(m, &r.tree));
  GC_STORE(m, gc_get(m, &r.kept), kept, tree, gc_get(m, &r.tree));
  gc_ref array = array_new(m, (uint64_t)work_int(work, P_ARRAY));
  GC_STORE(m, gc_get(m, &r.kept), kept, array, array);
  gc_frame_pop(m, &r.frame);
}

static uint64_t run(struct gc_mutator *m, const struct gc_work *work) {
  unsigned deepest = (unsigned)work_int(work, P_DEPTH);
  struct builder b = {.m = m, .holes = work->shared};
  uint64_t nodes = 0;
  if (GCBENCH_STRETCH)
    tree_new(&b, deepest + 2);
  keep_long_lived(&b, work, deepest);
  for (unsigned depth = SHALLOWEST; depth <= deepest; depth += 2) {
    uint64_t rounds = tree_rounds(work, depth);
    for (uint64_t i = 0; i < rounds; i++) {
      gc_ref tree = GC_NEW(m, node);
      tree_populate(&b, depth, tree);
    }
    for (uint64_t i = 0; i < rounds; i++)
      tree_new(&b, depth);
    nodes += 2 * rounds * tree_nodes(depth);
  }
  return rng_mix(nodes, b.hole_count);
}

/* Fails unless `tree` is perfect and its leaves are its own, which then holds for all its nodes. */
static void tree_check(struct gc_mutator *m, const struct gc_work *work, struct seen *seen, gc_ref tree, int depth) {
  if (gc_is_null(tree))
    work_fail(work, "a tree ends %d levels early", depth + 1);
  const struct node *n = GC_DEREF(m, node, tree);
  if (n->i != 0 || n->j != depth)
    work_fail(work, "a node of height %d holds %d and %d", depth, n->i, n->j);
  gc_ref left = GC_LOAD(m, tree, node, left), right = GC_LOAD(m, tree, node, right);
  if (depth > 0) {
    tree_check(m, work, seen, left, depth - 1);
    tree_check(m, work, seen, right, depth - 1);
    return;
  }
  if (!gc_is_null(left) || !gc_is_null(right))
    work_fail(work, "a leaf has a child");
  seen_object(m, work, seen, tree);
}

static void doubles_check(struct gc_mutator *m, const struct gc_work *work, gc_ref array) {
  uint64_t length = (uint64_t)work_int(work, P_ARRAY);
  if (gc_is_null(array) || GC_DEREF(m, gc_raw, array)->length_bytes != length * sizeof(double))
    work_fail(work, "the array of doubles is gone or has another length");
  const double *value = (const double *)gc_raw_data(m, array);
  for (uint64_t i = 0; i < length; i++) {
    double expected = i < length / 2 ? 1.0 / (double)(i + 1) : 0;
    if (memcmp(&value[i], &expected, sizeof expected) != 0)
      work_fail(work, "element %llu of the array is %g, not %g", (unsigned long long)i, value[i], expected);
  }
}

/* The sum of the nodes kept. */
static uint64_t check(struct gc_mutator *m, const struct gc_work *work) {
  unsigned depth = (unsigned)work_int(work, P_DEPTH);
  struct seen seen = seen_create(work, work->threads * ((1ull << depth) + 1));
  for (unsigned thread = 0; thread < work->threads; thread++) {
    gc_ref kept = lane_check(m, work, thread);
    if (GC_DEREF(m, kept, kept)->thread != thread)
      work_fail(work, "thread %u kept what another thread built", thread);
    tree_check(m, work, &seen, GC_LOAD(m, kept, kept, tree), (int)depth);
    gc_ref array = GC_LOAD(m, kept, kept, array);
    doubles_check(m, work, array);
    seen_object(m, work, &seen, array);
  }
  seen_check_full(work, &seen);
  seen_destroy(&seen);
  return work->threads * tree_nodes(depth);
}

#endif
