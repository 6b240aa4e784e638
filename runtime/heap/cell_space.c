#include "runtime/heap/cell_space.h"

#include "runtime/base/chaos.h"
#include "runtime/base/check.h"
#include "runtime/base/mutant.h"
#include "runtime/heap/poison.h"
#include "runtime/object/object.h"

/* What a block in use costs beside its memory: its part of the two bit maps, and its descriptor. */
enum { BLOCK_METADATA_BYTES = 2 * SIDEMAP_BLOCK_WORDS * 8 + sizeof(struct block) };

static unsigned block_cells(const struct block *block) {
  return (unsigned)(BLOCK_BYTES / cell_class_bytes(block->kind));
}

static enum cell_block_state block_state(struct block *block) {
  /* acquire: pairs with the release of whoever gave the state; see cell_space_free for the seq_cst pair */
  return (enum cell_block_state)atomic_load_explicit(&block->state, memory_order_acquire);
}
static void set_block_state(struct block *block, enum cell_block_state state) {
  atomic_store_explicit(&block->state, (uint8_t)state, memory_order_release);
}

/* Sets the bits of a block's map at which cells of `class` begin. */
static void find_starts(unsigned class, uint64_t *words) {
  size_t cell = cell_class_bytes(class);
  for (size_t start = 0; start + cell <= BLOCK_BYTES; start += cell)
    words[start >> SIDEMAP_WORD_SHIFT] |= sidemap_mask(start);
}

bool cell_space_init(struct cell_space *space, struct heap_memory *memory) {
  *space = (struct cell_space){.memory = memory};
  for (unsigned class = 0; class < CELL_CLASSES; class++)
    find_starts(class, space->starts[class]);
  if (!sidemap_init(&space->allocated, memory))
    return false;
  if (!sidemap_init(&space->marks, memory)) {
    sidemap_fini(&space->allocated);
    return false;
  }
  for (unsigned class = 0; class < CELL_CLASSES; class++)
    pthread_mutex_init(&space->classes[class].lock, NULL);
  return true;
}

void cell_space_fini(struct cell_space *space) {
  for (unsigned class = 0; class < CELL_CLASSES; class++)
    pthread_mutex_destroy(&space->classes[class].lock);
  sidemap_fini(&space->marks);
  sidemap_fini(&space->allocated);
}

/* ---- lists of blocks with holes ---- */

static struct block *pop_partial(struct cell_space *space, unsigned class) {
  struct cell_class *c = &space->classes[class];
  pthread_mutex_lock(&c->lock);
  struct block *block = c->partial;
  if (block) {
    c->partial = block->next;
    set_block_state(block, CELL_BLOCK_CACHED);
  }
  pthread_mutex_unlock(&c->lock);
  return block;
}

static void push_partial(struct cell_space *space, struct block *block) {
  struct cell_class *c = &space->classes[block->kind];
  pthread_mutex_lock(&c->lock);
  block->next = c->partial;
  c->partial = block;
  set_block_state(block, CELL_BLOCK_PARTIAL);
  pthread_mutex_unlock(&c->lock);
}

static struct block *take_fresh(struct cell_space *space, unsigned class, unsigned node, enum memory_excess excess) {
  struct block *block = memory_take_block(space->memory, SPACE_CELL, node, excess);
  if (!block)
    return NULL;
  uintptr_t start = memory_block_start(space->memory, block);
  sidemap_clear_range(&space->allocated, start, BLOCK_BYTES);
  sidemap_clear_range(&space->marks, start, BLOCK_BYTES);
  block->kind = (uint8_t)class;
  block->cursor = 0;
  memory_add_metadata(space->memory, BLOCK_METADATA_BYTES);
  return block;
}

static void give_back(struct cell_space *space, struct block *block) {
  memory_add_metadata(space->memory, -BLOCK_METADATA_BYTES);
  memory_give_block(space->memory, block);
}

/* ---- holes ---- */

static uint64_t load_word(_Atomic uint64_t *word) { return atomic_load_explicit(word, memory_order_relaxed); }

/* The cell whose bit is bit `bit` of word `word` of its block's map: the first that begins in that granule. */
static unsigned cell_of_bit(size_t word, unsigned bit, size_t cell) {
  return (unsigned)(((word * 64 + bit) << SIDEMAP_GRANULE_SHIFT) + cell - 1) / (unsigned)cell;
}

/* The next run of free cells of a cached block, from its cursor on: cells [*first, *past).  Word by word, 32 at most:
 * a full block of small cells is passed in some 20 ns. */
