/* gc_usage.h -- what a program may ask about the memory and the collections of its heap, under every collector.
 *
 * Cheap, and no safepoint.  NAN: the objects lie outside the heap (gclab show collector: foreign), and nobody counts
 * them. */
#ifndef GC_GC_USAGE_H
#define GC_GC_USAGE_H

#include <stdbool.h>

struct gc_mutator;

/* Bytes that this thread allocated so far, and what its collector puts around objects.  Where objects come from windows
 * (all but python), whole windows count. */
double gc_allocated_bytes(const struct gc_mutator *m);
/* Bytes that objects occupy now, dead ones that were not yet freed included, in whole blocks, pools or pages. */
double gc_held_bytes(const struct gc_mutator *m);
/* Cycles of the collector so far. */
double gc_collection_count(const struct gc_mutator *m);
/* Switches collections that allocations start off, or on again.  False if this collector has no such switch
 * (gc_control.h); what the program asks for, and what a full heap needs, is collected all the same. */
bool gc_set_automatic(struct gc_mutator *m, bool automatic);

#endif
