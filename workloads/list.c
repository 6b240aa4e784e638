/* list.c -- one long singly linked list: built, walked, and every tenth node replaced by a new one.
 *
 * The nodes are divided over the threads, each of which has a list of its own.  Nothing here recurses over a list,
 * and nothing in a collector may. */
#include "workloads/lane.h"

/* Key: the node's position among all lists, times two; plus one if it is a replacement. */
struct node {
  struct gc_header header;
  gc_field next;
  uint64_t key;
};

enum { TYPE_node = GC_TYPE_FIRST };
static const struct gc_type types[] = {GC_TYPE(node, next, 1)};

enum { P_NODES, P_REPLACE_EVERY };
static const struct gc_option params[] = {
    {"nodes", GC_OPTION_INT, 1, 1e10, .fallback = "10000000", .help = "nodes of all threads' lists together"},
    {"replace_every", GC_OPTION_INT, 1, 1e10, .fallback = "10", .help = "one node in this many is replaced"},
    {0}};

enum { NODES_PER_POLL = 4096 };

/* Thread `thread` has the positions [first, last). */
struct share {
  uint64_t first, last;
};

static struct share share_of(const struct gc_work *work, unsigned thread) {
  uint64_t nodes = (uint64_t)work_int(work, P_NODES);
  return (struct share){nodes * thread / work->threads, nodes * (thread + 1) / work->threads};
}

/* A sentinel whose `next` is the first node; its key is ~thread. */
static void list_build(struct gc_mutator *m, const struct gc_work *work, struct share share) {
  GC_ROOTS(m, r, head);
  for (uint64_t position = share.last; position-- > share.first;) {
    gc_ref node = GC_NEW(m, node);
    GC_INIT(m, node, node, next, gc_get(m, &r.head));
    GC_PUT(m, node, node, key, 2 * position);
    gc_set(m, &r.head, node);
  }
  gc_ref sentinel = GC_NEW(m, node);
  GC_INIT(m, sentinel, node, next, gc_get(m, &r.head));
  GC_PUT(m, sentinel, node, key, ~(uint64_t)work->thread);
  lane_store(m, work, sentinel);
  gc_frame_pop(m, &r.frame);
}

/* The sum of the keys. */
static uint64_t list_walk(struct gc_mutator *m, const gc_root *sentinel) {
  uint64_t sum = 0;
  GC_ROOTS(m, r, at);
  gc_set(m, &r.at, GC_LOAD(m, gc_get(m, sentinel), node, next));
  while (!gc_is_null(gc_get(m, &r.at))) {
    gc_ref node = gc_get(m, &r.at);
    for (unsigned i = 0; i < NODES_PER_POLL && !gc_is_null(node); i++) {
      sum += GC_DEREF(m, node, node)->key;
      node = GC_LOAD(m, node, node, next);
    }
    gc_set(m, &r.at, node);
    gc_poll(m);
  }
  gc_frame_pop(m, &r.frame);
  return sum;
}

/* Advances `at` by `count` nodes, which exist. */
static void list_advance(struct gc_mutator *m, gc_root *at, uint64_t count) {
  while (count > 0) {
    gc_ref node = gc_get(m, at);
    uint64_t step = count < NODES_PER_POLL ? count : NODES_PER_POLL;
    for (uint64_t i = 0; i < step; i++)
      node = GC_LOAD(m, node, node, next);
    gc_set(m, at, node);
    count -= step;
    gc_poll(m);
  }
}

/* Replaces every `stride`-th node: a store of a new node into an old one. */
static void list_replace(struct gc_mutator *m, const gc_root *sentinel, struct share share, uint64_t stride) {
  GC_ROOTS(m, r, before);
  gc_set(m, &r.before, gc_get(m, sentinel));
  for (uint64_t position = share.first + stride - 1; position < share.last; position += stride) {
    list_advance(m, &r.before, stride - 1);
    gc_ref fresh = GC_NEW(m, node);
    gc_ref before = gc_get(m, &r.before), old = GC_LOAD(m, before, node, next);
    GC_INIT(m, fresh, node, next, GC_LOAD(m, old, node, next));
    GC_PUT(m, fresh, node, key, GC_DEREF(m, node, old)->key + 1);
    GC_STORE(m, before, node, next, fresh);
    gc_set(m, &r.before, fresh);
  }
  gc_frame_pop(m, &r.frame);
}

static void prepare(struct gc_mutator *m, const struct gc_work *work) { lanes_create(m, work); }

static uint64_t run(struct gc_mutator *m, const struct gc_work *work) {
  struct share share = share_of(work, work->thread);
  list_build(m, work, share);
  GC_ROOTS(m, r, sentinel);
  gc_set(m, &r.sentinel, lane_check(m, work, work->thread));
  uint64_t sum = list_walk(m, &r.sentinel);
  list_replace(m, &r.sentinel, share, (uint64_t)work_int(work, P_REPLACE_EVERY));
  gc_frame_pop(m, &r.frame);
  return sum;
}

/* Every key is known and no two nodes have the same, so each reference can lead to one node only. */
static uint64_t list_check(struct gc_mutator *m, const struct gc_work *work, gc_ref node, struct share share) {
  uint64_t stride = (uint64_t)work_int(work, P_REPLACE_EVERY), until_replaced = stride, sum = 0;
  for (uint64_t position = share.first; position < share.last; position++) {
    uint64_t key = 2 * position;
    if (--until_replaced == 0) {
      until_replaced = stride;
      key++;
    }
    node = GC_LOAD(m, node, node, next);
    if (gc_is_null(node) || GC_DEREF(m, node, node)->key != key)
      work_fail(work, "the node of position %llu is gone", (unsigned long long)position);
    sum += key;
  }
  if (!gc_is_null(GC_LOAD(m, node, node, next)))
    work_fail(work, "the list does not end where it should");
  return sum;
}

static uint64_t check(struct gc_mutator *m, const struct gc_work *work) {
  uint64_t sum = 0;
  for (unsigned thread = 0; thread < work->threads; thread++) {
    gc_ref sentinel = lane_check(m, work, thread);
    if (GC_DEREF(m, node, sentinel)->key != ~(uint64_t)thread)
      work_fail(work, "thread %u lost its list", thread);
    sum += list_check(m, work, sentinel, share_of(work, thread));
  }
  return sum;
}

GC_WORKLOAD(.name = "list", .summary = "a long singly linked list: built, walked, partly replaced",
            .stresses = "Marking that cannot run in parallel and must not recurse; new nodes are stored into old.",
            .source = "gclab's own; the shape is that of the linked-list benchmark of JuliaCI/GCBenchmarks, which has "
                      "128 * 2^20 nodes",
            .sharing = GC_WORK_SPLIT, .types = types, .type_count = 1, .params = params,
            .small = "nodes=12000,replace_every=7", .prepare = prepare, .run = run,
            .check = check);
