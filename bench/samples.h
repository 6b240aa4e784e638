/* samples.h -- memory over time: a thread that looks at most ten times a second, and what each cycle left behind.
 *
 * Writes samples.csv (RFC 4180): t_ns,rss_bytes,committed_bytes,used_bytes,side_metadata_bytes, with t_ns counted from
 * the heap's origin, in order.  A row without rss_bytes is the end of a cycle.
 * Start and stop: the invocation's main thread, or whoever ends the process; the heap outlives the sampler. */
#ifndef GC_BENCH_SAMPLES_H
#define GC_BENCH_SAMPLES_H

#include <stdio.h>

#include "runtime/cycle/heap.h"

struct samples {
  struct gc_heap *heap;
  FILE *file; /* NULL: not sampling */
  int statm;  /* of the process, in /proc; -1: there is none */
  pthread_t thread;
  pthread_mutex_t lock; /* quit */
  pthread_cond_t changed;
  bool quit, resting;
  struct memory_sample held; /* what the last look saw and no row tells yet; at_ns 0: nothing */
  size_t held_rss_bytes;
  uint64_t rows, peak_rss_bytes;
  uint64_t looks, look_ns; /* times that the sampler looked, and the CPU time of that */
};

/* False, and nothing runs, if the file or the thread was refused. */
bool samples_start(struct samples *samples, struct gc_heap *heap, const char *path);
/* Whether it looks at all; it does from its start.  Does nothing if it was not started. */
void samples_run(struct samples *samples, bool looks);
/* A last row, then the file is complete.  Does nothing if it was not started. */
void samples_stop(struct samples *samples);

#endif