static bool next_hole(struct cell_space *space, struct block *block, unsigned *first, unsigned *past) {
  size_t cell = cell_class_bytes(block->kind);
  unsigned cells = block_cells(block);
  if (block->cursor >= cells)
    return false;
  const uint64_t *starts = space->starts[block->kind];
  _Atomic uint64_t *words = sidemap_word(&space->allocated, memory_block_start(space->memory, block));
  size_t bit = (block->cursor * cell) >> SIDEMAP_GRANULE_SHIFT, word = bit / 64;
  uint64_t free = starts[word] & ~load_word(&words[word]) & ~(uint64_t)0 << (bit % 64);
  while (free == 0 && ++word < SIDEMAP_BLOCK_WORDS)
    free = starts[word] & ~load_word(&words[word]);
  if (free == 0)
    return false;
  *first = cell_of_bit(word, bits_lowest(free), cell);
  if (GC_MUTANT(hole_begins_early) && *first > block->cursor)
    --*first;
  uint64_t rest = load_word(&words[word]) & ~(uint64_t)0 << bits_lowest(free);
  while (rest == 0 && ++word < SIDEMAP_BLOCK_WORDS)
    rest = load_word(&words[word]);
  *past = rest ? cell_of_bit(word, bits_lowest(rest), cell) + GC_MUTANT(hole_ends_late) : cells;
  return true;
}

/* Sets or clears the bits of the cells in [start, end): one read-modify-write for each word of the map.
 * acquire when setting: in exact mode, what the freer of a cell did with it comes before its next use; pairs with the
 * release in cell_space_free.  release when clearing: the same for cells that a window gives back. */
static void assign_cells(struct sidemap *map, uintptr_t start, uintptr_t end, size_t cell, bool value) {
  while (start < end) {
    _Atomic uint64_t *word = sidemap_word(map, start);
    uint64_t mask = 0;
    for (; start < end && sidemap_word(map, start) == word; start += cell)
      mask |= sidemap_mask(start);
    if (value)
      atomic_fetch_or_explicit(word, mask, memory_order_acquire);
    else
      atomic_fetch_and_explicit(word, ~mask, memory_order_release);
  }
}

/* Takes the next hole of the cached block as the class's window. */
static bool refill_window(struct cell_space *space, struct cell_cache *cache, unsigned class) {
  struct block *block = cache->block[class];
  unsigned first, past;
  if (!next_hole(space, block, &first, &past))
    return false;
  size_t cell = cell_class_bytes(class);
  uintptr_t start = memory_block_start(space->memory, block) + first * cell;
  uintptr_t end = start + (past - first) * cell;
  block->cursor = (uint16_t)past;
  tlab_set(&cache->window[class], start, end, block->fresh);
  if (space->exact) {
    assign_cells(&space->allocated, start, end, cell, true);
    atomic_fetch_add(&block->live, (uint16_t)(past - first));
  }
  if (cache->black)
    assign_cells(&space->marks, start, end, cell, true);
  poison_check(space->memory, start, end); /* after the acquire of exact mode */
  return true;
}

/* From now on its holes are cells that were used before. */
static void search_again(struct block *block) {
  block->cursor = 0;
  block->fresh = false;
}

/* A cached block without further holes: forgotten until the next flip, or the next free.  Exact mode: returns
 * false if cells were freed meanwhile; the block then stays cached, to be searched from its start again. */
static bool drop_full(struct cell_space *space, struct block *block) {
  if (!space->exact) {
    set_block_state(block, CELL_BLOCK_FULL);
    return true;
  }
  /* seq_cst: either this load sees the freer's decrement, or the freer sees FULL and lists the block */
  atomic_store(&block->state, CELL_BLOCK_FULL);
  if (atomic_load(&block->live) == block_cells(block))
    return true;
  uint8_t full = CELL_BLOCK_FULL;
  if (!atomic_compare_exchange_strong(&block->state, &full, CELL_BLOCK_CACHED))
    return true; /* a freer listed it */
  search_again(block);
  return false;
}

uintptr_t cell_alloc_slow(struct cell_space *space, struct cell_cache *cache, size_t bytes, unsigned node,
                          enum memory_excess excess, size_t *window_bytes) {
  unsigned class = cell_class_of(bytes);
  size_t cell = cell_class_bytes(class);
  struct tlab *window = &cache->window[class];
  *window_bytes = 0;
  while (!tlab_extend(window, cell)) {
    GC_CHAOS("cell.refill");
    struct block *block = cache->block[class];
    if (block && !refill_window(space, cache, class) && drop_full(space, block))
      cache->block[class] = NULL;
    if (!cache->block[class]) {
      cache->block[class] = pop_partial(space, class);
      if (!cache->block[class])
        cache->block[class] = take_fresh(space, class, node, excess);
      if (!cache->block[class]) {
        tlab_clear(window);
        return 0;
      }
    }
    *window_bytes += window->end - window->cursor;
  }
  uintptr_t address = window->cursor;
  window->cursor += cell;
  return address;
}

