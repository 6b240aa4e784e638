#include "bench/stats/estimate.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

struct estimate estimate_of(const double *samples, size_t count) {
  struct estimate e = {.known = count > 0, .n = count};
  for (size_t i = 0; i < count; i++) {
    if (!(samples[i] > 0) || !isfinite(samples[i]))
      return (struct estimate){0};
    e.mean += log(samples[i]) / (double)count;
  }
  if (count < 2)
    return e;
  double squares = 0;
  for (size_t i = 0; i < count; i++)
    squares += pow(log(samples[i]) - e.mean, 2);
  e.df = (double)(count - 1);
  e.variance = squares / e.df / (double)count;
  return e;
}

/* The weighted sum of independent estimates; its degrees of freedom by Welch and Satterthwaite, or, where nothing
 * spreads, all that there are. */
static struct estimate sum_of(const struct estimate *parts, const double *weights, size_t count) {
  struct estimate sum = {.known = count > 0, .n = count ? parts[0].n : 0};
  double per_df = 0, all_df = 0;
  for (size_t i = 0; i < count; i++) {
    double variance = weights[i] * weights[i] * parts[i].variance;
    sum.known = sum.known && parts[i].known;
    sum.mean += weights[i] * parts[i].mean;
    sum.variance += variance;
    sum.n = parts[i].n < sum.n ? parts[i].n : sum.n;
    per_df += parts[i].df > 0 ? variance * variance / parts[i].df : 0;
    all_df += parts[i].df;
  }
  sum.df = per_df > 0 ? sum.variance * sum.variance / per_df : all_df;
  return sum;
}

struct estimate estimate_ratio(struct estimate a, struct estimate b) {
  struct estimate ratio = sum_of((struct estimate[]){a, b}, (double[]){1, -1}, 2);
  if (a.n == b.n)
    ratio.df = a.df + b.df; /* pooled: for equal numbers that is the same variance */
  return ratio;
}

struct estimate estimate_geomean(const struct estimate *parts, size_t count) {
  double weights[count + 1];
  for (size_t i = 0; i < count; i++)
    weights[i] = 1.0 / (double)count;
  return sum_of(parts, weights, count);
}

struct interval estimate_interval(struct estimate e, double confidence) {
  if (!e.known)
    return (struct interval){NAN, NAN, NAN};
  if (e.n < 2)
    return (struct interval){exp(e.mean), NAN, NAN};
  double half = gsl_cdf_tdist_Pinv(0.5 + confidence / 2, e.df) * sqrt(e.variance);
  return (struct interval){exp(e.mean), exp(e.mean - half), exp(e.mean + half)};
}

bool interval_differs(struct interval ratio) { return ratio.low > 1 || ratio.high < 1; }

static json_t *number(double value) { return isfinite(value) ? json_real(value) : json_null(); }

json_t *interval_json(struct interval interval, double scale) {
  return json_pack("{so so so}", "value", number(interval.value * scale), "low", number(interval.low * scale), "high",
                   number(interval.high * scale));
}
