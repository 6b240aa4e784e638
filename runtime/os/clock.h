/* clock.h -- clocks, in nanoseconds.  CLOCK_MONOTONIC costs about 20 ns; the CPU clocks are system calls. */
#ifndef GC_OS_CLOCK_H
#define GC_OS_CLOCK_H

#include <time.h>

#include "runtime/base/compiler.h"

static inline uint64_t clock_read_ns(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}
static inline uint64_t clock_now_ns(void) { return clock_read_ns(CLOCK_MONOTONIC); }
/* CPU time of the calling thread, of the process. */
static inline uint64_t clock_thread_cpu_ns(void) { return clock_read_ns(CLOCK_THREAD_CPUTIME_ID); }
static inline uint64_t clock_process_cpu_ns(void) { return clock_read_ns(CLOCK_PROCESS_CPUTIME_ID); }

#endif
