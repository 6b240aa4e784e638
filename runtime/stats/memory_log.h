/* memory_log.h -- how much memory a heap held when each of its cycles ended.
 *
 * A ring between two threads: the cycle driver writes (one thread at a time), the sampler of the harness takes.  A
 * full ring drops the newest sample and counts it.  The histograms are the driver's, and are read when the world is
 * quiet. */
#ifndef GC_STATS_MEMORY_LOG_H
#define GC_STATS_MEMORY_LOG_H

#include <stdatomic.h>

#include "runtime/stats/histogram.h"

struct memory_sample {
  uint64_t at_ns; /* CLOCK_MONOTONIC */
  size_t used_bytes, committed_bytes, metadata_bytes;
  size_t live_bytes; /* of objects, found by the full cycle that ended; 0: it was none */
};

enum { MEMORY_LOG_WAITING = 64 };
enum { MEMORY_LOG_SAMPLES = 4096 }; /* 40 cycles in a millisecond, if the sampler comes every 100 ms */

struct memory_log {
  struct histogram post_gc; /* held by spaces when a cycle ended */
  struct histogram live;    /* of objects, as full cycles found it */
  unsigned waiting;         /* values to be added to both, many at a time, as in pauses.h */
  struct {
    size_t used_bytes, live_bytes;
  } values[MEMORY_LOG_WAITING];
  _Atomic uint64_t dropped;
  GC_CACHE_ALIGNED _Atomic uint64_t written; /* by the driver: samples ever put into the ring */
  GC_CACHE_ALIGNED _Atomic uint64_t taken;   /* by the sampler */
  struct memory_sample ring[MEMORY_LOG_SAMPLES];
};

void memory_log_fini(struct memory_log *log);
void memory_log_record(struct memory_log *log, struct memory_sample sample);
/* Adds to the histograms the values that still wait; they are read after it. */
void memory_log_settle(struct memory_log *log);
/* Empties the histograms. */
void memory_log_reset(struct memory_log *log);
/* The oldest sample that was not yet taken; false if there is none. */
bool memory_log_take(struct memory_log *log, struct memory_sample *sample);

#endif
