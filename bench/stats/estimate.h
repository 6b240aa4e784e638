/* estimate.h -- means and ratios of positive samples on a logarithmic scale, with intervals by Student's t.
 *
 * A sample is one invocation.  The mean is geometric, a ratio is that of geometric means, and its interval holds 1 in
 * 95 % of the cases where nothing differs: among groups of 5, 10 and 20 invocations of the same thing, drawn from 300
 * recorded ones, 3.2 to 5.5 % were called different, whether by wall time, CPU time, memory or longest pause (`gclab
 * compare RUN --calibrate` counts it for any run, tests/bench/stats for skewed distributions).  The alternatives did
 * worse: Welch's degrees of freedom 2.6 to 5.1 %, a studentised bootstrap up to 9 %.  The price: if one of two groups
 * of 5 spreads five times as much as the other, 8 % are called different, and 6 % with 10. So for two groups of one
 * size the variances are pooled; for others, and for means of ratios, degrees of freedom are those of Welch and
 * Satterthwaite.  Stateless. */
#ifndef GC_BENCH_STATS_ESTIMATE_H
#define GC_BENCH_STATS_ESTIMATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Of a mean of logarithms: its value, the variance of that, and the degrees of freedom of the variance. */
struct estimate {
  bool known;
  double mean, variance, df;
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
