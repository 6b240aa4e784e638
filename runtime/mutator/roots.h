/* roots.h -- frames of rooted locals: contiguous, precise, movable.
 *
 * A frame lives in the C stack of its function and is linked into its mutator.  Only the owner pushes
 * and pops; only the owner, or a thread that claimed the blocked owner, scans.  Push is 3 stores, pop 1. */
#ifndef GC_MUTATOR_ROOTS_H
#define GC_MUTATOR_ROOTS_H

#include "runtime/object/ref.h"

struct gc_frame {
  struct gc_frame *previous;
  size_t count; /* roots that follow this header */
};

static GC_INLINE gc_root *frame_roots(struct gc_frame *frame) { return (gc_root *)(frame + 1); }

/* Calls visit(context, root) for each rooted local from the innermost frame outwards. */
static GC_INLINE void frames_scan(struct gc_frame *innermost, void *context, void (*visit)(void *, gc_root *)) {
  for (struct gc_frame *frame = innermost; frame; frame = frame->previous)
    for (size_t i = 0; i < frame->count; i++)
      visit(context, frame_roots(frame) + i);
}

#endif
