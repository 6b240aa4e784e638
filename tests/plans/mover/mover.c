/* mover.c -- copies what is reachable out of all blocks, in parallel, and frees them; freed blocks are overwritten, so
 * that whoever kept an old address notices.
 *
 *     block state   TO     holds current objects: filled by mutators, or by workers in this collection
 *                   FROM   was TO when the collection began: what lives in it is copied out
 *                   STAYS  was FROM; some object in it is pinned, or no memory for its copy was to be had
 * An object is in from-space if its block is FROM or STAYS; one that stays has its bit in `marks`, like large ones.
 * Invariant: while the world is stopped, a from-space object is forwarded, or marked, or not yet reached.
 * Half of the heap is kept free for the copies.  Rows run on the cycle's thread and the gang, the world stopped. */
#include "tests/plans/mover/plan.h"

#include <stdlib.h>

#include "runtime/cycle/trigger.h"
#include "runtime/object/forward.h"
#include "runtime/trace/closure.h"
#include "runtime/trace/roots.h"

enum block_state { BLOCK_TO = 1, BLOCK_FROM, BLOCK_STAYS };

struct mover {
  struct gc_heap heap;
  struct large_space large;
  struct sidemap marks; /* objects that were reached where they are */
  struct tlab *windows; /* by worker: where its next copy goes */

  pthread_mutex_t lock; /* the lists */
  struct block *current, *from;
  size_t current_count;
};

static struct mover *mover_of(struct gc_heap *heap) { return (struct mover *)heap; }

static const char *init(struct gc_heap *heap) {
  struct mover *mover = mover_of(heap);
  mover->windows = calloc(heap->gang.count, sizeof *mover->windows);
  if (!mover->windows)
    return "no memory for the workers' windows";
  if (!sidemap_init(&mover->marks, &heap->memory))
    goto fail_marks;
  if (!large_space_init(&mover->large, &heap->memory))
    goto fail_large;
  pthread_mutex_init(&mover->lock, NULL);
  return NULL;
fail_large:
  sidemap_fini(&mover->marks);
fail_marks:
  free(mover->windows);
  return "no memory for the tables of the spaces";
}

static void fini(struct gc_heap *heap) {
  struct mover *mover = mover_of(heap);
  pthread_mutex_destroy(&mover->lock);
  large_space_fini(&mover->large);
  sidemap_fini(&mover->marks);
  free(mover->windows);
}

static void mutator_init(struct gc_heap *heap, struct gc_mutator *m) { (void)heap, (void)m; }

static void mutator_flush(struct gc_heap *heap, struct gc_mutator *m) {
  (void)heap;
  tlab_clear(&m->tlab);
}

/* ---- blocks ---- */

static enum block_state state_of(struct block *block) {
  return (enum block_state)atomic_load_explicit(&block->state, memory_order_relaxed);
}
static void set_state(struct block *block, enum block_state state) {
  /* relaxed: changes between phases, and from FROM to STAYS by whoever holds the claim of an object in it */
  atomic_store_explicit(&block->state, (uint8_t)state, memory_order_relaxed);
}

static void list_current(struct mover *mover, struct block *block) {
  pthread_mutex_lock(&mover->lock);
  set_state(block, BLOCK_TO);
  block->next = mover->current;
  mover->current = block;
  mover->current_count++;
  pthread_mutex_unlock(&mover->lock);
}

/* A new block as `window`; false if none may be had. */
static bool take_window(struct mover *mover, struct tlab *window, unsigned node, enum memory_excess excess) {
  struct block *block = memory_take_block(&mover->heap.memory, SPACE_BUMP, node, excess);
  if (!block)
    return false;
  list_current(mover, block);
  uintptr_t start = memory_block_start(&mover->heap.memory, block);
  tlab_set(window, start, start + BLOCK_BYTES, block->fresh);
  block->fresh = false;
  return true;
}

/* ---- allocation ---- */

/* Whether one block more leaves room for copies of all, and for the workers' last windows. */
static bool room_to_copy(struct mover *mover) {
  pthread_mutex_lock(&mover->lock);
  size_t copies = mover->current_count + 1 + mover->heap.gang.count;
  pthread_mutex_unlock(&mover->lock);
  return memory_available(&mover->heap.memory) >= (copies + 1) * BLOCK_BYTES;
}

