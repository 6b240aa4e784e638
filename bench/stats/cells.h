/* cells.h -- records sorted for statistics: a cell for each workload, collector, heap and number of threads.
 *
 * A sample is one invocation that ended ok: the mean of its measured iterations, or the one number that it has.  What
 * did not end ok is counted by its outcome and gives no sample.  Of a record only its samples stay in memory.  One
 * thread. */
#ifndef GC_BENCH_STATS_CELLS_H
#define GC_BENCH_STATS_CELLS_H

#include <jansson.h>
#include <stdbool.h>

#include "bench/launch.h"
#include "bench/run_folder.h"
#include "bench/stats/sample.h"

enum { METRICS_MAX = 16 };

struct cell {
  char workload[192], collector[256]; /* the latter as record_label.h calls it */
  double heap_factor;                 /* 0: the heap was given as a size */
  double heap_bytes;
  unsigned threads;
  bool foreign; /* its objects lie outside the heap: no collector of this interface */
  unsigned planned, ok, outcomes[OUTCOME_COUNT];
  struct sample metrics[METRICS_MAX];
};

struct cells {
  const char *metrics[METRICS_MAX];
  size_t metric_count;
  struct cell *items;
  size_t count, capacity;
  json_t *settings; /* what else was set: {"subject.gc_threads": {"2": true, …}, …} */
  json_t *known;    /* {name: true} of every metric that a record had */
};

/* The metrics of `text`, names apart by commas.  False with a sentence if there are too many, or none. */
bool cells_init(struct cells *cells, const char *metrics, char *message, size_t message_bytes);
void cells_free(struct cells *cells);

void cells_add(struct cells *cells, const json_t *record);
/* Adds all records of RUN, and what its plan.jsonl planned.  Exits with one sentence if it cannot be read, if no record
 * passes its filter, or if no record ever knows one of the metrics (with the nearest that is known). */
void cells_read(struct cells *cells, const char *run);

unsigned cell_failed(const struct cell *cell);
/* "2x" or "64.0M". */
void cell_format_heap(const struct cell *cell, char *text, size_t text_bytes);
/* Names what failed: "1 oom, 2 timeout"; "" if nothing did. */
void cell_format_failures(const struct cell *cell, char *text, size_t text_bytes);

#endif
