/* figures.c -- what workloads measure of themselves is what CPython shows, or stands in that ratio to another run.
 *
 * A row bounds a figure of one run, or its ratio to the same figure of another run: so no test depends on how fast the
 * machine is.  The bounds are those of the checks for Python's practices; where an object is laid out
 * otherwise than CPython's, what differs is said beside the row.  Each figure that a workload declares has a row. */
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
};

struct bound {
  const char *workload, *figure;
  enum whose whose;
  const char *params, *versus; /* versus: of the run to divide by; NULL: the figure itself is bounded */
  double least, most;
};

#define CSV "source=csv,items=100000,"

static const struct bound bounds[] = {
    /* 10^6 ints in a list: 40.4 bytes each, in an array('i') 4.1; floats 32.4 and 8.2.  Lists that grew have spare room
     * there, 0.4 bytes of it. */
    {"layout", "element_bytes", ALL, "variant=boxed", NULL, 39, 42},
    {"layout", "element_bytes", PYTHON, "variant=boxed", NULL, 40, 40.1},
    {"layout", "element_bytes", ALL, "variant=boxed", "variant=unboxed", 8, 10.5},
    {"layout", "element_bytes", ALL, "variant=boxed,numbers=float", "variant=unboxed,numbers=float", 3.5, 4.2},
    /* An instance in its list with slots: 32, 48, 112 and 8 bytes; with a dictionary 152 at two fields. */
    {"layout", "element_bytes", PYTHON, "variant=slots,fields=0", NULL, 40, 40.1},
    {"layout", "element_bytes", PYTHON, "variant=slots,fields=2", NULL, 56, 56.1},
    {"layout", "element_bytes", PYTHON, "variant=slots,fields=10", NULL, 120, 120.1},
    {"layout", "element_bytes", ALL, "variant=slots,fields=0", "variant=dictionary,fields=0", 0.2, 0.5},
    {"layout", "element_bytes", ALL, "variant=slots,fields=2", "variant=dictionary,fields=2", 0.3, 0.6},
    {"layout", "element_bytes", ALL, "variant=slots,fields=10", "variant=dictionary,fields=10", 0.5, 0.75},
    /* A dropped list with weak back edges dies at once, one with strong ones when it is collected. */
    {"back_edges", "left_nodes", COUNTING, "back=weak", NULL, 0, 0},
    {"back_edges", "left_nodes", TRACING, "back=weak", NULL, 1e5, 1e5},
    {"back_edges", "left_nodes", PYTHON, "back=strong", NULL, 1e5, 1e5},
    {"back_edges", "left_nodes", TRACING, "back=strong", NULL, 1e5, 1e5},
    {"back_edges", "left_collected_nodes", RECLAIMING, "back=weak", NULL, 0, 0},
    {"back_edges", "left_collected_nodes", RECLAIMING, "back=strong", NULL, 0, 0},
    /* A closure holds a list of 8 000 592 bytes, which all collections leave, over 4 references; 488 when it is
     * dropped. */
    {"closure", "held_bytes", ALL, "", NULL, 8e6, 8001000},
    {"closure", "path_steps", ALL, "", NULL, 4, 4},
    {"closure", "left_bytes", COUNTING, "", NULL, 0, 0},
    {"closure", "left_bytes", TRACING, "", NULL, 8e6, 8001000},
    {"closure", "left_collected_bytes", RECLAIMING, "", NULL, 0, 0},
    /* 30 000 cycles with 1 KB each: 36.27 MB if they are never collected, 1.21 MB at most if every 1000 requests, 0.43
     * if automatically.  Here pools and blocks count whole, also those that a collection has emptied for reuse. */
    {"long_run", "growth_peak_bytes", PYTHON, "collect=never", NULL, 30e6, 42e6},
    {"long_run", "growth_peak_bytes", PYTHON, "collect=never", "collect=periodic", 20, 45},
    {"long_run", "growth_peak_bytes", PYTHON, "collect=never", "collect=automatic", 40, 200},
    {"long_run", "growth_final_bytes", PYTHON, "collect=never", NULL, 30e6, 42e6},
    {"long_run", "growth_final_bytes", PYTHON, "collect=periodic", NULL, 0, 1.3e6},
    {"long_run", "collections", PYTHON, "collect=never", NULL, 0, 0},
    {"long_run", "collections", PYTHON, "collect=automatic", NULL, 80, 90},
    {"long_run", "collections", PYTHON, "collect=periodic", NULL, 30, 30},
    {"long_run", "critical_collections", PYTHON, "collect=automatic", NULL, 35, 50},
    {"long_run", "critical_collections", PYTHON, "collect=paused", NULL, 0, 0},
    {"long_run", "critical_slowest_ns", ALL, "collect=automatic", NULL, 1, 1e12},
    /* A weak-value table forgets an entry with its last reference. */
    {"weak_cache", "left_entries", COUNTING, "", NULL, 0, 0},
    {"weak_cache", "left_entries", TRACING, "", NULL, 1, 1e9},
    {"weak_cache", "left_collected_entries", RECLAIMING, "", NULL, 0, 0},
    /* 50 000 insertions at the left: 160 times faster in a deque, and no slower in a long one than in a short one.  It
     * takes as many bytes as a list: 40.3 and 40.4 a value. */
    {"deque", "push_cpu_ns", ALL, "variant=list,elements=20000", "elements=20000", 20, 1e9},
    {"deque", "pop_cpu_ns", ALL, "variant=list,elements=20000", "elements=20000", 20, 1e9},
    {"deque", "push_cpu_ns", ALL, "variant=list,elements=20000", "variant=list,elements=20000,end=right", 20, 1e9},
    {"deque", "push_cpu_ns", COUNTING, "elements=320000", "elements=20000", 0, 6},
    {"deque", "pop_cpu_ns", COUNTING, "elements=320000", "elements=20000", 0, 6},
    {"deque", "element_bytes", ALL, "variant=list,elements=20000", "elements=20000", 0.95, 1.1},
    /* A generator of 10^6 numbers 360 bytes at most, a list of them 40 MB; chunks of a CSV file 9.8 times less than all
     * rows if ten of them make it up, and 84.6 if 100 do.  Numbers here take 16 bytes instead of 32. */
    {"stream", "live_peak_bytes", PYTHON, "chunk=0", "chunk=1", 1e4, 1e6},
    {"stream", "live_peak_bytes", ALL, "chunk=1,items=100000", NULL, 32, 360},
    {"stream", "live_peak_bytes", ALL, "chunk=1,items=100000", "chunk=1,items=1000", 1, 1},
    {"stream", "live_peak_bytes", ALL, "chunk=0,items=100000", "chunk=1,items=100000", 1e4, 1e5},
    {"stream", "live_peak_bytes", ALL, CSV "chunk=0", CSV "chunk=10000", 9.5, 10.1},
    {"stream", "live_peak_bytes", ALL, CSV "chunk=0", CSV "chunk=1000", 84, 101},
};
enum { BOUNDS = sizeof bounds / sizeof bounds[0] };

