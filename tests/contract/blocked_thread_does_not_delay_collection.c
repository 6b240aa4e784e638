/* blocked_thread_does_not_delay_collection.c -- a thread that is blocked outside the heap for as long as it likes is
 * collected without: another thread's collections end, and its roots are kept. */
#include <semaphore.h>

#include "tests/support/suite.h"

struct meeting {
  sem_t blocked, collected;
};

static void wait_outside(struct gc_mutator *m, struct meeting *meeting) {
  GC_ROOTS(m, r, node);
  gc_ref node = GC_NEW(m, node);
  GC_PUT(m, node, node, key, 4711);
  gc_set(m, &r.node, node);
  gc_block(m);
  sem_post(&meeting->blocked);
  sem_wait(&meeting->collected); /* without polling: a collection that waited for this thread would never end */
  gc_unblock(m);
  EXPECT(GC_DEREF(m, node, gc_get(m, &r.node))->key == 4711, "a root of the blocked thread");
  gc_frame_pop(m, &r.frame);
}

static void collect_meanwhile(struct gc_mutator *m, struct meeting *meeting) {
  gc_block(m);
  sem_wait(&meeting->blocked);
  gc_unblock(m);
  for (unsigned i = 0; i < 3; i++) {
    gc_collect(m, 1);
    suite_churn(m, 64 * GC_KIB);
  }
  sem_post(&meeting->collected);
}

static void body(struct gc_mutator *m, unsigned index, void *argument) {
  if (index == 0)
    wait_outside(m, argument);
  else
    collect_meanwhile(m, argument);
}

TEST(blocked_thread_does_not_delay_collection) {
  NEEDS(threads);
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  struct meeting meeting;
  sem_init(&meeting.blocked, 0, 0);
  sem_init(&meeting.collected, 0, 0);
  suite_run_threads(m, 2, body, &meeting);
  suite_end(m);
}
