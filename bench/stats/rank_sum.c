#include "bench/stats/rank_sum.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/options.h"

struct observation {
  double value;
  bool of_a;
};

static int by_value(const void *left, const void *right) {
  const struct observation *x = left, *y = right;
  return (x->value > y->value) - (x->value < y->value);
}

/* The sum of the ranks of `a`, equal values sharing the mean of theirs; *ties becomes the sum of t^3 - t over the
 * groups of t equal values. */
static double ranks_of_a(struct observation *all, size_t count, double *ties) {
  double sum = 0;
  *ties = 0;
  qsort(all, count, sizeof *all, by_value);
  for (size_t first = 0, end; first < count; first = end) {
    for (end = first + 1; end < count && all[end].value == all[first].value; end++)
      ;
    double equal = (double)(end - first), rank = (double)(first + 1 + end) / 2;
    *ties += equal * equal * equal - equal;
    for (size_t i = first; i < end; i++)
      sum += all[i].of_a ? rank : 0;
  }
  return sum;
}

/* The share of the orders of m + n values in which u is at most `most`, when no two are equal.
 *
 * ways[i][u], for one number of b's after the other, counts the orders of i a's and j b's: their last is an a, which is
 * above all j b's, or a b.  As shares of all orders, so that nothing overflows. */
static double share_at_most(size_t m, size_t n, size_t most) {
  size_t width = m * n + 1;
  double *shares = calloc((m + 1) * width, sizeof *shares);
  if (!shares)
    environment_error("no memory for an exact rank test");
  for (size_t j = 0; j <= n; j++)
    for (size_t i = 0; i <= m; i++)
      for (size_t u = 0; u < width; u++) {
        double *share = &shares[i * width + u];
        if (i == 0 || j == 0) {
          *share = u == 0;
          continue;
        }
        double last_is_a = u >= j ? shares[(i - 1) * width + u - j] : 0;
        *share = ((double)i * last_is_a + (double)j * *share) / (double)(i + j);
      }
  double sum = 0;
  for (size_t u = 0; u <= most && u < width; u++)
    sum += shares[m * width + u];
  free(shares);
  return sum;
}

static double p_normal(double u, double m, double n, double ties) {
  double all = m + n, variance = m * n / 12 * (all + 1 - ties / (all * (all - 1)));
  if (!(variance > 0))
    return 1; /* all are equal */
  double distance = fmax(0, fabs(u - m * n / 2) - 0.5);
  return fmin(1, 2 * gsl_cdf_ugaussian_Q(distance / sqrt(variance)));
}

struct rank_sum rank_sum_test(const double *a, size_t a_count, const double *b, size_t b_count) {
  if (a_count == 0 || b_count == 0)
    return (struct rank_sum){.u = NAN, .p = NAN};
  size_t count = a_count + b_count;
  struct observation *all = calloc(count, sizeof *all);
  if (!all)
    environment_error("no memory for a rank test");
  for (size_t i = 0; i < count; i++)
    all[i] = i < a_count ? (struct observation){a[i], true} : (struct observation){b[i - a_count], false};
  double ties, m = (double)a_count, n = (double)b_count;
  struct rank_sum result = {.u = ranks_of_a(all, count, &ties) - m * (m + 1) / 2};
  result.exact = ties == 0 && count <= RANK_SUM_EXACT_MAX;
  if (result.exact)
    result.p = fmin(1, 2 * share_at_most(a_count, b_count, (size_t)fmin(result.u, m * n - result.u)));
  else
    result.p = p_normal(result.u, m, n, ties);
  free(all);
  return result;
}