void cell_cache_retire(struct cell_space *space, struct cell_cache *cache) {
  for (unsigned class = 0; class < CELL_CLASSES; class++) {
    struct block *block = cache->block[class];
    if (!block)
      continue;
    struct tlab *window = &cache->window[class];
    size_t cell = cell_class_bytes(class);
    uintptr_t start = memory_block_start(space->memory, block);
    if (window->end) {
      poison_fill(space->memory, window->cursor, window->end);
      if (space->exact) {
        assign_cells(&space->allocated, window->cursor, window->end, cell, false);
        atomic_fetch_sub(&block->live, (uint16_t)((window->end - window->cursor) / cell));
      }
      if (cache->black)
        assign_cells(&space->marks, window->cursor, window->end, cell, false);
      if (window->cursor < window->end) {
        block->cursor = (uint16_t)((window->cursor - start) / cell);
        block->fresh = false; /* the zeroed part may have grown beyond the cursor; holes are zeroed again */
      }
    }
    tlab_clear(window);
    cache->block[class] = NULL;
    push_partial(space, block);
  }
}

void cell_cache_set_black(struct cell_space *space, struct cell_cache *cache, bool black) {
  for (unsigned class = 0; class < CELL_CLASSES; class++) {
    struct tlab *window = &cache->window[class];
    if (black != cache->black && window->cursor < window->end)
      assign_cells(&space->marks, window->cursor, window->end, cell_class_bytes(class), black);
  }
  cache->black = black;
}

/* ---- cycles ---- */

static void clear_block_marks(void *context, struct block *block) {
  struct cell_space *space = context;
  sidemap_clear_range(&space->marks, memory_block_start(space->memory, block), BLOCK_BYTES);
}

void cell_space_clear_marks_par(struct cell_space *space, _Atomic size_t *next_chunk) {
  memory_for_blocks(space->memory, SPACE_CELL, next_chunk, space, clear_block_marks);
}

static void flip_block(void *context, struct block *block) {
  (void)context;
  GC_CHECK(1, block_state(block) != CELL_BLOCK_CACHED, "a block is cached while spaces flip");
  set_block_state(block, CELL_BLOCK_UNSWEPT);
}

void cell_space_flip_stw(struct cell_space *space) {
  struct sidemap marked = space->marks;
  space->marks = space->allocated;
  space->allocated = marked;
  for (unsigned class = 0; class < CELL_CLASSES; class++)
    space->classes[class].partial = NULL;
  _Atomic size_t next_chunk = 0;
  memory_for_blocks(space->memory, SPACE_CELL, &next_chunk, space, flip_block);
  atomic_store_explicit(&space->live_bytes, 0, memory_order_relaxed);
}

static void poison_free_cells(struct cell_space *space, struct block *block) {
  size_t cell = cell_class_bytes(block->kind);
  uintptr_t start = memory_block_start(space->memory, block);
  for (unsigned i = 0; i < block_cells(block); i++)
    if (!sidemap_test(&space->allocated, start + i * cell))
      poison_fill(space->memory, start + i * cell, start + (i + 1) * cell);
}

static void sweep_block(void *context, struct block *block) {
  struct cell_space *space = context;
  if (block_state(block) != CELL_BLOCK_UNSWEPT)
    return;
  size_t live = sidemap_count(&space->allocated, memory_block_start(space->memory, block), BLOCK_BYTES);
  GC_CHECK(1, live <= block_cells(block), "%zu marks in a block of %u cells", live, block_cells(block));
  if (GC_UNLIKELY(space->memory->poisons))
    poison_free_cells(space, block);
  if (live == GC_MUTANT(sweep_counts_one_less)) {
    give_back(space, block);
    return;
  }
  atomic_fetch_add_explicit(&space->live_bytes, live * cell_class_bytes(block->kind), memory_order_relaxed);
  atomic_store_explicit(&block->live, (uint16_t)live, memory_order_relaxed);
  block->cursor = 0;
  block->fresh = false;
  if (live == block_cells(block))
    set_block_state(block, CELL_BLOCK_FULL);
  else
    push_partial(space, block);
}

