/* private_heap.c -- pools and arenas: what happens when a pool fills up or becomes empty. */
#include "runtime/heap/private_heap.h"

#include <string.h>

#include "runtime/base/check.h"
#include "runtime/base/mutant.h"
#include "runtime/os/vm.h"

enum { ARENA_POOLS_BYTES = ARENA_POOLS * sizeof(struct pool) };
_Static_assert(sizeof(struct pool) == GC_CACHE_LINE_BYTES, "no two pools share a cache line");
_Static_assert(ARENA_POOLS_BYTES % PAGE_BYTES == 0, "what is known of an arena's pools can be released");

static size_t arenas_bytes(const struct private_heap *heap) {
  return align_up((heap->memory->reserved_bytes >> ARENA_SHIFT) * sizeof(struct arena), PAGE_BYTES);
}
static size_t pools_bytes(const struct private_heap *heap) {
  return (heap->memory->reserved_bytes >> POOL_SHIFT) * sizeof(struct pool);
}
static struct pool *first_pool(const struct private_heap *heap) { return pool_of(heap, heap->memory->base); }

bool private_heap_init(struct private_heap *heap, struct heap_memory *memory) {
  *heap = (struct private_heap){.memory = memory, .poisons = memory->poisons};
  for (unsigned class = 0; class < POOL_CLASSES; class++)
    heap->used_pools[class].next = heap->used_pools[class].previous = &heap->used_pools[class];
  heap->arenas = vm_reserve(arenas_bytes(heap), PAGE_BYTES);
  struct pool *pools = vm_reserve(pools_bytes(heap), PAGE_BYTES);
  heap->pools_origin = (uintptr_t)pools - (memory->base >> POOL_SHIFT) * sizeof *pools;
  if (heap->arenas && pools)
    return true;
  if (heap->arenas)
    vm_unreserve(heap->arenas, arenas_bytes(heap));
  if (pools)
    vm_unreserve(pools, pools_bytes(heap));
  return false;
}

void private_heap_fini(struct private_heap *heap) {
  vm_unreserve(heap->arenas, arenas_bytes(heap));
  vm_unreserve(first_pool(heap), pools_bytes(heap));
}

/* ---- arenas ---- */

static uintptr_t arena_start(const struct private_heap *heap, const struct arena *arena) {
  return heap->memory->base + ((uintptr_t)(arena - heap->arenas) << ARENA_SHIFT);
}
static struct arena *arena_of(const struct private_heap *heap, uintptr_t address) {
  return &heap->arenas[(address - heap->memory->base) >> ARENA_SHIFT];
}
/* The other half of its chunk. */
static struct arena *twin_of(const struct private_heap *heap, struct arena *arena) {
  return &heap->arenas[(arena - heap->arenas) ^ 1];
}
static uintptr_t pool_start(const struct private_heap *heap, const struct arena *arena, unsigned pool) {
  return arena_start(heap, arena) + pool * POOL_BYTES;
}

static unsigned pool_index(uintptr_t address) { return address / POOL_BYTES % ARENA_POOLS; }

static void link_arena(struct arena **list, struct arena *arena) {
  arena->next = *list;
  arena->previous = NULL;
  if (*list)
    (*list)->previous = arena;
  *list = arena;
}
static void unlink_arena(struct arena **list, struct arena *arena) {
  *(arena->previous ? &arena->previous->next : list) = arena->next;
  if (arena->next)
    arena->next->previous = arena->previous;
}

/* Around a change of arena->free. */
static void leave_list(struct private_heap *heap, struct arena *arena) {
  unsigned count = arena->free_count;
  if (!count)
    return;
  unlink_arena(&heap->with_free[count], arena);
  if (!heap->with_free[count])
    heap->with_free_any &= ~((uint64_t)1 << (count - 1));
}
static void enter_list(struct private_heap *heap, struct arena *arena) {
  unsigned count = arena->free_count;
  if (!count)
    return;
  link_arena(&heap->with_free[count], arena);
  heap->with_free_any |= (uint64_t)1 << (count - 1);
}

/* Two idle arenas from a new chunk; false if none may be had. */
static bool take_chunk(struct private_heap *heap) {
  uintptr_t chunk = memory_take_region(heap->memory, CHUNK_BYTES, SPACE_REGION, topology_current_node());
  if (!chunk)
    return false;
  link_arena(&heap->idle, arena_of(heap, chunk + ARENA_BYTES));
  link_arena(&heap->idle, arena_of(heap, chunk));
  return true;
}

static struct arena *map_arena(struct private_heap *heap) {
  if (!heap->idle && !take_chunk(heap))
    return NULL;
  struct arena *arena = heap->idle;
  unlink_arena(&heap->idle, arena);
  *arena = (struct arena){.free = UINT64_MAX, .free_count = ARENA_POOLS, .mapped = true};
  if (++heap->arena_count > heap->arena_peak_count)
    heap->arena_peak_count = heap->arena_count;
  memory_add_metadata(heap->memory, sizeof *arena + ARENA_POOLS_BYTES);
  enter_list(heap, arena);
  return arena;
}

