/* checked_finds_a_stale_reference.c -- a reference that was not rooted is caught at its first use after each of the
 * calls that may stop the thread, whether or not anything moved; a rooted one is not. */
#include "tests/support/suite.h"

enum expiry { BY_ALLOC, BY_POLL, BY_COLLECT, BY_BLOCK, BY_WEAK_NEW, BY_EPHEMERON_NEW, BY_NOTHING, EXPIRIES };
enum use { USE_STORE, USE_LOAD, USE_READ, USE_SET, USE_SAME, USE_CAS, USE_AS_VALUE, USES };

struct mistake {
  enum expiry expiry;
  enum use use;
};

static void expire(struct gc_mutator *m, enum expiry expiry, const gc_root *root) {
  switch (expiry) {
  case BY_ALLOC: GC_NEW(m, leaf); break;
  case BY_POLL: gc_poll(m); break;
  case BY_COLLECT: gc_collect(m, 1); break;
  case BY_BLOCK:
    gc_block(m);
    gc_unblock(m);
    break;
  case BY_WEAK_NEW: gc_weak_new(m, root, NULL, NULL); break;
  case BY_EPHEMERON_NEW: gc_ephemeron_new(m, root, root); break;
  default: break;
  }
}

static void use(struct gc_mutator *m, enum use use, gc_ref old, gc_root *root) {
  gc_ref fresh = gc_get(m, root);
  switch (use) {
  case USE_STORE: GC_STORE(m, old, node, left, GC_NULL); break;
  case USE_LOAD: GC_LOAD(m, old, node, left); break;
  case USE_READ: EXPECT(GC_DEREF(m, node, old)->key == 5, "the key"); break;
  case USE_SET: gc_set(m, root, old); break;
  case USE_SAME: gc_same(m, fresh, old); break;
  case USE_CAS: gc_cas(m, fresh, GC_FIELD(m, fresh, node, left), old, GC_NULL); break;
  default: GC_STORE(m, fresh, node, right, old);
  }
}

static void make_mistake(void *argument) {
  const struct mistake *mistake = argument;
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  GC_ROOTS(m, r, node);
  gc_set(m, &r.node, GC_NEW(m, node));
  gc_ref old = gc_get(m, &r.node);
  GC_PUT(m, old, node, key, 5);
  expire(m, mistake->expiry, &r.node);
  use(m, mistake->use, mistake->expiry == BY_NOTHING ? gc_get(m, &r.node) : old, &r.node);
  gc_set(m, &r.node, GC_NULL);
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}

TEST(checked_finds_a_stale_reference) {
  for (enum expiry expiry = 0; expiry < EXPIRIES; expiry++)
    for (enum use use = 0; use < USES; use++) {
      struct mistake mistake = {expiry, use};
      char text[2048];
      if (expiry != BY_NOTHING)
        suite_expect_abort(make_mistake, &mistake, "reference has not expired");
      else
        EXPECT(suite_child(make_mistake, &mistake, text, sizeof text) == 0, "correct use %d, having said: %s", use,
               text);
    }
}
