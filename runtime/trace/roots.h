/* roots.h -- visits all roots: rooted locals of mutators, globals, due finalizers.
 *
 * Roots are visited as slots with a null source.  A mutator's frames are read by its owner, or by whoever claimed or
 * stopped it. */
#ifndef GC_TRACE_ROOTS_H
#define GC_TRACE_ROOTS_H

#include "runtime/base/mutant.h"
#include "runtime/mutator/safepoint.h"
#include "runtime/trace/final.h"

static GC_INLINE void roots_scan_mutator(struct gc_mutator *m, void *context, scan_visitor *visit) {
  for (struct gc_frame *frame = m->frames; frame && !(GC_MUTANT(outer_frame_skipped) && frame != m->frames);
       frame = frame->previous)
    scan_slots(context, GC_NULL, (gc_field *)frame_roots(frame), frame->count, visit);
}

/* What belongs to no thread. */
static GC_INLINE void roots_scan_shared(gc_ref globals, struct final_table *final, void *context, scan_visitor *visit) {
  if (!GC_MUTANT(globals_skipped))
    scan_object(context, globals, visit);
  final_scan_ready(final, context, visit);
}

/* All roots, the world stopped; workers share *next, which starts at 0: share 0 is what belongs to no thread,
 * the others are mutators. */
static GC_INLINE void roots_scan_par(struct safepoint *safepoint, gc_ref globals, struct final_table *final,
                                     _Atomic size_t *next, void *context, scan_visitor *visit) {
  for (;;) {
    size_t share = atomic_fetch_add_explicit(next, 1, memory_order_relaxed); /* relaxed: hands out numbers only */
    if (share > safepoint->count)
      return;
    if (share == 0) {
      roots_scan_shared(globals, final, context, visit);
      continue;
    }
    struct gc_mutator *m = safepoint->mutators;
    for (size_t i = 1; i < share; i++)
      m = m->next;
    roots_scan_mutator(m, context, visit);
  }
}

#endif
