/* measure.h -- what one invocation measures, by thread 0 of the mutators while the others wait at a barrier.
 *
 * An iteration is measured from the moment its first thread enters `run` to the moment its last one leaves it.
 * The cycle that is under way at the end is waited for, outside of wall_ns, and its work counts: it was caused by
 * this run.  So CPU, pauses and bytes are exact sums of finished work, and quiet when they are read. */
#ifndef GC_BENCH_MEASURE_H
#define GC_BENCH_MEASURE_H

#include "bench/requests.h"
#include "bench/utilisation.h"
#include "runtime/cycle/heap.h"

struct snapshot {
  uint64_t process_cpu_ns, user_ns, sys_ns;
  struct gc_heap_stats heap;
};

struct iteration {
  unsigned index;
  bool warmup, complete;
  bool aside; /* its figures are its own, and no part of the sums: a warm-up, or one that is not instrumented */
  uint64_t prepare_ns, wall_ns, check_ns;
  uint64_t stw_ns; /* of pauses, the part inside wall_ns */
  uint64_t pauses; /* that began in this iteration's run */
  uint64_t ops;
  uint64_t checksum;
  struct snapshot before, after;
};

/* Sums over the iterations that do not stand aside. */
struct measured {
  bool unmeasured; /* only wall times are known */
  uint64_t wall_ns, origin_ns; /* origin: of the heap; max_at times count from it */
  struct histogram total, ttsp, operation, handshake, total_net, lost; /* of pauses, as in struct pause_log */
  struct thread_log threads; /* `events` of the iteration measured last */
  uint64_t pauses_dropped;
  uint64_t stalls, stall_ns, slow_polls, cpu_readings;
  uint64_t stw_cpu_ns; /* of the collector, inside pauses */
  struct histogram post_gc, live; /* as in struct memory_log */
  struct requests requests;
  struct utilisations utilisations;
};

/* Waits until no cycle runs, but for at most a second: a broken collector is not waited for.  The caller is no
 * running mutator.  Returns what measure_release wants back. */
bool measure_quiesce(struct gc_heap *heap);
void measure_release(struct gc_heap *heap, bool quiet);

/* Both between quiesce and release. */
void measure_begin(struct gc_heap *heap, struct iteration *iteration);
void measure_end(struct gc_heap *heap, struct iteration *iteration, uint64_t begin_ns, uint64_t end_ns,
                 struct measured *measured);

#endif
