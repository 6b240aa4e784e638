#include "runtime/heap/tlab.h"

#include <string.h>

bool tlab_extend(struct tlab *tlab, size_t bytes) {
  if (bytes > tlab->end - tlab->cursor)
    return false;
  size_t wanted = size_max(bytes - (tlab->limit - tlab->cursor), TLAB_SLICE_BYTES);
  size_t slice = size_min(wanted, tlab->end - tlab->limit);
  if (!tlab->fresh)
    memset((void *)tlab->limit, 0, slice);
  tlab->limit += slice;
  return true;
}
