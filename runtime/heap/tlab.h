/* tlab.h -- a window of memory that one thread allocates from by bumping a cursor.
 *
 *   |  objects  |  zeroed, free  |  not yet zeroed  |
 *   start    cursor            limit               end
 *
 * [cursor, limit) is zero.  The limit is a watermark: it advances towards `end` in slices that fit the
 * first-level cache, so memory is zeroed just before it is written.  One owner; no atomics.
 * A window of a recycled hole, of a fresh block and of a nursery look the same. */
#ifndef GC_HEAP_TLAB_H
#define GC_HEAP_TLAB_H

#include "runtime/base/bits.h"

struct tlab {
  uintptr_t cursor, limit, end;
  bool fresh; /* memory from the system, already zero: extending does not zero it again */
};

enum { TLAB_SLICE_BYTES = 4096 };

/* Takes `bytes` zeroed bytes, or returns false if the zeroed part is too short.  6 instructions. */
static GC_INLINE bool tlab_bump(struct tlab *tlab, size_t bytes, uintptr_t *address) {
  uintptr_t cursor = tlab->cursor;
  if (GC_UNLIKELY(bytes > tlab->limit - cursor))
    return false;
  tlab->cursor = cursor + bytes;
  *address = cursor;
  return true;
}

/* Zeroes the next slice.  Returns false if `bytes` do not fit before `end`. */
bool tlab_extend(struct tlab *tlab, size_t bytes);

/* Takes over [start, end). */
static GC_INLINE void tlab_set(struct tlab *tlab, uintptr_t start, uintptr_t end, bool fresh) {
  *tlab = (struct tlab){.cursor = start, .limit = start, .end = end, .fresh = fresh};
}

static GC_INLINE void tlab_clear(struct tlab *tlab) { *tlab = (struct tlab){0}; }

#endif
