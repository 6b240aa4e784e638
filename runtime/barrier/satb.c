#include "runtime/barrier/satb.h"

#include <stdlib.h>

#include "runtime/base/chaos.h"
#include "runtime/base/check.h"
#include "runtime/base/mutant.h"
#include "runtime/stats/tally.h"

enum { SPARE_CHUNKS = 4 }; /* kept from cycle to cycle */

void satb_queue_init(struct satb_queue *queue, struct heap_memory *memory, const struct sidemap *marks,
                     size_t limit_bytes) {
  *queue = (struct satb_queue){.memory = memory, .marks = marks, .limit_bytes = limit_bytes};
  pthread_mutex_init(&queue->lock, NULL);
}

/* ---- chunks ---- */

/* NULL if the limit or the system refuses. */
static struct satb_chunk *chunk_new(struct satb_queue *queue) {
  /* relaxed: counts only */
  size_t before = atomic_fetch_add_explicit(&queue->held_bytes, SATB_CHUNK_BYTES, memory_order_relaxed);
  struct satb_chunk *chunk = before + SATB_CHUNK_BYTES <= queue->limit_bytes ? malloc(sizeof *chunk) : NULL;
  if (!chunk) {
    atomic_fetch_sub_explicit(&queue->held_bytes, SATB_CHUNK_BYTES, memory_order_relaxed);
    return NULL;
  }
  memory_add_metadata(queue->memory, SATB_CHUNK_BYTES);
  return chunk;
}

static void chunk_delete(struct satb_queue *queue, struct satb_chunk *chunk) {
  free(chunk);
  memory_add_metadata(queue->memory, -SATB_CHUNK_BYTES);
  atomic_fetch_sub_explicit(&queue->held_bytes, SATB_CHUNK_BYTES, memory_order_relaxed);
}

static struct satb_chunk *pop(struct satb_chunk **list) {
  struct satb_chunk *chunk = *list;
  if (chunk)
    *list = chunk->next;
  return chunk;
}

static void push(struct satb_chunk **list, struct satb_chunk *chunk) {
  chunk->next = *list;
  *list = chunk;
}

static struct satb_chunk *take_empty(struct satb_queue *queue) {
  struct satb_chunk *chunk = NULL;
  if (pthread_mutex_trylock(&queue->lock) == 0) {
    chunk = pop(&queue->empty);
    pthread_mutex_unlock(&queue->lock);
  }
  if (!chunk)
    chunk = chunk_new(queue);
  if (chunk)
    chunk->count = 0;
  return chunk;
}

/* ---- mutators ---- */

void satb_hand_over(struct satb_buffer *buffer) {
  struct satb_chunk *chunk = buffer->chunk;
  if (!chunk)
    return;
  buffer->chunk = NULL;
  GC_CHAOS("satb.hand_over");
  chunk->next = atomic_load_explicit(&buffer->queue->full, memory_order_relaxed);
  if (GC_MUTANT(satb_hand_over_unordered)) {
    while (!atomic_compare_exchange_weak_explicit(&buffer->queue->full, &chunk->next, chunk, memory_order_relaxed,
                                                  memory_order_relaxed))
      ;
    return;
  }
  /* release: the items are seen by who takes the chunk; pairs with the acquire in satb_take */
  while (!atomic_compare_exchange_weak_explicit(&buffer->queue->full, &chunk->next, chunk, memory_order_release,
                                                memory_order_relaxed))
    ;
}

void satb_shade(struct satb_buffer *buffer, gc_ref object) {
  struct satb_queue *queue = buffer->queue;
  if (gc_is_null(object) || !sidemap_set_par(queue->marks, object.bits))
    return;
  GC_CHAOS("satb.shade");
  struct satb_chunk *chunk = buffer->chunk;
  if (GC_UNLIKELY(!chunk || chunk->count == SATB_CHUNK_ITEMS)) {
    satb_hand_over(buffer);
    chunk = buffer->chunk = take_empty(queue);
    if (!chunk) {
      if (!GC_MUTANT(satb_overflow_unnoticed))
        atomic_store_explicit(&queue->overflowed, true, memory_order_relaxed);
      return;
    }
  }
  chunk->items[chunk->count++] = object;
}

void satb_before_store_slow(struct satb_buffer *buffer, const gc_field *field, gc_ref value) {
  TALLY(satb_slow_stores);
  /* Two threads that store into one field may both read its first value here and neither the second.  That is enough:
   * only the snapshot's value must be shaded, and whoever stored the second has it from a place that is watched. */
  if ((buffer->shades & SATB_OLD) && !GC_MUTANT(satb_barrier_deleted))
    satb_shade(buffer, (gc_ref){field_bits(field)});
  if ((buffer->shades & SATB_NEW) && !GC_MUTANT(satb_new_unshaded))
    satb_shade(buffer, value);
}

/* ---- workers ---- */

struct satb_chunk *satb_take(struct satb_queue *queue) {
  pthread_mutex_lock(&queue->lock);
  if (!queue->taken)
    queue->taken = atomic_exchange_explicit(&queue->full, NULL, memory_order_acquire); /* pairs with satb_hand_over */
  struct satb_chunk *chunk = pop(&queue->taken);
  pthread_mutex_unlock(&queue->lock);
  return chunk;
}

void satb_give_back(struct satb_queue *queue, struct satb_chunk *chunk) {
  pthread_mutex_lock(&queue->lock);
  push(&queue->empty, chunk);
  pthread_mutex_unlock(&queue->lock);
}

bool satb_is_empty(struct satb_queue *queue) {
  pthread_mutex_lock(&queue->lock);
  bool empty = !queue->taken && !atomic_load_explicit(&queue->full, memory_order_relaxed);
  pthread_mutex_unlock(&queue->lock);
  return empty;
}

/* ---- the cycle's thread ---- */

void satb_queue_begin(struct satb_queue *queue) {
  GC_CHECK(1, satb_is_empty(queue), "values are left from the last cycle");
  atomic_store_explicit(&queue->overflowed, false, memory_order_relaxed);
}

static void drop_untaken(struct satb_queue *queue) {
  for (struct satb_chunk *chunk; (chunk = satb_take(queue));)
    satb_give_back(queue, chunk);
}

void satb_queue_end(struct satb_queue *queue) {
  drop_untaken(queue);
  pthread_mutex_lock(&queue->lock);
  struct satb_chunk *kept = NULL, *chunk;
  for (unsigned i = 0; i < SPARE_CHUNKS && (chunk = pop(&queue->empty)); i++)
    push(&kept, chunk);
  while ((chunk = pop(&queue->empty)))
    chunk_delete(queue, chunk);
  queue->empty = kept;
  pthread_mutex_unlock(&queue->lock);
}

void satb_queue_fini(struct satb_queue *queue) {
  drop_untaken(queue);
  for (struct satb_chunk *chunk; (chunk = pop(&queue->empty));)
    chunk_delete(queue, chunk);
  GC_CHECK(1, atomic_load(&queue->held_bytes) == 0, "%zu bytes of chunks are lost", atomic_load(&queue->held_bytes));
  pthread_mutex_destroy(&queue->lock);
}
