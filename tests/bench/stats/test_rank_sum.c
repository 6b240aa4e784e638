#include "bench/stats/rank_sum.h"

#include <math.h>

#include "runtime/base/rng.h"
#include "tests/runtime/cmocka.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define EXPECT_NEAR(got, wanted, tolerance)                                     \
  do {                                                                          \
    double value_ = (got);                                                      \
    if (!(fabs(value_ - (wanted)) <= (tolerance)))                              \
      fail_msg("%s is %.10g instead of %.10g", #got, value_, (double)(wanted)); \
  } while (0)

/* ---- worked examples ---- */

/* Hollander & Wolfe 1973, p. 69: permeability of the human chorioamnion at term and at 12 to 26 weeks.  One-sided
 * p = 0.1272 (also in the help of R's wilcox.test). */
static void exact_as_in_hollander_and_wolfe(void **state) {
  (void)state;
  static const double term[] = {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
  static const double weeks[] = {1.15, 0.88, 0.90, 0.74, 1.21};
  struct rank_sum test = rank_sum_test(term, COUNT(term), weeks, COUNT(weeks));
  assert_true(test.exact);
  EXPECT_NEAR(test.u, 35, 0);
  EXPECT_NEAR(test.p, 2 * 0.1272, 1e-4);
}

/* Ages at diagnosis, the example of SciPy's mannwhitneyu: U = 17, p = 1/9. */
static void exact_for_nine_ages(void **state) {
  (void)state;
  static const double males[] = {19, 22, 16, 29, 24}, females[] = {20, 11, 17, 12};
  struct rank_sum test = rank_sum_test(males, 5, females, 4);
  assert_true(test.exact);
  EXPECT_NEAR(test.u, 17, 0);
  EXPECT_NEAR(test.p, 1.0 / 9, 1e-12);
}

/* Ozone in New York, May and August 1973 (Chambers et al. 1983), many ties: W = 127.5, p = 0.0001208 in the help of R's
 * wilcox.test, which corrects for ties and continuity. */
static void ties_as_in_the_ozone_of_may_and_august(void **state) {
  (void)state;
  static const double may[] = {41, 36, 12, 18, 28, 23, 19, 8, 7,  16, 11, 14,  18,
                               14, 34, 6,  30, 11, 1,  11, 4, 32, 23, 45, 115, 37};
  static const double august[] = {39, 9,  16, 78, 35, 66, 122, 89,  110, 44, 28,  65, 22,
                                  59, 23, 31, 44, 21, 9,  45,  168, 73,  76, 118, 84, 85};
  struct rank_sum test = rank_sum_test(may, COUNT(may), august, COUNT(august));
  assert_false(test.exact);
  EXPECT_NEAR(test.u, 127.5, 0);
  EXPECT_NEAR(test.p, 0.0001208, 5e-8);
}

/* ---- against enumeration ---- */

static double pairs_above(const double *a, size_t m, const double *b, size_t n) {
  double u = 0;
  for (size_t i = 0; i < m; i++)
    for (size_t k = 0; k < n; k++)
      u += a[i] > b[k] ? 1 : a[i] == b[k] ? 0.5 : 0;
  return u;
}

/* The share of all ways to choose m of the m + n values whose u is at least as far from its mean. */
static double enumerated_p(const double *all, size_t m, size_t n, double u) {
  double far = 0, ways = 0;
  for (unsigned chosen = 0; chosen < 1u << (m + n); chosen++) {
    if ((size_t)__builtin_popcount(chosen) != m)
      continue;
    double a[16], b[16];
    size_t in_a = 0, in_b = 0;
    for (size_t i = 0; i < m + n; i++)
      if (chosen >> i & 1)
        a[in_a++] = all[i];
      else
        b[in_b++] = all[i];
    double mean = (double)(m * n) / 2;
    far += fabs(pairs_above(a, m, b, n) - mean) >= fabs(u - mean);
    ways++;
  }
  return far / ways;
}

static void exact_equals_enumeration(void **state) {
  (void)state;
  uint64_t random = rng_stream(unit_seed, 0);
  for (size_t m = 1; m <= 6; m++)
    for (size_t n = 1; n <= 6; n++)
      for (unsigned round = 0; round < 4; round++) {
        double all[12];
        for (size_t i = 0; i < m + n; i++)
          all[i] = (double)(rng_xorshift64(&random) >> 12);
        struct rank_sum test = rank_sum_test(all, m, all + m, n);
        assert_true(test.exact);
        EXPECT_NEAR(test.u, pairs_above(all, m, all + m, n), 0);
        EXPECT_NEAR(test.p, enumerated_p(all, m, n, test.u), 1e-9);
      }
}

/* The approximation is one: within a few hundredths of what all orders of tied values give. */
static void approximation_is_near_enumeration_with_ties(void **state) {
  (void)state;
  uint64_t random = rng_stream(unit_seed, 1);
  for (unsigned round = 0; round < 40; round++) {
    double all[14];
    for (size_t i = 0; i < 14; i++)
      all[i] = (double)rng_below(&random, 6);
    struct rank_sum test = rank_sum_test(all, 7, all + 7, 7);
    assert_false(test.exact);
    EXPECT_NEAR(test.u, pairs_above(all, 7, all + 7, 7), 0);
    EXPECT_NEAR(test.p, enumerated_p(all, 7, 7, test.u), 0.05);
  }
}

static void the_two_samples_may_change_places(void **state) {
  (void)state;
  static const double a[] = {3, 1, 4, 1, 5}, b[] = {9, 2, 6, 5};
  struct rank_sum ab = rank_sum_test(a, 5, b, 4), ba = rank_sum_test(b, 4, a, 5);
  EXPECT_NEAR(ab.u + ba.u, 20, 0);
  EXPECT_NEAR(ab.p, ba.p, 1e-15);
}

static void equal_values_show_nothing(void **state) {
  (void)state;
  static const double a[] = {2, 2, 2}, b[] = {2, 2};
  EXPECT_NEAR(rank_sum_test(a, 3, b, 2).p, 1, 0);
}

static void an_empty_sample_has_no_p(void **state) {
  (void)state;
  static const double a[] = {1};
  assert_true(isnan(rank_sum_test(a, 1, NULL, 0).p));
  assert_true(isnan(rank_sum_test(NULL, 0, a, 1).p));
}

int main(int argc, char **argv) {
  unit_take_seed(argc, argv, 4);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exact_as_in_hollander_and_wolfe),
      cmocka_unit_test(exact_for_nine_ages),
      cmocka_unit_test(ties_as_in_the_ozone_of_may_and_august),
      cmocka_unit_test(exact_equals_enumeration),
      cmocka_unit_test(approximation_is_near_enumeration_with_ties),
      cmocka_unit_test(the_two_samples_may_change_places),
      cmocka_unit_test(equal_values_show_nothing),
      cmocka_unit_test(an_empty_sample_has_no_p),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
