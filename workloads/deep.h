/* deep.h -- the bytes of all that can be reached from an object, as a workload's figure.
 *
 * Used by workloads only.  A safepoint, as gc_tools.h says. */
#ifndef GC_WORKLOADS_DEEP_H
#define GC_WORKLOADS_DEEP_H

#include <math.h>

#include "runtime/gc.h"
#include "runtime/gc_tools.h"

/* NAN where nobody can know. */
static inline double deep_bytes(struct gc_mutator *m, const gc_root *object) {
  uint64_t bytes = gc_sizeof_deep(m, object);
  return bytes == GC_UNKNOWN ? NAN : (double)bytes;
}

#endif
