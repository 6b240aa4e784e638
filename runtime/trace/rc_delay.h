/* rc_delay.h -- items that one thread may act on only after every running mutator has polled.
 *
 *     push --> filling --poll--> waiting for a goal (mutator/qsbr.h) --poll--> ready, in a buffer of the caller's
 *
 * One batch waits at a time, and the next is filled meanwhile.  A batch is begun when a chunk is full, so that others
 * are asked to poll once for some five hundred items; where no other mutator runs, at every poll, and is ready at once.
 * Unlike rc_grace.h's, items come back to the thread that pushed them.  Its owner, or who stopped the world. */
#ifndef GC_TRACE_RC_DELAY_H
#define GC_TRACE_RC_DELAY_H

#include "runtime/trace/rc_buffer.h"

struct rc_delay {
  struct rc_buffer filling, waiting;
  uint64_t goal; /* of `waiting` */
};

void rc_delay_init(struct rc_delay *delay, struct rc_pool *pool, struct gc_mutator *owner);
/* With the items. */
void rc_delay_clear(struct rc_delay *delay);

/* False if the item was lost. */
static GC_INLINE bool rc_delay_push(struct rc_delay *delay, uintptr_t item) {
  return rc_buffer_push(&delay->filling, item);
}

/* Moves what is ready to `ready`, and begins to wait for what was pushed since.  At a poll of `self`. */
void rc_delay_poll(struct rc_delay *delay, struct safepoint *safepoint, const struct gc_mutator *self,
                   struct rc_buffer *ready);

/* Moves everything, ready or not, to `buffer`. */
void rc_delay_take_all(struct rc_delay *delay, struct rc_buffer *buffer);

#endif
