/* survives_nested_stores.c -- a tree built by stores into objects of all ages, amid collections, is whole. */
#include "tests/support/suite.h"

/* Builds top-down, so that older objects refer to younger ones. */
static void grow(struct gc_mutator *m, const gc_root *parent, unsigned depth, uint64_t key) {
  GC_ROOTS(m, r, child);
  for (unsigned side = 0; side < 2; side++) {
    gc_ref child = GC_NEW(m, node);
    GC_PUT(m, child, node, key, key * 2 + side);
    if (side)
      GC_STORE(m, gc_get(m, parent), node, right, child);
    else
      GC_STORE(m, gc_get(m, parent), node, left, child);
    gc_set(m, &r.child, child);
    if (depth > 1)
      grow(m, &r.child, depth - 1, key * 2 + side);
    if (depth == 7)
      gc_collect(m, (int)side);
  }
  gc_frame_pop(m, &r.frame);
}

static uint64_t count(struct gc_mutator *m, gc_ref node, uint64_t key) {
  if (gc_is_null(node))
    return 0;
  EXPECT(GC_DEREF(m, node, node)->key == key, "key %llu at %llu", (unsigned long long)GC_DEREF(m, node, node)->key,
         (unsigned long long)key);
  return 1 + count(m, GC_LOAD(m, node, node, left), key * 2) + count(m, GC_LOAD(m, node, node, right), key * 2 + 1);
}

TEST(survives_nested_stores) {
  struct gc_mutator *m = suite_begin(32 * GC_MIB);
  GC_ROOTS(m, r, tree);
  gc_ref tree = GC_NEW(m, node);
  GC_PUT(m, tree, node, key, 1);
  gc_set(m, &r.tree, tree);
  unsigned depth = suite_count(4096) > 300 ? 11 : 8;
  grow(m, &r.tree, depth, 1);
  suite_settle(m);
  uint64_t found = count(m, gc_get(m, &r.tree), 1);
  EXPECT(found == (2ull << depth) - 1, "%llu nodes of a tree of depth %u", (unsigned long long)found, depth);
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
