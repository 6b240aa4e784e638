/* free_space.h -- how scattered the free memory of a heap is.
 *
 * Looks at the chunks that were ever used: what in them is free, block by block and page by page, and how much of it
 * lies in one piece.  Any thread; under the memory's lock, some microseconds for each 100 MB. */
#ifndef GC_HEAP_FREE_SPACE_H
#define GC_HEAP_FREE_SPACE_H

#include "runtime/heap/memory.h"

struct free_space {
  size_t free_bytes;
  size_t largest_run_bytes;
};

struct free_space free_space_survey(struct heap_memory *memory);

#endif