static bool concerns(enum whose whose, const struct gc_collector *collector) {
  bool exact = strcmp(collector->name, "python") == 0;
  switch (whose) {
  case RECLAIMING: return collector->attrs.reclaims;
  case COUNTING: return collector->attrs.counts;
  case TRACING: return !collector->attrs.counts;
  case PYTHON: return exact;
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
enum { KNOWN_MAX = 2 * BOUNDS };
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
  struct known *added = &known[known_count++];
  added->params = params;
  for (unsigned i = 0; i < GC_FIGURES_MAX; i++)
    added->figures[i] = result.status == RUN_OK ? result.figures[i] : NAN;
  return added->figures;
}

/* Returns whether it holds. */
static bool holds(const struct gc_workload *pair, const struct bound *bound) {
  unsigned figure = figure_of(pair, bound->figure);
  double value = measure(pair, bound->params)[figure];
  if (bound->versus)
    value /= measure(pair, bound->versus)[figure];
  if (value >= bound->least && value <= bound->most)
    return true;
  printf("%s%s is %g, not from %g to %g:\n", bound->figure, bound->versus ? ", divided," : "", value, bound->least,
         bound->most);
  print_run(pair, bound->params);
  if (bound->versus)
    print_run(pair, bound->versus);
  return false;
}

static int require_rows(const struct gc_workload *workload) {
  int missing = 0;
  for (unsigned figure = 0; figure < figure_count(workload->figures); figure++) {
    bool found = false;
    for (size_t i = 0; i < BOUNDS; i++)
      found |= strcmp(bounds[i].workload, workload->name) == 0 &&
               strcmp(bounds[i].figure, workload->figures[figure].name) == 0;
    if (!found)
      printf("no row bounds %s\n", workload->figures[figure].name);
    missing += !found;
  }
  return missing;
}

int figures_test(const char *workload, uint64_t seed) {
  int tried = 0, failures = -1;
  (void)seed; /* nothing is drawn */
  for (size_t i = 0; i < registry_pair_count; i++) {
    const struct gc_workload *pair = registry_pairs[i];
    if (strcmp(pair->name, workload) != 0 || pair->checked || pair->collector->attrs.foreign)
      continue;
    if (failures < 0)
      failures = require_rows(pair);
    known_count = 0;
    for (size_t row = 0; row < BOUNDS; row++) {
      const struct bound *bound = &bounds[row];
      if (strcmp(bound->workload, workload) != 0 || !concerns(bound->whose, pair->collector) ||
          run_unsupported(pair, bound->params, 1))
        continue;
      tried++;
      failures += !holds(pair, bound);
    }
  }
  printf("%d figures compared, %d not as they should be\n", tried, failures);
  return tried ? failures : 1;
}
