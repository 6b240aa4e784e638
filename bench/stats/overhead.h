/* overhead.h -- lower-bound overheads: what a collector costs at least (Cai, Blackburn, Bond & Maas, ISPASS 2022).
 *
 *   distilled = total - explicit          the cost without what is known to be the collector's
 *   least     = min over all of distilled the best known bound of what the program itself costs
 *   overhead  = total - least,  normalised = total / least
 *
 * One metric at a time.  What a collector hides (barriers, allocation, caches) stays in `distilled`, so the bound is a
 * lower one; it is as good as the best of the collectors in the set.  Stateless. */
#ifndef GC_BENCH_STATS_OVERHEAD_H
#define GC_BENCH_STATS_OVERHEAD_H

#include <stddef.h>

struct overhead {
  double total, explicit_cost; /* given, in one unit; NaN: left out */
  double distilled, overhead, normalised;
};

/* Fills in the rest.  Returns the least distilled cost; NaN if no row has one, or if it is not above 0. */
double overhead_compute(struct overhead *rows, size_t count);

#endif