static gc_ref try_alloc(struct gc_mutator *m, uint32_t type, size_t bytes) {
  struct mover *mover = mover_of(m->heap);
  if (bytes > PLAN_LARGE_BYTES)
    return trigger_alloc_large(m, &mover->large, type, bytes, 0);
  if (!tlab_extend(&m->tlab, bytes)) {
    m->node = topology_current_node();
    if (!room_to_copy(mover) || !take_window(mover, &m->tlab, m->node, MEMORY_WITHIN_LIMIT))
      return GC_NULL;
    trigger_count(m, m->tlab.cursor, BLOCK_BYTES);
    tlab_extend(&m->tlab, bytes);
  }
  uintptr_t address = 0;
  tlab_bump(&m->tlab, bytes, &address);
  object_init(address, type, 0);
  return (gc_ref){address};
}

gc_ref PLAN_(alloc_slow)(struct gc_mutator *m, uint32_t type, size_t bytes) {
  return trigger_alloc(m, type, bytes, try_alloc);
}

/* ---- copying ---- */

enum place { PLACE_FIXED, PLACE_CURRENT, PLACE_FROM };

static enum place place_of(struct gc_heap *heap, gc_ref object) {
  if (memory_chunk_space(&heap->memory, memory_chunk_index(&heap->memory, object.bits)) != SPACE_CELL)
    return PLACE_FIXED;
  return state_of(memory_block_of(&heap->memory, object.bits)) == BLOCK_TO ? PLACE_CURRENT : PLACE_FROM;
}

/* Memory for a copy; 0 if the system refuses. */
static uintptr_t copy_room(struct gc_worker *worker, size_t bytes) {
  struct mover *mover = mover_of(worker->heap);
  struct tlab *window = &mover->windows[worker->index];
  if (bytes > window->end - window->cursor && !take_window(mover, window, worker->node, MEMORY_BEYOND_LIMIT))
    return 0;
  uintptr_t address = window->cursor;
  window->cursor += bytes;
  return address;
}

/* The object is reached where it is; returns it if this is the first time. */
static gc_ref reach_in_place(struct mover *mover, gc_ref object) {
  return sidemap_set_par(&mover->marks, object.bits) ? object : GC_NULL;
}

static gc_ref stay(struct mover *mover, gc_ref object) {
  set_state(memory_block_of(&mover->heap.memory, object.bits), BLOCK_STAYS);
  return reach_in_place(mover, object);
}

/* A from-space object: *now is set to where it is from now on.  Returns that if this worker reached it first. */
static gc_ref evacuate(struct gc_worker *worker, gc_ref object, gc_ref *now) {
  struct mover *mover = mover_of(worker->heap);
  *now = object;
  if (object_has_flag(object, GC_FLAG_PINNED))
    return stay(mover, object);
  uint64_t word = forward_claim(object, now);
  if (!word)
    return GC_NULL;
  size_t bytes = forward_copy_bytes(object, word);
  uintptr_t room = sidemap_test(&mover->marks, object.bits) ? 0 : copy_room(worker, bytes);
  if (!room) {
    gc_ref first = stay(mover, object);
    forward_abandon(object, word);
    return first;
  }
  worker->counts.copied_bytes += bytes;
  *now = forward_copy(object, word, room, bytes);
  forward_publish(object, word, *now);
  return *now;
}

static GC_INLINE gc_ref visit(struct gc_worker *worker, gc_ref source, gc_field *slot, gc_ref target) {
  (void)source;
  gc_ref now = target, first = GC_NULL;
  switch (place_of(worker->heap, target)) {
  case PLACE_FIXED: return reach_in_place(mover_of(worker->heap), target);
  case PLACE_CURRENT: return GC_NULL;
  case PLACE_FROM: first = evacuate(worker, target, &now);
  }
  field_set_bits(slot, now.bits);
  return first;
}

static gc_ref resolve(struct gc_heap *heap, gc_ref object) {
  if (place_of(heap, object) == PLACE_CURRENT)
    return object;
  uint64_t word = object_word(object);
  if (word_is_forwarded(word))
    return word_forwarding(word);
  return sidemap_test(&mover_of(heap)->marks, object.bits) ? object : GC_NULL;
}

static GC_INLINE gc_ref visit_noting(struct gc_worker *worker, gc_ref source, gc_field *slot, gc_ref target) {
  gc_ref first = visit(worker, source, slot, target);
  if (!gc_is_null(first))
    weak_note_reached(&worker->heap->weak, worker->heap, target.bits, first, resolve);
  return first;
}

/* ---- the cycle ---- */

