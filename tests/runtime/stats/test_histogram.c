#include "runtime/stats/histogram.h"

#include <math.h>

#include "runtime/base/rng.h"
#include "tests/runtime/cmocka.h"

enum { VALUES = 5000, ROUNDS = 40 };
static const uint64_t highest = ((uint64_t)1 << HISTOGRAM_VALUE_BITS) - 1;

/* Any magnitude is as likely as any other. */
static uint64_t random_value(uint64_t *random) {
  return rng_xorshift64(random) >> (64 - HISTOGRAM_VALUE_BITS + rng_below(random, HISTOGRAM_VALUE_BITS));
}

static int by_value(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

/* The definition: the smallest v such that at least q n values are <= v. */
static uint64_t exact_quantile(const uint64_t *sorted, size_t count, double quantile) {
  double rank = ceil(quantile * (double)count);
  return sorted[rank < 1 ? 0 : (size_t)rank - 1];
}

static void quantiles_are_those_of_the_sorted_values(void **state) {
  (void)state;
  static const double quantiles[] = {0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 1};
  static uint64_t values[VALUES];
  uint64_t random = rng_stream(unit_seed, 0);
  for (unsigned round = 0; round < ROUNDS; round++) {
    struct histogram h = {0};
    size_t count = 1 + rng_below(&random, VALUES);
    for (size_t i = 0; i < count; i++) {
      values[i] = random_value(&random);
      assert_true(histogram_record(&h, values[i]));
    }
    qsort(values, count, sizeof *values, by_value);
    for (size_t i = 0; i < sizeof quantiles / sizeof quantiles[0]; i++) {
      uint64_t exact = exact_quantile(values, count, quantiles[i]), got = histogram_quantile(&h, quantiles[i]);
      if (got < exact || got - exact > exact >> HISTOGRAM_SUB_BITS || got > values[count - 1])
        fail_msg("n %zu, q %g: %llu instead of %llu", count, quantiles[i], (unsigned long long)got,
                 (unsigned long long)exact);
    }
    histogram_fini(&h);
  }
}

static void count_sum_min_and_max_are_exact(void **state) {
  (void)state;
  uint64_t random = rng_stream(unit_seed, 1), sum = 0, min = UINT64_MAX, max = 0;
  struct histogram h = {0};
  for (size_t i = 0; i < VALUES; i++) {
    uint64_t value = random_value(&random);
    histogram_record(&h, value);
    sum += value;
    min = value < min ? value : min;
    max = value > max ? value : max;
  }
  assert_int_equal(h.count, VALUES);
  assert_int_equal(h.sum, sum);
  assert_int_equal(h.min, min);
  assert_int_equal(h.max, max);
  histogram_fini(&h);
}

/* A value alone comes back with its own precision: small ones exactly, all within 2^-10. */
static void every_magnitude_has_a_bucket(void **state) {
  (void)state;
  for (unsigned bit = 0; bit < HISTOGRAM_VALUE_BITS; bit++)
    for (int step = -1; step <= 1; step++) {
      uint64_t value = ((uint64_t)1 << bit) + (uint64_t)(int64_t)step;
      struct histogram h = {0};
      histogram_record(&h, value);
      histogram_record(&h, highest); /* so that the quantile is not cut at the maximum */
      uint64_t got = histogram_quantile(&h, 0.5);
      assert_true(got >= value && got - value <= value >> HISTOGRAM_SUB_BITS);
      if (value < 2u << HISTOGRAM_SUB_BITS)
        assert_int_equal(got, value);
      histogram_fini(&h);
    }
}

static void larger_values_count_in_the_last_bucket(void **state) {
  (void)state;
  struct histogram h = {0};
  histogram_record(&h, 5);
  histogram_record(&h, highest + 1);
  histogram_record(&h, UINT64_MAX / 2);
  assert_int_equal(h.count, 3);
  assert_int_equal(h.max, UINT64_MAX / 2);
  assert_int_equal(histogram_quantile(&h, 1.0 / 3), 5);
  assert_int_equal(histogram_quantile(&h, 1), UINT64_MAX / 2);
  histogram_fini(&h);
}

static void merging_equals_recording_everything(void **state) {
  (void)state;
  uint64_t random = rng_stream(unit_seed, 2);
  struct histogram parts[3] = {{0}}, merged = {0}, all = {0};
  for (size_t i = 0; i < VALUES; i++) {
    uint64_t value = random_value(&random);
    histogram_record(&parts[rng_below(&random, 2)], value); /* the third stays empty */
    histogram_record(&all, value);
  }
  for (size_t i = 0; i < 3; i++)
    histogram_merge(&merged, &parts[i]);
  assert_int_equal(merged.count, all.count);
  assert_int_equal(merged.sum, all.sum);
  assert_int_equal(merged.min, all.min);
  assert_int_equal(merged.max, all.max);
  for (double q = 0; q <= 1; q += 0.01)
    assert_int_equal(histogram_quantile(&merged, q), histogram_quantile(&all, q));
  for (size_t i = 0; i < 3; i++)
    histogram_fini(&parts[i]);
  histogram_fini(&merged);
  histogram_fini(&all);
}

static void the_first_of_the_largest_knows_its_time(void **state) {
  (void)state;
  struct histogram early = {0}, late = {0}, all = {0};
  histogram_record_at(&early, 7, 100);
  histogram_record_at(&early, 9, 200);
  histogram_record_at(&early, 9, 300);
  assert_int_equal(early.max_at_ns, 200);
  histogram_record_at(&late, 8, 400);
  histogram_merge(&all, &late);
  histogram_merge(&all, &early);
  assert_int_equal(all.max_at_ns, 200);
  histogram_merge(&all, &late);
  assert_int_equal(all.max_at_ns, 200);
  histogram_reset(&all);
  assert_int_equal(all.max_at_ns, 0);
  histogram_fini(&early);
  histogram_fini(&late);
  histogram_fini(&all);
}

static void an_empty_one_is_empty_also_after_a_reset(void **state) {
  (void)state;
  struct histogram h = {0};
  assert_int_equal(histogram_quantile(&h, 0.5), 0);
  histogram_record(&h, 1000);
  histogram_reset(&h);
  assert_int_equal(h.count + h.sum + h.min + h.max, 0);
  assert_int_equal(histogram_quantile(&h, 0.99), 0);
  histogram_record(&h, 7);
  assert_int_equal(h.min, 7);
  assert_int_equal(histogram_quantile(&h, 0.5), 7);
  histogram_fini(&h);
}

/* The rule of the printed percentile: none below one event beyond it, few below ten. */
static void support_counts_the_events_beyond(void **state) {
  (void)state;
  struct histogram h = {0};
  static const struct {
    uint64_t count;
    double quantile;
    enum quantile_support support;
  } rows[] = {{0, 0.5, QUANTILE_NONE},       {1, 0.5, QUANTILE_NONE},       {2, 0.5, QUANTILE_FEW},
              {19, 0.5, QUANTILE_FEW},       {20, 0.5, QUANTILE_OK},        {99, 0.99, QUANTILE_NONE},
              {100, 0.99, QUANTILE_FEW},     {999, 0.99, QUANTILE_FEW},     {1000, 0.99, QUANTILE_OK},
              {999, 0.999, QUANTILE_NONE},   {1000, 0.999, QUANTILE_FEW},   {10000, 0.999, QUANTILE_OK},
              {9999, 0.9999, QUANTILE_NONE}, {10000, 0.9999, QUANTILE_FEW}, {100000, 0.9999, QUANTILE_OK}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    h.count = rows[i].count;
    if (histogram_support(&h, rows[i].quantile) != rows[i].support)
      fail_msg("n %llu, q %g", (unsigned long long)rows[i].count, rows[i].quantile);
  }
}

int main(int argc, char **argv) {
  unit_take_seed(argc, argv, 20261121);
  const struct CMUnitTest tests[] = {cmocka_unit_test(quantiles_are_those_of_the_sorted_values),
                                     cmocka_unit_test(count_sum_min_and_max_are_exact),
                                     cmocka_unit_test(every_magnitude_has_a_bucket),
                                     cmocka_unit_test(larger_values_count_in_the_last_bucket),
                                     cmocka_unit_test(merging_equals_recording_everything),
                                     cmocka_unit_test(the_first_of_the_largest_knows_its_time),
                                     cmocka_unit_test(an_empty_one_is_empty_also_after_a_reset),
                                     cmocka_unit_test(support_counts_the_events_beyond)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
