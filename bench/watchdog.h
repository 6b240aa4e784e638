/* watchdog.h -- ends an invocation that takes too long, or that does nothing.
 *
 * Two limits: the wall clock, and the time without CPU time or a report, which catches a deadlock long before the
 * other would.  It asks first: SIGQUIT, then SIGTERM, then SIGKILL.  What the threads were doing is taken down before.
 * Parent only; the caller polls. */
#ifndef GC_BENCH_WATCHDOG_H
#define GC_BENCH_WATCHDOG_H

#include <jansson.h>
#include <sys/types.h>

#include "runtime/base/compiler.h"

enum watchdog_verdict { WATCHDOG_FINE, WATCHDOG_TOO_LONG, WATCHDOG_STALLED };

struct watchdog {
  pid_t pid; /* of the process, and of its group */
  uint64_t deadline_ns, stalled_ns;
  uint64_t active_ns; /* when it was last seen to do something */
  uint64_t cpu_ticks;
  uint64_t next_signal_ns;
  unsigned signals_sent;
  enum watchdog_verdict verdict;
  json_t *threads; /* what they did when the verdict fell; the caller's to decref */
};

void watchdog_begin(struct watchdog *dog, pid_t pid, double timeout_s, double stalled_s);
/* The process has reported. */
void watchdog_feed(struct watchdog *dog);
/* Several times a second. */
void watchdog_look(struct watchdog *dog);

#endif
