#include "bench/calibrate.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <stdlib.h>

#include "bench/stats/cells.h"
#include "bench/stats/estimate.h"

/* Of 400 pairs the share itself would vary by two per cent. */
enum { TRIALS = 20000, LARGEST = 20 };

/* Of TRIALS pairs of groups of n invocations, the percentage that is called different. */
static double percent_different(gsl_rng *random, const struct sample *sample, size_t n, double confidence) {
  unsigned different = 0;
  for (unsigned trial = 0; trial < TRIALS; trial++) {
    double drawn[2 * LARGEST];
    gsl_ran_choose(random, drawn, 2 * n, sample->values, sample->count, sizeof *drawn);
    gsl_ran_shuffle(random, drawn, 2 * n, sizeof *drawn); /* chosen ones keep their order */
    struct estimate ratio = estimate_ratio(estimate_of(drawn, n), estimate_of(drawn + n, n));
    different += interval_differs(estimate_interval(ratio, confidence));
  }
  return 100.0 * different / TRIALS;
}

static void calibrate_cell(gsl_rng *random, const struct cells *cells, const struct cell *cell, double confidence) {
  for (size_t m = 0; m < cells->metric_count; m++) {
    const struct sample *sample = &cell->metrics[m];
    printf("%s, %s, %s: %zu invocations\n", cell->workload, cell->collector, cells->metrics[m], sample->count);
    for (size_t n = 5; n <= LARGEST; n *= 2)
      if (sample->count >= 2 * n)
        printf("  n = %2zu   %4.1f %%\n", n, percent_different(random, sample, n, confidence));
      else
        printf("  n = %2zu   needs %zu invocations\n", n, 2 * n);
  }
}

int calibrate(const struct options *options) {
  char message[256] = "";
  struct cells cells;
  if (options->word_count != 1)
    usage_error("calibrate with what?  gclab compare RUN --calibrate");
  if (!cells_init(&cells, options->metrics, message, sizeof message))
    usage_error("--metric: %s", message);
  cells_read(&cells, options->words[0]);
  gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
  if (!random)
    environment_error("no memory for random numbers");
  gsl_rng_set(random, (unsigned long)options->seed.integer);
  printf("called different, of %d pairs of groups of n of the same invocations (%g %% expected)\n", TRIALS,
         100 - options->confidence.real);
  for (size_t i = 0; i < cells.count; i++)
    calibrate_cell(random, &cells, &cells.items[i], options->confidence.real / 100);
  gsl_rng_free(random);
  cells_free(&cells);
  return EXIT_OK;
}
