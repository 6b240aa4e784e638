/* young_space.h -- where new objects of a generational collector live: blocks of one contiguous range.
 *
 * "Is it young?" is one subtraction and one comparison.  Blocks are taken by mutators for allocation and by
 * workers for survivors, and change state:
 *
 *     FREE --take--> USED --cycle begins--> FROM --cycle ends, nothing pinned in it--> FREE
 *                     ^------------ cycle ends, holds a pinned object -------+
 *
 * So a pinned object simply stays, and its block is no longer handed out until a cycle finds no pin in it.
 * Taking blocks: any mutator, or worker of the cycle.  Everything else: the cycle's driver, the world stopped. */
#ifndef GC_HEAP_YOUNG_SPACE_H
#define GC_HEAP_YOUNG_SPACE_H

#include "runtime/heap/memory.h"
#include "runtime/heap/tlab.h"

enum young_state { YOUNG_FREE, YOUNG_USED, YOUNG_FROM, YOUNG_FROM_PINNED };

struct young_space {
  struct heap_memory *memory;
  uintptr_t base;
  size_t bytes;           /* of the whole range; fixed */
  size_t blocks;
  _Atomic uint8_t *state; /* enum young_state, by block */
  _Atomic size_t next;    /* blocks below were offered since the last cycle */
  _Atomic size_t used;    /* blocks that are not FREE */
  size_t limit_blocks;    /* that mutators may have in use */
  size_t touched_blocks;  /* blocks at and beyond hold no physical memory */
};

/* A range of `bytes`.  NULL, or a sentence. */
const char *young_space_init(struct young_space *space, struct heap_memory *memory, size_t bytes);
void young_space_fini(struct young_space *space);

static GC_INLINE bool young_contains(uintptr_t base, size_t bytes, uintptr_t address) { return address - base < bytes; }

static GC_INLINE enum young_state young_state_of(const struct young_space *space, uintptr_t address) {
  /* relaxed: states that decide change only while the world is stopped; FROM_PINNED decides nothing in a cycle */
  return (enum young_state)atomic_load_explicit(&space->state[(address - space->base) >> BLOCK_SHIFT],
                                                memory_order_relaxed);
}

/* How much of the range may be in use when mutators take blocks; counted as used against the heap's limit.  Memory that
 * neither they nor copying all they have can need goes back to the system. */
void young_space_resize(struct young_space *space, size_t bytes);

/* The next free block as a window; false if none may be had.  `survivor`: a worker, beyond the mutators' limit. */
bool young_space_take(struct young_space *space, struct tlab *window, bool survivor);

/* Bytes in use: the most that the next cycle may have to copy. */
static GC_INLINE size_t young_space_used_bytes(struct young_space *space) {
  return atomic_load_explicit(&space->used, memory_order_relaxed) * BLOCK_BYTES;
}

void young_space_begin_cycle(struct young_space *space);
void young_space_end_cycle(struct young_space *space);

/* The object at `address`, in a FROM block, stays where it is.  Any worker. */
void young_space_keep(struct young_space *space, uintptr_t address);

#endif
