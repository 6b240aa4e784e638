#include "runtime/stats/sizes.h"

#include <math.h>

#include "runtime/base/bits.h"

size_t sizes_bucket_of(size_t bytes) {
  if (bytes < (size_t)1 << SIZES_EXACT_BITS)
    return bytes / 8;
  if (bytes >= (size_t)1 << SIZES_BITS)
    return SIZES_BUCKETS - 1;
  unsigned magnitude = bits_log2(bytes);
  size_t sub = (bytes >> (magnitude - SIZES_SUB_BITS)) & ((1 << SIZES_SUB_BITS) - 1);
  return SIZES_EXACT + ((size_t)(magnitude - SIZES_EXACT_BITS) << SIZES_SUB_BITS) + sub;
}

size_t sizes_bucket_bytes(size_t bucket) {
  if (bucket < SIZES_EXACT)
    return 8 * bucket;
  size_t beyond = bucket - SIZES_EXACT, sub = beyond & ((1 << SIZES_SUB_BITS) - 1);
  unsigned magnitude = SIZES_EXACT_BITS + (unsigned)(beyond >> SIZES_SUB_BITS);
  return (((1u << SIZES_SUB_BITS) + sub + 1) << (magnitude - SIZES_SUB_BITS)) - 8;
}

size_t sizes_quantile(const uint64_t counts[SIZES_BUCKETS], double quantile) {
  uint64_t objects = 0, below = 0;
  for (size_t i = 0; i < SIZES_BUCKETS; i++)
    objects += counts[i];
  double wanted = fmax(1, ceil(quantile * (double)objects));
  for (size_t i = 0; i < SIZES_BUCKETS; i++) {
    below += counts[i];
    if ((double)below >= wanted)
      return sizes_bucket_bytes(i);
  }
  return 0;
}
