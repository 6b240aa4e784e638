/* pace.h -- how long invocations of each case take, for the time left.  Parent only. */
#ifndef GC_BENCH_PACE_H
#define GC_BENCH_PACE_H

#include "runtime/base/compiler.h"

struct pace_case {
  uint64_t *elapsed_ns; /* sorted */
  size_t count, capacity;
  uint64_t estimate_ns; /* until there is one; 0: not known */
};

struct pace {
  struct pace_case *cases;
  size_t case_count;
  uint64_t sum_ns;
  size_t count;
};

/* False if there is no memory. */
bool pace_init(struct pace *pace, size_t case_count);
void pace_fini(struct pace *pace);
void pace_add(struct pace *pace, size_t index, uint64_t elapsed_ns);
/* The median of the case; else its estimate; else the mean over all cases; 0 if nothing is known at all. */
uint64_t pace_expect(const struct pace *pace, size_t index);

#endif
