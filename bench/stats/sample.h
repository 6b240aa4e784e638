/* sample.h -- a statistical sample that grows: one value an invocation.
 *
 * Whoever sorts records into samples (cells.h, page/gather.h) owns the array.  One thread. */
#ifndef GC_BENCH_STATS_SAMPLE_H
#define GC_BENCH_STATS_SAMPLE_H

#include <stddef.h>

struct sample {
  double *values;
  size_t count, capacity;
};

/* Exits with one sentence if there is no memory. */
void sample_add(struct sample *sample, double value);
/* NaN of an empty one. */
double sample_mean(const struct sample *sample);
/* The same; sorts the values. */
double sample_median(const struct sample *sample);
void sample_free(struct sample *sample);

#endif
