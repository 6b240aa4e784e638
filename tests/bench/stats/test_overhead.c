#include "bench/stats/overhead.h"

#include <math.h>

#include "tests/runtime/cmocka.h"

static void expect_near(double got, double wanted, double tolerance) {
  if (!(fabs(got - wanted) <= tolerance))
    fail_msg("%.6g instead of %.6g", got, wanted);
}

/* Cai, Blackburn, Bond & Maas 2022, the example of their definitions, in 10^9 cycles: Parallel, Serial, Shenandoah. */
static void published_example(void **state) {
  (void)state;
  struct overhead rows[] = {{.total = 108.33, .explicit_cost = 4.46},
                            {.total = 108.12, .explicit_cost = 2.75},
                            {.total = 218.72, .explicit_cost = 0.03}};
  static const double distilled[] = {103.87, 105.37, 218.69}, overhead[] = {4.46, 4.25, 114.85};
  static const double normalised[] = {1.043, 1.041, 2.106};
  expect_near(overhead_compute(rows, 3), 103.87, 1e-9);
  for (unsigned i = 0; i < 3; i++) {
    expect_near(rows[i].distilled, distilled[i], 1e-9);
    expect_near(rows[i].overhead, overhead[i], 1e-9);
    expect_near(rows[i].normalised, normalised[i], 0.0005);
  }
}

static void what_was_not_measured_is_left_out(void **state) {
  (void)state;
  struct overhead rows[] = {{.total = 10, .explicit_cost = NAN}, {.total = 12, .explicit_cost = 2}};
  expect_near(overhead_compute(rows, 2), 10, 0);
  assert_true(isnan(rows[0].distilled));
  expect_near(rows[1].normalised, 1.2, 1e-12);
  assert_true(isnan(overhead_compute(rows, 0)));
}

static void no_bound_below_zero(void **state) {
  (void)state;
  struct overhead rows[] = {{.total = 1, .explicit_cost = 2}};
  assert_true(isnan(overhead_compute(rows, 1)));
  assert_true(isnan(rows[0].normalised));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(published_example),
      cmocka_unit_test(what_was_not_measured_is_left_out),
      cmocka_unit_test(no_bound_below_zero),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
