/* leaks.h -- what grew between an early census and a late graph, where it was made, and what holds it.
 *
 * Of a type that grew, the path is told of an object that is held as most of its objects are: by the same field (or any
 * element of an array) of the same type, or by a root of the same kind; of those the nearest to a root.  An object of
 * the type that is in use for a moment would have a shorter path, but another holder.  One thread; the heap may run. */
#ifndef GC_TOOLS_LEAKS_H
#define GC_TOOLS_LEAKS_H

#include "runtime/gc_tools.h"
#include "runtime/tools/profile.h"

/* As gc_leaks; `profile` may be NULL.  GC_UNKNOWN if memory is refused. */
uint64_t leaks_find(const struct census *early, const struct graph *late, struct profile *profile,
                    struct gc_leak *leaks, size_t limit);

#endif
