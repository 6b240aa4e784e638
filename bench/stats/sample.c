#include "bench/stats/sample.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdlib.h>

#include "bench/options.h"

void sample_add(struct sample *sample, double value) {
  if (sample->count == sample->capacity) {
    sample->capacity = 2 * sample->capacity + 16;
    sample->values = realloc(sample->values, sample->capacity * sizeof *sample->values);
    if (!sample->values)
      environment_error("no memory for statistics; name fewer runs");
  }
  sample->values[sample->count++] = value;
}

double sample_mean(const struct sample *sample) {
  return sample->count ? gsl_stats_mean(sample->values, 1, sample->count) : NAN;
}

double sample_median(const struct sample *sample) {
  gsl_sort(sample->values, 1, sample->count);
  return sample->count ? gsl_stats_median_from_sorted_data(sample->values, 1, sample->count) : NAN;
}

void sample_free(struct sample *sample) {
  free(sample->values);
  *sample = (struct sample){0};
}
