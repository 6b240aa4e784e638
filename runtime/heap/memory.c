#include "runtime/heap/memory.h"

#include <string.h>

#include "runtime/base/chaos.h"
#include "runtime/base/check.h"
#include "runtime/base/mutant.h"
#include "runtime/heap/poison.h"
#include "runtime/os/vm.h"

/* Address space is cheap; fragmentation of chunk runs must never be what ends a run. */
enum { RESERVE_FACTOR = 4 };
#define RESERVE_SLACK_BYTES (256 * GC_MIB)

static size_t chunk_table_bytes(const struct heap_memory *memory) {
  return memory->chunk_count * (2 + sizeof memory->chunk_pages[0] + sizeof memory->chunk_dirty[0]);
}
static size_t block_table_bytes(const struct heap_memory *memory) {
  return memory->chunk_count * CHUNK_BLOCKS * sizeof(struct block);
}

bool memory_init(struct heap_memory *memory, size_t limit_bytes, bool interleave, uint64_t refuse_chunk) {
  *memory = (struct heap_memory){.limit_bytes = limit_bytes, .interleave = interleave, .refuse_chunk = refuse_chunk,
                                 .node_count = topology_node_count()};
  if (limit_bytes > ((size_t)1 << 46) / RESERVE_FACTOR)
    return false;
  memory->reserved_bytes = align_up(limit_bytes * RESERVE_FACTOR + RESERVE_SLACK_BYTES, CHUNK_BYTES);
  memory->chunk_count = memory->reserved_bytes >> CHUNK_SHIFT;
  char *tables = NULL;
  memory->base = (uintptr_t)vm_reserve(memory->reserved_bytes, CHUNK_BYTES);
  if (!memory->base)
    return false;
  tables = vm_reserve(chunk_table_bytes(memory), PAGE_BYTES);
  if (!tables)
    goto fail;
  memory->chunk_pages = (void *)tables;
  memory->chunk_dirty = (void *)(memory->chunk_pages + memory->chunk_count);
  memory->chunk_space = (_Atomic uint8_t *)(memory->chunk_dirty + memory->chunk_count);
  memory->chunk_node = (uint8_t *)(memory->chunk_space + memory->chunk_count);
  memory->blocks = vm_reserve(block_table_bytes(memory), PAGE_BYTES);
  if (!memory->blocks)
    goto fail;
  vm_prefer_huge((void *)memory->base, memory->reserved_bytes);
  pthread_mutex_init(&memory->lock, NULL);
  return true;
fail:
  vm_unreserve(tables, chunk_table_bytes(memory));
  vm_unreserve((void *)memory->base, memory->reserved_bytes);
  return false;
}

void memory_fini(struct heap_memory *memory) {
  pthread_mutex_destroy(&memory->lock);
  vm_unreserve(memory->blocks, block_table_bytes(memory));
  vm_unreserve(memory->chunk_pages, chunk_table_bytes(memory));
  vm_unreserve((void *)memory->base, memory->reserved_bytes);
}

/* ---- the limit ---- */

static void raise_peak(_Atomic size_t *peak, size_t value) {
  size_t seen = atomic_load_explicit(peak, memory_order_relaxed);
  while (value > seen && !atomic_compare_exchange_weak_explicit(peak, &seen, value, memory_order_relaxed,
                                                                memory_order_relaxed))
    ;
}

static bool count_used(struct heap_memory *memory, size_t bytes, enum memory_excess excess) {
  size_t used = atomic_load_explicit(&memory->used_bytes, memory_order_relaxed);
  do {
    size_t metadata = atomic_load_explicit(&memory->metadata_bytes, memory_order_relaxed);
    if (!GC_MUTANT(limit_not_counted) && excess == MEMORY_WITHIN_LIMIT &&
        (bytes > memory->limit_bytes || used + metadata > memory->limit_bytes - bytes))
      return false;
  } while (!atomic_compare_exchange_weak_explicit(&memory->used_bytes, &used, used + bytes, memory_order_relaxed,
                                                  memory_order_relaxed));
  raise_peak(&memory->used_peak_bytes, used + bytes);
  return true;
}

static void uncount_used(struct heap_memory *memory, size_t bytes) {
  size_t before = atomic_fetch_sub_explicit(&memory->used_bytes, bytes, memory_order_relaxed);
  GC_CHECK(1, before >= bytes, "%zu bytes given back of %zu", bytes, before);
  (void)before;
}

