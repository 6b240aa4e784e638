/* same_graph_under_every_plan.c -- a seeded program builds the graph that a model in plain arrays says it builds, so
 * all plans agree on it; the oracle counts the same objects as the model. */
#include "runtime/verify/verify.h"
#include "tests/support/suite.h"

enum { GRAPH_SLOTS = 64, NODES_MOST = 40000, NONE = 0 }; /* nodes are numbered from 1 by their keys */

static struct model {
  uint32_t slot[GRAPH_SLOTS], left[NODES_MOST + 1], right[NODES_MOST + 1];
  uint32_t count;
} model;

/* ---- both sides visit in the same order and hash the same words ---- */

static uint32_t stack[2 * NODES_MOST + GRAPH_SLOTS];
static bool visited[NODES_MOST + 1];

static uint64_t hash_model(uint32_t *reached) {
  uint64_t sum = 0;
  uint32_t depth = 0;
  memset(visited, 0, sizeof visited);
  *reached = 0;
  for (unsigned i = 0; i < GRAPH_SLOTS; i++)
    stack[depth++] = model.slot[i];
  while (depth) {
    uint32_t node = stack[--depth];
    sum = rng_mix(sum, node);
    if (node == NONE || visited[node])
      continue;
    visited[node] = true;
    ++*reached;
    stack[depth++] = model.left[node];
    stack[depth++] = model.right[node];
  }
  return sum;
}

static gc_ref refs[2 * NODES_MOST + GRAPH_SLOTS];

static uint64_t hash_heap(struct gc_mutator *m, const gc_root *table) {
  uint64_t sum = 0;
  uint32_t depth = 0;
  memset(visited, 0, sizeof visited);
  for (unsigned i = 0; i < GRAPH_SLOTS; i++)
    refs[depth++] = gc_array_load(m, gc_get(m, table), i);
  while (depth) { /* no allocation and no poll: the references stay good */
    gc_ref ref = refs[--depth];
    uint64_t key = gc_is_null(ref) ? NONE : GC_DEREF(m, node, ref)->key;
    EXPECT(key <= model.count, "key %llx", (unsigned long long)key);
    sum = rng_mix(sum, key);
    if (key == NONE || visited[key])
      continue;
    visited[key] = true;
    refs[depth++] = GC_LOAD(m, ref, node, left);
    refs[depth++] = GC_LOAD(m, ref, node, right);
  }
  return sum;
}

static bool count_node(void *context, gc_ref object) {
  *(uint32_t *)context += object_type(object) == TYPE_node;
  return true;
}

static void compare(struct gc_mutator *m, const gc_root *table, bool print) {
  uint32_t reached, counted = 0;
  uint64_t expected = hash_model(&reached), found = hash_heap(m, table);
  EXPECT(found == expected, "graph %llx, model %llx after %u nodes", (unsigned long long)found,
         (unsigned long long)expected, model.count);
  EXPECT(verify_for_reachable(m->heap, &counted, count_node), "no memory for the oracle");
  EXPECT(counted == reached, "the oracle counts %u nodes, the model %u", counted, reached);
  if (print)
    printf("graph %016llx of %u nodes\n", (unsigned long long)found, reached);
}

/* ---- the program ---- */

static void step(struct gc_mutator *m, const gc_root *table, gc_root *scratch, uint64_t *rng) {
  unsigned to = (unsigned)rng_below(rng, GRAPH_SLOTS), from = (unsigned)rng_below(rng, GRAPH_SLOTS);
  uint32_t target = model.slot[to], value = model.slot[from];
  bool right = rng_below(rng, 2);
  uint32_t *side = right ? &model.right[target] : &model.left[target];
  uint64_t choice = rng_below(rng, 16);
  if (choice < 6 && model.count < NODES_MOST) { /* a new node that holds the old one */
    gc_ref node = GC_NEW(m, node);
    GC_PUT(m, node, node, key, ++model.count);
    gc_ref held = gc_array_load(m, gc_get(m, table), from);
    if (right)
      GC_INIT(m, node, node, right, held);
    else
      GC_INIT(m, node, node, left, held);
    gc_array_store(m, gc_get(m, table), to, node);
    model.left[model.count] = right ? NONE : value;
    model.right[model.count] = right ? value : NONE;
    model.slot[to] = model.count;
    return;
  }
  if (choice < 8) {
    gc_array_store(m, gc_get(m, table), to, choice == 6 ? GC_NULL : gc_array_load(m, gc_get(m, table), from));
    model.slot[to] = choice == 6 ? NONE : value;
    return;
  }
  if (target == NONE)
    return;
  gc_set(m, scratch, gc_array_load(m, gc_get(m, table), to));
  gc_ref node = gc_get(m, scratch);
  gc_field *field = right ? GC_FIELD(m, node, node, right) : GC_FIELD(m, node, node, left);
  gc_ref now = gc_array_load(m, gc_get(m, table), from);
  if (choice < 11) {
    gc_store(m, node, field, now);
    *side = value;
  } else if (choice < 13) { /* exchanges the field with the slot */
    uint32_t old = *side;
    *side = value;
    gc_ref was = gc_swap(m, node, field, now);
    gc_array_store(m, gc_get(m, table), from, was);
    model.slot[from] = old;
  } else if (choice < 15) {
    uint32_t other = model.slot[(to + 1) % GRAPH_SLOTS];
    bool stored = gc_cas(m, node, field, now, gc_array_load(m, gc_get(m, table), (to + 1) % GRAPH_SLOTS));
    EXPECT(stored == (*side == value), "cas of %u to %u said %d", value, other, stored);
    if (stored)
      *side = other;
  } else {
    gc_copy_fields(m, node, GC_FIELD(m, node, node, right), node, GC_FIELD(m, node, node, left), 1);
    model.right[target] = model.left[target];
  }
}

TEST(same_graph_under_every_plan) {
  struct gc_mutator *m = suite_begin(64 * GC_MIB);
  uint64_t rng = rng_stream(suite.seed, 7);
  size_t steps = suite_count(60000);
  GC_ROOTS(m, r, table, scratch);
  gc_set(m, &r.table, gc_alloc_array(m, GRAPH_SLOTS));
  for (size_t i = 1; i <= steps; i++) {
    step(m, &r.table, &r.scratch, &rng);
    if (i % (steps / 12 + 1) == 0) {
      gc_set(m, &r.scratch, GC_NULL);
      gc_collect(m, (int)(i & 1));
      compare(m, &r.table, false);
    }
  }
  gc_set(m, &r.scratch, GC_NULL);
  compare(m, &r.table, true);
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
