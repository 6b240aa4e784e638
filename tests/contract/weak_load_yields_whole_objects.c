/* weak_load_yields_whole_objects.c -- threads read weak references while the last strong one is dropped: each gets the
 * object whole, for as long as it roots it, or null. */
#include "tests/support/suite.h"

enum { READERS = 2, SHOWN = 3, READS = 8 };

struct show {
  _Atomic unsigned readers;
  size_t rounds;
};

static uint64_t sealed(uint64_t key) { return key * 0x9e3779b97f4a7c15u | 1; }

/* The new object lives by a rooted local alone, then not at all. */
static void show_one(struct gc_mutator *m, uint64_t key) {
  GC_ROOTS(m, r, node, weak);
  gc_ref node = GC_NEW(m, node);
  GC_PUT(m, node, node, key, sealed(key));
  gc_set(m, &r.node, node);
  gc_ref leaf = GC_NEW(m, leaf);
  GC_PUT(m, leaf, leaf, key, sealed(key));
  GC_STORE(m, gc_get(m, &r.node), node, left, leaf);
  gc_set(m, &r.weak, gc_weak_new(m, &r.node, NULL, NULL));
  gc_global_store(m, SHOWN, gc_get(m, &r.weak));
  gc_poll(m);
  gc_frame_pop(m, &r.frame);
}

static void read_one(struct gc_mutator *m) {
  GC_ROOTS(m, r, node);
  for (unsigned i = 0; i < READS; i++) { /* each may meet the death */
    gc_ref weak = gc_global_load(m, SHOWN);
    gc_set(m, &r.node, gc_is_null(weak) ? GC_NULL : gc_weak_get(m, weak));
  }
  gc_poll(m);
  gc_ref node = gc_get(m, &r.node);
  if (!gc_is_null(node)) {
    uint64_t key = GC_DEREF(m, node, node)->key;
    gc_ref leaf = GC_LOAD(m, node, node, left);
    EXPECT(!gc_is_null(leaf) && GC_DEREF(m, leaf, leaf)->key == key, "of node %llx", (unsigned long long)key);
  }
  gc_frame_pop(m, &r.frame);
  gc_poll(m);
}

static void show_or_read(struct gc_mutator *m, unsigned index, void *argument) {
  struct show *show = argument;
  if (index) {
    for (size_t i = 0; i < show->rounds; i++)
      read_one(m);
    atomic_fetch_sub(&show->readers, 1);
    return;
  }
  for (uint64_t key = 0; atomic_load(&show->readers); key++) {
    show_one(m, key);
    suite_churn(m, 512); /* what died is used again */
    if (key % 64 == 0)
      gc_collect(m, 0);
  }
}

TEST(weak_load_yields_whole_objects) {
  NEEDS(weak);
  NEEDS(threads);
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  struct show show = {.readers = READERS, .rounds = suite_count(40000)};
  suite_run_threads(m, READERS + 1, show_or_read, &show);
  suite_end(m);
}