/* After used, idle or metadata has risen and what fell with it has fallen. */
static void note_committed(struct heap_memory *memory) {
  raise_peak(&memory->committed_peak_bytes, memory_committed(memory));
}

static void add_idle_locked(struct heap_memory *memory, size_t bytes) {
  atomic_fetch_add_explicit(&memory->idle_bytes, bytes, memory_order_relaxed);
}
static void remove_idle_locked(struct heap_memory *memory, size_t bytes) {
  size_t before = atomic_fetch_sub_explicit(&memory->idle_bytes, bytes, memory_order_relaxed);
  GC_CHECK(1, before >= bytes, "%zu idle bytes of %zu are gone", bytes, before);
  (void)before;
}

bool memory_count_region(struct heap_memory *memory, int64_t bytes, enum memory_excess excess) {
  if (bytes < 0) {
    uncount_used(memory, (size_t)-bytes);
    return true;
  }
  bool counted = count_used(memory, (size_t)bytes, excess);
  note_committed(memory);
  return counted;
}

void memory_add_metadata(struct heap_memory *memory, int64_t bytes) {
  size_t now = atomic_fetch_add_explicit(&memory->metadata_bytes, (size_t)bytes, memory_order_relaxed) + (size_t)bytes;
  raise_peak(&memory->metadata_peak_bytes, now);
  note_committed(memory);
}

/* ---- chunks ---- */

static unsigned choose_node_locked(struct heap_memory *memory, unsigned node) {
  if (memory->interleave)
    node = memory->next_node++;
  return node % memory->node_count;
}

static void set_chunk_space(struct heap_memory *memory, size_t chunk, enum space_id space) {
  atomic_store_explicit(&memory->chunk_space[chunk], (uint8_t)space, memory_order_relaxed);
}

static void set_block_space(struct block *block, enum space_id space) {
  atomic_store_explicit(&block->space, (uint8_t)space, memory_order_relaxed);
}

/* First of `count` free chunks in a row, now of `space`; chunk_count if there are none. */
static size_t take_chunks_locked(struct heap_memory *memory, size_t count, enum space_id space, unsigned node) {
  if (memory->refuse_chunk && memory->chunks_taken + 1 >= memory->refuse_chunk)
    return memory->chunk_count;
  size_t run = 0;
  for (size_t chunk = 0; chunk < memory->chunk_count; chunk++) {
    run = memory_chunk_space(memory, chunk) == SPACE_FREE ? run + 1 : 0;
    if (run < count)
      continue;
    size_t first = chunk + 1 - count;
    node = choose_node_locked(memory, node);
    for (size_t i = first; i <= chunk; i++) {
      memory->chunk_node[i] = (uint8_t)node;
      set_chunk_space(memory, i, space);
    }
    if (atomic_load_explicit(&memory->chunk_high, memory_order_relaxed) < chunk + 1)
      atomic_store_explicit(&memory->chunk_high, chunk + 1, memory_order_relaxed);
    memory->chunks_taken++;
    if (memory->node_count > 1)
      topology_place((void *)(memory->base + (first << CHUNK_SHIFT)), count << CHUNK_SHIFT, node);
    return first;
  }
  return memory->chunk_count;
}

/* ---- blocks ---- */

static bool carve_chunk_locked(struct heap_memory *memory, unsigned node) {
  size_t chunk = take_chunks_locked(memory, 1, SPACE_CELL, node);
  if (chunk == memory->chunk_count)
    return false;
  struct block **list = &memory->free_blocks[memory->chunk_node[chunk]];
  struct block *first = memory->blocks + chunk * CHUNK_BLOCKS;
  for (size_t i = CHUNK_BLOCKS; i-- > 0;) { /* so that blocks are handed out in order of address */
    first[i].next = *list;
    first[i].fresh = true;
    *list = &first[i];
  }
  return true;
}

static struct block *pop_block_locked(struct heap_memory *memory, unsigned node) {
  struct block *block = memory->free_blocks[node];
  if (block)
    memory->free_blocks[node] = block->next;
  return block;
}

static struct block *find_block_locked(struct heap_memory *memory, unsigned node) {
  node = choose_node_locked(memory, node);
  struct block *block = pop_block_locked(memory, node);
  if (!block && carve_chunk_locked(memory, node))
    block = pop_block_locked(memory, node);
  for (unsigned other = 0; !block && other < memory->node_count; other++)
    block = pop_block_locked(memory, other);
  return block;
}

