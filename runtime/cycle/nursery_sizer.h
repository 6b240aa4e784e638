/* nursery_sizer.h -- a nursery as large as the cache while little survives in it, and larger while much does.
 *
 *     survival = bytes copied by a minor cycle / bytes allocated since the one before
 *     survival > 1/8    the nursery doubles, up to NURSERY_GROWTH_MOST times its least size
 *     survival < 1/32   it halves, down to its least size
 *     a cycle that came before half of the nursery was used says nothing
 *
 * Why these bounds: copying a byte costs about ten times what a byte costs that leaves the second-level cache, so from
 * one byte in eight on, the room in which objects die is worth more than the cache.  A size that was just left is
 * not taken up again at once: halving at most doubles survival, and 2/32 < 1/8.  The cycle's thread only. */
#ifndef GC_CYCLE_NURSERY_SIZER_H
#define GC_CYCLE_NURSERY_SIZER_H

#include "runtime/base/bits.h"

enum { NURSERY_GROWTH_MOST = 8 };

/* The next nursery's bytes, after a cycle that copied `copied_bytes` of `allocated_bytes` and more. */
static inline size_t nursery_next_bytes(size_t now_bytes, size_t least_bytes, size_t allocated_bytes,
                                        size_t copied_bytes) {
  if (allocated_bytes < now_bytes / 2)
    return now_bytes;
  if (copied_bytes > allocated_bytes / 8)
    return size_min(now_bytes * 2, least_bytes * NURSERY_GROWTH_MOST);
  if (copied_bytes < allocated_bytes / 32)
    return size_max(now_bytes / 2, least_bytes);
  return now_bytes;
}

#endif
