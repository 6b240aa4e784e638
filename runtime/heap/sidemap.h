/* sidemap.h -- one bit for each 16 bytes of heap, in a flat table beside it: 1/128 of the memory.
 *
 * Objects are at least 16 bytes long, so the bit of an object's first byte is its own.  Bits of one word belong
 * to objects that different threads mark, so setting is a read-modify-write, after a plain test. */
#ifndef GC_HEAP_SIDEMAP_H
#define GC_HEAP_SIDEMAP_H

#include "runtime/base/cpu.h"
#include "runtime/heap/memory.h"

enum { SIDEMAP_GRANULE_SHIFT = 4, SIDEMAP_WORD_SHIFT = SIDEMAP_GRANULE_SHIFT + 6 };
enum { SIDEMAP_BLOCK_WORDS = 1 << (BLOCK_SHIFT - SIDEMAP_WORD_SHIFT) };

struct sidemap {
  _Atomic uint64_t *words;
  uintptr_t base;
  size_t bytes;
};

/* Covers all of `memory`, all bits clear.  False if the system refused. */
bool sidemap_init(struct sidemap *map, struct heap_memory *memory);
void sidemap_fini(struct sidemap *map);

static GC_INLINE _Atomic uint64_t *sidemap_word(const struct sidemap *map, uintptr_t address) {
  return &map->words[(address - map->base) >> SIDEMAP_WORD_SHIFT];
}
static GC_INLINE uint64_t sidemap_mask(uintptr_t address) {
  return (uint64_t)1 << ((address >> SIDEMAP_GRANULE_SHIFT) & 63);
}

/* relaxed throughout: a mark orders nothing; marker threads meet at the gang's barriers */
static GC_INLINE bool sidemap_test(const struct sidemap *map, uintptr_t address) {
  return atomic_load_explicit(sidemap_word(map, address), memory_order_relaxed) & sidemap_mask(address);
}

/* Sets the bit; returns whether this call did. */
static GC_INLINE bool sidemap_set_par(const struct sidemap *map, uintptr_t address) {
  _Atomic uint64_t *word = sidemap_word(map, address);
  uint64_t mask = sidemap_mask(address);
  if (atomic_load_explicit(word, memory_order_relaxed) & mask)
    return false;
  return !(atomic_fetch_or_explicit(word, mask, memory_order_relaxed) & mask);
}

/* The same while no other thread writes this map: no locked instruction, about 5 ns less. */
static GC_INLINE bool sidemap_set_alone(const struct sidemap *map, uintptr_t address) {
  _Atomic uint64_t *word = sidemap_word(map, address);
  uint64_t mask = sidemap_mask(address), bits = atomic_load_explicit(word, memory_order_relaxed);
  if (bits & mask)
    return false;
  atomic_store_explicit(word, bits | mask, memory_order_relaxed);
  return true;
}

static GC_INLINE void sidemap_clear_par(const struct sidemap *map, uintptr_t address) {
  atomic_fetch_and_explicit(sidemap_word(map, address), ~sidemap_mask(address), memory_order_relaxed);
}

static GC_INLINE void sidemap_prefetch(const struct sidemap *map, uintptr_t address) {
  cpu_prefetch_write(sidemap_word(map, address));
}

/* All bits of [start, start + bytes), both multiples of 1 KB. */
void sidemap_clear_range(const struct sidemap *map, uintptr_t start, size_t bytes);

/* Bits set in [start, start + bytes), both multiples of 1 KB. */
size_t sidemap_count(const struct sidemap *map, uintptr_t start, size_t bytes);

#endif
