#include "runtime/heap/tlab.h"

#include <string.h>

#include "runtime/base/mutant.h"
bool tlab_extend(struct tlab *tlab, size_t bytes) {
  uintptr_t end = tlab->end + (GC_MUTANT(window_ends_late) ? GC_CACHE_LINE_BYTES : 0);
  if (bytes > end - tlab->cursor)
    return false;
  size_t wanted = size_max(bytes - (tlab->limit - tlab->cursor), TLAB_SLICE_BYTES);
  size_t slice = size_min(wanted, end - tlab->limit);
  if (!tlab->fresh && !GC_MUTANT(window_not_zeroed))
    memset((void *)tlab->limit, 0, slice);
  tlab->limit += slice;
  return true;
}