struct block *memory_take_block(struct heap_memory *memory, enum space_id space, unsigned node,
                                enum memory_excess excess) {
  GC_CHAOS("memory.take_block");
  if (!count_used(memory, BLOCK_BYTES, excess))
    return NULL;
  pthread_mutex_lock(&memory->lock);
  struct block *block = find_block_locked(memory, node);
  if (block) {
    GC_CHECK(1, block_space(block) == SPACE_FREE, "block %p is in use", (void *)memory_block_start(memory, block));
    if (!block->fresh) {
      memory->free_dirty_blocks--;
      remove_idle_locked(memory, BLOCK_BYTES);
    }
    block->next = NULL;
    set_block_space(block, space);
    note_committed(memory);
  }
  pthread_mutex_unlock(&memory->lock);
  if (block)
    poison_check(memory, memory_block_start(memory, block), memory_block_start(memory, block) + BLOCK_BYTES);
  else
    uncount_used(memory, BLOCK_BYTES);
  return block;
}

void memory_give_block(struct heap_memory *memory, struct block *block) {
  uintptr_t start = memory_block_start(memory, block);
  unsigned node = memory_node_of(memory, start);
  poison_fill(memory, start, start + BLOCK_BYTES);
  pthread_mutex_lock(&memory->lock);
  GC_CHECK(1, block_space(block) != SPACE_FREE, "block %p given back twice", (void *)start);
  block->next = memory->free_blocks[node];
  block->fresh = false;
  block->cursor = 0;
  atomic_store_explicit(&block->state, 0, memory_order_relaxed);
  atomic_store_explicit(&block->live, 0, memory_order_relaxed);
  set_block_space(block, SPACE_FREE);
  memory->free_blocks[node] = block;
  memory->free_dirty_blocks++;
  add_idle_locked(memory, BLOCK_BYTES);
  pthread_mutex_unlock(&memory->lock);
  uncount_used(memory, BLOCK_BYTES);
}

/* Gives the system the physical memory of free blocks, so that pages and blocks together respect the limit. */
static void trim_free_blocks_locked(struct heap_memory *memory) {
  for (unsigned node = 0; node < memory->node_count; node++)
    for (struct block *block = memory->free_blocks[node]; block; block = block->next)
      if (!block->fresh) {
        uintptr_t start = memory_block_start(memory, block);
        poison_check(memory, start, start + BLOCK_BYTES);
        vm_release((void *)start, BLOCK_BYTES);
        block->fresh = true;
      }
  remove_idle_locked(memory, memory->free_dirty_blocks * BLOCK_BYTES);
  memory->free_dirty_blocks = 0;
}

/* ---- pages ---- */

static bool bit_test(const uint64_t *words, size_t bit) { return words[bit / 64] >> (bit % 64) & 1; }

static void bits_assign(uint64_t *words, size_t first, size_t count, bool value) {
  for (size_t bit = first; bit < first + count; bit++)
    if (value)
      words[bit / 64] |= (uint64_t)1 << (bit % 64);
    else
      words[bit / 64] &= ~((uint64_t)1 << (bit % 64));
}

static size_t bits_set(const uint64_t *words, size_t first, size_t count) {
  size_t set = 0;
  for (size_t bit = first; bit < first + count; bit++)
    set += bit_test(words, bit);
  return set;
}

/* Page tables of chunks in a row are one long bit array. */
static uint64_t *pages_in_use(struct heap_memory *memory) { return memory->chunk_pages[0]; }
static uint64_t *pages_dirty(struct heap_memory *memory) { return memory->chunk_dirty[0]; }

/* First page of a free run inside the chunks that large objects already have; the total if there is none. */
static size_t find_pages_locked(struct heap_memory *memory, size_t pages) {
  size_t run = 0;
  size_t chunk_high = atomic_load_explicit(&memory->chunk_high, memory_order_relaxed);
  for (size_t chunk = 0; chunk < chunk_high; chunk++) {
    if (memory_chunk_space(memory, chunk) != SPACE_LARGE) {
      run = 0;
      continue;
    }
    for (size_t page = chunk * CHUNK_PAGES; page < (chunk + 1) * CHUNK_PAGES; page++) {
      if (page % 64 == 0 && pages_in_use(memory)[page / 64] == UINT64_MAX) {
        run = 0;
        page += 63;
        continue;
      }
      run = bit_test(pages_in_use(memory), page) ? 0 : run + 1;
      if (run == pages)
        return page + 1 - pages;
    }
  }
  return memory->chunk_count * CHUNK_PAGES;
}

