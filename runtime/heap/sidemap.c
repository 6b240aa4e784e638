#include "runtime/heap/sidemap.h"

#include "runtime/os/vm.h"

bool sidemap_init(struct sidemap *map, struct heap_memory *memory) {
  map->bytes = memory->reserved_bytes >> (SIDEMAP_WORD_SHIFT - 3);
  map->base = memory->base;
  map->words = vm_reserve(map->bytes, CHUNK_BYTES);
  if (!map->words)
    return false;
  vm_prefer_huge((void *)map->words, map->bytes); /* marks of a shuffled heap are read at random */
  return true;
}

void sidemap_fini(struct sidemap *map) { vm_unreserve((void *)map->words, map->bytes); }

void sidemap_clear_range(const struct sidemap *map, uintptr_t start, size_t bytes) {
  _Atomic uint64_t *word = sidemap_word(map, start);
  for (_Atomic uint64_t *end = word + (bytes >> SIDEMAP_WORD_SHIFT); word < end; word++)
    atomic_store_explicit(word, 0, memory_order_relaxed);
}

size_t sidemap_count(const struct sidemap *map, uintptr_t start, size_t bytes) {
  size_t count = 0;
  _Atomic uint64_t *word = sidemap_word(map, start);
  for (_Atomic uint64_t *end = word + (bytes >> SIDEMAP_WORD_SHIFT); word < end; word++)
    count += bits_count(atomic_load_explicit(word, memory_order_relaxed));
  return count;
}
