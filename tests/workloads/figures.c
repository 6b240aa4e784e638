/* figures.c -- what workloads measure of themselves is what CPython shows, or stands in that ratio to another run
 * (figures.def): so no test depends on how fast the machine is. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/workloads/runner.h"
#include "tests/workloads/tests.h"

enum { HEAP_BYTES = 256 * 1024 * 1024, LIMIT_S = 120, TEXT_BYTES = 512 };

enum whose {
  ALL,      /* of every collector whose objects lie in the heap */
  RECLAIMING,
  COUNTING, /* of those that free what no reference is left to */
  TRACING,  /* of the others */
  PYTHON,
  SHARING, /* python_free_threaded: eight bytes more before each object, for the part of its count that others write */
  COMPACT, /* the others */
};

struct bound {
  enum whose whose;
  const char *params, *versus; /* versus: of the run to divide by; NULL: the figure itself is bounded */
  double least, most;
};

#define CSV "source=csv,items=100000,"
static const struct figure {
  const char *workload, *name;
  const struct bound *bounds; /* ended by one without parameters */
} figures[] = {
#define FIGURE(workload, name, ...) {#workload, #name, (const struct bound[]){__VA_ARGS__, {0}}},
#include "tests/workloads/figures.def"
#undef FIGURE
};
enum { FIGURES = sizeof figures / sizeof figures[0] };

static bool concerns(enum whose whose, const struct gc_collector *collector) {
  bool exact = strcmp(collector->name, "python") == 0, shares = strcmp(collector->name, "python_free_threaded") == 0;
  switch (whose) {
  case RECLAIMING: return collector->attrs.reclaims;
  case COUNTING: return collector->attrs.counts;
  case TRACING: return !collector->attrs.counts;
  case PYTHON: return exact;
  case SHARING: return shares;
  case COMPACT: return !shares;
  default: return true;
  }
}

/* The figure's number. */
static unsigned figure_of(const struct gc_workload *workload, const char *name) {
  for (unsigned i = 0; i < figure_count(workload->figures); i++)
    if (strcmp(workload->figures[i].name, name) == 0)
      return i;
  printf("%s has no figure %s\n", workload->name, name);
  abort();
}

/* What the runs of one pair found, by their parameters. */
struct known {
  const char *params;
  double figures[GC_FIGURES_MAX];
};
enum { KNOWN_MAX = 32 };
static struct known known[KNOWN_MAX];
static size_t known_count;

static struct run_spec spec_of(const struct gc_workload *pair, const char *params) {
  return (struct run_spec){.pair = pair, .params = params, .options = "", .threads = 1, .iterations = 1,
                           .gc_threads = 1, .heap_bytes = HEAP_BYTES, .seed = 1, .limit_s = LIMIT_S};
}

static void print_run(const struct gc_workload *pair, const char *params) {
  char text[TEXT_BYTES];
  struct run_spec spec = spec_of(pair, params);
  run_format(&spec, text, sizeof text);
  printf("  %s\n", text);
}

/* The figures of a run, which is made if it is not known; all NAN if it failed. */
static const double *measure(const struct gc_workload *pair, const char *params) {
  struct run_spec spec = spec_of(pair, params);
  struct run_result result;
  for (size_t i = 0; i < known_count; i++)
    if (strcmp(known[i].params, params) == 0)
      return known[i].figures;
  run_in_child(&spec, &result);
  if (result.status != RUN_OK) {
    printf("%s (%s):\n", run_status_name(result.status), result.message);
    print_run(pair, params);
  }
  if (known_count == KNOWN_MAX)
    abort();
  struct known *added = &known[known_count++];
  added->params = params;
  for (unsigned i = 0; i < GC_FIGURES_MAX; i++)
    added->figures[i] = result.status == RUN_OK ? result.figures[i] : NAN;
  return added->figures;
}

/* Returns whether it holds. */
static bool holds(const struct gc_workload *pair, const struct figure *figure, const struct bound *bound) {
  unsigned number = figure_of(pair, figure->name);
  double value = measure(pair, bound->params)[number];
  if (bound->versus)
    value /= measure(pair, bound->versus)[number];
  if (value >= bound->least && value <= bound->most)
    return true;
  printf("%s%s is %g, not from %g to %g:\n", figure->name, bound->versus ? ", divided," : "", value, bound->least,
         bound->most);
  print_run(pair, bound->params);
  if (bound->versus)
    print_run(pair, bound->versus);
  return false;
}

/* Tries all that concern the pair; returns how many do not hold, and adds how many there are. */
static int compare(const struct gc_workload *pair, const struct figure *figure, int *tried) {
  int failures = 0;
  for (const struct bound *bound = figure->bounds; bound->params; bound++)
    if (concerns(bound->whose, pair->collector) && !run_unsupported(pair, bound->params, 1)) {
      ++*tried;
      failures += !holds(pair, figure, bound);
    }
  return failures;
}

static int require_rows(const struct gc_workload *workload) {
  int missing = 0;
  for (unsigned number = 0; number < figure_count(workload->figures); number++) {
    const char *name = workload->figures[number].name;
    unsigned rows = 0;
    for (size_t i = 0; i < FIGURES; i++)
      rows += strcmp(figures[i].workload, workload->name) == 0 && strcmp(figures[i].name, name) == 0;
    if (rows != 1)
      printf("figures.def has %u rows for %s\n", rows, name);
    missing += rows != 1;
  }
  return missing;
}

int figures_test(const char *workload, uint64_t seed) {
  int tried = 0, failures = 0;
  bool required = false;
  (void)seed; /* nothing is drawn */
  for (size_t i = 0; i < registry_pair_count; i++) {
    const struct gc_workload *pair = registry_pairs[i];
    if (strcmp(pair->name, workload) != 0 || pair->checked || pair->collector->attrs.foreign)
      continue;
    if (!required)
      failures += require_rows(pair);
    required = true;
    known_count = 0;
    for (size_t f = 0; f < FIGURES; f++)
      if (strcmp(figures[f].workload, workload) == 0)
        failures += compare(pair, &figures[f], &tried);
  }
  printf("%d figures compared, %d not as they should be\n", tried, failures);
  return tried ? failures : 1;
}
