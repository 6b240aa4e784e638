/* graph_mutate.c -- all threads change one graph at once.
 *
 * A table holds anchors, which stay.  Each anchor has an owner, who alone writes its scalars and references; any
 * thread may follow them.  A step of a thread takes one of its anchors at random and
 *   - redirects an edge to any thread's anchor: a store from old to old, which makes and breaks cycles, or
 *   - replaces the anchor's ring by a new one: a store from old to young; the old ring is cyclic garbage, or
 *   - exchanges a fresh token in a slot that all threads use: a racing gc_swap or gc_cas, from old to young.
 * Before that it walks some edges, which other threads may be writing.
 * Who gets which token is up to the schedule, but each token's id is always in exactly one place, so the checksum, in
 * which tokens appear as a sum of ids, does not depend on it. */
#include "workloads/seen.h"

enum { EDGES = 4, RING_NODES = 3 };

struct anchor {
  struct gc_header header;
  gc_field edge[EDGES];
  gc_field ring;      /* its last node; null before the first */
  uint64_t id, rings; /* the index in the table; how many rings it has had */
};

/* A ring is closed by `next`; every node also refers to the anchor. */
struct ring_node {
  struct gc_header header;
  gc_field next, home;
  uint64_t id; /* ring_node_id */
};

struct token {
  struct gc_header header;
  gc_field home; /* some anchor */
  uint64_t id, home_id;
};

enum { TYPE_anchor = GC_TYPE_FIRST, TYPE_ring_node, TYPE_token };
static const struct gc_type types[] = {GC_TYPE(anchor, edge, EDGES + 1), GC_TYPE(ring_node, next, 2),
                                       GC_TYPE(token, home, 1)};

enum { P_ANCHORS, P_STEPS, P_HOPS };
static const struct gc_option params[] = {
    {"anchors", GC_OPTION_INT, 1024, 1e9, .fallback = "20000", .help = "anchors of each thread"},
    {"steps", GC_OPTION_INT, 0, 1e12, .fallback = "2000000", .help = "steps of each thread"},
    {"hops", GC_OPTION_INT, 0, 1000, .fallback = "4", .help = "edges walked in a step"},
    {0}};

/* The exchange has SLOTS slots for all threads, then one for each, where its token is before and after run. */
enum { GLOBAL_ANCHORS, GLOBAL_EXCHANGE };
enum { SLOTS = 256 };

static uint64_t anchor_count(const struct gc_work *work) { return (uint64_t)work_int(work, P_ANCHORS) * work->threads; }
static uint64_t token_count(const struct gc_work *work) { return SLOTS + (uint64_t)work->threads; }
static GC_INLINE uint64_t ring_node_id(uint64_t anchor, uint64_t ring, uint64_t place) {
  return rng_mix(anchor, ring * RING_NODES + place);
}

static GC_INLINE gc_ref anchor_at(struct gc_mutator *m, const gc_root *anchors, uint64_t index) {
  return gc_array_load(m, gc_get(m, anchors), index);
}

/* A token with `id` whose home is anchor `home_id`. */
static gc_ref token_new(struct gc_mutator *m, const gc_root *anchors, uint64_t id, uint64_t home_id) {
  gc_ref token = GC_NEW(m, token);
  GC_INIT(m, token, token, home, anchor_at(m, anchors, home_id));
  GC_PUT(m, token, token, id, id);
  GC_PUT(m, token, token, home_id, home_id);
  return token;
}

/* Gives anchor `index`, which this thread owns, its next ring. */
static void ring_replace(struct gc_mutator *m, const gc_root *anchors, uint64_t index) {
  uint64_t ring = GC_DEREF(m, anchor, anchor_at(m, anchors, index))->rings + 1;
  GC_ROOTS(m, r, first, last);
  for (unsigned place = 0; place < RING_NODES; place++) {
    gc_ref node = GC_NEW(m, ring_node);
    GC_INIT(m, node, ring_node, next, gc_get(m, &r.last));
    GC_INIT(m, node, ring_node, home, anchor_at(m, anchors, index));
    GC_PUT(m, node, ring_node, id, ring_node_id(index, ring, place));
    gc_set(m, &r.last, node);
    if (place == 0)
      gc_set(m, &r.first, node);
  }
  gc_ref anchor = anchor_at(m, anchors, index), last = gc_get(m, &r.last);
  GC_STORE(m, gc_get(m, &r.first), ring_node, next, last);
  GC_STORE(m, anchor, anchor, ring, last);
  GC_PUT(m, anchor, anchor, rings, ring);
  gc_frame_pop(m, &r.frame);
}

