/* ssb.h -- sequential store buffers: the addresses of fields that a collector wants to look at again.
 *
 * Each mutator (and each collector worker) fills segments of its own; full ones are handed to the shared set
 * whole.  Pushing never blocks and never reaches a safepoint.  The cycle's workers take segments one by one.
 * Invariant (remembered set): every field of an old object that refers to a young one is in some segment, or in
 * an object that is remembered whole. */
#ifndef GC_BARRIER_SSB_H
#define GC_BARRIER_SSB_H

#include <pthread.h>

#include "runtime/object/ref.h"

enum { SSB_SEGMENT_SLOTS = 1022 };

struct ssb_segment {
  struct ssb_segment *next;
  size_t count;
  gc_field *slots[SSB_SEGMENT_SLOTS];
};

struct ssb_set {
  pthread_mutex_t lock;
  struct ssb_segment *full;  /* filled, to be looked at */
  struct ssb_segment *spare; /* empty, kept for reuse */
  size_t segments;           /* allocated in all */
};

struct ssb_buffer {
  struct ssb_set *set;
  struct ssb_segment *segment; /* being filled; NULL before the first push */
};

void ssb_set_init(struct ssb_set *set);
void ssb_set_fini(struct ssb_set *set);

/* Hands the full segment over and takes an empty one.  The buffer's owner. */
void ssb_refill(struct ssb_buffer *buffer) GC_COLD;

static GC_INLINE void ssb_push(struct ssb_buffer *buffer, gc_field *slot) {
  struct ssb_segment *segment = buffer->segment;
  if (GC_UNLIKELY(segment == NULL || segment->count == SSB_SEGMENT_SLOTS)) {
    ssb_refill(buffer);
    segment = buffer->segment;
  }
  segment->slots[segment->count++] = slot;
}

/* Hands a partly filled segment over.  Owner, or whoever claimed or stopped it. */
void ssb_flush(struct ssb_buffer *buffer);

/* A handed-over segment to look at, NULL if there is none; give it back when done.  Any worker. */
struct ssb_segment *ssb_take(struct ssb_set *set);
void ssb_give_back(struct ssb_set *set, struct ssb_segment *segment);

/* Drops what handed-over segments hold.  The world is stopped. */
void ssb_forget(struct ssb_set *set);

/* Moves all handed-over segments from one set to another.  The world is stopped. */
void ssb_move_full(struct ssb_set *to, struct ssb_set *from);

/* Memory held by all segments, full or spare. */
size_t ssb_bytes(struct ssb_set *set);

#endif
