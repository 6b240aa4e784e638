/* nominal.h -- nominal statistics: what workloads do, in numbers that compare them, from records alone.
 *
 * `gclab nominal` measures a workload under fixed conditions (nominal_cases: one thread, fixed collectors and heaps)
 * and keeps the records as those of any run, in <results>/nominal/<run>/.  Two builds take part, because counting
 * slows a program down: times come from an ordinary build, numbers of objects and of stores from a counting one.
 * Of a workload the newest run of each kind that completed it counts; nothing else does, so without records there is
 * no statistic.  The idea, and where the meaning is the same the codes, are DaCapo's (Blackburn et al. 2025).
 * Parent only. */
#ifndef GC_BENCH_NOMINAL_H
#define GC_BENCH_NOMINAL_H

#include <jansson.h>

#include "bench/options.h"

/* The conditions under which a workload is measured. */
enum nominal_case { NOMINAL_TIGHT, NOMINAL_USUAL, NOMINAL_AMPLE, NOMINAL_NURSERY, NOMINAL_CASES };
extern const struct nominal_condition {
  const char *collector; /* as -c takes it */
  double heap_factor;
} nominal_cases[NOMINAL_CASES];

enum nominal_source { NOMINAL_TIMES, NOMINAL_COUNTS, NOMINAL_SOURCES };

/* A workload with the parameters that `text` gives it, as -w takes them. */
struct nominal_work {
  char *text;
  json_t *records[NOMINAL_SOURCES]; /* an array each, empty if there are none */
  char *runs[NOMINAL_SOURCES];      /* the folder that they come from */
};

struct nominal {
  struct nominal_work *works;
  size_t count, capacity;
};

enum nominal_unit { NOMINAL_NUMBER, NOMINAL_BYTES };
struct nominal_statistic {
  const char *code, *label; /* short, for a table */
  const char *help;
  enum nominal_unit unit;
  double (*value)(const struct nominal_work *work); /* NaN: not known */
};
extern const struct nominal_statistic nominal_statistics[];
extern const size_t nominal_statistic_count;

/* Reads all runs in <results>/nominal; a line that is no record is passed over with a sentence on stderr. */
void nominal_read(struct nominal *nominal, const char *results);
void nominal_free(struct nominal *nominal);

/* NULL if nothing of it is known. */
const struct nominal_work *nominal_find(const struct nominal *nominal, const char *text);

/* `gclab nominal`: measures.  Returns the exit code. */
int command_nominal(struct options *options);

#endif
