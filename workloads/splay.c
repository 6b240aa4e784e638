/* splay.c -- a splay tree of nodes with bulky payloads; each modification inserts a node and removes its neighbour.
 *
 * Octane's Splay: a payload is a perfect binary tree whose leaves hold an array of ten numbers and a string made from
 * the node's key.  Each thread has a tree of its own, which it builds and then modifies.
 * Splaying is top-down (Sleator and Tarjan 1985) and begins with an allocation, the scratch node, as Octane's does;
 * the rest of it neither allocates nor polls, so its references stay valid. */
#include <stdio.h>
#include <string.h>

#include "workloads/lane.h"
#include "workloads/seen.h"

struct node {
  struct gc_header header;
  gc_field left, right, payload;
  uint64_t key;
};

/* Height 0: `first` is a raw array of ARRAY_LENGTH numbers, `second` a string.  Else both are payloads. */
struct payload {
  struct gc_header header;
  gc_field first, second;
  uint64_t height;
};

struct tree {
  struct gc_header header;
  gc_field root;
  uint64_t thread;
};

enum { TYPE_node = GC_TYPE_FIRST, TYPE_payload, TYPE_tree };
static const struct gc_type types[] = {GC_TYPE(node, left, 3), GC_TYPE(payload, first, 2), GC_TYPE(tree, root, 1)};

enum { P_NODES, P_STEPS, P_MODIFICATIONS, P_PAYLOAD_DEPTH };
static const struct gc_option params[] = {
    {"nodes", GC_OPTION_INT, 2, 1e7, .fallback = "8000", .help = "nodes of a thread's tree"},
    {"steps", GC_OPTION_INT, 0, 1e9, .fallback = "400", .help = "steps of modifications"},
    {"modifications", GC_OPTION_INT, 1, 1e6, .fallback = "80", .help = "nodes replaced in a step"},
    {"payload_depth", GC_OPTION_INT, 0, 16, .fallback = "5", .help = "depth of the tree in each node"},
    {0}};

enum { ARRAY_LENGTH = 10, STRING_BYTES = 48 };

/* "String for key 18446744073709551615 in leaf node" without the final zero. */
static void string_for_key(uint64_t key, char string[STRING_BYTES + 1]) {
  snprintf(string, STRING_BYTES + 1, "String for key %020llu in leaf node", (unsigned long long)key);
}

static gc_ref payload_new(struct gc_mutator *m, unsigned height, const char string[STRING_BYTES]) {
  GC_ROOTS(m, r, first, second);
  if (height == 0) {
    gc_ref array = gc_alloc_raw(m, ARRAY_LENGTH * sizeof(uint64_t));
    for (uint64_t i = 0; i < ARRAY_LENGTH; i++)
      ((uint64_t *)gc_raw_data(m, array))[i] = i;
    gc_set(m, &r.first, array);
    gc_ref text = gc_alloc_raw(m, STRING_BYTES);
    memcpy(gc_raw_data(m, text), string, STRING_BYTES);
    gc_set(m, &r.second, text);
  } else {
    gc_set(m, &r.first, payload_new(m, height - 1, string));
    gc_set(m, &r.second, payload_new(m, height - 1, string));
  }
  gc_ref payload = GC_NEW(m, payload);
  GC_INIT(m, payload, payload, first, gc_get(m, &r.first));
  GC_INIT(m, payload, payload, second, gc_get(m, &r.second));
  GC_PUT(m, payload, payload, height, height);
  gc_frame_pop(m, &r.frame);
  return payload;
}

static uint64_t key_of(struct gc_mutator *m, gc_ref node) { return GC_DEREF(m, node, node)->key; }

/* Brings the node with `key`, or a neighbour of it, to the root of `top`, which is not null; returns the new root.
 * `scratch` is a fresh node: its right and left gather what is smaller and what is larger than `key`. */
static gc_ref splay(struct gc_mutator *m, gc_ref scratch, gc_ref top, uint64_t key) {
  gc_ref smaller = scratch, larger = scratch;
  for (uint64_t top_key; (top_key = key_of(m, top)) != key;) {
    if (key < top_key) {
      gc_ref next = GC_LOAD(m, top, node, left);
      if (!gc_is_null(next) && key < key_of(m, next)) { /* rotate right */
        GC_STORE(m, top, node, left, GC_LOAD(m, next, node, right));
        GC_STORE(m, next, node, right, top);
        top = next;
        next = GC_LOAD(m, top, node, left);
      }
      if (gc_is_null(next))
        break;
      GC_STORE(m, larger, node, left, top);
      larger = top;
      top = next;
    } else {
      gc_ref next = GC_LOAD(m, top, node, right);
      if (!gc_is_null(next) && key > key_of(m, next)) { /* rotate left */
        GC_STORE(m, top, node, right, GC_LOAD(m, next, node, left));
        GC_STORE(m, next, node, left, top);
        top = next;
        next = GC_LOAD(m, top, node, right);
      }
      if (gc_is_null(next))
        break;
      GC_STORE(m, smaller, node, right, top);
      smaller = top;
      top = next;
    }
  }
  GC_STORE(m, smaller, node, right, GC_LOAD(m, top, node, left));
  GC_STORE(m, larger, node, left, GC_LOAD(m, top, node, right));
  GC_STORE(m, top, node, left, GC_LOAD(m, scratch, node, right));
  GC_STORE(m, top, node, right, GC_LOAD(m, scratch, node, left));
  return top;
}

