/* rank_sum.h -- the test of Mann, Whitney and Wilcoxon: could both samples come from one distribution?
 *
 * Needs no shape of it, so it stands beside the t interval as a second opinion.  Two-sided.  Exact where there are no
 * ties and not too many samples, else by the normal approximation with the correction for ties and for continuity.
 * Stateless. */
#ifndef GC_BENCH_STATS_RANK_SUM_H
#define GC_BENCH_STATS_RANK_SUM_H

#include <stdbool.h>
#include <stddef.h>

enum { RANK_SUM_EXACT_MAX = 50 }; /* of both samples together */

struct rank_sum {
  double u; /* how many pairs (a, b) have a > b; a tie is half a pair */
  double p; /* that u is as far from its mean, if both come from one distribution; NaN if a sample is empty */
  bool exact;
};

struct rank_sum rank_sum_test(const double *a, size_t a_count, const double *b, size_t b_count);

#endif