static enum gc_phase_result begin(struct gc_heap *heap) {
  struct mover *mover = mover_of(heap);
  mover->from = mover->current;
  mover->current = NULL;
  mover->current_count = 0;
  for (struct block *block = mover->from; block; block = block->next) {
    set_state(block, BLOCK_FROM);
    sidemap_clear_range(&mover->marks, memory_block_start(&heap->memory, block), BLOCK_BYTES);
  }
  large_space_clear_marks(&mover->large, &mover->marks);
  sidemap_set_par(&mover->marks, heap->globals.bits); /* scanned as a root */
  for (unsigned i = 0; i < heap->gang.count; i++)
    tlab_clear(&mover->windows[i]);
  return GC_NEXT;
}

static GC_INLINE void push_root(void *context, gc_ref source, gc_field *slot) {
  gc_ref target = {field_bits(slot)};
  gc_ref first = gc_is_null(target) ? GC_NULL : visit(context, source, slot, target);
  if (!gc_is_null(first))
    closure_push_grey(context, first);
}

static void copy_job(struct gc_worker *worker) {
  struct gc_heap *heap = worker->heap;
  roots_scan_par(&heap->safepoint, heap->globals, &heap->final, &worker->gang->next_share, worker, push_root);
  closure_drain(worker, CLOSURE_PLAIN, false, visit);
}

static enum gc_phase_result copy(struct gc_heap *heap) {
  gang_run(&heap->gang, GANG_WAKE, copy_job, NULL);
  return GC_NEXT;
}

static enum gc_phase_result weak(struct gc_heap *heap) {
  weak_phase(gang_driver(&heap->gang), &heap->weak, &heap->final, WEAK_ALL, resolve, weak_never_young, visit_noting);
  return GC_NEXT;
}

static void overwrite(uintptr_t start) {
  for (size_t offset = 0; offset < BLOCK_BYTES; offset += 8)
    *(uint64_t *)(start + offset) = GC_HEADER_POISON;
}

static enum gc_phase_result release(struct gc_heap *heap) {
  struct mover *mover = mover_of(heap);
  while (mover->from) {
    struct block *block = mover->from;
    mover->from = block->next;
    if (state_of(block) == BLOCK_STAYS) {
      list_current(mover, block);
      continue;
    }
    overwrite(memory_block_start(&heap->memory, block));
    memory_give_block(&heap->memory, block);
  }
  large_space_sweep(&mover->large, &mover->marks);
  return GC_NEXT;
}

static const struct gc_phase full[] = {{.name = "begin", .mode = GC_STW, .run = begin},
                                       {.name = "copy", .mode = GC_STW, .run = copy},
                                       {.name = "weak", .mode = GC_STW, .run = weak},
                                       {.name = "release", .mode = GC_STW, .run = release},
                                       {0}};

static enum gc_cycle_kind choose(struct gc_heap *heap, enum gc_reason reason) {
  (void)heap, (void)reason;
  return GC_CYCLE_MAJOR;
}

/* After a cycle, while mutators take blocks. */
static size_t live_bytes(struct gc_heap *heap) {
  struct mover *mover = mover_of(heap);
  pthread_mutex_lock(&mover->lock);
  size_t blocks = mover->current_count;
  pthread_mutex_unlock(&mover->lock);
  return blocks * BLOCK_BYTES + mover->large.live_bytes;
}

static bool verify_live(struct gc_heap *heap, gc_ref object) {
  return place_of(heap, object) == PLACE_CURRENT || sidemap_test(&mover_of(heap)->marks, object.bits);
}

static const char *verify_object(struct gc_heap *heap, gc_ref object) {
  struct block *block = memory_block_of(&heap->memory, object.bits);
  if (memory_chunk_space(&heap->memory, memory_chunk_index(&heap->memory, object.bits)) == SPACE_LARGE)
    return large_space_problem(&mover_of(heap)->large, object.bits);
  return block_space(block) == SPACE_BUMP && state_of(block) == BLOCK_TO ? NULL : "not in a block of current objects";
}

const struct gc_collector PLAN_(collector) = {
    .name = GC_STRING(GC_PLAN),
    .summary = "moves every small object at every collection",
    .attrs = {.reclaims = true,
              .moves = true,
              .cycles = true,
              .weak = true,
              .ephemerons = true,
              .finalizers = true,
              .threads = true},
    .copied_types = true,
    .heap_bytes = sizeof(struct mover),
    .mutator_bytes = sizeof(struct plan_mutator),
    .init = init,
    .fini = fini,
    .mutator_init = mutator_init,
    .mutator_flush = mutator_flush,
    .choose = choose,
    .cycles = {[GC_CYCLE_MAJOR] = full, [GC_CYCLE_EMERGENCY] = full},
    .live_bytes = live_bytes,
    .verify_live = verify_live,
    .verify_object = verify_object,
};