/* Splays `tree` and returns its new root, or null if it is empty.  Allocates. */
static gc_ref tree_splay(struct gc_mutator *m, const gc_root *tree, uint64_t key) {
  gc_ref scratch = GC_NEW(m, node);
  gc_ref self = gc_get(m, tree), top = GC_LOAD(m, self, tree, root);
  if (!gc_is_null(top)) {
    top = splay(m, scratch, top, key);
    GC_STORE(m, self, tree, root, top);
  }
  return top;
}

static bool tree_find(struct gc_mutator *m, const gc_root *tree, uint64_t key) {
  gc_ref top = tree_splay(m, tree, key);
  return !gc_is_null(top) && key_of(m, top) == key;
}

/* Inserts `key`, which the tree does not have. */
static void tree_insert(struct gc_mutator *m, const gc_root *tree, uint64_t key, const gc_root *payload) {
  tree_splay(m, tree, key);
  gc_ref node = GC_NEW(m, node);
  gc_ref self = gc_get(m, tree), top = GC_LOAD(m, self, tree, root);
  GC_INIT(m, node, node, payload, gc_get(m, payload));
  GC_PUT(m, node, node, key, key);
  if (!gc_is_null(top)) {
    if (key > key_of(m, top)) {
      GC_INIT(m, node, node, left, top);
      GC_INIT(m, node, node, right, GC_LOAD(m, top, node, right));
      GC_STORE(m, top, node, right, GC_NULL);
    } else {
      GC_INIT(m, node, node, right, top);
      GC_INIT(m, node, node, left, GC_LOAD(m, top, node, left));
      GC_STORE(m, top, node, left, GC_NULL);
    }
  }
  GC_STORE(m, self, tree, root, node);
}

/* Removes `key`, which the tree has. */
static void tree_remove(struct gc_mutator *m, const gc_root *tree, uint64_t key) {
  gc_ref top = tree_splay(m, tree, key);
  gc_ref self = gc_get(m, tree);
  if (gc_is_null(GC_LOAD(m, top, node, left))) {
    GC_STORE(m, self, tree, root, GC_LOAD(m, top, node, right));
    return;
  }
  GC_ROOTS(m, r, right);
  gc_set(m, &r.right, GC_LOAD(m, top, node, right));
  GC_STORE(m, self, tree, root, GC_LOAD(m, top, node, left));
  top = tree_splay(m, tree, key); /* the greatest of the left part: it has no right child */
  GC_STORE(m, top, node, right, gc_get(m, &r.right));
  gc_frame_pop(m, &r.frame);
}

/* The greatest key below `key`, which the tree has; `key` itself if there is none. */
static uint64_t tree_key_below(struct gc_mutator *m, const gc_root *tree, uint64_t key) {
  gc_ref top = tree_splay(m, tree, key);
  gc_ref node = GC_LOAD(m, top, node, left);
  if (gc_is_null(node))
    return key;
  for (gc_ref next; !gc_is_null(next = GC_LOAD(m, node, node, right));)
    node = next;
  return key_of(m, node);
}

static uint64_t insert_new_node(struct gc_mutator *m, const struct gc_work *work, const gc_root *tree,
                                uint64_t *random) {
  uint64_t key;
  do
    key = rng_xorshift64(random);
  while (tree_find(m, tree, key));
  char string[STRING_BYTES + 1];
  string_for_key(key, string);
  GC_ROOTS(m, r, payload);
  gc_set(m, &r.payload, payload_new(m, (unsigned)work_int(work, P_PAYLOAD_DEPTH), string));
  tree_insert(m, tree, key, &r.payload);
  gc_frame_pop(m, &r.frame);
  return key;
}

static void prepare(struct gc_mutator *m, const struct gc_work *work) { lanes_create(m, work); }

static uint64_t run(struct gc_mutator *m, const struct gc_work *work) {
  uint64_t random = rng_stream(work->seed, work->thread), nodes = (uint64_t)work_int(work, P_NODES);
  uint64_t replaced = (uint64_t)(work_int(work, P_STEPS) * work_int(work, P_MODIFICATIONS)), sum = 0;
  GC_ROOTS(m, r, tree);
  gc_set(m, &r.tree, GC_NEW(m, tree));
  GC_PUT(m, gc_get(m, &r.tree), tree, thread, work->thread);
  lane_store(m, work, gc_get(m, &r.tree));
  for (uint64_t i = 0; i < nodes; i++)
    insert_new_node(m, work, &r.tree, &random);
  for (uint64_t i = 0; i < replaced; i++) {
    uint64_t key = insert_new_node(m, work, &r.tree, &random);
    uint64_t victim = tree_key_below(m, &r.tree, key);
    tree_remove(m, &r.tree, victim);
    sum = rng_mix(sum, victim);
  }
  gc_frame_pop(m, &r.frame);
  return sum;
}

