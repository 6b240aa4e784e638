#include "runtime/stats/histogram.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Bucket of a value, for sub = SUB_BITS and h = position of the value's highest bit:
 *     below 2^(sub+1)   the value itself
 *     else              shift = h - sub;  shift * 2^sub + (value >> shift)
 * The two meet: value >> shift lies in [2^sub, 2^(sub+1)), so each further power of two adds 2^sub buckets. */
enum {
  SUB_COUNT = 1 << HISTOGRAM_SUB_BITS,
  BUCKET_COUNT = (HISTOGRAM_VALUE_BITS - HISTOGRAM_SUB_BITS + 1) * SUB_COUNT,
};
static const uint64_t value_limit = UINT64_C(1) << HISTOGRAM_VALUE_BITS;

static unsigned shift_of(uint64_t value) {
  if (value < 2 * SUB_COUNT)
    return 0;
  return 63u - (unsigned)__builtin_clzll(value) - HISTOGRAM_SUB_BITS;
}

size_t histogram_bucket_of(uint64_t value) {
  if (value >= value_limit)
    return BUCKET_COUNT - 1;
  unsigned shift = shift_of(value);
  return (size_t)shift * SUB_COUNT + (value >> shift);
}

/* The largest value of a bucket. */
static uint64_t bucket_last(size_t bucket) {
  if (bucket < 2 * SUB_COUNT)
    return bucket;
  unsigned shift = (unsigned)(bucket / SUB_COUNT - 1);
  return ((bucket - (size_t)shift * SUB_COUNT + 1) << shift) - 1;
}

static bool ensure_buckets(struct histogram *h) {
  if (!h->buckets)
    h->buckets = calloc(BUCKET_COUNT, sizeof *h->buckets);
  return h->buckets != NULL;
}

static void add_moments(struct histogram *h, const struct histogram *more) {
  if (h->count == 0 || more->max > h->max) {
    h->max = more->max;
    h->max_at_ns = more->max_at_ns;
  }
  h->min = h->count == 0 || more->min < h->min ? more->min : h->min;
  h->count += more->count;
  h->sum += more->sum;
}

bool histogram_record(struct histogram *h, uint64_t value) { return histogram_record_at(h, value, 0); }

bool histogram_record_at(struct histogram *h, uint64_t value, uint64_t at_ns) {
  add_moments(h, &(struct histogram){.count = 1, .sum = value, .min = value, .max = value, .max_at_ns = at_ns});
  if (!ensure_buckets(h))
    return false;
  h->buckets[histogram_bucket_of(value)]++;
  return true;
}

void histogram_merge(struct histogram *into, const struct histogram *from) {
  if (from->count == 0)
    return;
  add_moments(into, from);
  if (!from->buckets || !ensure_buckets(into))
    return;
  for (size_t i = 0; i < BUCKET_COUNT; i++)
    into->buckets[i] += from->buckets[i];
}

void histogram_reset(struct histogram *h) {
  uint64_t *buckets = h->buckets;
  if (buckets)
    memset(buckets, 0, BUCKET_COUNT * sizeof *buckets);
  *h = (struct histogram){.buckets = buckets};
}

void histogram_fini(struct histogram *h) {
  free(h->buckets);
  *h = (struct histogram){0};
}

uint64_t histogram_quantile(const struct histogram *h, double quantile) {
  if (h->count == 0)
    return 0;
  double wanted = ceil(quantile * (double)h->count);
  uint64_t rank = wanted < 1 ? 1 : wanted > (double)h->count ? h->count : (uint64_t)wanted;
  uint64_t seen = 0;
  for (size_t i = 0; h->buckets && i < BUCKET_COUNT; i++) {
    seen += h->buckets[i];
    if (seen >= rank) {
      uint64_t last = bucket_last(i);
      return i == BUCKET_COUNT - 1 || last > h->max ? h->max : last;
    }
  }
  return h->max; /* memory for the buckets was refused: an upper bound */
}

enum quantile_support histogram_support(const struct histogram *h, double quantile) {
  /* a hair above the product, so that n = 1000 at 0.999 counts as the one event that it is */
  double beyond = (double)h->count * (1 - quantile) * (1 + 1e-9);
  return beyond < 1 ? QUANTILE_NONE : beyond < 10 ? QUANTILE_FEW : QUANTILE_OK;
}
