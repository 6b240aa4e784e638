#include "runtime/heap/young_space.h"

#include <stdlib.h>

#include "runtime/base/check.h"
#include "runtime/heap/poison.h"
#include "runtime/os/vm.h"

static void set_state(struct young_space *space, size_t block, enum young_state state) {
  atomic_store_explicit(&space->state[block], (uint8_t)state, memory_order_relaxed);
}

const char *young_space_init(struct young_space *space, struct heap_memory *memory, size_t bytes) {
  *space = (struct young_space){.memory = memory, .bytes = align_up(bytes, BLOCK_BYTES)};
  space->blocks = space->bytes / BLOCK_BYTES;
  space->state = calloc(space->blocks, 1);
  if (!space->state)
    return "no memory for the nursery's table";
  memory_add_metadata(memory, (int64_t)space->blocks);
  space->base = memory_take_region(memory, space->bytes, SPACE_REGION, topology_current_node());
  if (space->base)
    return NULL;
  young_space_fini(space);
  return "the system refused memory for the nursery";
}

void young_space_fini(struct young_space *space) {
  memory_add_metadata(space->memory, -(int64_t)space->blocks);
  free((void *)space->state);
}

/* Whole chunks, as far as nothing is in them, so that 2 MB pages stay whole. */
static void release_beyond(struct young_space *space, size_t needed_blocks) {
  size_t first = space->touched_blocks;
  while (first > needed_blocks && atomic_load_explicit(&space->state[first - 1], memory_order_relaxed) == YOUNG_FREE)
    first--;
  first = align_up(first, CHUNK_BLOCKS);
  if (first >= space->touched_blocks)
    return;
  for (size_t block = first; block < space->touched_blocks; block++)
    poison_check(space->memory, space->base + block * BLOCK_BYTES, space->base + (block + 1) * BLOCK_BYTES);
  vm_release((void *)(space->base + first * BLOCK_BYTES), (space->touched_blocks - first) * BLOCK_BYTES);
  space->touched_blocks = first;
}

void young_space_resize(struct young_space *space, size_t bytes) {
  size_t blocks = size_min(size_max(bytes / BLOCK_BYTES, 1), space->blocks);
  int64_t change = ((int64_t)blocks - (int64_t)space->limit_blocks) * (int64_t)BLOCK_BYTES;
  memory_count_region(space->memory, change, MEMORY_BEYOND_LIMIT);
  space->limit_blocks = blocks;
  release_beyond(space, 2 * blocks);
}

bool young_space_take(struct young_space *space, struct tlab *window, bool survivor) {
  size_t limit = survivor ? space->blocks : space->limit_blocks;
  if (atomic_fetch_add_explicit(&space->used, 1, memory_order_relaxed) >= limit)
    goto none;
  for (;;) {
    size_t block = atomic_fetch_add_explicit(&space->next, 1, memory_order_relaxed); /* hands out numbers only */
    if (block >= space->blocks)
      goto none;
    if (atomic_load_explicit(&space->state[block], memory_order_relaxed) != YOUNG_FREE)
      continue;
    set_state(space, block, YOUNG_USED);
    uintptr_t start = space->base + block * BLOCK_BYTES;
    poison_check(space->memory, start, start + BLOCK_BYTES);
    tlab_set(window, start, start + BLOCK_BYTES, false);
    return true;
  }
none:
  atomic_fetch_sub_explicit(&space->used, 1, memory_order_relaxed);
  return false;
}

void young_space_begin_cycle(struct young_space *space) {
  for (size_t block = 0; block < space->blocks; block++)
    if (atomic_load_explicit(&space->state[block], memory_order_relaxed) != YOUNG_FREE)
      set_state(space, block, YOUNG_FROM);
  atomic_store_explicit(&space->next, 0, memory_order_relaxed);
}

void young_space_end_cycle(struct young_space *space) {
  size_t used = 0;
  for (size_t block = 0; block < space->blocks; block++) {
    enum young_state state = (enum young_state)atomic_load_explicit(&space->state[block], memory_order_relaxed);
    bool stays = state == YOUNG_USED || state == YOUNG_FROM_PINNED;
    if (state != YOUNG_FREE)
      space->touched_blocks = size_max(space->touched_blocks, block + 1);
    if (state == YOUNG_FROM)
      poison_fill(space->memory, space->base + block * BLOCK_BYTES, space->base + (block + 1) * BLOCK_BYTES);
    set_state(space, block, stays ? YOUNG_USED : YOUNG_FREE);
    used += stays;
  }
  atomic_store_explicit(&space->used, used, memory_order_relaxed);
  atomic_store_explicit(&space->next, 0, memory_order_relaxed);
}

void young_space_keep(struct young_space *space, uintptr_t address) {
  set_state(space, (address - space->base) >> BLOCK_SHIFT, YOUNG_FROM_PINNED);
}
