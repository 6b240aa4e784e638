/* memory.h -- the heap's address range: chunks of 2 MB, blocks of 32 KB, pages of 4 KB, and the limit.
 *
 * One contiguous range is reserved, so every side table is an array indexed by (address - base) >> shift.
 *   chunk   placement and kind.  A chunk holds blocks, or pages of large objects, or part of a region.
 *   block   what spaces of small objects take and give; its descriptor (struct block) is the space's to use.
 *   pages   a run of 4 KB pages for one large object.
 *   region  whole chunks in a row, for a nursery.
 * The limit covers all of them and the metadata that the collector reports with memory_add_metadata.
 * Taking never blocks; it fails when the limit or the system refuses.  Blocks that were given back keep their
 * physical memory until a fresh page would exceed the limit.  Any thread; one lock, held briefly. */
#ifndef GC_HEAP_MEMORY_H
#define GC_HEAP_MEMORY_H

#include <pthread.h>

#include "runtime/base/bits.h"
#include "runtime/object/ref.h"
#include "runtime/os/topology.h"

#define CHUNK_SHIFT 21
#define BLOCK_SHIFT 15
#define PAGE_SHIFT 12
#define CHUNK_BYTES ((size_t)1 << CHUNK_SHIFT)
#define BLOCK_BYTES ((size_t)1 << BLOCK_SHIFT)
#define PAGE_BYTES ((size_t)1 << PAGE_SHIFT)
enum { CHUNK_BLOCKS = 1 << (CHUNK_SHIFT - BLOCK_SHIFT), CHUNK_PAGES = 1 << (CHUNK_SHIFT - PAGE_SHIFT) };

enum space_id { SPACE_FREE, SPACE_BUMP, SPACE_CELL, SPACE_LARGE, SPACE_REGION, SPACE_IMMORTAL };

/* Descriptor of one block.  `next`, `kind`, `live`, `cursor` and `state` belong to the space that holds it. */
struct block {
  struct block *next;
  _Atomic uint8_t space; /* enum space_id; SPACE_FREE while the pool holds it */
  bool fresh;     /* never used since the system gave it: all zero */
  uint8_t kind;           /* cell space: size class */
  _Atomic uint8_t state;  /* 0 whenever the pool holds the block */
  _Atomic uint16_t live;  /* cell space: cells found live by the last cycle, or in use (exact) */
  uint16_t cursor;        /* cell space: first cell not yet handed out */
};

enum memory_excess {
  MEMORY_WITHIN_LIMIT,
  MEMORY_BEYOND_LIMIT, /* a collector that must finish copying; the driver checks the limit afterwards */
};

struct heap_memory {
  uintptr_t base;
  size_t reserved_bytes, chunk_count;
  size_t limit_bytes;
  bool interleave;
  bool poisons; /* free memory is filled, and checked when it is taken (poison.h); set before the first take */
  unsigned node_count;
  _Atomic uint8_t *chunk_space; /* enum space_id: FREE, CELL for blocks of any kind, LARGE, REGION, IMMORTAL */
  uint8_t *chunk_node;
  uint64_t (*chunk_pages)[CHUNK_PAGES / 64]; /* LARGE: pages in use */
  uint64_t (*chunk_dirty)[CHUNK_PAGES / 64]; /* LARGE: pages touched before */
  struct block *blocks;

  pthread_mutex_t lock; /* the rest */
  struct block *free_blocks[TOPOLOGY_NODES_MAX];
  size_t free_dirty_blocks;
  _Atomic size_t chunk_high; /* chunks below were used at least once */
  unsigned next_node;
  uint64_t chunks_taken, refuse_chunk;

  _Atomic size_t used_bytes, used_peak_bytes;
  _Atomic size_t metadata_bytes, metadata_peak_bytes;
  _Atomic size_t idle_bytes; /* free, but touched before and not given back to the system */
  _Atomic size_t committed_peak_bytes;
};

/* Reserves address space for a heap of limit_bytes.  False if the system refused. */
bool memory_init(struct heap_memory *memory, size_t limit_bytes, bool interleave, uint64_t refuse_chunk);
void memory_fini(struct heap_memory *memory);

/* A block for `space`, near `node` if there is one; NULL if none may be had. */
struct block *memory_take_block(struct heap_memory *memory, enum space_id space, unsigned node,
                                enum memory_excess excess);
void memory_give_block(struct heap_memory *memory, struct block *block);