void cell_space_sweep_par(struct cell_space *space, _Atomic size_t *next_chunk) {
  memory_for_blocks(space->memory, SPACE_CELL, next_chunk, space, sweep_block);
}

/* ---- exact mode ---- */

static void check_freed(struct cell_space *space, struct block *block, uintptr_t address) {
  GC_CHECK(1, sidemap_test(&space->allocated, address), "%p is freed twice", (void *)address);
  poison_fill(space->memory, address, address + cell_class_bytes(block->kind));
}

void cell_space_free(struct cell_space *space, uintptr_t address) {
  struct block *block = memory_block_of(space->memory, address);
  check_freed(space, block, address);
  /* release: the freer's last accesses to the cell; pairs with the acquire in assign_cells */
  atomic_fetch_and_explicit(sidemap_word(&space->allocated, address), ~sidemap_mask(address), memory_order_release);
  atomic_fetch_sub(&block->live, 1); /* seq_cst: pairs with drop_full */
  if (atomic_load(&block->state) != CELL_BLOCK_FULL)
    return;
  uint8_t full = CELL_BLOCK_FULL;
  if (atomic_compare_exchange_strong(&block->state, &full, CELL_BLOCK_CACHED)) {
    search_again(block);
    push_partial(space, block);
  }
}

void cell_space_free_alone(struct cell_space *space, uintptr_t address) {
  struct block *block = memory_block_of(space->memory, address);
  _Atomic uint64_t *word = sidemap_word(&space->allocated, address);
  check_freed(space, block, address);
  atomic_store_explicit(word, atomic_load_explicit(word, memory_order_relaxed) & ~sidemap_mask(address),
                        memory_order_relaxed);
  uint16_t live = atomic_load_explicit(&block->live, memory_order_relaxed);
  atomic_store_explicit(&block->live, (uint16_t)(live - 1), memory_order_relaxed);
  if (block_state(block) == CELL_BLOCK_FULL) {
    search_again(block);
    push_partial(space, block);
  }
}

size_t cell_space_release_empty(struct cell_space *space) {
  size_t released = 0;
  for (unsigned class = 0; class < CELL_CLASSES; class++) {
    struct cell_class *c = &space->classes[class];
    struct block *empty = NULL;
    pthread_mutex_lock(&c->lock);
    for (struct block **link = &c->partial; *link;) {
      struct block *block = *link;
      if (atomic_load(&block->live) != 0) {
        link = &block->next;
        continue;
      }
      *link = block->next;
      block->next = empty;
      empty = block;
    }
    pthread_mutex_unlock(&c->lock);
    while (empty) {
      struct block *next = empty->next;
      give_back(space, empty);
      empty = next;
      released++;
    }
  }
  return released;
}

static void add_used(void *context, struct block *block) {
  *(size_t *)context += atomic_load_explicit(&block->live, memory_order_relaxed) * cell_class_bytes(block->kind);
}

size_t cell_space_used_bytes(struct cell_space *space) {
  size_t bytes = 0;
  _Atomic size_t next_chunk = 0;
  memory_for_blocks(space->memory, SPACE_CELL, &next_chunk, &bytes, add_used);
  return bytes;
}

/* ---- verification and walks ---- */

const char *cell_space_problem(struct cell_space *space, uintptr_t address) {
  struct block *block = memory_block_of(space->memory, address);
  if (block_space(block) != SPACE_CELL)
    return "not in a cell block";
  size_t offset = address - memory_block_start(space->memory, block), cell = cell_class_bytes(block->kind);
  if (offset % cell != 0)
    return "not the start of a cell";
  if (offset / cell >= block_cells(block))
    return "in the tail of a block";
  return NULL;
}

struct walk {
  struct cell_space *space;
  void *context;
  void (*visit)(void *, gc_ref);
};

static void walk_block(void *context, struct block *block) {
  struct walk *walk = context;
  size_t cell = cell_class_bytes(block->kind);
  uintptr_t start = memory_block_start(walk->space->memory, block);
  unsigned handed_out = walk->space->exact ? 0 : block->cursor; /* each cell below was in use at the flip or is since */
  for (unsigned i = 0; i < block_cells(block); i++)
    if (i < handed_out || sidemap_test(&walk->space->allocated, start + i * cell))
      walk->visit(walk->context, (gc_ref){start + i * cell});
}

void cell_space_for_objects(struct cell_space *space, void *context, void (*visit)(void *, gc_ref)) {
  struct walk walk = {space, context, visit};
  _Atomic size_t next_chunk = 0;
  memory_for_blocks(space->memory, SPACE_CELL, &next_chunk, &walk, walk_block);
}
