/* blocks.h -- rounds of taking blocks from the private heap and giving them back, as bench/peers/cpython does with
 * CPython's.
 *
 * Called by block_benchmarks.c and side_loops.c, by one thread. */
#ifndef GC_BENCH_MICRO_BLOCKS_H
#define GC_BENCH_MICRO_BLOCKS_H

#include "bench/peers/block_rounds.h"
#include "runtime/heap/private_heap.h"

struct blocks {
  struct heap_memory memory;
  struct private_heap heap;
  struct block_round round;
};

/* bytes, mixed: as block_round_init.  False if the system refuses the memory. */
bool blocks_init(struct blocks *blocks, size_t bytes, bool mixed);
void blocks_fini(struct blocks *blocks);
/* Rounds of BLOCK_ROUND blocks.  False if the heap is full. */
bool blocks_run(struct blocks *blocks, uint64_t rounds);

#endif
