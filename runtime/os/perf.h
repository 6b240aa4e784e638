/* perf.h -- counters of the kernel and of the processor, for the whole process (perf_event_open, libpfm4).
 *
 * perf_open is called while the process has one thread: a counter follows the threads that are started afterwards
 * (inherit), and no other.  perf_read: any thread, any time; some microseconds for each counter.
 * A counter that this machine or kernel does not have is closed, and says why in words. */
#ifndef GC_OS_PERF_H
#define GC_OS_PERF_H

#include "runtime/base/compiler.h"

/* Software counters first: name, config of PERF_TYPE_SOFTWARE, whether the event happens inside the kernel, where a
 * counter that may watch user code only sees nothing.  Hardware ones: name, libpfm4's name. */
#define PERF_SOFTWARE_EVENTS(X)                                                                  \
  X(task_clock_ns, PERF_COUNT_SW_TASK_CLOCK, false)                                              \
  X(page_faults, PERF_COUNT_SW_PAGE_FAULTS, false)                                               \
  X(context_switches, PERF_COUNT_SW_CONTEXT_SWITCHES, true)                                      \
  X(migrations, PERF_COUNT_SW_CPU_MIGRATIONS, true)
#define PERF_HARDWARE_EVENTS(X)                                                                  \
  X(cycles, "PERF_COUNT_HW_CPU_CYCLES")                                                          \
  X(instructions, "PERF_COUNT_HW_INSTRUCTIONS")                                                  \
  X(branch_misses, "PERF_COUNT_HW_BRANCH_MISSES")                                                \
  X(llc_misses, "PERF_COUNT_HW_CACHE_MISSES")                                                    \
  X(l1d_read_misses, "PERF_COUNT_HW_CACHE_L1D:READ:MISS")                                        \
  X(dtlb_read_misses, "PERF_COUNT_HW_CACHE_DTLB:READ:MISS")                                      \
  X(node_reads, "PERF_COUNT_HW_CACHE_NODE:READ:ACCESS")                                          \
  X(node_read_misses, "PERF_COUNT_HW_CACHE_NODE:READ:MISS")

enum perf_event {
#define PERF_ENUM(name, ...) PERF_##name,
  PERF_SOFTWARE_EVENTS(PERF_ENUM) PERF_SOFTWARE_COUNT,
  PERF_BEFORE_HARDWARE = PERF_SOFTWARE_COUNT - 1,
  PERF_HARDWARE_EVENTS(PERF_ENUM) PERF_EVENT_COUNT
#undef PERF_ENUM
};
extern const char *const perf_names[PERF_EVENT_COUNT];

struct perf_counter {
  int fd; /* -1: not open, see why_not */
  bool user_only; /* what the kernel does for this process is not counted */
  char why_not[160];
};
struct perf_set {
  struct perf_counter counters[PERF_EVENT_COUNT];
};

/* Since perf_open.  Both times are sums over threads; running < enabled: the counter had to share the processor's. */
struct perf_value {
  uint64_t value, enabled_ns, running_ns;
};

void perf_open(struct perf_set *set);
/* False, and zeros, if the counter is not open. */
bool perf_read(const struct perf_set *set, enum perf_event event, struct perf_value *value);
/* Whether events count, in all threads; they do from perf_open on. */
void perf_run(const struct perf_set *set, bool count);
void perf_close(struct perf_set *set);

#endif
