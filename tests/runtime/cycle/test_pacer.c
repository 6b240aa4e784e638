#include "runtime/cycle/pacer.h"

#include "runtime/base/bits.h"
#include "tests/runtime/cmocka.h"

/* 100 MB free, 200 MB/s allocated, a cycle of 0.1 s, margin 1.5: 30 MB are allocated while the cycle runs. */
static void the_next_cycle_starts_before_memory_runs_out(void **state) {
  (void)state;
  assert_int_equal(pacer_budget_by_rate(100000000, 200e6, 0.1, 1.5), 70000000);
  assert_int_equal(pacer_budget_by_rate(100000000, 0, 0.1, 1.5), 100000000);
}

/* 400 MB/s instead: 60 MB would be allocated, but a cycle never starts before half of the free memory is used. */
static void cycles_are_at_most_twice_as_many(void **state) {
  (void)state;
  assert_int_equal(pacer_budget_by_rate(100000000, 400e6, 0.1, 1.5), 50000000);
  assert_int_equal(pacer_budget_by_rate(100000000, 1e12, 10, 8), 50000000);
  assert_int_equal(pacer_budget_by_rate(0, 1e9, 1, 1.5), 0);
}

/* A limit of 100 MB with 20 MB live leaves 80 MB; 70 percent of the limit are in use 50 MB later. */
static void a_fixed_start_is_a_share_of_the_heap(void **state) {
  (void)state;
  assert_int_equal(pacer_budget_fixed(100000000, 80000000, 70), 50000000);
  assert_int_equal(pacer_budget_fixed(100000000, 80000000, 95), 75000000);
  assert_int_equal(pacer_budget_fixed(100000000, 30000000, 70), 15000000); /* in use already: the floor */
}

static void estimates_rise_at_once_and_fall_by_half(void **state) {
  (void)state;
  assert_true(pacer_estimate(0, 5) == 5);
  assert_true(pacer_estimate(5, 9) == 9);
  assert_true(pacer_estimate(9, 1) == 5);
}

static void the_margin_follows_exhaustion_within_its_bounds(void **state) {
  (void)state;
  assert_true(pacer_next_margin(1.5, true) == 3);
  assert_true(pacer_next_margin(6, true) == PACER_MARGIN_MOST);
  assert_true(pacer_next_margin(8, false) == 7);
  assert_true(pacer_next_margin(1.6, false) == PACER_MARGIN_LEAST);
}

static void a_cycle_sets_the_budget_of_the_next(void **state) {
  (void)state;
  struct pacer pacer;
  size_t limit = 100 * GC_MIB;
  pacer_init(&pacer, limit, 0);
  assert_int_equal(pacer.budget_bytes, limit / 2); /* nothing is known yet */
  pacer_begin(&pacer, 1000000000);
  assert_true(pacer_is_due(&pacer));
  pacer_flip(&pacer, 0, 1050000000);
  pacer_end(&pacer, 10 * GC_MIB, 0, 1100000000); /* took 0.1 s; the rate is not known yet */
  assert_false(pacer_is_due(&pacer));
  assert_int_equal(pacer.budget_bytes, 90 * GC_MIB);

  pacer.allocated_bytes = 95 * GC_MIB; /* in half a second: 190 MiB/s, 28.5 MiB in 0.1 s times 1.5 */
  pacer_begin(&pacer, 1550000000);
  pacer_flip(&pacer, 0, 1600000000);
  assert_int_equal(pacer.allocated_bytes, 0);
  pacer_end(&pacer, 10 * GC_MIB, 0, 1650000000);
  double wanted_mib = 90 - 28.5, budget_mib = (double)pacer.budget_bytes / GC_MIB;
  assert_true(budget_mib > wanted_mib - 0.01 && budget_mib < wanted_mib + 0.01);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_next_cycle_starts_before_memory_runs_out),
                                     cmocka_unit_test(cycles_are_at_most_twice_as_many),
                                     cmocka_unit_test(a_fixed_start_is_a_share_of_the_heap),
                                     cmocka_unit_test(estimates_rise_at_once_and_fall_by_half),
                                     cmocka_unit_test(the_margin_follows_exhaustion_within_its_bounds),
                                     cmocka_unit_test(a_cycle_sets_the_budget_of_the_next)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
