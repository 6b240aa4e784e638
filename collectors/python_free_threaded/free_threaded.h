/* free_threaded.h -- the collector's own structure, and what its files do for one another.
 *
 *     free_threaded.c  mutators, allocation, polls, when to stop the world
 *     death.c          drops are applied, the dead taken apart and freed
 *     collect.c        which objects only refer to one another, and their end; walks over all objects */
#ifndef GC_PYTHON_FREE_THREADED_FREE_THREADED_H
#define GC_PYTHON_FREE_THREADED_FREE_THREADED_H

#include "collectors/python_free_threaded/plan.h"

#include "runtime/cycle/mark.h"
#include "runtime/trace/owners.h"

/* In struct plan_mutator.fields: the entry is the block of a dead object that weak references referred to.  A thread
 * that read one of them before it was cleared may look at the count until its next poll. */
enum { DELAYED_MEMORY = 1 };

struct free_threaded {
  struct gc_heap heap;
  struct mark_spaces spaces;
  struct rc_pool pool;
  struct owners owners;

  /* what detached mutators left, and all that the stopped world works on */
  pthread_mutex_t lock;
  struct rc_buffer handed_locals, handed_fields;
  _Atomic bool any_handed; /* a hint; written under the lock */

  /* when to collect; objects that may be in cycles */
  int64_t threshold;
  _Atomic int64_t young;   /* made, less freed, since the last collection, as far as threads have told */
  _Atomic int64_t total;   /* found alive by the last one */
  _Atomic size_t live_bytes;
};

static GC_INLINE struct free_threaded *free_threaded_of(struct gc_heap *heap) { return (struct free_threaded *)heap; }

static GC_INLINE gc_ref object_of_block(uintptr_t block) { return (gc_ref){block + BIASED_BYTES}; }
static GC_INLINE uintptr_t block_of_object(gc_ref object) { return object.bits - BIASED_BYTES; }

/* ---- death.c ---- */

/* Applies the drops in m->locals, takes apart what they leave dead, and all that dies with it.  The thread of `m`, or
 * who stopped the world.  Stops early, true, when `m` is asked for a poll, unless `all`. */
bool PLAN_(reap)(struct free_threaded *ft, struct plan_mutator *m, bool all);

/* The same for what is handed over, the world stopped. */
void PLAN_(reap_handed_stw)(struct free_threaded *ft);

/* Drops a reference of garbage to what lives on; the world is stopped. */
void PLAN_(drop_stw)(gc_ref object);

/* Frees the memory of an object; alone: nobody else allocates or frees meanwhile. */
void PLAN_(free_memory)(struct free_threaded *ft, uintptr_t block, bool alone);

/* ---- collect.c ---- */

/* Frees all objects that only refer to one another.  trusting: an object whose count is higher than the references
 * that are known is alive. */
void PLAN_(collect_stw)(struct free_threaded *ft, bool trusting);
/* Whether some object's count is stuck. */
bool PLAN_(any_stuck_stw)(struct free_threaded *ft);
/* Visits every object that has not been taken apart. */
void PLAN_(for_objects_stw)(struct gc_heap *heap, void *context, void (*visit)(void *context, gc_ref object));

#endif
