/* rc_buffer.h -- the queues of counting collectors: stacks of object addresses in chunks of 4 KB from one pool.
 *
 * A buffer belongs to one thread, or to whoever holds its lock.  It asks for a poll of its owner when it holds as
 * much as its owner wants to see at a time, and again with every further chunk.  Its memory counts as the heap's
 * metadata.  Losing an entry is safe for a counting collector, since the object's count then merely stays too high:
 * so when the system refuses a chunk the entry is dropped and counted in pool->lost, and no store can fail. */
#ifndef GC_TRACE_RC_BUFFER_H
#define GC_TRACE_RC_BUFFER_H

#include <pthread.h>

#include "runtime/heap/memory.h"
#include "runtime/mutator/mutator.h"

enum { RC_CHUNK_BYTES = 4096, RC_CHUNK_ITEMS = RC_CHUNK_BYTES / 8 - 2, RC_POOL_SPARE_CHUNKS = 64 };

struct rc_chunk {
  struct rc_chunk *next; /* pushed before this one */
  size_t count;          /* items; of the top chunk: see rc_buffer.cursor */
  uintptr_t items[RC_CHUNK_ITEMS];
};

struct rc_pool {
  struct heap_memory *memory;
  pthread_mutex_t lock;
  struct rc_chunk *spare;
  size_t spare_count;
  _Atomic size_t used_bytes; /* of chunks in buffers */
  _Atomic uint64_t lost;     /* entries dropped for want of memory */
};

/* Invariant: no chunk but the top one is empty. */
struct rc_buffer {
  uintptr_t *cursor, *limit; /* next free item of the top chunk, and where the slow half looks again */
  struct rc_chunk *top, *bottom;
  size_t chunks;
  struct rc_pool *pool;
  struct gc_mutator *owner; /* to be polled; NULL: nobody */
  size_t poll_items;        /* of the first chunk: after so many ask for a poll */
};

bool rc_pool_init(struct rc_pool *pool, struct heap_memory *memory);
/* All buffers are empty. */
void rc_pool_fini(struct rc_pool *pool);
static GC_INLINE size_t rc_pool_bytes(struct rc_pool *pool) {
  return atomic_load_explicit(&pool->used_bytes, memory_order_relaxed);
}

/* poll_items: at most RC_CHUNK_ITEMS; 0 means RC_CHUNK_ITEMS. */
void rc_buffer_init(struct rc_buffer *buffer, struct rc_pool *pool, struct gc_mutator *owner, size_t poll_items);
/* Gives back all chunks, with their items. */
void rc_buffer_clear(struct rc_buffer *buffer);

static GC_INLINE bool rc_buffer_is_empty(const struct rc_buffer *buffer) {
  return !buffer->top || (buffer->cursor == buffer->top->items && !buffer->top->next);
}

/* Room for one more item; false if the system refused it. */
bool rc_buffer_extend(struct rc_buffer *buffer);
/* The top chunk is used up: goes to the one before.  False if there is none. */
bool rc_buffer_shrink(struct rc_buffer *buffer);

/* False if the item was lost. */
static GC_INLINE bool rc_buffer_push(struct rc_buffer *buffer, uintptr_t item) {
  if (GC_UNLIKELY(buffer->cursor == buffer->limit) && !rc_buffer_extend(buffer))
    return false;
  *buffer->cursor++ = item;
  return true;
}

/* The item pushed last; 0 if there is none. */
static GC_INLINE uintptr_t rc_buffer_pop(struct rc_buffer *buffer) {
  if (GC_UNLIKELY(!buffer->top || (buffer->cursor == buffer->top->items && !rc_buffer_shrink(buffer))))
    return 0;
  return *--buffer->cursor;
}

/* Moves all items of `from` to `to`; in time independent of how many there are. */
void rc_buffer_move(struct rc_buffer *to, struct rc_buffer *from);

/* Calls visit(context, item) for each item, which stay. */
static GC_INLINE void rc_buffer_for_items(const struct rc_buffer *buffer, void *context,
                                          void (*visit)(void *context, uintptr_t item)) {
  for (struct rc_chunk *chunk = buffer->top; chunk; chunk = chunk->next) {
    size_t count = chunk == buffer->top ? (size_t)(buffer->cursor - chunk->items) : chunk->count;
    for (size_t i = 0; i < count; i++)
      visit(context, chunk->items[i]);
  }
}

#endif
