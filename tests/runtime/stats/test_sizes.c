#include "runtime/stats/sizes.h"

#include "tests/runtime/cmocka.h"

/* Every size is counted in one bucket, whose largest size is less than an eighth above it, and nothing below 1 KB. */
static void buckets_cover_every_size(void **state) {
  (void)state;
  size_t previous = 0;
  for (size_t bytes = 8; bytes < (size_t)1 << SIZES_BITS; bytes += bytes < 1 << 20 ? 8 : bytes / 1024 & ~(size_t)7) {
    size_t bucket = sizes_bucket_of(bytes), largest = sizes_bucket_bytes(bucket);
    assert_true(bucket < SIZES_BUCKETS);
    assert_true(bucket == previous || bucket == previous + 1);
    assert_true(largest >= bytes && largest - bytes < (bytes < 1024 ? 1 : bytes / 8));
    assert_int_equal(sizes_bucket_of(largest), bucket);
    if (largest < ((size_t)1 << SIZES_BITS) - 8)
      assert_int_equal(sizes_bucket_of(largest + 8), bucket + 1);
    previous = bucket;
  }
  assert_int_equal(sizes_bucket_of((size_t)1 << 50), SIZES_BUCKETS - 1);
}

/* Of 9 objects of 24 bytes and one of 1 MB. */
static void quantiles_are_sizes_of_objects(void **state) {
  (void)state;
  uint64_t counts[SIZES_BUCKETS] = {0};
  assert_int_equal(sizes_quantile(counts, 0.5), 0);
  counts[sizes_bucket_of(24)] = 9;
  counts[sizes_bucket_of(1 << 20)]++;
  assert_int_equal(sizes_quantile(counts, 0), 24);
  assert_int_equal(sizes_quantile(counts, 0.1), 24);
  assert_int_equal(sizes_quantile(counts, 0.9), 24);
  assert_int_equal(sizes_quantile(counts, 0.91), sizes_bucket_bytes(sizes_bucket_of(1 << 20)));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(buckets_cover_every_size),
                                     cmocka_unit_test(quantiles_are_sizes_of_objects)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
