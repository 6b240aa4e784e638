/* snapshot.h -- a census with the profile that knows the lines of its sites.  One thread; the heap may run. */
#ifndef GC_TOOLS_SNAPSHOT_H
#define GC_TOOLS_SNAPSHOT_H

#include "runtime/gc_tools.h"
#include "runtime/tools/profile.h"

struct gc_snapshot {
  struct census census;
  struct profile *profile; /* of its heap, or NULL */
};

#endif
