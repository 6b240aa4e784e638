/* weak_callback_delivered_once.c -- each cleared weak reference is announced once, by gc_deliver, on its thread. */
#include "tests/support/suite.h"

enum { WEAKS = 50 };
static unsigned delivered[WEAKS];

static void count_delivery(struct gc_mutator *m, void *argument) {
  (void)m;
  (*(unsigned *)argument)++;
}

TEST(weak_callback_delivered_once) {
  NEEDS(reclaims);
  NEEDS(weak);
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  GC_ROOTS(m, r, weaks, targets, target);
  gc_set(m, &r.weaks, gc_alloc_array(m, WEAKS));
  gc_set(m, &r.targets, gc_alloc_array(m, WEAKS));
  for (unsigned i = 0; i < WEAKS; i++) {
    gc_set(m, &r.target, GC_NEW(m, leaf));
    gc_array_store(m, gc_get(m, &r.targets), i, gc_get(m, &r.target));
    gc_ref weak = gc_weak_new(m, &r.target, count_delivery, &delivered[i]);
    gc_array_store(m, gc_get(m, &r.weaks), i, weak);
  }
  gc_set(m, &r.target, GC_NULL);
  suite_settle(m);
  EXPECT(gc_deliver(m) == 0, "callbacks for objects that live");

  for (unsigned i = 0; i < WEAKS; i += 2)
    gc_array_store(m, gc_get(m, &r.targets), i, GC_NULL);
  suite_settle(m);
  for (unsigned i = 0; i < WEAKS; i++)
    EXPECT(delivered[i] == 0, "callback %u ran before gc_deliver", i);
  size_t count = gc_deliver(m);
  EXPECT(count == WEAKS / 2, "%zu callbacks of %d", count, WEAKS / 2);
  suite_settle(m);
  EXPECT(gc_deliver(m) == 0, "callbacks were delivered again");
  for (unsigned i = 0; i < WEAKS; i++) {
    bool dead = gc_is_null(gc_weak_get(m, gc_array_load(m, gc_get(m, &r.weaks), i)));
    EXPECT(dead == (i % 2 == 0), "weak reference %u", i);
    EXPECT(delivered[i] == (i % 2 == 0), "callback %u ran %u times", i, delivered[i]);
  }
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
