/* estimate.h -- means and ratios of positive samples on a logarithmic scale, with intervals by Student's t.
 *
 * A sample is one invocation.  Ratios of log-normal times have a t distribution on logarithms, where intervals of the
 * quotient itself, or percentile bootstraps, are too narrow for few invocations.  Stateless. */
#ifndef GC_PAGE_ESTIMATE_H
#define GC_PAGE_ESTIMATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Of a mean of logarithms: its value, its variance, and variance squared over degrees of freedom, which is what adds
 * up when estimates are combined (Welch and Satterthwaite). */
struct estimate {
  bool known;
  double mean, variance, variance2_per_df;
  size_t n; /* samples; of a combination, the fewest of its parts */
};

struct interval {
  double value, low, high; /* low and high are NaN where there are fewer than two samples */
};

/* Not known if there is no sample, or one that is not above 0. */
struct estimate estimate_of(const double *samples, size_t count);
struct estimate estimate_ratio(struct estimate a, struct estimate b); /* a / b */
struct estimate estimate_geomean(const struct estimate *parts, size_t count);

/* `confidence` in (0, 1). */
struct interval estimate_interval(struct estimate estimate, double confidence);
/* The interval has two ends and both are on one side of 1. */
bool interval_differs(struct interval ratio);

/* {"value":, "low":, "high":}, null for what is not a finite number; times `scale`. */
json_t *interval_json(struct interval interval, double scale);

#endif
