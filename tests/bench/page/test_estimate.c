#include "bench/page/estimate.h"

#include <gsl/gsl_randist.h>
#include <math.h>

#include "tests/runtime/cmocka.h"

static void assert_near(double value, double expected) {
  if (!(fabs(value - expected) <= 1e-4 * fabs(expected)))
    fail_msg("%.9g instead of %.9g", value, expected);
}

/* Logarithms 0, 1, 2 times log 2: their mean is log 2, their standard error log 2 / sqrt 3, t(.975, 2) is 4.302653. */
static void interval_is_by_t_on_logarithms(void **state) {
  (void)state;
  struct interval i = estimate_interval(estimate_of((double[]){1, 2, 4}, 3), 0.95);
  assert_near(i.value, 2);
  assert_near(i.low, 2 * exp(-4.302653 * log(2) / sqrt(3)));
  assert_near(i.high, 2 * exp(4.302653 * log(2) / sqrt(3)));
}

/* Equal variances and counts leave 2 + 2 degrees of freedom: t(.975, 4) is 2.776445. */
static void ratio_has_degrees_of_freedom_of_both(void **state) {
  (void)state;
  struct estimate a = estimate_of((double[]){1, 2, 4}, 3), b = estimate_of((double[]){2, 4, 8}, 3);
  struct interval i = estimate_interval(estimate_ratio(a, b), 0.95);
  assert_near(i.value, 0.5);
  assert_near(i.high, 0.5 * exp(2.776445 * log(2) * sqrt(2.0 / 3)));
  assert_false(interval_differs(i));
}

static void geomean_of_ratios(void **state) {
  (void)state;
  struct estimate parts[] = {estimate_of((double[]){2, 2}, 2), estimate_of((double[]){8, 8}, 2)};
  struct interval i = estimate_interval(estimate_geomean(parts, 2), 0.95);
  assert_near(i.value, 4);
  assert_near(i.low, 4); /* no spread at all */
  assert_true(interval_differs(i));
  struct estimate spread = estimate_of((double[]){1, 2, 4}, 3);
  i = estimate_interval(estimate_geomean((struct estimate[]){spread, spread}, 2), 0.95);
  assert_near(i.value, 2);
  assert_near(i.high, 2 * exp(2.776445 * log(2) / sqrt(6))); /* half the variance, 2 + 2 degrees of freedom */
}

static void what_cannot_be_told_is_not_told(void **state) {
  (void)state;
  struct interval none = estimate_interval(estimate_of(NULL, 0), 0.95);
  struct interval one = estimate_interval(estimate_of((double[]){3}, 1), 0.95);
  assert_true(isnan(none.value));
  assert_near(one.value, 3);
  assert_true(isnan(one.low) && isnan(one.high));
  assert_false(interval_differs(one));
  assert_false(estimate_of((double[]){1, 0}, 2).known);
  assert_false(estimate_ratio(estimate_of((double[]){1, 1}, 2), estimate_of((double[]){0, 1}, 2)).known);
}

/* One collector against itself, with times skewed to the right as those of programs are: of 400 trials that a 95 %
 * interval judges, 3 to 7 % are called different. */
static void same_is_rarely_called_different(void **state) {
  (void)state;
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, 20260117);
  for (unsigned n = 5; n <= 20; n *= 2) {
    unsigned different = 0;
    for (unsigned trial = 0; trial < 400; trial++) {
      double samples[2][20];
      for (unsigned i = 0; i < 2 * n; i++)
        samples[i % 2][i / 2] = 0.9 + gsl_ran_gamma(rng, 4, 0.025);
      different += interval_differs(
          estimate_interval(estimate_ratio(estimate_of(samples[0], n), estimate_of(samples[1], n)), 0.95));
    }
    print_message("n = %u: %u of 400 called different\n", n, different);
    assert_in_range(different, 12, 28);
  }
  gsl_rng_free(rng);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(interval_is_by_t_on_logarithms),
      cmocka_unit_test(ratio_has_degrees_of_freedom_of_both),
      cmocka_unit_test(geomean_of_ratios),
      cmocka_unit_test(what_cannot_be_told_is_not_told),
      cmocka_unit_test(same_is_rarely_called_different),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
