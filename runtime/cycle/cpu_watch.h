/* cpu_watch.h -- CPU time of the collector's threads, at the edges of cycles and of their pauses.
 *
 * A reading is a system call for each thread, and a minor cycle has six edges, most of them side by side: edges that
 * lie less than CPU_WATCH_FRESH_NS apart share one reading, so that no sum is off by more than that at either end.
 * Driver only, under driver->running. */
#ifndef GC_CYCLE_CPU_WATCH_H
#define GC_CYCLE_CPU_WATCH_H

#include "runtime/trace/gang.h"

enum { CPU_WATCH_FRESH_NS = 2000 };

struct cpu_watch {
  uint64_t driver_ns;    /* of the thread that drives */
  uint64_t collector_ns; /* of that and the gang's helpers */
  uint64_t read_at_ns;   /* 0: never, or by another thread */
  uint64_t readings;     /* how often the system was asked */
};

/* Another thread drives from now on: what was read is not its time. */
void cpu_watch_restart(struct cpu_watch *watch);

/* Reads, unless it just did. */
void cpu_watch_read(struct cpu_watch *watch, struct gang *gang);

#endif
