#include "runtime/trace/rc_buffer.h"

#include <stdlib.h>

#include "runtime/base/check.h"

bool rc_pool_init(struct rc_pool *pool, struct heap_memory *memory) {
  *pool = (struct rc_pool){.memory = memory};
  return pthread_mutex_init(&pool->lock, NULL) == 0;
}

void rc_pool_fini(struct rc_pool *pool) {
  GC_CHECK(1, rc_pool_bytes(pool) == 0, "%zu bytes of queues are not given back", rc_pool_bytes(pool));
  memory_add_metadata(pool->memory, -(int64_t)(pool->spare_count * RC_CHUNK_BYTES));
  while (pool->spare) {
    struct rc_chunk *chunk = pool->spare;
    pool->spare = chunk->next;
    free(chunk);
  }
  pthread_mutex_destroy(&pool->lock);
}

static struct rc_chunk *take_spare(struct rc_pool *pool) {
  pthread_mutex_lock(&pool->lock);
  struct rc_chunk *chunk = pool->spare;
  if (chunk) {
    pool->spare = chunk->next;
    pool->spare_count--;
  }
  pthread_mutex_unlock(&pool->lock);
  return chunk;
}

static struct rc_chunk *take_chunk(struct rc_pool *pool) {
  struct rc_chunk *chunk = take_spare(pool);
  if (!chunk) {
    chunk = malloc(sizeof *chunk);
    if (!chunk)
      return NULL;
    memory_add_metadata(pool->memory, RC_CHUNK_BYTES);
  }
  atomic_fetch_add_explicit(&pool->used_bytes, RC_CHUNK_BYTES, memory_order_relaxed); /* relaxed: a statistic */
  return chunk;
}

static void give_chunk(struct rc_pool *pool, struct rc_chunk *chunk) {
  atomic_fetch_sub_explicit(&pool->used_bytes, RC_CHUNK_BYTES, memory_order_relaxed);
  pthread_mutex_lock(&pool->lock);
  bool keep = pool->spare_count < RC_POOL_SPARE_CHUNKS;
  if (keep) {
    chunk->next = pool->spare;
    pool->spare = chunk;
    pool->spare_count++;
  }
  pthread_mutex_unlock(&pool->lock);
  if (keep)
    return;
  memory_add_metadata(pool->memory, -RC_CHUNK_BYTES);
  free(chunk);
}

/* ---- buffers ---- */

static void forget_chunks(struct rc_buffer *buffer) {
  buffer->cursor = buffer->limit = NULL;
  buffer->top = buffer->bottom = NULL;
  buffer->chunks = 0;
}

void rc_buffer_init(struct rc_buffer *buffer, struct rc_pool *pool, struct gc_mutator *owner, size_t poll_items) {
  *buffer = (struct rc_buffer){.pool = pool, .owner = owner, .poll_items = poll_items ? poll_items : RC_CHUNK_ITEMS};
}

void rc_buffer_clear(struct rc_buffer *buffer) {
  for (struct rc_chunk *chunk = buffer->top, *next; chunk; chunk = next) {
    next = chunk->next;
    give_chunk(buffer->pool, chunk);
  }
  forget_chunks(buffer);
}

bool rc_buffer_extend(struct rc_buffer *buffer) {
  struct rc_chunk *top = buffer->top;
  if (top && buffer->owner)
    mutator_request_poll(buffer->owner, POLL_PLAN);
  if (top && buffer->limit < top->items + RC_CHUNK_ITEMS) {
    buffer->limit = top->items + RC_CHUNK_ITEMS;
    return true;
  }
  struct rc_chunk *chunk = take_chunk(buffer->pool);
  if (!chunk) {
    atomic_fetch_add_explicit(&buffer->pool->lost, 1, memory_order_relaxed); /* relaxed: read while it is quiet */
    return false;
  }
  if (top)
    top->count = RC_CHUNK_ITEMS;
  else
    buffer->bottom = chunk;
  chunk->next = top;
  buffer->top = chunk;
  buffer->chunks++;
  buffer->cursor = chunk->items;
  buffer->limit = chunk->items + (top ? RC_CHUNK_ITEMS : buffer->poll_items);
  return true;
}

bool rc_buffer_shrink(struct rc_buffer *buffer) {
  struct rc_chunk *used_up = buffer->top, *next = used_up->next;
  if (!next) { /* the last chunk stays; the next items are a new filling */
    buffer->limit = used_up->items + buffer->poll_items;
    return false;
  }
  buffer->top = next;
  buffer->chunks--;
  buffer->cursor = next->items + next->count;
  buffer->limit = next->items + RC_CHUNK_ITEMS;
  give_chunk(buffer->pool, used_up);
  return true;
}

void rc_buffer_move(struct rc_buffer *to, struct rc_buffer *from) {
  if (rc_buffer_is_empty(from))
    return;
  if (rc_buffer_is_empty(to))
    rc_buffer_clear(to);
  if (from->cursor == from->top->items) /* keep the invariant: the chunk comes to lie below */
    rc_buffer_shrink(from);
  if (to->top) { /* below `to`'s own chunks, so that its top stays as it is */
    from->top->count = (size_t)(from->cursor - from->top->items);
    to->bottom->next = from->top;
    to->bottom = from->bottom;
    to->chunks += from->chunks;
  } else {
    to->cursor = from->cursor;
    to->limit = from->top->items + RC_CHUNK_ITEMS;
    to->top = from->top;
    to->bottom = from->bottom;
    to->chunks = from->chunks;
  }
  forget_chunks(from);
}
