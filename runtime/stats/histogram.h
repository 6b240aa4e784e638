/* histogram.h -- values in log-linear buckets, mergeable, with exact count, sum, minimum and maximum.
 *
 * 2^SUB_BITS buckets for each power of two keep 3 significant digits (relative error below 2^-10), the scheme of
 * HdrHistogram; values from 0 to 2^42 (73 minutes in nanoseconds); larger ones count as that.
 * One writer; readers when it is quiet. */
#ifndef GC_STATS_HISTOGRAM_H
#define GC_STATS_HISTOGRAM_H

#include "runtime/base/compiler.h"

enum { HISTOGRAM_SUB_BITS = 10, HISTOGRAM_VALUE_BITS = 42 };

struct histogram {
  uint64_t *buckets; /* NULL until the first value */
  uint64_t count, sum, min, max;
  uint64_t max_at_ns; /* when the first of the largest was recorded for; 0: not said */
};

/* Returns false if memory for the buckets was refused; the value then counts in count, sum, min and max only. */
bool histogram_record(struct histogram *h, uint64_t value);
/* The same, of an event at a time. */
bool histogram_record_at(struct histogram *h, uint64_t value, uint64_t at_ns);
/* The index in `buckets` that counts `value`. */
size_t histogram_bucket_of(uint64_t value);
void histogram_merge(struct histogram *into, const struct histogram *from);
void histogram_reset(struct histogram *h); /* keeps the memory */
void histogram_fini(struct histogram *h);

/* The smallest recorded value v (to bucket precision, never above max) such that at least `quantile` of all values
 * are <= v.  0 if there are none. */
uint64_t histogram_quantile(const struct histogram *h, double quantile);

/* How trustworthy a printed quantile is: n(1 - q) events lie beyond it. */
enum quantile_support { QUANTILE_NONE, QUANTILE_FEW, QUANTILE_OK }; /* below 1, below 10, enough */
enum quantile_support histogram_support(const struct histogram *h, double quantile);

#endif
