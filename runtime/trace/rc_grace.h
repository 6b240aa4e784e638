/* rc_grace.h -- buffers whose items may be acted on only after every running mutator has polled.
 *
 *     a mutator's buffer --defer--> in flight --liburcu: a grace period passed--> ready --take--> any mutator
 *                                       +------------- take_all_stw --------------------> the stopped world
 *
 *     may run beside | defer  ready (liburcu's thread)  take   take_all_stw
 *     defer          |  yes     yes                     yes       no
 *     ready          |  yes     no                      yes       yes
 *     take           |  yes     yes                     yes       no
 *     take_all_stw   |  no      yes                     no        no
 *
 * A stopped world is a grace period by itself: no thread keeps an uncounted reference across a safepoint. */
#ifndef GC_TRACE_RC_GRACE_H
#define GC_TRACE_RC_GRACE_H

#include "runtime/mutator/safepoint.h"
#include "runtime/trace/rc_buffer.h"

struct rc_batch;

struct rc_grace {
  struct safepoint *safepoint;
  pthread_mutex_t lock;
  struct rc_batch *in_flight; /* doubly linked */
  struct rc_buffer ready;
  _Atomic bool any_ready;     /* a hint, written under the lock */
};

bool rc_grace_init(struct rc_grace *grace, struct safepoint *safepoint, struct rc_pool *pool);
/* After grace_barrier. */
void rc_grace_fini(struct rc_grace *grace);

/* Takes the items of `buffer`; if the system refuses memory for the batch they stay where they are.
 * A running mutator. */
void rc_grace_defer(struct rc_grace *grace, struct rc_buffer *buffer);

/* Moves what is ready to `buffer`.  Any mutator. */
static GC_INLINE bool rc_grace_any_ready(struct rc_grace *grace) {
  return atomic_load_explicit(&grace->any_ready, memory_order_relaxed);
}
void rc_grace_take(struct rc_grace *grace, struct rc_buffer *buffer);
/* Moves everything to `buffer`. */
void rc_grace_take_all_stw(struct rc_grace *grace, struct rc_buffer *buffer);

#endif
