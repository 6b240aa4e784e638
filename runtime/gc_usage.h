/* gc_usage.h -- what a program may ask about the memory and the collections of its heap, under every collector.
 *
 * Cheap, and no safepoint.  NAN: the objects lie outside the heap (gclab show collector: foreign), and nobody counts
 * them. */
#ifndef GC_GC_USAGE_H
#define GC_GC_USAGE_H

#include <stdint.h>

struct gc_control;
struct gc_mutator;

/* Bytes that this thread allocated so far, and what its collector puts around objects.  Where objects come from windows
 * (all but python), whole windows count. */
double gc_allocated_bytes(const struct gc_mutator *m);
/* Bytes that objects occupy now, dead ones that were not yet freed included, in whole blocks, pools or pages. */
double gc_held_bytes(const struct gc_mutator *m);
/* Cycles of the collector so far. */
double gc_collection_count(const struct gc_mutator *m);
/* What may be asked of the collector beyond gc.h; NULL if nothing may. */
const struct gc_control *gc_control_of(const struct gc_mutator *m);

#endif
