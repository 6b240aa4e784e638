/* exit_calls_run_last_first.c -- what is registered for an object runs once: the last first when it dies, and what is
 * left when the program ends, with what that registers; then garbage is finalized. */
#include "runtime/gc_exit.h"
#include "tests/support/suite.h"

static char exit_log[32];
static struct exit_again {
  struct gc_mutator *m;
  struct gc_exit calls;
} exit_again;
static unsigned exit_finalized;

static void note_exit_call(void *letter) { strcat(exit_log, letter); }

static void register_once_more(void *letter) {
  note_exit_call(letter);
  gc_exit_at(exit_again.m, &exit_again.calls, &exit_again.calls.weaks, note_exit_call, "x");
}

static void count_exit_finalized(struct gc_mutator *m, const gc_root *object) {
  exit_finalized += GC_DEREF(m, node, gc_get(m, object))->key == 7;
}

TEST(exit_calls_run_last_first) {
  NEEDS(reclaims);
  NEEDS(weak);
  struct gc_mutator *m = exit_again.m = suite_begin(16 * GC_MIB);
  struct gc_exit *calls = &exit_again.calls;
  gc_exit_begin(m, calls);
  GC_ROOTS(m, r, dying, staying);
  gc_set(m, &r.dying, GC_NEW(m, node));
  gc_set(m, &r.staying, GC_NEW(m, node));
  gc_global_store(m, 0, gc_get(m, &r.staying)); /* it outlives the frame */
  gc_exit_at(m, calls, &r.staying, note_exit_call, "a");
  gc_exit_at(m, calls, &r.dying, note_exit_call, "b");
  gc_exit_cancel(gc_exit_at(m, calls, &r.dying, note_exit_call, "c"));
  gc_exit_at(m, calls, &r.dying, note_exit_call, "d");
  gc_exit_at(m, calls, &r.staying, register_once_more, "e");
  for (unsigned i = 0; i < 20; i++) /* the array of weak references grows */
    gc_exit_cancel(gc_exit_at(m, calls, &r.staying, note_exit_call, "f"));
  gc_set(m, &r.dying, GC_NULL);
  suite_settle(m);
  gc_deliver(m);
  EXPECT(strcmp(exit_log, "db") == 0, "at its death: %s", exit_log);

  bool finalizes = suite.collector->attrs.finalizers && suite.collector->attrs.cycles;
  if (finalizes) {
    gc_set(m, &r.dying, GC_NEW(m, node));
    GC_PUT(m, gc_get(m, &r.dying), node, key, 7);
    GC_STORE(m, gc_get(m, &r.dying), node, left, gc_get(m, &r.dying));
    gc_finalizer_attach(m, gc_get(m, &r.dying));
    gc_set(m, &r.dying, GC_NULL);
  }
  gc_frame_pop(m, &r.frame);
  EXPECT(exit_finalized == 0, "%u finalized before the end", exit_finalized);
  gc_exit_end(m, calls, count_exit_finalized);
  EXPECT(strcmp(exit_log, "dbexa") == 0, "at the end: %s", exit_log);
  EXPECT(exit_finalized == finalizes, "%u finalized at the end", exit_finalized);
  suite_end(m);
}
