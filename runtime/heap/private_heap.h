/* private_heap.h -- blocks of up to 512 bytes from pools and arenas, in the manner of CPython's pymalloc.
 *
 *   arena   1 MB, half of a chunk: 64 pools; memory counts when a pool is used first
 *   pool    16 KB of blocks of one class, behind 48 bytes that stay unused (where CPython's header lies)
 *   class   32 of them, 16 bytes apart: class c has blocks of 16 (c + 1) bytes
 *
 * A freed block is the next one taken from its pool, a pool that was full the next one that its class takes from, and
 * new pools come from the arena that has the fewest free ones, so that other arenas can become empty.  An empty arena
 * goes back to the system, unless it would be the only one with room.
 *
 * What is known of a pool lies in a table apart, a cache line for each, found by the block's address.  At the beginning
 * of the pools, where CPython has it, it would lie at the same place of every fourth page: these lines push one another
 * out of the first-level cache, and loads from one wait for stores to others, since the processor compares the low bits
 * of addresses first.  Where sizes change from block to block that would more than double the time of an allocation.
 *
 * A free block holds the next free one of its pool in its second word; its first may still be a dead object's header.
 * Invariants: a pool is in used_pools[class] exactly if it has free blocks and blocks in use; one in that list has a
 * free_block; an arena is in with_free[n] exactly if n > 0 of its pools are free.  One thread, or another
 * one while that is stopped. */
#ifndef GC_HEAP_PRIVATE_HEAP_H
#define GC_HEAP_PRIVATE_HEAP_H

#include "runtime/base/bits.h"
#include "runtime/base/compiler.h"
#include "runtime/base/mutant.h"
#include "runtime/heap/poison.h"
#include "runtime/object/object.h"

#define POOL_BYTES ((uintptr_t)1 << POOL_SHIFT)
#define ARENA_BYTES ((uintptr_t)1 << 20)
enum {
  POOL_SHIFT = 14,
  POOL_FIRST_OFFSET = 48, /* of its first block */
  POOL_CLASSES = 32,
  POOL_BLOCK_MAX_BYTES = 512,
  ARENA_SHIFT = 20,
  ARENA_POOLS = 64,
};

struct pool {
  struct pool *next, *previous; /* in used_pools; a ring with the class's entry */
  uintptr_t free_block;         /* 0: full */
  uint32_t used;                /* blocks */
  uint32_t class;
  uint32_t fresh_offset; /* of the first block never used since it was prepared for its class; 0: its memory is zero */
  uint32_t fresh_limit;  /* the last offset at which a block fits */
  uintptr_t start;       /* of its memory */
  uint64_t unused[2];    /* fills the cache line */
};

struct arena {
  struct arena *next, *previous; /* in with_free, or in the list of idle ones */
  uint64_t free, touched;        /* bit p: pool p is free; its memory counts */
  uint32_t free_count;           /* bits of `free` */
  bool mapped;
};

struct private_heap {
  struct pool used_pools[POOL_CLASSES]; /* of each only next and previous mean something */
  struct heap_memory *memory;
  bool poisons;           /* as the memory's, which is settled before */
  bool holds;             /* empty arenas stay: who frees many blocks still looks at what it freed */
  uintptr_t pools_origin; /* where the table of pools would begin if it began with address 0 */
  struct arena *arenas;   /* by (address - base) >> ARENA_SHIFT */
  struct arena *with_free[ARENA_POOLS + 1];
  uint64_t with_free_any; /* bit n - 1: with_free[n] is not empty */
  struct arena *idle;     /* halves of taken chunks, not mapped */
  size_t arena_count, arena_peak_count;
  uint64_t pools_taken;
};

bool private_heap_init(struct private_heap *heap, struct heap_memory *memory);
void private_heap_fini(struct private_heap *heap);

static GC_INLINE unsigned pool_class_of(size_t bytes) { return (unsigned)((bytes - 1) >> 4); }
static GC_INLINE size_t pool_class_bytes(unsigned class) { return ((size_t)class + 1) << 4; }
static GC_INLINE struct pool *pool_of(const struct private_heap *heap, uintptr_t block) {
  return (struct pool *)(heap->pools_origin + (block >> POOL_SHIFT) * sizeof(struct pool));
}
static GC_INLINE uintptr_t *block_link(uintptr_t block) { return &((uintptr_t *)block)[1]; }
static GC_INLINE uintptr_t block_end(const struct pool *pool, uintptr_t block) {
  return block + pool_class_bytes(pool->class);
}

/* Aborts, in the words of verifier `free`, if somebody wrote to the free block. */
void private_heap_check_free(const struct pool *pool, uintptr_t block) GC_COLD;
/* The list of free blocks is used up: the next untouched block becomes it, or the pool is full. */
void private_heap_extend(struct pool *pool);
/* A block of a class without a pool in use; 0 if no memory may be had. */
uintptr_t private_heap_take_slow(struct private_heap *heap, unsigned class);

/* A block for `bytes` in [1, 512]; 0 if no pool of its class has one: then private_heap_take_slow.  Not zeroed. */
static GC_INLINE uintptr_t private_heap_take(struct private_heap *heap, size_t bytes) {
  struct pool *ring = &heap->used_pools[pool_class_of(bytes)], *pool = ring->next;
  if (GC_UNLIKELY(pool == ring)) /* known sooner than free_block, which comes out of the block taken before */
    return 0;
  uintptr_t block = pool->free_block;
  if (GC_UNLIKELY(heap->poisons))
    private_heap_check_free(pool, block);
  pool->used++;
  pool->free_block = GC_MUTANT(pool_list_cut) ? 0 : *block_link(block);
  if (GC_UNLIKELY(!pool->free_block))
    private_heap_extend(pool);
  return block;
}

/* It has a free block now. */
void private_heap_was_full(struct private_heap *heap, struct pool *pool);
/* It has no block in use any more. */
void private_heap_is_empty(struct private_heap *heap, struct pool *pool);

static GC_INLINE void private_heap_give(struct private_heap *heap, uintptr_t block) {
  struct pool *pool = pool_of(heap, block);
  uintptr_t head = pool->free_block;
  if (GC_UNLIKELY(heap->poisons))
    poison_fill_slow(block, block_end(pool, block));
  *block_link(block) = head;
  pool->free_block = block;
  uint32_t used = --pool->used;
  if (GC_UNLIKELY(!head))
    private_heap_was_full(heap, pool);
  if (GC_UNLIKELY(!used))
    private_heap_is_empty(heap, pool);
}

/* Between these no arena is given back.  What was freed is not changed but for its second word (and, where free memory
 * is poisoned, filled). */
static GC_INLINE void private_heap_hold(struct private_heap *heap) { heap->holds = true; }
void private_heap_let_go(struct private_heap *heap);

/* A block for `bytes` in [1, 512] with what `block` holds, as far as it fits: the same one, unless it is too small or a
 * quarter of it or more would be unused.  0, and all as before, if no memory may be had. */
uintptr_t private_heap_resize(struct private_heap *heap, uintptr_t block, size_t bytes);

/* Gives the system the memory of all free pools: only when the heap's limit is reached. */
void private_heap_trim(struct private_heap *heap);

/* Bytes of blocks in use. */
size_t private_heap_used_bytes(const struct private_heap *heap);
/* Calls visit(context, block) for each block in use. */
void private_heap_for_blocks(const struct private_heap *heap, void *context,
                             void (*visit)(void *context, uintptr_t block));
/* NULL if a block in use begins at `block`, or what is wrong. */
const char *private_heap_problem(const struct private_heap *heap, uintptr_t block);

#endif