/* Puts `token` into a slot of the exchange and returns the token that was there. */
static GC_INLINE gc_ref token_exchange(struct gc_mutator *m, gc_ref exchange, uint64_t slot, gc_ref token,
                                       bool by_cas) {
  gc_field *field = gc_array_slot(m, exchange, slot);
  if (!by_cas)
    return gc_swap(m, exchange, field, token);
  gc_ref other;
  do
    other = gc_load(m, exchange, field);
  while (!gc_cas(m, exchange, field, other, token));
  return other;
}

/* Follows `hops` edges from `anchor`.  Where they lead is up to the schedule, but it is an anchor. */
static GC_INLINE void anchor_walk(struct gc_mutator *m, const struct gc_work *work, gc_ref anchor, uint64_t hops,
                                  uint64_t turns, uint64_t count) {
  for (uint64_t i = 0; i < hops; i++) {
    anchor = gc_load(m, anchor, *GC_FIELD(m, anchor, anchor, edge) + (turns >> 2 * i % 64) % EDGES);
    if (GC_DEREF(m, anchor, anchor)->id >= count)
      work_fail(work, "an edge leads to no anchor");
  }
}

static void prepare(struct gc_mutator *m, const struct gc_work *work) {
  uint64_t random = rng_stream(work->seed, work->threads), count = anchor_count(work);
  GC_ROOTS(m, r, anchors, exchange);
  gc_set(m, &r.anchors, gc_alloc_array(m, count));
  gc_global_store(m, GLOBAL_ANCHORS, gc_get(m, &r.anchors));
  for (uint64_t i = 0; i < count; i++) {
    gc_ref anchor = GC_NEW(m, anchor);
    GC_PUT(m, anchor, anchor, id, i);
    gc_array_store(m, gc_get(m, &r.anchors), i, anchor);
  }
  for (uint64_t i = 0; i < count; i++) {
    gc_ref anchor = anchor_at(m, &r.anchors, i);
    for (unsigned k = 0; k < EDGES; k++)
      GC_STORE(m, anchor, anchor, edge[k], anchor_at(m, &r.anchors, rng_below(&random, count)));
    gc_poll(m);
  }
  gc_set(m, &r.exchange, gc_alloc_array(m, token_count(work)));
  gc_global_store(m, GLOBAL_EXCHANGE, gc_get(m, &r.exchange));
  for (uint64_t i = 0; i < token_count(work); i++) {
    gc_ref token = token_new(m, &r.anchors, i + 1, rng_below(&random, count));
    gc_array_store(m, gc_get(m, &r.exchange), i, token);
  }
  gc_frame_pop(m, &r.frame);
}

static uint64_t run(struct gc_mutator *m, const struct gc_work *work) {
  uint64_t random = rng_stream(work->seed, work->thread), count = anchor_count(work);
  uint64_t own = (uint64_t)work_int(work, P_ANCHORS), first = work->thread * own, hand_slot = SLOTS + work->thread;
  uint64_t steps = (uint64_t)work_int(work, P_STEPS), hops = (uint64_t)work_int(work, P_HOPS);
  GC_ROOTS(m, r, anchors, exchange, hand);
  gc_set(m, &r.anchors, gc_global_load(m, GLOBAL_ANCHORS));
  gc_set(m, &r.exchange, gc_global_load(m, GLOBAL_EXCHANGE));
  gc_set(m, &r.hand, gc_array_load(m, gc_get(m, &r.exchange), hand_slot));
  for (uint64_t i = 0; i < steps; i++) {
    uint64_t turns = rng_xorshift64(&random), index = first + rng_below(&random, own);
    gc_ref anchor = anchor_at(m, &r.anchors, index);
    anchor_walk(m, work, anchor, hops, turns, count);
    uint64_t choice = turns >> 56;
    if (choice < 128) {
      gc_ref target = anchor_at(m, &r.anchors, rng_below(&random, count));
      gc_store(m, anchor, *GC_FIELD(m, anchor, anchor, edge) + choice % EDGES, target);
    } else if (choice < 192) {
      ring_replace(m, &r.anchors, index);
    } else {
      gc_ref copy = token_new(m, &r.anchors, GC_DEREF(m, token, gc_get(m, &r.hand))->id, index);
      uint64_t slot = rng_below(&random, SLOTS);
      gc_set(m, &r.hand, token_exchange(m, gc_get(m, &r.exchange), slot, copy, choice % 2));
    }
    gc_poll(m);
  }
  gc_array_store(m, gc_get(m, &r.exchange), hand_slot, gc_get(m, &r.hand));
  gc_frame_pop(m, &r.frame);
  return steps;
}

