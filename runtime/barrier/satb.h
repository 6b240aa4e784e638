/* satb.h -- snapshot-at-the-beginning store barrier (Yuasa 1990): while a cycle marks, the value about to be
 * overwritten is shaded, so that all that was reachable when marking began gets marked.
 *
 * To shade an object is to set its mark bit and, if this call set it, to put the object into the thread's buffer:
 * marked, still to be scanned.  So no object is remembered twice, and newly allocated black ones never are.
 * A buffer is one chunk; a full chunk is handed over whole, and marking workers take chunks from the queue.
 * While the threads' roots are being scanned one after the other, the new value is shaded as well.
 *
 *     may run beside | shade, hand_over   take, give_back   begin, end
 *     shade          |  other buffers      yes               no        the buffer's owner, or its claimer
 *     take           |  yes                yes               no        any worker of the cycle
 *
 * Shading waits for nobody and never reaches a safepoint: a full chunk is pushed with one compare-and-swap; an empty
 * one comes from the pool if its lock is free, else from malloc.  All chunks together stay below limit_bytes; a value
 * that finds no room is dropped and `overflowed` says that this cycle's marks are useless.
 *
 * Invariant while marking: a marked object is scanned, or on a worker's list, or in a buffer or chunk.
 * Models: tests/model/satb.pml, incupdate.pml. */
#ifndef GC_BARRIER_SATB_H
#define GC_BARRIER_SATB_H

#include <pthread.h>

#include "runtime/base/mutant.h"
#include "runtime/heap/sidemap.h"
#include "runtime/object/object.h"

enum { SATB_CHUNK_BYTES = 4096, SATB_CHUNK_ITEMS = SATB_CHUNK_BYTES / 8 - 2 };

struct satb_chunk {
  struct satb_chunk *next;
  size_t count;
  gc_ref items[SATB_CHUNK_ITEMS]; /* marked, to be scanned */
};

struct satb_queue {
  /* fixed while mutators shade */
  struct heap_memory *memory;  /* counts the chunks as metadata */
  const struct sidemap *marks; /* of the running cycle */
  size_t limit_bytes;

  /* any mutator */
  GC_CACHE_ALIGNED struct satb_chunk *_Atomic full; /* last in, first out; workers take all of it at once */
  _Atomic size_t held_bytes;                         /* chunks in existence */
  _Atomic bool overflowed;

  /* the lock: workers, and mutators that find it free */
  GC_CACHE_ALIGNED pthread_mutex_t lock;
  struct satb_chunk *taken; /* taken from `full`, not yet given to a worker */
  struct satb_chunk *empty;
};

/* What a store shades; a buffer's `shades` is 0 unless a cycle is marking. */
enum satb_shades { SATB_OLD = 1, SATB_NEW = 2 };

/* One thread's part. */
struct satb_buffer {
  uint8_t shades;           /* of enum satb_shades */
  struct satb_chunk *chunk; /* being filled; NULL before the first value */
  struct satb_queue *queue;
};

void satb_queue_init(struct satb_queue *queue, struct heap_memory *memory, const struct sidemap *marks,
                     size_t limit_bytes);
void satb_queue_fini(struct satb_queue *queue);

/* No thread shades: before a cycle, forgets an old overflow; after it, drops chunks that were never taken and frees
 * all but a few. */
void satb_queue_begin(struct satb_queue *queue);
void satb_queue_end(struct satb_queue *queue);

/* Marks `object` and remembers it, unless it is marked or null. */
void satb_shade(struct satb_buffer *buffer, gc_ref object);

void satb_before_store_slow(struct satb_buffer *buffer, const gc_field *field, gc_ref value) GC_COLD;

/* Before `value` is stored into `field`.  Cost when no cycle is marking: one load, one branch not taken. */
static GC_INLINE void satb_before_store(struct satb_buffer *buffer, const gc_field *field, gc_ref value) {
  if (GC_UNLIKELY(buffer->shades))
    satb_before_store_slow(buffer, field, value);
}

/* After `target` was read from a weak reference, which no snapshot holds. */
static GC_INLINE void satb_after_weak_load(struct satb_buffer *buffer, gc_ref target) {
  if (GC_UNLIKELY(buffer->shades) && !GC_MUTANT(satb_weak_load_unshaded))
    satb_shade(buffer, target);
}

/* Hands the chunk over, full or not.  Owner, or whoever claimed or stopped it. */
void satb_hand_over(struct satb_buffer *buffer);

/* A chunk with objects to scan, NULL if none was handed over; give it back when its items are taken. */
struct satb_chunk *satb_take(struct satb_queue *queue);
void satb_give_back(struct satb_queue *queue, struct satb_chunk *chunk);
bool satb_is_empty(struct satb_queue *queue);

static GC_INLINE bool satb_overflowed(struct satb_queue *queue) {
  return atomic_load_explicit(&queue->overflowed, memory_order_relaxed); /* relaxed: looked at again after a stop */
}

#endif
