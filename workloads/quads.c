/* quads.c -- one large quad tree that stays, and rounds of small ones that die at once.
 *
 * Thread 0 builds the tree in prepare.  In each round the threads share an amount of garbage that is a percentage of
 * the live tree, in trees of depth 3, and then validate the live tree, each thread its share of the subtrees.
 * Nothing writes to the live tree, so all threads read it freely. */
#include "workloads/seen.h"

struct quad {
  struct gc_header header;
  gc_field kid[4];
};

enum { TYPE_quad = GC_TYPE_FIRST };
static const struct gc_type types[] = {GC_TYPE(quad, kid, 4)};

enum { P_DEPTH, P_ROUNDS, P_GARBAGE };
static const struct gc_option params[] = {
    {"depth", GC_OPTION_INT, 4, 14, .fallback = "10", .help = "depth of the tree that stays"},
    {"rounds", GC_OPTION_INT, 1, 1e6, .fallback = "20", .help = "rounds of garbage and validation"},
    {"garbage", GC_OPTION_REAL, 0, 1e4, .fallback = "27",
     .help = "garbage of a round, in percent of the tree that stays (13 % of a heap twice its size)"},
    {0}};

/* UNPOLLED_DEPTH: a subtree that is walked between two polls, at most 5461 quads. */
enum { GLOBAL_TREE = 0, GARBAGE_DEPTH = 3, UNPOLLED_DEPTH = 6 };

static inline uint64_t tree_quads(unsigned depth) { return ((4ull << 2 * depth) - 1) / 3; }

/* A perfect tree of `depth` edges, kids first. */
static gc_ref tree_new(struct gc_mutator *m, unsigned depth) {
  if (depth == 0)
    return GC_NEW(m, quad);
  GC_ROOTS(m, r, kid[4]);
  for (unsigned i = 0; i < 4; i++)
    gc_set(m, &r.kid[i], tree_new(m, depth - 1));
  gc_ref tree = GC_NEW(m, quad);
  for (unsigned i = 0; i < 4; i++)
    GC_INIT(m, tree, quad, kid[i], gc_get(m, &r.kid[i]));
  gc_frame_pop(m, &r.frame);
  return tree;
}

/* The number of quads; fails unless the tree is perfect. */
static uint64_t tree_validate(struct gc_mutator *m, const struct gc_work *work, gc_ref tree, unsigned depth) {
  uint64_t count = 1;
  for (unsigned i = 0; i < 4; i++) {
    gc_ref kid = GC_LOAD(m, tree, quad, kid[i]);
    if (gc_is_null(kid) != (depth == 0))
      work_fail(work, "a quad of height %u has %s", depth, depth ? "a kid missing" : "a kid");
    if (depth > 0)
      count += tree_validate(m, work, kid, depth - 1);
  }
  return count;
}

/* This thread's share of the subtrees of depth UNPOLLED_DEPTH; subtree `path` is named by its turns from the root. */
static uint64_t validate_share(struct gc_mutator *m, const struct gc_work *work, unsigned depth) {
  unsigned turns = depth > UNPOLLED_DEPTH ? depth - UNPOLLED_DEPTH : 0;
  uint64_t count = 0;
  for (uint64_t path = work->thread; path < 1ull << 2 * turns; path += work->threads) {
    gc_ref tree = gc_global_load(m, GLOBAL_TREE);
    for (unsigned turn = 0; turn < turns; turn++)
      tree = GC_LOAD(m, tree, quad, kid[path >> 2 * turn & 3]);
    count += tree_validate(m, work, tree, depth - turns);
    gc_poll(m);
  }
  return count;
}

static void prepare(struct gc_mutator *m, const struct gc_work *work) {
  gc_ref tree = tree_new(m, (unsigned)work_int(work, P_DEPTH));
  gc_global_store(m, GLOBAL_TREE, tree);
}

static uint64_t run(struct gc_mutator *m, const struct gc_work *work) {
  unsigned depth = (unsigned)work_int(work, P_DEPTH);
  uint64_t rounds = (uint64_t)work_int(work, P_ROUNDS), count = 0;
  uint64_t trees =
      (uint64_t)(work_real(work, P_GARBAGE) / 100 * (double)tree_quads(depth) / (double)tree_quads(GARBAGE_DEPTH));
  for (uint64_t round = 0; round < rounds; round++) {
    for (uint64_t i = work->thread; i < trees; i += work->threads) {
      tree_new(m, GARBAGE_DEPTH);
      count += tree_quads(GARBAGE_DEPTH);
    }
    count += validate_share(m, work, depth);
  }
  return count;
}

/* Adds the leaves: if they are all distinct, so are their parents, up to the root. */
static void leaves_check(struct gc_mutator *m, const struct gc_work *work, struct seen *seen, gc_ref tree,
                         unsigned depth) {
  if (depth == 0)
    seen_object(m, work, seen, tree);
  else
    for (unsigned i = 0; i < 4; i++)
      leaves_check(m, work, seen, GC_LOAD(m, tree, quad, kid[i]), depth - 1);
}

static uint64_t check(struct gc_mutator *m, const struct gc_work *work) {
  unsigned depth = (unsigned)work_int(work, P_DEPTH);
  gc_ref tree = gc_global_load(m, GLOBAL_TREE);
  if (gc_is_null(tree))
    work_fail(work, "the tree is gone");
  uint64_t count = tree_validate(m, work, tree, depth);
  struct seen seen = seen_create(work, 1ull << 2 * depth);
  leaves_check(m, work, &seen, tree, depth);
  seen_check_full(work, &seen);
  seen_destroy(&seen);
  return count;
}

GC_WORKLOAD(.name = "quads", .summary = "a quad tree that stays and is walked, and rounds of small ones that die",
            .stresses = "A fixed working set: what tracing it again and again costs, beside the mutators' own walks.",
            .source = "Whippet, benchmarks/quads.c: 20 rounds, garbage of 1/7.5 of the heap in trees of depth 3; "
                      "the depth is gclab's own, and the heap is taken as twice the tree",
            .sharing = GC_WORK_SPLIT, .types = types, .type_count = 1, .params = params,
            .small = "depth=6,rounds=4,garbage=100", .prepare = prepare, .run = run,
            .check = check);
