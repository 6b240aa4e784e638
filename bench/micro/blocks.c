/* blocks.c -- the private heap, by itself. */
#include "bench/micro/blocks.h"

#include "bench/micro/loops.h"

static const size_t heap_bytes = 32 << 20;

bool blocks_init(struct blocks *blocks, size_t bytes, bool mixed) {
  block_round_init(&blocks->round, bytes, mixed, MICRO_SEED);
  if (!memory_init(&blocks->memory, heap_bytes, false, 0))
    return false;
  if (private_heap_init(&blocks->heap, &blocks->memory))
    return true;
  memory_fini(&blocks->memory);
  return false;
}

void blocks_fini(struct blocks *blocks) {
  private_heap_fini(&blocks->heap);
  memory_fini(&blocks->memory);
}

static GC_INLINE void *take(void *heap, size_t bytes) {
  uintptr_t block = private_heap_take(heap, bytes);
  if (GC_UNLIKELY(!block))
    block = private_heap_take_slow(heap, pool_class_of(bytes));
  return (void *)block;
}
static GC_INLINE void give(void *heap, void *block) { private_heap_give(heap, (uintptr_t)block); }

bool blocks_run(struct blocks *blocks, uint64_t rounds) {
  for (uint64_t i = 0; i < rounds; i++)
    if (!block_round_run(&blocks->round, &blocks->heap, take, give))
      return false;
  return true;
}
