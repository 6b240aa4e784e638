/* poison.h -- free memory that tells whether somebody wrote to it (verifier `free`).
 *
 * While memory->poisons is set, whoever frees memory fills it with GC_HEADER_POISON, and whoever hands it out again, or
 * gives it back to the system, checks that it is still full of it, or still all zero if it was never used.  It is
 * set if a run asks for it, and always in builds with checks per structure.  Else each call is one test of a field
 * that never changes, on paths that take or free whole windows, blocks and pages.  Called by who owns the memory at
 * that moment; words are read and written atomically, so that a check that no lock orders after the fill is no race. */
#ifndef GC_HEAP_POISON_H
#define GC_HEAP_POISON_H

#include "runtime/heap/memory.h"

void poison_fill_slow(uintptr_t start, uintptr_t end) GC_COLD;
/* Aborts, in the words of verifier `free`. */
void poison_check_slow(uintptr_t start, uintptr_t end) GC_COLD;

/* [start, end) is free from now on. */
static GC_INLINE void poison_fill(const struct heap_memory *memory, uintptr_t start, uintptr_t end) {
  if (GC_UNLIKELY(memory->poisons))
    poison_fill_slow(start, end);
}

/* [start, end) was free until now. */
static GC_INLINE void poison_check(const struct heap_memory *memory, uintptr_t start, uintptr_t end) {
  if (GC_UNLIKELY(memory->poisons))
    poison_check_slow(start, end);
}

#endif