/* `pages` contiguous pages; 0 if none may be had.  *zeroed: whether they are known to be zero. */
uintptr_t memory_take_pages(struct heap_memory *memory, size_t pages, unsigned node, bool *zeroed);
void memory_give_pages(struct heap_memory *memory, uintptr_t start, size_t pages);

/* Whole chunks in a row.  A region's bytes count against the limit as its user reports them
 * (memory_count_region), since a nursery may use less than it reserved. */
uintptr_t memory_take_region(struct heap_memory *memory, size_t bytes, enum space_id space, unsigned node);
bool memory_count_region(struct heap_memory *memory, int64_t bytes, enum memory_excess excess);
/* The whole region, which counts no bytes any more; its memory goes back to the system. */
void memory_give_region(struct heap_memory *memory, uintptr_t start, size_t bytes);

/* Collector memory outside the range: side tables, queues, buffers.  May be negative. */
void memory_add_metadata(struct heap_memory *memory, int64_t bytes);

static GC_INLINE bool memory_contains(const struct heap_memory *memory, uintptr_t address) {
  return address - memory->base < memory->reserved_bytes;
}
static GC_INLINE size_t memory_chunk_index(const struct heap_memory *memory, uintptr_t address) {
  return (address - memory->base) >> CHUNK_SHIFT;
}
static GC_INLINE unsigned memory_node_of(const struct heap_memory *memory, uintptr_t address) {
  return memory->chunk_node[memory_chunk_index(memory, address)];
}
static GC_INLINE struct block *memory_block_of(const struct heap_memory *memory, uintptr_t address) {
  return &memory->blocks[(address - memory->base) >> BLOCK_SHIFT];
}
static GC_INLINE uintptr_t memory_block_start(const struct heap_memory *memory, const struct block *block) {
  return memory->base + ((uintptr_t)(block - memory->blocks) << BLOCK_SHIFT);
}

/* Bytes that may still be taken. */
static GC_INLINE size_t memory_available(struct heap_memory *memory) {
  size_t taken = atomic_load_explicit(&memory->used_bytes, memory_order_relaxed) +
                 atomic_load_explicit(&memory->metadata_bytes, memory_order_relaxed);
  return taken < memory->limit_bytes ? memory->limit_bytes - taken : 0;
}
static GC_INLINE bool memory_over_limit(struct heap_memory *memory) {
  return atomic_load_explicit(&memory->used_bytes, memory_order_relaxed) +
             atomic_load_explicit(&memory->metadata_bytes, memory_order_relaxed) > memory->limit_bytes;
}

/* relaxed: who walks blocks while others take some must be able to tell new ones by the space's own state */
static GC_INLINE enum space_id memory_chunk_space(const struct heap_memory *memory, size_t chunk) {
  return (enum space_id)atomic_load_explicit(&memory->chunk_space[chunk], memory_order_relaxed);
}
static GC_INLINE enum space_id block_space(const struct block *block) {
  return (enum space_id)atomic_load_explicit(&block->space, memory_order_relaxed);
}

/* What the system had to give: memory held by spaces, free memory not given back, and metadata. */
static GC_INLINE size_t memory_committed(struct heap_memory *memory) {
  return atomic_load_explicit(&memory->used_bytes, memory_order_relaxed) +
         atomic_load_explicit(&memory->idle_bytes, memory_order_relaxed) +
         atomic_load_explicit(&memory->metadata_bytes, memory_order_relaxed);
}

/* Visits the blocks that `space` holds, chunk by chunk from *next_chunk on; several workers may share it. */
static GC_INLINE void memory_for_blocks(struct heap_memory *memory, enum space_id space, _Atomic size_t *next_chunk,
                                        void *context, void (*visit)(void *, struct block *)) {
  for (;;) {
    /* relaxed: hands out numbers only */
    size_t chunk = atomic_fetch_add_explicit(next_chunk, 1, memory_order_relaxed);
    if (chunk >= atomic_load_explicit(&memory->chunk_high, memory_order_relaxed))
      return;
    if (memory_chunk_space(memory, chunk) != SPACE_CELL)
      continue;
    struct block *first = memory->blocks + chunk * CHUNK_BLOCKS;
    for (size_t i = 0; i < CHUNK_BLOCKS; i++)
      if (block_space(&first[i]) == space)
        visit(context, &first[i]);
  }
}

#endif
