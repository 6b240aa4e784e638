/* poll_in_loop_reaches_safepoint.c -- a loop that never allocates lets collections pass, by gc_poll alone. */
#include "tests/support/suite.h"

static void spin_until(struct gc_mutator *m, _Atomic bool *done) {
  GC_ROOTS(m, r, leaf);
  gc_ref leaf = GC_NEW(m, leaf);
  GC_PUT(m, leaf, leaf, key, 99);
  gc_set(m, &r.leaf, leaf);
  while (!atomic_load_explicit(done, memory_order_relaxed)) {
    gc_poll(m);
    EXPECT(GC_DEREF(m, leaf, gc_get(m, &r.leaf))->key == 99, "a root of the polling thread");
  }
  gc_frame_pop(m, &r.frame);
}

static void poll_in_loop(struct gc_mutator *m, unsigned index, void *argument) {
  _Atomic bool *done = argument;
  if (index) {
    spin_until(m, done);
    return;
  }
  for (unsigned i = 0; i < 20; i++) {
    gc_collect(m, 1);
    suite_churn(m, 16 * GC_KIB);
  }
  atomic_store(done, true);
}

TEST(poll_in_loop_reaches_safepoint) {
  NEEDS(threads);
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  _Atomic bool done = false;
  suite_run_threads(m, 3, poll_in_loop, &done);
  suite_end(m);
}
