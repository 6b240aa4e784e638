/* checked_finds_frames_popped_out_of_order.c -- popping a frame that is not the innermost one, or one twice, is caught;
 * so is a thread that detaches with frames pushed. */
#include "tests/support/suite.h"

enum order { IN_ORDER, OUTER_FIRST, TWICE, DETACHED, ORDERS };
static const char *const words[ORDERS] = {NULL, "frames are popped in order", "frames are popped in order",
                                          "detaches with frames pushed"};

static void pop_frames(void *argument) {
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  GC_ROOTS(m, outer, a);
  GC_ROOTS(m, inner, b, c);
  gc_set(m, &inner.c, GC_NEW(m, leaf));
  gc_set(m, &outer.a, gc_get(m, &inner.c));
  switch (*(const enum order *)argument) {
  case OUTER_FIRST: gc_frame_pop(m, &outer.frame); break;
  case TWICE:
    gc_frame_pop(m, &inner.frame);
    gc_frame_pop(m, &inner.frame);
    break;
  case DETACHED: gc_detach(m); break;
  default: break;
  }
  gc_set(m, &inner.b, GC_NULL);
  gc_frame_pop(m, &inner.frame);
  gc_frame_pop(m, &outer.frame);
  suite_end(m);
}

TEST(checked_finds_frames_popped_out_of_order) {
  for (enum order order = IN_ORDER; order < ORDERS; order++) {
    char text[2048];
    if (words[order])
      suite_expect_abort(pop_frames, &order, words[order]);
    else
      EXPECT(suite_child(pop_frames, &order, text, sizeof text) == 0, "in order, having said: %s", text);
  }
}
