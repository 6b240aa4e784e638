/* immutable_cycle_is_found_again.c -- what is immutable is not cut open: a cycle of such objects alone stays, as in
 * CPython, and each full collection finds it; a plain object in it is cut, and the whole dies. */
#include "runtime/gc_control.h"
#include "tests/support/suite.h"

/* Two that refer to each other, and the second to `third`, which may be null. */
static gc_ref fixed_cycle_new(struct gc_mutator *m, const gc_root *third) {
  GC_ROOTS(m, r, first, second);
  gc_set(m, &r.first, GC_NEW(m, fixed));
  gc_set(m, &r.second, GC_NEW(m, fixed));
  GC_STORE(m, gc_get(m, &r.first), fixed, first, gc_get(m, &r.second));
  GC_STORE(m, gc_get(m, &r.second), fixed, second, gc_get(m, third));
  if (gc_is_null(gc_get(m, third)))
    GC_STORE(m, gc_get(m, &r.second), fixed, first, gc_get(m, &r.first));
  gc_ref cycle = gc_get(m, &r.first);
  gc_frame_pop(m, &r.frame);
  return cycle;
}

static void expect_fixed_found(struct gc_mutator *m, uint64_t expected) {
  uint64_t found = suite.collector->control->collect(m, GC_GENERATIONS - 1);
  EXPECT(found == expected, "%llu objects are found dead, not %llu", (unsigned long long)found,
         (unsigned long long)expected);
}

TEST(immutable_cycle_is_found_again) {
  NOT_UNDER_STRESS();
  if (!suite.collector->control)
    suite_skip("the plan has no controls");
  struct gc_heap_config config = suite_config(16 * GC_MIB);
  suite_calm(&config);
  struct gc_mutator *m = suite_begin_with(&config);
  GC_ROOTS(m, r, cycle, plain);
  suite.collector->control->enable(m->heap, false);
  gc_set(m, &r.plain, GC_NEW(m, node));
  gc_set(m, &r.cycle, fixed_cycle_new(m, &r.plain));
  GC_STORE(m, gc_get(m, &r.plain), node, left, gc_get(m, &r.cycle));
  gc_set(m, &r.plain, GC_NULL);
  gc_set(m, &r.cycle, GC_NULL);
  expect_fixed_found(m, 3);
  expect_fixed_found(m, 0);
  gc_set(m, &r.cycle, fixed_cycle_new(m, &r.plain));
  gc_set(m, &r.cycle, GC_NULL);
  for (int i = 0; i < 3; i++)
    expect_fixed_found(m, 2);
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