/* Fails unless the anchor's ring is the one that it should have now. */
static void ring_check(struct gc_mutator *m, const struct gc_work *work, gc_ref anchor) {
  uint64_t index = GC_DEREF(m, anchor, anchor)->id, ring = GC_DEREF(m, anchor, anchor)->rings;
  gc_ref last = GC_LOAD(m, anchor, anchor, ring), node = last;
  if (gc_is_null(last) != (ring == 0))
    work_fail(work, "anchor %llu has %llu rings", (unsigned long long)index, (unsigned long long)ring);
  if (ring == 0)
    return;
  for (unsigned place = RING_NODES; place-- > 0; node = GC_LOAD(m, node, ring_node, next))
    if (gc_is_null(node) || GC_DEREF(m, ring_node, node)->id != ring_node_id(index, ring, place) ||
        !gc_same(m, GC_LOAD(m, node, ring_node, home), anchor))
      work_fail(work, "the ring of anchor %llu is broken", (unsigned long long)index);
  if (!gc_same(m, node, last))
    work_fail(work, "the ring of anchor %llu does not close", (unsigned long long)index);
}

/* The sum over all anchors of what their owners made of them. */
static uint64_t anchors_check(struct gc_mutator *m, const struct gc_work *work, gc_ref anchors) {
  uint64_t count = anchor_count(work), sum = 0;
  for (uint64_t i = 0; i < count; i++) {
    gc_ref anchor = gc_array_load(m, anchors, i);
    if (gc_is_null(anchor) || GC_DEREF(m, anchor, anchor)->id != i)
      work_fail(work, "anchor %llu is gone", (unsigned long long)i);
    uint64_t mixed = rng_mix(i, GC_DEREF(m, anchor, anchor)->rings);
    for (unsigned k = 0; k < EDGES; k++) {
      gc_ref target = GC_LOAD(m, anchor, anchor, edge[k]);
      if (gc_is_null(target))
        work_fail(work, "edge %u of anchor %llu is gone", k, (unsigned long long)i);
      mixed = rng_mix(mixed, GC_DEREF(m, anchor, target)->id);
    }
    ring_check(m, work, anchor);
    sum += mixed;
  }
  return sum;
}

/* The sum of the tokens' ids; fails unless they are all different and know where they come from. */
static uint64_t tokens_check(struct gc_mutator *m, const struct gc_work *work, gc_ref exchange) {
  struct seen seen = seen_create(work, token_count(work));
  uint64_t sum = 0;
  for (uint64_t i = 0; i < token_count(work); i++) {
    gc_ref token = gc_array_load(m, exchange, i);
    if (gc_is_null(token))
      work_fail(work, "a token is gone");
    gc_ref home = GC_LOAD(m, token, token, home);
    const struct token *t = GC_DEREF(m, token, token);
    if (t->id - 1 >= token_count(work) || gc_is_null(home) || GC_DEREF(m, anchor, home)->id != t->home_id)
      work_fail(work, "token %llu is not what it was made", (unsigned long long)t->id);
    seen_add(work, &seen, t->id);
    sum += t->id;
  }
  seen_destroy(&seen);
  return sum;
}

static uint64_t check(struct gc_mutator *m, const struct gc_work *work) {
  gc_ref anchors = gc_global_load(m, GLOBAL_ANCHORS), exchange = gc_global_load(m, GLOBAL_EXCHANGE);
  if (gc_is_null(anchors) || gc_array_length(m, anchors) != anchor_count(work))
    work_fail(work, "the table of anchors is gone");
  if (gc_is_null(exchange) || gc_array_length(m, exchange) != token_count(work))
    work_fail(work, "the exchange is gone");
  return anchors_check(m, work, anchors) + tokens_check(m, work, exchange);
}

GC_WORKLOAD(.name = "graph_mutate", .summary = "all threads change one graph: edges, cyclic garbage, racing exchanges",
            .stresses = "Barriers under contention: stores from old to old and from old to young, cycles across "
                        "threads, atomic exchanges of new objects in shared old ones.",
            .source = "gclab's own", .sharing = GC_WORK_COPIES, .needs = {.cycles = true}, .types = types,
            .type_count = 3, .params = params,
            .small = "anchors=1024,steps=8000,hops=3", .prepare = prepare, .run = run, .check = check);
