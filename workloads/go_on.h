/* go_on.h -- a program that goes on for a moment, so that collectors which count get to what they have queued.
 *
 * Used by workloads only, between letting something go and asking whether it is gone. */
#ifndef GC_WORKLOADS_GO_ON_H
#define GC_WORKLOADS_GO_ON_H

#include "runtime/gc.h"

enum { GO_ON_OBJECTS = 2048 };

static inline void go_on(struct gc_mutator *m) {
  for (unsigned i = 0; i < GO_ON_OBJECTS; i++) {
    gc_alloc_raw(m, sizeof(uint64_t));
    gc_poll(m);
  }
}

#endif
