/* block_rounds.h -- rounds of taking blocks and giving them back: what both sides of a comparison of allocators do,
 * compiled for each with its allocator inlined (bench/micro/blocks.c, bench/peers/cpython/blocks.c).
 *
 * A round takes BLOCK_ROUND blocks, writes a word into each, and gives all of them back: the last one first, or in an
 * order drawn once, so that the next round finds them scattered. */
#ifndef GC_BENCH_PEERS_BLOCK_ROUNDS_H
#define GC_BENCH_PEERS_BLOCK_ROUNDS_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/compiler.h"
#include "runtime/base/rng.h"

enum { BLOCK_ROUND = 1024, BLOCK_SIZES_MAX_BYTES = 512, BLOCK_SIZES_STEP_BYTES = 16 };

struct block_round {
  uint16_t bytes[BLOCK_ROUND], order[BLOCK_ROUND];
  uint64_t *block[BLOCK_ROUND];
};

/* bytes: of each block; 0: multiples of 16 up to 512, at random. */
static inline void block_round_init(struct block_round *round, size_t bytes, bool mixed, uint64_t seed) {
  uint64_t random = rng_stream(seed, 0);
  for (size_t i = 0; i < BLOCK_ROUND; i++) {
    uint64_t steps = 1 + rng_below(&random, BLOCK_SIZES_MAX_BYTES / BLOCK_SIZES_STEP_BYTES);
    round->bytes[i] = (uint16_t)(bytes ? bytes : steps * BLOCK_SIZES_STEP_BYTES);
    round->order[i] = (uint16_t)(BLOCK_ROUND - 1 - i);
  }
  for (size_t i = BLOCK_ROUND - 1; mixed && i > 0; i--) {
    size_t j = rng_below(&random, i + 1);
    uint16_t other = round->order[j];
    round->order[j] = round->order[i];
    round->order[i] = other;
  }
}

/* False if `take` returned NULL; nothing is given back then.  Both are constants at each call, and inlined. */
static GC_INLINE bool block_round_run(struct block_round *round, void *heap, void *(*take)(void *heap, size_t bytes),
                                      void (*give)(void *heap, void *block)) {
  for (size_t i = 0; i < BLOCK_ROUND; i++) {
    round->block[i] = take(heap, round->bytes[i]);
    if (!round->block[i])
      return false;
    *round->block[i] = i;
  }
  for (size_t i = 0; i < BLOCK_ROUND; i++)
    give(heap, round->block[round->order[i]]);
  return true;
}

#endif
