/* artifacts.h -- what an invocation writes into the folder that --artifacts names, beside its record.
 *
 *   gc.csv                    a row for each cycle
 *   pauses.csv                a row for each time that a thread, or the world, was kept waiting
 *   pauses.hlog latency.hlog  the record's distributions, for HdrHistogram's tools (runtime/stats/hlog.h)
 *
 * The tables: RFC 4180, with a header line; times are ns since the heap's origin.  They hold what the record's
 * distributions hold, the iterations that are no warm-up, and are written while the world is quiet, after each
 * iteration: a process that dies later leaves the rows of what it completed.  One thread. */
#ifndef GC_BENCH_ARTIFACTS_H
#define GC_BENCH_ARTIFACTS_H

#include <stdio.h>

#include "bench/measure.h"

struct artifacts {
  const char *folder;   /* NULL: nothing is kept */
  FILE *gc, *pauses;
};

/* False with errno if a file cannot be made.  `folder` stays the caller's; NULL: all functions do nothing. */
bool artifacts_open(struct artifacts *artifacts, const char *folder);
/* Adds the rows of the iteration that measure_end has just measured. */
void artifacts_add(struct artifacts *artifacts, const struct gc_heap *heap, const struct measured *measured);
/* Writes the distributions; the files are complete then.  If they are not, a sentence on stderr says so. */
void artifacts_close(struct artifacts *artifacts, const struct gc_heap *heap, const struct measured *measured);

#endif
