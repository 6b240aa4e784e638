/* verifier_finds_a_wrong_count.c -- a reference appears, or goes, without being counted: a count is too low, or too
 * high, by one, and verifier `counts` says which.  For plans whose counts are exact at a stop. */
#include "tests/support/suite.h"

enum miscount { MISCOUNT_NONE, MISCOUNT_LOW, MISCOUNT_HIGH };

static void miscount(void *argument) {
  struct gc_heap_config config = suite_config(16 * GC_MIB);
  config.verify = VERIFY(counts);
  suite_calm(&config);
  struct gc_mutator *m = suite_begin_with(&config);
  GC_ROOTS(m, r, holder, held);
  gc_set(m, &r.holder, GC_NEW(m, node));
  gc_set(m, &r.held, GC_NEW(m, leaf));
  GC_STORE(m, gc_get(m, &r.holder), node, left, gc_get(m, &r.held));
  suite_settle(m);
  switch (*(const enum miscount *)argument) {
  case MISCOUNT_NONE: break;
  case MISCOUNT_LOW:
    field_set_bits(GC_FIELD(m, gc_get(m, &r.holder), node, right), suite_address(gc_get(m, &r.held)));
    break;
  case MISCOUNT_HIGH: field_set_bits(GC_FIELD(m, gc_get(m, &r.holder), node, left), 0);
  }
  suite_settle(m);
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}

TEST(verifier_finds_a_wrong_count) {
  NOT_UNDER_STRESS();
  if (!suite.collector->verify_count)
    suite_skip("the plan keeps no counts, or none that is exact");
  char text[2048];
  enum miscount fault = MISCOUNT_NONE;
  int status = suite_child(miscount, &fault, text, sizeof text);
  EXPECT(status == 0, "without a fault: wait status %x, having said: %s", status, text);
  fault = MISCOUNT_LOW;
  suite_expect_abort(miscount, &fault, "has count 2, and 3 references lead to it");
  fault = MISCOUNT_HIGH;
  suite_expect_abort(miscount, &fault, "has count 2, and 1 references lead to it");
}
