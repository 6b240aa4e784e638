/* sizes.h -- objects counted by size: how many of a kind, and the quantiles of their sizes.
 *
 * Exact below 1 KB, in multiples of 8, which all sizes are; then 8 buckets for each power of two, an eighth wide or
 * less, up to 1 TB; what is larger counts as that.  Few enough buckets for an array of them in each thread of a
 * counting build (tally.h), unlike stats/histogram.h.  Stateless. */
#ifndef GC_STATS_SIZES_H
#define GC_STATS_SIZES_H

#include "runtime/base/compiler.h"

enum {
  SIZES_EXACT_BITS = 10,
  SIZES_BITS = 40,
  SIZES_SUB_BITS = 3,
  SIZES_EXACT = 1 << (SIZES_EXACT_BITS - 3),
  SIZES_BUCKETS = SIZES_EXACT + ((SIZES_BITS - SIZES_EXACT_BITS) << SIZES_SUB_BITS),
};

/* The bucket that counts objects of `bytes`, a multiple of 8. */
size_t sizes_bucket_of(size_t bytes);
/* The largest size that `bucket` counts. */
size_t sizes_bucket_bytes(size_t bucket);
/* The smallest size such that at least `quantile` of the objects counted are no larger, to bucket precision; 0 if there
 * are none. */
size_t sizes_quantile(const uint64_t counts[SIZES_BUCKETS], double quantile);

#endif