/* Adds the arrays and strings: if they are all distinct, so are the payloads that hold them. */
static void payload_check(struct gc_mutator *m, const struct gc_work *work, struct seen *seen, gc_ref payload,
                          unsigned height, const char string[STRING_BYTES]) {
  if (gc_is_null(payload) || GC_DEREF(m, payload, payload)->height != height)
    work_fail(work, "a payload of height %u is missing", height);
  gc_ref first = GC_LOAD(m, payload, payload, first), second = GC_LOAD(m, payload, payload, second);
  if (height > 0) {
    payload_check(m, work, seen, first, height - 1, string);
    payload_check(m, work, seen, second, height - 1, string);
    return;
  }
  seen_object(m, work, seen, first);
  seen_object(m, work, seen, second);
  if (GC_DEREF(m, gc_raw, first)->length_bytes != ARRAY_LENGTH * sizeof(uint64_t))
    work_fail(work, "an array has another length");
  for (uint64_t i = 0; i < ARRAY_LENGTH; i++)
    if (((const uint64_t *)gc_raw_data(m, first))[i] != i)
      work_fail(work, "element %llu of an array changed", (unsigned long long)i);
  if (GC_DEREF(m, gc_raw, second)->length_bytes != STRING_BYTES ||
      memcmp(gc_raw_data(m, second), string, STRING_BYTES) != 0)
    work_fail(work, "a leaf lost its \"%.*s\"", STRING_BYTES, string);
}

/* Mixes the keys of a thread's tree in order.  Fails unless they ascend and are `nodes` many: then the tree's
 * references are right, since one that is redirected to another node of the tree repeats or omits keys. */
static uint64_t tree_check(struct gc_mutator *m, const struct gc_work *work, struct seen *seen, gc_ref tree,
                           gc_ref *stack) {
  uint64_t nodes = (uint64_t)work_int(work, P_NODES), count = 0, depth = 0, previous = 0, sum = 0;
  for (gc_ref node = GC_LOAD(m, tree, tree, root); depth > 0 || !gc_is_null(node);) {
    if (!gc_is_null(node)) {
      if (depth == nodes)
        work_fail(work, "the tree has a cycle");
      stack[depth++] = node;
      node = GC_LOAD(m, node, node, left);
      continue;
    }
    node = stack[--depth];
    uint64_t key = key_of(m, node);
    if (count++ == nodes || key <= previous)
      work_fail(work, "key %llu is not above %llu", (unsigned long long)key, (unsigned long long)previous);
    char string[STRING_BYTES + 1];
    string_for_key(key, string);
    payload_check(m, work, seen, GC_LOAD(m, node, node, payload), (unsigned)work_int(work, P_PAYLOAD_DEPTH), string);
    sum = rng_mix(sum, key);
    previous = key;
    node = GC_LOAD(m, node, node, right);
  }
  if (count != nodes)
    work_fail(work, "the tree has %llu nodes, not %llu", (unsigned long long)count, (unsigned long long)nodes);
  return sum;
}

static uint64_t check(struct gc_mutator *m, const struct gc_work *work) {
  uint64_t nodes = (uint64_t)work_int(work, P_NODES), sum = 0;
  struct seen seen = seen_create(work, work->threads * nodes << (work_int(work, P_PAYLOAD_DEPTH) + 1));
  gc_ref *stack = malloc(nodes * sizeof *stack);
  if (!stack)
    work_fail(work, "no memory for the check's stack");
  for (unsigned thread = 0; thread < work->threads; thread++) {
    gc_ref tree = lane_check(m, work, thread);
    if (GC_DEREF(m, tree, tree)->thread != thread)
      work_fail(work, "thread %u kept what another thread built", thread);
    sum += rng_mix(thread, tree_check(m, work, &seen, tree, stack));
  }
  seen_check_full(work, &seen);
  free(stack);
  seen_destroy(&seen);
  return sum;
}

GC_WORKLOAD(.name = "splay", .summary = "a splay tree of nodes with bulky payloads, changed all the time",
            .stresses = "A large old tree whose every access stores references, and payloads of 127 objects that die "
                        "old.",
            .source = "Octane 2, Splay: 8000 nodes, 80 modifications a step, payload depth 5; Octane runs as many "
                      "steps as fit a second",
            .sharing = GC_WORK_COPIES, .types = types, .type_count = 3, .params = params,
            .small = "nodes=50,steps=3,modifications=40,payload_depth=3", .prepare = prepare,
            .run = run, .check = check);
