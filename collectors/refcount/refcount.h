/* refcount.h -- the collector's own structure, and what its four files do for one another.
 *
 *     refcount.c  mutators, allocation, polls, the phase tables
 *     death.c     what is done with queued objects: decrements applied, the dead taken apart and freed
 *     trial.c     garbage cycles found from the suspects, by trial deletion
 *     recount.c   all counts rebuilt from the references there are; walks over all objects */
#ifndef GC_REFCOUNT_REFCOUNT_H
#define GC_REFCOUNT_REFCOUNT_H

#include "collectors/refcount/plan.h"

#include "runtime/cycle/mark.h"
#include "runtime/trace/rc_grace.h"

enum refcount_cycles { REFCOUNT_TRIAL, REFCOUNT_TRACE, REFCOUNT_NONE };

struct refcount {
  struct gc_heap heap;
  struct mark_spaces spaces;
  enum refcount_cycles cycles;
  struct rc_pool queue_pool, suspect_pool;
  struct rc_grace grace;

  /* what flushed and detached mutators left, and all that the stopped world works on */
  pthread_mutex_t lock;
  struct refcount_queues handed;
  _Atomic bool any_handed; /* a hint: decrements or zeros; written under the lock */
  _Atomic bool newcomer;   /* a mutator attached beside one that may still count alone */

  /* the cycle's thread */
  bool tracing;                /* this cycle frees what a mark does not reach */
  _Atomic size_t suspect_limit_bytes; /* of suspects in buffers: then a cycle is wanted */
  _Atomic size_t live_bytes;   /* in use at the end of the last cycle */
};

static GC_INLINE struct refcount *refcount_heap(struct gc_heap *heap) { return (struct refcount *)heap; }

/* ---- death.c ---- */

/* Applies the decrements in queues->locals, then takes the dead in queues->zeros apart and frees them, and whatever
 * dies with them.  `m`: the mutator on whose thread this is; NULL: the world is stopped.  Stops early, true, when
 * `m` is asked for a poll. */
bool PLAN_(reap)(struct refcount *rc, struct refcount_queues *queues, struct plan_mutator *m);

/* Drops the suspects that are none any more, and frees husks.  `m` as above. */
void PLAN_(filter_suspects)(struct refcount *rc, struct refcount_queues *queues, struct plan_mutator *m);

/* Frees the memory of an object.  `alone`: nobody else allocates or frees meanwhile. */
void PLAN_(free_memory)(struct refcount *rc, gc_ref object, bool alone);

/* Applies one decrement; the world is stopped. */
void PLAN_(drop_stw)(struct refcount *rc, gc_ref object);

/* ---- trial.c ---- */

/* Frees the garbage cycles that the suspects in rc->handed lead to, and forgets the suspects.  Returns how many
 * objects were traversed. */
size_t PLAN_(trial_stw)(struct refcount *rc);

/* ---- recount.c ---- */

/* Whether some object's count is stuck, so that only a trace can free it. */
bool PLAN_(any_stuck_stw)(struct refcount *rc);
/* Visits every object but husks. */
void PLAN_(for_objects_stw)(struct gc_heap *heap, void *context, void (*visit)(void *context, gc_ref object));
/* Sets the count of each marked object to the number of references from marked objects and roots. */
void PLAN_(rebuild_stw)(struct refcount *rc);

#endif