static void count_pools(struct private_heap *heap, uint64_t pools) {
  memory_count_region(heap->memory, -(int64_t)(bits_count(pools) * POOL_BYTES), MEMORY_BEYOND_LIMIT);
}

/* A wholly free arena, in no list. */
static void unmap_arena(struct private_heap *heap, struct arena *arena) {
  uintptr_t start = arena_start(heap, arena);
  vm_release((void *)start, ARENA_BYTES);
  vm_release(pool_of(heap, start), ARENA_POOLS_BYTES);
  count_pools(heap, arena->touched);
  memory_add_metadata(heap->memory, -(int64_t)(sizeof *arena + ARENA_POOLS_BYTES));
  heap->arena_count--;
  *arena = (struct arena){0};
  if (twin_of(heap, arena)->mapped) {
    link_arena(&heap->idle, arena);
    return;
  }
  unlink_arena(&heap->idle, twin_of(heap, arena));
  memory_give_region(heap->memory, start & ~(CHUNK_BYTES - 1), CHUNK_BYTES);
}

/* ---- pools ---- */

static struct arena *fullest_arena(struct private_heap *heap) {
  if (!heap->with_free_any)
    return map_arena(heap);
  return heap->with_free[bits_lowest(heap->with_free_any) + 1];
}

/* The memory of a pool that is touched for the first time counts against the limit. */
static bool touch_pool(struct private_heap *heap, struct arena *arena, unsigned pool) {
  if (arena->touched >> pool & 1)
    return true;
  if (!memory_count_region(heap->memory, POOL_BYTES, MEMORY_WITHIN_LIMIT))
    return false;
  arena->touched |= (uint64_t)1 << pool;
  return true;
}

static struct pool *take_pool(struct private_heap *heap) {
  struct arena *arena = fullest_arena(heap);
  if (!arena)
    return NULL;
  uint64_t best = arena->free & arena->touched ? arena->free & arena->touched : arena->free;
  unsigned index = bits_lowest(best);
  if (!touch_pool(heap, arena, index))
    return NULL;
  leave_list(heap, arena);
  arena->free &= ~((uint64_t)1 << index);
  arena->free_count--;
  enter_list(heap, arena);
  heap->pools_taken++;
  struct pool *pool = pool_of(heap, pool_start(heap, arena, index));
  pool->start = pool_start(heap, arena, index);
  return pool;
}

static void link_pool(struct private_heap *heap, struct pool *pool) {
  struct pool *ring = &heap->used_pools[pool->class];
  pool->next = ring->next;
  pool->previous = ring;
  ring->next->previous = pool;
  ring->next = pool;
}
static void unlink_pool(struct pool *pool) {
  pool->next->previous = pool->previous;
  pool->previous->next = pool->next;
}

void private_heap_check_free(const struct pool *pool, uintptr_t block) {
  uintptr_t link = *block_link(block);
  bool is_link = !link || link - pool->start < pool->fresh_offset;
  uintptr_t behind = (uintptr_t)(block_link(block) + 1);
  poison_check_slow(block, is_link ? (uintptr_t)block_link(block) : behind);
  poison_check_slow(behind, block_end(pool, block));
}

static void carve_block(struct pool *pool) {
  pool->free_block = pool->start + pool->fresh_offset;
  *block_link(pool->free_block) = 0;
  pool->fresh_offset += (uint32_t)pool_class_bytes(pool->class);
}

void private_heap_extend(struct pool *pool) {
  if (pool->fresh_offset <= pool->fresh_limit)
    carve_block(pool);
  else
    unlink_pool(pool);
}

/* Whether the pool was of this class when it became free: its blocks are still in its list. */
static bool is_prepared(const struct private_heap *heap, const struct pool *pool, unsigned class) {
  return !heap->poisons && pool->class == class && pool->fresh_offset;
}

static void prepare_pool(struct pool *pool, unsigned class) {
  pool->used = 0;
  pool->class = class;
  pool->fresh_offset = POOL_FIRST_OFFSET;
  pool->fresh_limit = (uint32_t)(POOL_BYTES - pool_class_bytes(class));
  carve_block(pool);
}

uintptr_t private_heap_take_slow(struct private_heap *heap, unsigned class) {
  struct pool *pool = take_pool(heap);
  if (!pool)
    return 0;
  if (!is_prepared(heap, pool, class))
    prepare_pool(pool, class);
  link_pool(heap, pool);
  return private_heap_take(heap, pool_class_bytes(class));
}

/* As much of it as an arena that is about to become empty; that is in no list. */
static bool others_have_room(const struct private_heap *heap) { return heap->with_free_any >> (ARENA_POOLS - 2) != 0; }

static void give_pool(struct private_heap *heap, struct pool *pool) {
  struct arena *arena = arena_of(heap, pool->start);
  poison_fill(heap->memory, pool->start, pool->start + POOL_BYTES);
  leave_list(heap, arena);
  arena->free |= (uint64_t)1 << pool_index(pool->start);
  arena->free_count++;
  if (arena->free_count + GC_MUTANT(arena_goes_in_use) >= ARENA_POOLS && others_have_room(heap) && !heap->holds)
    unmap_arena(heap, arena);
  else
    enter_list(heap, arena);
}

