/* probes.h -- what of this machine biases a measurement: one question each, with an answer and a remedy.
 *
 * Everything is read from files below `root`, "" on a real machine and a planted tree in tests, but for what only the
 * running system can tell (clock, counters, topology).  Called by `gclab doctor`.  Parent only. */
#ifndef GC_BENCH_PROBES_H
#define GC_BENCH_PROBES_H

#include "runtime/base/compiler.h"

struct finding {
  bool warn;
  char text[160];   /* what is so */
  char remedy[240]; /* what to do, if warn */
};

struct probe {
  const char *name;
  void (*ask)(const char *root, struct finding *finding);
};

extern const struct probe probes[];
extern const size_t probe_count;

#endif
