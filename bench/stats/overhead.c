#include "bench/stats/overhead.h"

#include <math.h>

double overhead_compute(struct overhead *rows, size_t count) {
  double least = NAN;
  for (size_t i = 0; i < count; i++) {
    rows[i].distilled = rows[i].total - rows[i].explicit_cost;
    least = fmin(least, rows[i].distilled); /* of a number and NaN, the number */
  }
  if (!(least > 0))
    least = NAN;
  for (size_t i = 0; i < count; i++) {
    rows[i].overhead = rows[i].total - least;
    rows[i].normalised = rows[i].total / least;
  }
  return least;
}