void private_heap_let_go(struct private_heap *heap) {
  heap->holds = false;
  for (struct arena *arena; (arena = heap->with_free[ARENA_POOLS]);) {
    leave_list(heap, arena);
    if (!others_have_room(heap)) {
      enter_list(heap, arena);
      return;
    }
    unmap_arena(heap, arena);
  }
}

void private_heap_was_full(struct private_heap *heap, struct pool *pool) {
  if (!GC_MUTANT(pool_full_forgotten))
    link_pool(heap, pool);
}

void private_heap_is_empty(struct private_heap *heap, struct pool *pool) {
  unlink_pool(pool);
  give_pool(heap, pool);
}

static void trim_arena(struct private_heap *heap, struct arena *arena) {
  uint64_t idle = arena->free & arena->touched;
  for (uint64_t left = idle; left; left &= left - 1) {
    uintptr_t start = pool_start(heap, arena, bits_lowest(left));
    vm_release((void *)start, POOL_BYTES);
    if (!GC_MUTANT(pool_trimmed_whole))
      pool_of(heap, start)->fresh_offset = 0;
  }
  count_pools(heap, idle);
  arena->touched &= ~idle;
}

uintptr_t private_heap_resize(struct private_heap *heap, uintptr_t block, size_t bytes) {
  size_t has_bytes = pool_class_bytes(pool_of(heap, block)->class);
  if (bytes <= has_bytes && 4 * bytes > 3 * has_bytes)
    return block;
  uintptr_t moved = private_heap_take(heap, bytes);
  if (!moved)
    moved = private_heap_take_slow(heap, pool_class_of(bytes));
  if (!moved)
    return 0;
  memcpy((void *)moved, (const void *)block, size_min(bytes, has_bytes));
  private_heap_give(heap, block);
  return moved;
}

void private_heap_trim(struct private_heap *heap) {
  for (unsigned count = 1; count <= ARENA_POOLS; count++)
    for (struct arena *arena = heap->with_free[count], *next; arena; arena = next) {
      next = arena->next;
      trim_arena(heap, arena);
    }
}

/* ---- walks ---- */

typedef void visit_pool(void *context, const struct pool *pool);

static void for_pools(const struct private_heap *heap, void *context, visit_pool *visit) {
  size_t end = atomic_load_explicit(&heap->memory->chunk_high, memory_order_relaxed) << (CHUNK_SHIFT - ARENA_SHIFT);
  for (size_t i = 0; i < end; i++) {
    const struct arena *arena = &heap->arenas[i];
    if (arena->mapped)
      for (uint64_t used = ~arena->free; used; used &= used - 1)
        visit(context, pool_of(heap, pool_start(heap, arena, bits_lowest(used))));
  }
}

static void add_used(void *context, const struct pool *pool) {
  *(size_t *)context += pool->used * pool_class_bytes(pool->class);
}

size_t private_heap_used_bytes(const struct private_heap *heap) {
  size_t bytes = 0;
  for_pools(heap, &bytes, add_used);
  return bytes;
}

enum { GRANULE_BYTES = 16 };
static unsigned granule_of(uintptr_t block) { return block % POOL_BYTES / GRANULE_BYTES; }

struct walk {
  void *context;
  void (*visit)(void *context, uintptr_t block);
};

static void visit_blocks(void *context, const struct pool *pool) {
  const struct walk *walk = context;
  uint64_t free[POOL_BYTES / GRANULE_BYTES / 64] = {0};
  for (uintptr_t block = pool->free_block; block; block = *block_link(block))
    free[granule_of(block) / 64] |= (uint64_t)1 << granule_of(block) % 64;
  for (uint32_t offset = POOL_FIRST_OFFSET; offset < pool->fresh_offset; offset += pool_class_bytes(pool->class))
    if (!(free[offset / GRANULE_BYTES / 64] >> offset / GRANULE_BYTES % 64 & 1))
      walk->visit(walk->context, pool->start + offset);
}

static bool is_free(const struct pool *pool, uintptr_t wanted) {
  uintptr_t block = pool->free_block;
  while (block && block != wanted)
    block = *block_link(block);
  return block;
}

void private_heap_for_blocks(const struct private_heap *heap, void *context,
                             void (*visit)(void *context, uintptr_t block)) {
  struct walk walk = {context, visit};
  for_pools(heap, &walk, visit_blocks);
}

const char *private_heap_problem(const struct private_heap *heap, uintptr_t block) {
  const struct arena *arena = arena_of(heap, block);
  const struct pool *pool = pool_of(heap, block);
  uintptr_t offset = block % POOL_BYTES;
  if (!arena->mapped)
    return "lies in no arena";
  if (arena->free >> pool_index(block) & 1)
    return "lies in a free pool";
  if (offset < POOL_FIRST_OFFSET || (offset - POOL_FIRST_OFFSET) % pool_class_bytes(pool->class) ||
      offset >= pool->fresh_offset)
    return "is not the start of a block";
  return is_free(pool, block) ? "was freed" : NULL;
}
