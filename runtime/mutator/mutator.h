/* mutator.h -- one thread of the program under test, as the collector sees it.
 *
 * A plan embeds struct gc_mutator as the first member of its own struct plan_mutator.  Fields are grouped
 * by who writes them; groups of different writers are a cache line apart. */
#ifndef GC_MUTATOR_MUTATOR_H
#define GC_MUTATOR_MUTATOR_H

#include <pthread.h>

#include "runtime/base/chaos.h"
#include "runtime/heap/tlab.h"
#include "runtime/mutator/roots.h"
#include "runtime/stats/tally.h"
#include "runtime/stats/thread_log.h"

struct gc_heap;
struct safepoint;

/* Why the poll word is not zero.  Set by anyone (fetch_or), cleared by the owner in its slow poll. */
enum poll_reason {
  POLL_HANDSHAKE = 1 << 0, /* an action is posted for this mutator */
  POLL_STOP = 1 << 1,      /* the world is stopping */
  POLL_QUIESCE = 1 << 2,   /* a grace period waits for this thread */
  POLL_PLAN = 1 << 3,      /* the plan asks for its poll hook: a full buffer, a queue to drain */
  POLL_STRESS = 1 << 4,    /* collect at every poll; never cleared */
};

/* RUNNING: owner runs, polls.  BLOCKED: owner is outside, touches no heap.  CLAIMED: another thread acts
 * for the blocked owner.   owner: RUNNING → BLOCKED (release), BLOCKED → RUNNING (acquire)
 *                          other: BLOCKED → CLAIMED (acquire), CLAIMED → BLOCKED (release) */
enum mutator_state { MUTATOR_RUNNING, MUTATOR_BLOCKED, MUTATOR_CLAIMED };

struct mutator_counts {
  uint64_t alloc_bytes;        /* handed out in windows and large objects */
  uint64_t alloc_local_bytes;  /* of those, on the node of the allocating thread */
  uint64_t alloc_remote_bytes;
  uint64_t slow_allocs;
  uint64_t slow_polls;
  uint64_t stall_ns;           /* waiting for a collection inside an allocation */
  uint64_t stalls;
  uint64_t transition_ns;      /* in slow polls: handshakes, the way into a stop and out of it, not the stop itself,
                                  nor what the plan does at a poll */
  uint64_t assist_ns;          /* doing the collector's work inside the mutator */
  uint64_t tallies[TALLY_SLOTS]; /* of detached mutators; those of the others are behind gc_mutator.tallies */
};

struct gc_mutator {
  /* owner: hot */
  struct tlab tlab;
  struct gc_frame *frames;
  struct gc_heap *heap;

  /* owner: checked and stress builds */
  uint32_t stamp;           /* counts the points at which references expire */
  uint32_t stress_left;     /* allocations until the next forced collection; 0: none */
  uintptr_t newborn;        /* the latest allocation while init_store is still legal */
  bool notes_stores;        /* a snapshot is being marked, and a verifier watches the stores (verify/shadow.c) */
  bool notes_allocs;        /* every allocation is told to a profile (tools/profile.c); set by attach */

  /* owner: rarely */
  unsigned index;           /* number of this thread since the heap began */
  unsigned node;            /* NUMA node of its windows; refreshed when a window is taken */
  pthread_t thread;
  struct safepoint *safepoint;
  struct mutator_counts counts;
  uint64_t sample_at_bytes; /* of counts.alloc_bytes: beyond it heap->watch->sampled is told; UINT64_MAX: never */
  _Atomic uint64_t *tallies; /* counting builds: this thread's, else NULL */

  /* its own lock (stats/thread_log.h) */
  struct thread_log log;

  /* any thread */
  GC_CACHE_ALIGNED _Atomic uint32_t poll;
  _Atomic uint32_t state;            /* enum mutator_state */
  _Atomic uint64_t handshake_done;   /* number of the last handshake whose action ran for this mutator */
  _Atomic uint64_t seen_hidden;      /* the owner's copy of safepoint->hidden (qsbr.h) */

  /* the safepoint's lock (safepoint.h) */
  struct gc_mutator *next;
  uint64_t stop_ns;                  /* when it last reached a stop */
};

static GC_INLINE bool mutator_poll_pending(struct gc_mutator *m) {
  /* relaxed: a hint; the slow path takes the order from the state exchange or the lock */
  return atomic_load_explicit(&m->poll, memory_order_relaxed) != 0;
}

/* A poll as a step of a schedule: checks that the thread announced what it was asked to (grace_scheduled.c).  Owner. */
#if GC_CHAOS_ENABLED
void mutator_step_poll(void);
#else
static GC_INLINE void mutator_step_poll(void) {}
#endif

static GC_INLINE void mutator_request_poll(struct gc_mutator *m, enum poll_reason reason) {
  /* seq_cst: pairs with the read of `poll` after a mutator became RUNNING (safepoint.c) */
  atomic_fetch_or(&m->poll, (uint32_t)reason);
}

/* Out-of-line halves of the interface; implemented in safepoint.c.  Owner only. */
void mutator_poll_slow(struct gc_mutator *m) GC_COLD;
void mutator_block(struct gc_mutator *m);
void mutator_unblock(struct gc_mutator *m);

#endif