/* Each page by itself: it was used before, or never. */
static void check_free_pages(const struct heap_memory *memory, uintptr_t start, size_t pages) {
  for (size_t i = 0; memory->poisons && i < pages; i++)
    poison_check(memory, start + (i << PAGE_SHIFT), start + ((i + 1) << PAGE_SHIFT));
}

uintptr_t memory_take_pages(struct heap_memory *memory, size_t pages, unsigned node, bool *zeroed) {
  if (pages > memory->limit_bytes >> PAGE_SHIFT || !count_used(memory, pages << PAGE_SHIFT, MEMORY_WITHIN_LIMIT))
    return 0;
  pthread_mutex_lock(&memory->lock);
  if (memory->free_dirty_blocks * BLOCK_BYTES > memory_available(memory))
    trim_free_blocks_locked(memory);
  size_t total = memory->chunk_count * CHUNK_PAGES;
  size_t first = find_pages_locked(memory, pages);
  if (first == total) {
    size_t chunk = take_chunks_locked(memory, (pages + CHUNK_PAGES - 1) / CHUNK_PAGES, SPACE_LARGE, node);
    first = chunk * CHUNK_PAGES;
  }
  if (first < total) {
    size_t dirty = bits_set(pages_dirty(memory), first, pages);
    *zeroed = dirty == 0;
    remove_idle_locked(memory, dirty << PAGE_SHIFT);
    note_committed(memory);
    bits_assign(pages_in_use(memory), first, pages, true);
    bits_assign(pages_dirty(memory), first, pages, true);
  }
  pthread_mutex_unlock(&memory->lock);
  if (first >= total) {
    uncount_used(memory, pages << PAGE_SHIFT);
    return 0;
  }
  uintptr_t start = memory->base + (first << PAGE_SHIFT);
  check_free_pages(memory, start, pages);
  return start;
}

/* A wholly free chunk of pages becomes a free chunk again; its memory goes back to the system. */
static void retire_chunk_locked(struct heap_memory *memory, size_t chunk) {
  for (size_t word = 0; word < CHUNK_PAGES / 64; word++)
    if (memory->chunk_pages[chunk][word])
      return;
  check_free_pages(memory, memory->base + (chunk << CHUNK_SHIFT), CHUNK_PAGES);
  vm_release((void *)(memory->base + (chunk << CHUNK_SHIFT)), CHUNK_BYTES);
  remove_idle_locked(memory, bits_set(memory->chunk_dirty[chunk], 0, CHUNK_PAGES) << PAGE_SHIFT);
  memset(memory->chunk_dirty[chunk], 0, sizeof memory->chunk_dirty[chunk]);
  set_chunk_space(memory, chunk, SPACE_FREE);
}

void memory_give_pages(struct heap_memory *memory, uintptr_t start, size_t pages) {
  size_t first = (start - memory->base) >> PAGE_SHIFT;
  poison_fill(memory, start, start + (pages << PAGE_SHIFT));
  pthread_mutex_lock(&memory->lock);
  bits_assign(pages_in_use(memory), first, pages, false);
  add_idle_locked(memory, pages << PAGE_SHIFT);
  for (size_t chunk = first / CHUNK_PAGES; chunk <= (first + pages - 1) / CHUNK_PAGES; chunk++)
    retire_chunk_locked(memory, chunk);
  pthread_mutex_unlock(&memory->lock);
  uncount_used(memory, pages << PAGE_SHIFT);
}

/* ---- regions ---- */

uintptr_t memory_take_region(struct heap_memory *memory, size_t bytes, enum space_id space, unsigned node) {
  pthread_mutex_lock(&memory->lock);
  size_t chunk = take_chunks_locked(memory, (bytes + CHUNK_BYTES - 1) >> CHUNK_SHIFT, space, node);
  pthread_mutex_unlock(&memory->lock);
  return chunk == memory->chunk_count ? 0 : memory->base + (chunk << CHUNK_SHIFT);
}

void memory_give_region(struct heap_memory *memory, uintptr_t start, size_t bytes) {
  size_t first = memory_chunk_index(memory, start), count = (bytes + CHUNK_BYTES - 1) >> CHUNK_SHIFT;
  vm_release((void *)start, count << CHUNK_SHIFT);
  pthread_mutex_lock(&memory->lock);
  for (size_t chunk = first; chunk < first + count; chunk++) {
    GC_CHECK(1, memory_chunk_space(memory, chunk) != SPACE_FREE, "region %p given back twice", (void *)start);
    set_chunk_space(memory, chunk, SPACE_FREE);
  }
  pthread_mutex_unlock(&memory->lock);
}
