/* lane.h -- one global array with an entry for each thread: where a workload of independent copies leaves its work.
 *
 * Used by workloads only.  Thread 0 creates the array in prepare; each thread stores to its own entry in run;
 * thread 0 reads all in check.  Two threads never store to one entry. */
#ifndef GC_WORKLOADS_LANE_H
#define GC_WORKLOADS_LANE_H

#include "runtime/gc.h"
#include "runtime/workload.h"

enum { GLOBAL_LANES = 0 };

static inline void lanes_create(struct gc_mutator *m, const struct gc_work *work) {
  gc_ref lanes = gc_alloc_array(m, work->threads);
  gc_global_store(m, GLOBAL_LANES, lanes);
}

static inline void lane_store(struct gc_mutator *m, const struct gc_work *work, gc_ref value) {
  gc_array_store(m, gc_global_load(m, GLOBAL_LANES), work->thread, value);
}

/* What `thread` left; fails if it is gone. */
static inline gc_ref lane_check(struct gc_mutator *m, const struct gc_work *work, unsigned thread) {
  gc_ref lanes = gc_global_load(m, GLOBAL_LANES);
  if (gc_is_null(lanes) || gc_array_length(m, lanes) != work->threads)
    work_fail(work, "the array of threads is not the one that prepare made");
  gc_ref lane = gc_array_load(m, lanes, thread);
  if (gc_is_null(lane))
    work_fail(work, "what thread %u built is gone", thread);
  return lane;
}

/* Fails unless `array` is an array of `length` references. */
static inline void array_check(struct gc_mutator *m, const struct gc_work *work, gc_ref array, uint64_t length) {
  if (gc_is_null(array) || gc_array_length(m, array) != length)
    work_fail(work, "an array of %llu references is gone or has another length", (unsigned long long)length);
}

#endif
