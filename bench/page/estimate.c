#include "bench/page/estimate.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

struct estimate estimate_of(const double *samples, size_t count) {
  struct estimate e = {.known = count > 0, .n = count};
  for (size_t i = 0; i < count; i++) {
    if (!(samples[i] > 0))
      return (struct estimate){0};
    e.mean += log(samples[i]) / (double)count;
  }
  if (count < 2)
    return e;
  double squares = 0;
  for (size_t i = 0; i < count; i++)
    squares += pow(log(samples[i]) - e.mean, 2);
  e.variance = squares / (double)(count - 1) / (double)count;
  e.variance2_per_df = e.variance * e.variance / (double)(count - 1);
  return e;
}

/* Adds `part` times `weight` to a sum. */
static void add(struct estimate *sum, struct estimate part, double weight) {
  sum->known = sum->known && part.known;
  sum->mean += weight * part.mean;
  sum->variance += weight * weight * part.variance;
  sum->variance2_per_df += pow(weight, 4) * part.variance2_per_df;
  sum->n = part.n < sum->n ? part.n : sum->n;
}

struct estimate estimate_ratio(struct estimate a, struct estimate b) {
  add(&a, b, -1);
  return a;
}

struct estimate estimate_geomean(const struct estimate *parts, size_t count) {
  struct estimate sum = {.known = count > 0, .n = count ? parts[0].n : 0};
  for (size_t i = 0; i < count; i++)
    add(&sum, parts[i], 1.0 / (double)count);
  return sum;
}

struct interval estimate_interval(struct estimate e, double confidence) {
  if (!e.known)
    return (struct interval){NAN, NAN, NAN};
  struct interval interval = {exp(e.mean), NAN, NAN};
  if (e.n < 2)
    return interval;
  /* samples without any spread leave no degrees of freedom to count, and need none */
  double df = e.variance2_per_df > 0 ? e.variance * e.variance / e.variance2_per_df : 1;
  double half = gsl_cdf_tdist_Pinv(0.5 + confidence / 2, df) * sqrt(e.variance);
  interval.low = exp(e.mean - half);
  interval.high = exp(e.mean + half);
  return interval;
}

bool interval_differs(struct interval ratio) { return ratio.low > 1 || ratio.high < 1; }

static json_t *number(double value) { return isfinite(value) ? json_real(value) : json_null(); }

json_t *interval_json(struct interval interval, double scale) {
  return json_pack("{so so so}", "value", number(interval.value * scale), "low", number(interval.low * scale), "high",
                   number(interval.high * scale));
}
