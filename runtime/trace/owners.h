/* owners.h -- the threads that own objects with biased counts, and what others leave for them to do.
 *
 * Each mutator has a number while it is attached, the lowest that is free; the next one that gets a number inherits the
 * objects that bear it.  A thread that drops a reference which an object's owner counted cannot tell whether it was the
 * last (barrier/biased.h): it puts the object into the owner's queue.  The owner, at its next poll, gives the object
 * up, so that from then on everybody counts it in the same place, and drops the reference that the entry stands for.
 * Where nobody has the number, whoever comes does that at once, under the queue's lock, which keeps a new owner out.
 *
 *     may run beside | attach  hand_over  take  detach  take_all_stw
 *     attach         |  no       yes       yes    no       no
 *     hand_over      |  yes      yes       yes    yes      no
 *     take           |  yes      yes       no     no       no
 *
 * attach, detach: under the safepoint's lock; take: the owner; a stopped world takes all, so an owner that is blocked
 * holds nothing back for longer than to the next stop.  An entry for which memory is refused is lost (rc_buffer.h). */
#ifndef GC_TRACE_OWNERS_H
#define GC_TRACE_OWNERS_H

#include "runtime/barrier/biased.h"
#include "runtime/trace/rc_buffer.h"

struct owner {
  pthread_mutex_t lock;
  struct gc_mutator *mutator; /* who has the number; NULL: nobody */
  struct rc_buffer queue;     /* objects, each QUEUED or, since, MERGED */
  _Atomic bool any;           /* a hint, written under the lock */
};

struct owners {
  struct rc_pool *pool;
  struct owner *by_number[BIASED_OWNER_LIMIT]; /* of those ever used, [1, used); 0 is nobody */
  _Atomic uint32_t used; /* written under the safepoint's lock */
};

void owners_init(struct owners *owners, struct rc_pool *pool);
/* The queues are empty. */
void owners_fini(struct owners *owners);

/* One past the highest number that was ever given.  relaxed: who needs the owner behind a number has it from one that
 * it got from the object, or holds the safepoint's lock. */
static inline uint32_t owners_used(const struct owners *owners) {
  return atomic_load_explicit(&owners->used, memory_order_relaxed);
}

/* Gives `m` a number; 0 if the system refuses memory for one more, or there is none left. */
uint32_t owners_attach(struct owners *owners, struct gc_mutator *m);
/* The number is free again; decrements that are left in its queue go to `left`. */
void owners_detach(struct owners *owners, uint32_t number, struct rc_buffer *left);

/* `object` is BIASED_FOR_OWNER.  Returns what became of the reference: dropped, by this thread, or left to the owner,
 * which is BIASED_IN_USE. */
enum biased_drop owners_hand_over(struct owners *owners, gc_ref object);

/* Gives up the objects in the queue of `number`, and moves them to `drops`: decrements that may be applied at once. */
void owners_take(struct owners *owners, uint32_t number, struct rc_buffer *drops);
void owners_take_all_stw(struct owners *owners, struct rc_buffer *drops);

#endif
