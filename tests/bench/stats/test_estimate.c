#include "bench/stats/estimate.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>

#include "tests/runtime/cmocka.h"

static void expect_near(double got, double wanted, double tolerance, const char *what) {
  if (!(fabs(got - wanted) <= tolerance))
    fail_msg("%s is %.10g instead of %.10g", what, got, wanted);
}

/* ---- against worked examples ---- */

static void mean_is_geometric(void **state) {
  (void)state;
  struct estimate e = estimate_of((double[]){1, 10, 100}, 3);
  expect_near(exp(e.mean), 10, 1e-12, "the mean");
  /* logarithms -2.303, 0, 2.303: variance 5.302, of the mean a third of it; t(0.975, 2) = 4.3027 */
  struct interval i = estimate_interval(e, 0.95);
  expect_near(log(i.high / i.value), 4.3027 * log(10) / sqrt(3), 1e-3, "half of the interval");
  expect_near(i.low * i.high, 100, 1e-9, "its symmetry on logarithms");
}

/* Sleep of Student 1908 (extra hours under two drugs): pooled t = -1.8608, 18 degrees of freedom, and a 95 % interval
 * of the difference from -3.363874 to 0.203874 (R: t.test(extra ~ group, sleep, var.equal = TRUE)).  Taken as
 * logarithms. */
static void interval_of_students_sleep(void **state) {
  (void)state;
  static const double first[] = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
  static const double second[] = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};
  double a[10], b[10];
  for (unsigned i = 0; i < 10; i++) {
    a[i] = exp(first[i]);
    b[i] = exp(second[i]);
  }
  struct estimate ratio = estimate_ratio(estimate_of(a, 10), estimate_of(b, 10));
  expect_near(ratio.df, 18, 1e-9, "degrees of freedom");
  struct interval i = estimate_interval(ratio, 0.95);
  expect_near(log(i.low), -3.363874, 1e-6, "the lower end");
  expect_near(log(i.high), 0.203874, 1e-6, "the upper end");
  assert_false(interval_differs(i));
}

/* Groups of two sizes: the formula of Welch and Satterthwaite, written out. */
static void unequal_groups_take_welch(void **state) {
  (void)state;
  static const double a[] = {1.0, 1.1, 1.2, 1.05, 1.15, 1.0}, b[] = {2.0, 3.5, 1.5};
  struct estimate ratio = estimate_ratio(estimate_of(a, 6), estimate_of(b, 3));
  double va = 0, vb = 0, ma = 0, mb = 0;
  for (unsigned i = 0; i < 6; i++)
    ma += log(a[i]) / 6;
  for (unsigned i = 0; i < 3; i++)
    mb += log(b[i]) / 3;
  for (unsigned i = 0; i < 6; i++)
    va += pow(log(a[i]) - ma, 2) / 5 / 6;
  for (unsigned i = 0; i < 3; i++)
    vb += pow(log(b[i]) - mb, 2) / 2 / 3;
  expect_near(ratio.mean, ma - mb, 1e-12, "the ratio");
  expect_near(ratio.df, pow(va + vb, 2) / (va * va / 5 + vb * vb / 2), 1e-9, "degrees of freedom");
}

static void geomean_of_ratios(void **state) {
  (void)state;
  struct estimate parts[] = {{true, log(2), 0.01, 4, 5}, {true, log(8), 0.03, 4, 5}};
  struct estimate all = estimate_geomean(parts, 2);
  expect_near(exp(all.mean), 4, 1e-12, "the mean");
  expect_near(all.variance, 0.01, 1e-15, "its variance");
  expect_near(all.df, 0.01 * 0.01 / ((0.0025 * 0.0025 + 0.0075 * 0.0075) / 4), 1e-9, "degrees of freedom");
  parts[1].known = false;
  assert_false(estimate_geomean(parts, 2).known);
}

static void too_little_to_tell(void **state) {
  (void)state;
  assert_false(estimate_of(NULL, 0).known);
  assert_false(estimate_of((double[]){1, 0}, 2).known);
  assert_false(estimate_of((double[]){1, NAN}, 2).known);
  struct interval one =
      estimate_interval(estimate_ratio(estimate_of((double[]){4}, 1), estimate_of((double[]){2}, 1)), 0.95);
  expect_near(one.value, 2, 1e-12, "the ratio of two single samples");
  assert_true(isnan(one.low) && isnan(one.high));
  assert_false(interval_differs(one));
}

static void what_never_spreads_differs_by_any_step(void **state) {
  (void)state;
  static const double four[] = {4, 4, 4}, five[] = {5, 5, 5};
  assert_true(interval_differs(estimate_interval(estimate_ratio(estimate_of(four, 3), estimate_of(five, 3)), 0.95)));
  assert_false(interval_differs(estimate_interval(estimate_ratio(estimate_of(four, 3), estimate_of(four, 3)), 0.95)));
}

/* ---- A/A: the same thing twice ---- */

static double lognormal(gsl_rng *random) { return gsl_ran_lognormal(random, 0, 0.05); }
static double wide_lognormal(gsl_rng *random) { return gsl_ran_lognormal(random, 0, 0.5); }
static double floor_and_delays(gsl_rng *random) { return 1 + gsl_ran_exponential(random, 0.1); }
static double gamma_2(gsl_rng *random) { return gsl_ran_gamma(random, 2, 1); }
/* A process that now and then shares its core with another (methodology 0: 0.75 or 1.55 s). */
static double two_modes(gsl_rng *random) {
  return (gsl_rng_uniform(random) < 0.3 ? 1.55 : 0.75) + gsl_ran_gaussian(random, 0.02);
}

/* 20 000 pairs of groups of n of one distribution, that of real samples or skewed far beyond: 3 to 7 % are called
 * different.  (Of only 400 pairs the share itself would vary by more than a per cent.) */
static void the_same_is_called_different_in_3_to_7_percent(void **state) {
  (void)state;
  enum { TRIALS = 20000, LARGEST = 20 };
  static const struct {
    const char *name;
    double (*draw)(gsl_rng *);
  } rows[] = {{"lognormal", lognormal},
              {"wide lognormal", wide_lognormal},
              {"a floor and delays", floor_and_delays},
              {"gamma", gamma_2},
              {"two modes", two_modes}};
  gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(random, unit_seed);
  for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++)
    for (size_t n = 5; n <= LARGEST; n *= 2) {
      unsigned different = 0;
      for (unsigned trial = 0; trial < TRIALS; trial++) {
        double a[LARGEST], b[LARGEST];
        for (size_t i = 0; i < n; i++) {
          a[i] = rows[row].draw(random);
          b[i] = rows[row].draw(random);
        }
        struct estimate ratio = estimate_ratio(estimate_of(a, n), estimate_of(b, n));
        different += interval_differs(estimate_interval(ratio, 0.95));
      }
      double percent = 100.0 * different / TRIALS;
      printf("%s, n = %zu: %.2f %%\n", rows[row].name, n, percent);
      if (percent < 3 || percent > 7)
        fail_msg("%s, n = %zu: %.2f %% are called different", rows[row].name, n, percent);
    }
  gsl_rng_free(random);
}

int main(int argc, char **argv) {
  unit_take_seed(argc, argv, 9);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(mean_is_geometric),
      cmocka_unit_test(interval_of_students_sleep),
      cmocka_unit_test(unequal_groups_take_welch),
      cmocka_unit_test(geomean_of_ratios),
      cmocka_unit_test(too_little_to_tell),
      cmocka_unit_test(what_never_spreads_differs_by_any_step),
      cmocka_unit_test(the_same_is_called_different_in_3_to_7_percent),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
