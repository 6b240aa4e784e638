/* bits.h -- arithmetic on sizes, addresses and single words. */
#ifndef GC_BASE_BITS_H
#define GC_BASE_BITS_H

#include "runtime/base/compiler.h"

#define GC_KIB ((size_t)1 << 10)
#define GC_MIB ((size_t)1 << 20)
#define GC_GIB ((size_t)1 << 30)

/* `alignment` is a power of two in all three. */
static GC_INLINE uintptr_t align_up(uintptr_t value, uintptr_t alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}
static GC_INLINE uintptr_t align_down(uintptr_t value, uintptr_t alignment) { return value & ~(alignment - 1); }
static GC_INLINE bool is_aligned(uintptr_t value, uintptr_t alignment) { return (value & (alignment - 1)) == 0; }

static GC_INLINE size_t size_min(size_t a, size_t b) { return a < b ? a : b; }
static GC_INLINE size_t size_max(size_t a, size_t b) { return a > b ? a : b; }

/* Index of the highest set bit; `value` is not 0. */
static GC_INLINE unsigned bits_log2(uint64_t value) { return 63u - (unsigned)__builtin_clzll(value); }

/* Number of zero bits below the lowest set one; `value` is not 0. */
static GC_INLINE unsigned bits_lowest(uint64_t value) { return (unsigned)__builtin_ctzll(value); }

static GC_INLINE unsigned bits_count(uint64_t value) { return (unsigned)__builtin_popcountll(value); }

#endif
