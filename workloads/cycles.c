/* cycles.c -- k garbage cycles of n nodes, each linked to the next, dropped at one stroke; again and again.
 *
 * Ring i's first node refers to ring i + 1's.  The last ring is built first, so a collector that examines suspects
 * oldest first, one at a time (Lins 1992), walks all rings behind each: quadratic in k.  One that examines them
 * together (Bacon and Rajan 2001) is linear.  Each thread keeps its last chain. */
#include "workloads/lane.h"

/* Ids number all nodes of a run: thread by thread, round by round, ring by ring. */
struct node {
  struct gc_header header;
  gc_field next, across; /* across: from a ring's first node to the next ring's; null in all others */
  uint64_t id;
};

enum { TYPE_node = GC_TYPE_FIRST };
static const struct gc_type types[] = {GC_TYPE(node, next, 2)};

enum { P_CYCLES, P_NODES, P_ROUNDS };
static const struct gc_option params[] = {
    {"cycles", GC_OPTION_INT, 1, 1e6, .fallback = "1000", .help = "k, the cycles of a chain"},
    {"nodes", GC_OPTION_INT, 1, 1e6, .fallback = "10", .help = "n, the nodes of a cycle"},
    {"rounds", GC_OPTION_INT, 1, 1e6, .fallback = "1000", .help = "chains that each thread builds and drops"},
    {0}};

/* The id of the first node of the chain that `thread` builds in `round`. */
static uint64_t chain_id(const struct gc_work *work, unsigned thread, uint64_t round) {
  uint64_t chain = thread * (uint64_t)work_int(work, P_ROUNDS) + round;
  return chain * (uint64_t)work_int(work, P_CYCLES) * (uint64_t)work_int(work, P_NODES);
}

/* A ring of `count` nodes whose first has `id` and refers across to `across`. */
static gc_ref ring_new(struct gc_mutator *m, uint64_t id, uint64_t count, const gc_root *across) {
  GC_ROOTS(m, r, first, last);
  gc_ref first = GC_NEW(m, node);
  GC_INIT(m, first, node, across, gc_get(m, across));
  GC_PUT(m, first, node, id, id);
  gc_set(m, &r.first, first);
  gc_set(m, &r.last, first);
  for (uint64_t i = 1; i < count; i++) {
    gc_ref node = GC_NEW(m, node);
    GC_PUT(m, node, node, id, id + i);
    GC_STORE(m, gc_get(m, &r.last), node, next, node);
    gc_set(m, &r.last, node);
  }
  first = gc_get(m, &r.first);
  GC_STORE(m, gc_get(m, &r.last), node, next, first);
  gc_frame_pop(m, &r.frame);
  return first;
}

static void prepare(struct gc_mutator *m, const struct gc_work *work) { lanes_create(m, work); }

static uint64_t run(struct gc_mutator *m, const struct gc_work *work) {
  uint64_t rings = (uint64_t)work_int(work, P_CYCLES), nodes = (uint64_t)work_int(work, P_NODES);
  uint64_t rounds = (uint64_t)work_int(work, P_ROUNDS);
  GC_ROOTS(m, r, chain);
  for (uint64_t round = 0; round < rounds; round++) {
    uint64_t id = chain_id(work, work->thread, round);
    gc_set(m, &r.chain, GC_NULL);
    for (uint64_t ring = rings; ring-- > 0;)
      gc_set(m, &r.chain, ring_new(m, id + ring * nodes, nodes, &r.chain));
    lane_store(m, work, gc_get(m, &r.chain)); /* drops the chain of the round before */
  }
  gc_frame_pop(m, &r.frame);
  return rounds * rings * nodes;
}

/* Every id is known and no two nodes have the same, so each reference can lead to one node only. */
static void chain_check(struct gc_mutator *m, const struct gc_work *work, gc_ref chain, uint64_t id) {
  uint64_t rings = (uint64_t)work_int(work, P_CYCLES), nodes = (uint64_t)work_int(work, P_NODES);
  for (uint64_t ring = 0; ring < rings; ring++) {
    gc_ref node = chain;
    for (uint64_t i = 0; i < nodes; i++) {
      if (gc_is_null(node) || GC_DEREF(m, node, node)->id != id + i)
        work_fail(work, "node %llu of ring %llu is gone", (unsigned long long)i, (unsigned long long)ring);
      if (i > 0 && !gc_is_null(GC_LOAD(m, node, node, across)))
        work_fail(work, "node %llu of ring %llu refers across", (unsigned long long)i, (unsigned long long)ring);
      node = GC_LOAD(m, node, node, next);
    }
    if (gc_is_null(node) || !gc_same(m, node, chain))
      work_fail(work, "ring %llu does not close", (unsigned long long)ring);
    chain = GC_LOAD(m, chain, node, across);
    id += nodes;
  }
  if (!gc_is_null(chain))
    work_fail(work, "the chain has more than %llu rings", (unsigned long long)rings);
}

static uint64_t check(struct gc_mutator *m, const struct gc_work *work) {
  for (unsigned thread = 0; thread < work->threads; thread++)
    chain_check(m, work, lane_check(m, work, thread), chain_id(work, thread, (uint64_t)work_int(work, P_ROUNDS) - 1));
  return chain_id(work, work->threads, 0);
}

GC_WORKLOAD(.name = "cycles", .summary = "chains of k garbage cycles of n nodes, dropped at one stroke",
            .stresses = "Cycle collection by a counting collector: linear in k, or quadratic if it looks at one "
                        "suspect at a time.  To a tracing collector it is garbage like any other.",
            .source = "the shape is Bacon and Rajan's (ECOOP 2001, compound cycle); k and n are gclab's own",
            .sharing = GC_WORK_COPIES, .needs = {.cycles = true}, .types = types, .type_count = 1, .params = params,
            .small = "cycles=20,nodes=10,rounds=80",
            .prepare = prepare, .run = run, .check = check);
