/* checked_finds_a_late_init_store.c -- gc_init_store is for the newest object only: not after another allocation, not
 * after a poll, not into an object that was loaded. */
#include "tests/support/suite.h"

enum lateness { NOT_LATE, AFTER_ALLOC, AFTER_POLL, INTO_LOADED, LATENESSES };

static void init_late(void *argument) {
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  GC_ROOTS(m, r, node, holder);
  gc_set(m, &r.holder, GC_NEW(m, node));
  gc_set(m, &r.node, GC_NEW(m, node));
  switch (*(const enum lateness *)argument) {
  case AFTER_ALLOC: GC_NEW(m, leaf); break;
  case AFTER_POLL: gc_poll(m); break;
  case INTO_LOADED:
    GC_STORE(m, gc_get(m, &r.holder), node, left, gc_get(m, &r.holder));
    GC_INIT(m, GC_LOAD(m, gc_get(m, &r.holder), node, left), node, right, GC_NULL);
    break;
  default: break;
  }
  GC_INIT(m, gc_get(m, &r.node), node, left, gc_get(m, &r.holder));
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}

TEST(checked_finds_a_late_init_store) {
  for (enum lateness lateness = NOT_LATE; lateness < LATENESSES; lateness++) {
    char text[2048];
    if (lateness != NOT_LATE)
      suite_expect_abort(init_late, &lateness, "initialising store");
    else
      EXPECT(suite_child(init_late, &lateness, text, sizeof text) == 0, "a store in time, having said: %s", text);
  }
}
