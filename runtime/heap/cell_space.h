/* cell_space.h -- small objects in blocks of equal cells; sweeping is lazy and leaves no free lists.
 *
 * Each block of 32 KB is cut into cells of one of 35 size classes (16, 24 … 64, then 4 per doubling up to 8192).
 * Two bit maps say which cells are in use:
 *   allocated   what the last cycle found live: a cell whose bit is clear and that lies at or beyond its
 *               block's cursor may be handed out;
 *   marks       what the running cycle has found live so far.  cell_space_flip swaps the two.
 * A thread allocates from windows, one per class: a window is a hole, that is, a run of free cells, so bumping
 * through a fresh block and through a fragmented one is the same code.  Finding the next hole is the sweep.
 *
 * Invariant: every object in a cell block is below its block's cursor, in some thread's window, or has its
 * `allocated` bit set.  Blocks change owner under their class's lock; a cached block has one owner.
 * Reference-counting plans keep `allocated` exact instead (cell_space_exact): a window's cells are set when it
 * is taken and cell_space_free clears one. */
#ifndef GC_HEAP_CELL_SPACE_H
#define GC_HEAP_CELL_SPACE_H

#include "runtime/heap/sidemap.h"
#include "runtime/heap/tlab.h"

enum { CELL_CLASSES = 35, CELL_MAX_BYTES = 8192 };

/* Class of an object of `bytes` in [1, CELL_MAX_BYTES]; folds to a constant when `bytes` is one. */
static GC_INLINE unsigned cell_class_of(size_t bytes) {
  if (bytes <= 64)
    return bytes <= 16 ? 0 : (unsigned)((bytes + 7) / 8 - 2);
  unsigned log = bits_log2(bytes - 1); /* 2^log <= bytes - 1 < 2^(log + 1), log >= 6 */
  return 7 + (log - 6) * 4 + (unsigned)((bytes - 1) >> (log - 2) & 3);
}
static GC_INLINE size_t cell_class_bytes(unsigned class) {
  if (class < 7)
    return 16 + 8 * (size_t)class;
  unsigned log = (class - 7) / 4 + 6;
  return ((size_t)1 << log) + ((size_t)((class - 7) % 4 + 1) << (log - 2));
}

enum cell_block_state {
  CELL_BLOCK_CACHED,  /* one thread's cache holds it, or it is on its way there */
  CELL_BLOCK_PARTIAL, /* in its class's list: may have holes */
  CELL_BLOCK_FULL,    /* no hole since the last flip, or since the last free */
  CELL_BLOCK_UNSWEPT, /* flipped, not yet counted */
};

struct cell_class {
  GC_CACHE_ALIGNED pthread_mutex_t lock;
  struct block *partial; /* last in, first out */
};

struct cell_space {
  struct heap_memory *memory;
  struct sidemap allocated, marks;
  struct cell_class classes[CELL_CLASSES];
  uint64_t starts[CELL_CLASSES][SIDEMAP_BLOCK_WORDS]; /* where cells begin in a block of each class; constant */
  bool exact;             /* `allocated` follows every allocation and free; set once, before the first allocation */
  _Atomic size_t live_bytes; /* cells found live by the last flip */
};

/* One thread's windows. */
struct cell_cache {
  struct tlab window[CELL_CLASSES];
  struct block *block[CELL_CLASSES];
  bool black; /* its windows are marked: what it allocates is live for the running cycle (cell_cache_set_black) */
};

/* False if the system refused the bit maps. */
bool cell_space_init(struct cell_space *space, struct heap_memory *memory);
void cell_space_fini(struct cell_space *space);

/* The owner's fast path: a zeroed cell for `bytes`, or false. */
static GC_INLINE bool cell_bump(struct cell_cache *cache, size_t bytes, uintptr_t *address) {
  unsigned class = cell_class_of(bytes);
  return tlab_bump(&cache->window[class], cell_class_bytes(class), address);
}

/* The next cell when the window is exhausted; 0 if no memory may be had.  *window_bytes is set to the bytes of a
 * newly taken window, else 0: what the caller counts as allocated. */
uintptr_t cell_alloc_slow(struct cell_space *space, struct cell_cache *cache, size_t bytes, unsigned node,
                          enum memory_excess excess, size_t *window_bytes);

/* A cell for a copy that overwrites all of it: not zeroed.  0 only if the system refuses. */
static GC_INLINE uintptr_t cell_alloc_copy(struct cell_space *space, struct cell_cache *cache, size_t bytes,
                                           unsigned node) {
  unsigned class = cell_class_of(bytes);
  struct tlab *window = &cache->window[class];
  uintptr_t address = window->cursor;
  size_t cell = bytes <= 64 ? bytes : cell_class_bytes(class); /* objects' sizes are multiples of 8 from 16 on */
  if (GC_UNLIKELY(cell > window->end - address)) {
    size_t window_bytes;
    return cell_alloc_slow(space, cache, bytes, node, MEMORY_BEYOND_LIMIT, &window_bytes);
  }
  window->cursor = address + cell;
  cpu_prefetch_write((void *)(address + 512)); /* copies stream into memory that is not cached: 4 % of a minor cycle */
  if (window->limit < window->cursor)
    window->limit = window->cursor;
  return address;
}

/* Gives back all windows and cached blocks.  Owner, or whoever stopped or claimed it. */
void cell_cache_retire(struct cell_space *space, struct cell_cache *cache);

/* The colour of what this cache allocates from now on, while others mark: black cells are marked with their window,
 * the rest of the present windows included.  Each thread turns black in its own time.  Owner, or its claimer. */
void cell_cache_set_black(struct cell_space *space, struct cell_cache *cache, bool black);

/* Clears the marks of blocks chunk by chunk; workers share *next_chunk.  Before a mark, beside mutators or not. */
void cell_space_clear_marks_par(struct cell_space *space, _Atomic size_t *next_chunk);

/* The world is stopped, all caches are retired, marking is complete: what is marked is now what is allocated.
 * cell_space_flip_stw once, then cell_space_sweep_par by any number of workers (also beside mutators): counts
 * the live cells of each block, gives empty blocks back, and lists the others for allocation. */
void cell_space_flip_stw(struct cell_space *space);
void cell_space_sweep_par(struct cell_space *space, _Atomic size_t *next_chunk);

/* Exact mode: the cell is free again.  Any thread. */
void cell_space_free(struct cell_space *space, uintptr_t address);
/* The same while no other thread allocates or frees here: the only mutator, or the world is stopped.  No locked
 * instruction. */
void cell_space_free_alone(struct cell_space *space, uintptr_t address);

/* Exact mode: gives blocks without a cell in use back to the heap; returns how many. */
size_t cell_space_release_empty(struct cell_space *space);
/* Exact mode, caches are retired: bytes of the cells in use. */
size_t cell_space_used_bytes(struct cell_space *space);

/* Verification: NULL if `address` is the start of a cell of a block in use, or what is wrong. */
const char *cell_space_problem(struct cell_space *space, uintptr_t address);

/* Visits each object in a cell, dead or alive.  The world is stopped, caches are retired, and no block waits for its
 * sweep. */
void cell_space_for_objects(struct cell_space *space, void *context, void (*visit)(void *, gc_ref));

#endif
