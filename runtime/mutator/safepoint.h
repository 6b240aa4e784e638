/* safepoint.h -- the list of mutators, and the two ways to reach all of them: stop, and handshake.
 *
 * Mutators poll; blocked ones are claimed.  State transitions (mutator.h) by compare-and-swap:
 *
 *     RUNNING --block, stop (release)--> BLOCKED --claim (acquire)--> CLAIMED --unclaim (release)--> BLOCKED
 *        ^------- unblock (acquire), not while stopping ------+
 *
 * Stop and handshake are called by the cycle driver only, one at a time:
 *
 *     may run beside   | attach  detach  block  unblock  poll  stop  handshake
 *     stop             | waits   waits   yes    waits    yes   no    no
 *     handshake        | waits   waits   yes    waits*   yes   no    no        * only while that thread is claimed
 *
 * Invariants: while the world is stopped every mutator is CLAIMED.  When a handshake returns, its action has run
 * exactly once for every mutator attached before it, by the owner at a poll or by the driver for a claimed one.
 * Model: tests/model/safepoint.pml. */
#ifndef GC_MUTATOR_SAFEPOINT_H
#define GC_MUTATOR_SAFEPOINT_H

#include "runtime/mutator/mutator.h"

typedef void handshake_action(struct gc_heap *heap, struct gc_mutator *m);

struct safepoint {
  struct gc_heap *heap;
  pthread_mutex_t lock;    /* list, attach, detach */
  pthread_cond_t changed;  /* some mutator blocked or acknowledged, or the world resumed */
  struct gc_mutator *mutators;
  unsigned count, attached_ever;
  struct mutator_counts departed; /* sums over detached mutators */
  struct thread_log departed_log; /* and their events */

  _Atomic bool stopping;   /* from the decision to stop until the world resumed */
  _Atomic bool busy;       /* a stop or handshake is under way: the list may not change */
  _Atomic unsigned sleepers; /* threads waiting on `changed` */

  handshake_action *_Atomic action;
  _Atomic uint64_t handshake_number;
  uint64_t handshake_request_ns; /* the driver's; read by who saw the number and has not yet acknowledged it */
  _Atomic uint64_t cycle;        /* the driver's: number of the cycle that runs, or ran last */
  _Atomic uint64_t hidden;       /* how often something was put out of reach (qsbr.h) */

  bool unmeasured;          /* slow polls are not timed; see heap_measure */
  /* hooks into the layers above, set once by heap_create */
  void (*poll_plan)(struct gc_heap *heap, struct gc_mutator *m);
  void (*poll_stress)(struct gc_heap *heap, struct gc_mutator *m);
};

void safepoint_init(struct safepoint *safepoint, struct gc_heap *heap);
void safepoint_fini(struct safepoint *safepoint);

/* Enters `m`, whose thread is the caller, as RUNNING; `init` runs under the lock that keeps handshakes out. */
void safepoint_attach(struct safepoint *safepoint, struct gc_mutator *m, handshake_action *init);
/* Removes `m`; pending actions have run; `fini` runs under the lock as the last thing. */
void safepoint_detach(struct safepoint *safepoint, struct gc_mutator *m, handshake_action *fini);

/* Stops all mutators; returns how many.  The caller's own mutator, if any, is BLOCKED. */
unsigned safepoint_stop(struct safepoint *safepoint);
void safepoint_resume(struct safepoint *safepoint);

/* Runs `action` once for every mutator. */
void safepoint_handshake(struct safepoint *safepoint, handshake_action *action);

/* Sets `reason` in the poll words of all mutators.  Any thread that holds no claim. */
void safepoint_request_polls(struct safepoint *safepoint, enum poll_reason reason);
/* Asks every running mutator to announce a quiescent point soon. */
static inline void safepoint_arm_quiesce(struct safepoint *safepoint) {
  safepoint_request_polls(safepoint, POLL_QUIESCE);
}

/* `m` was kept from its work since begin_ns, until now.  Does nothing if the heap is unmeasured. */
void safepoint_note(struct gc_mutator *m, enum thread_event_kind kind, uint64_t begin_ns);
/* Moves the events of attached and detached mutators into `into`; NULL: forgets them. */
void safepoint_take_log(struct safepoint *safepoint, struct thread_log *into);

/* Sums the counts of attached and detached mutators.  Values of running threads may be a little old. */
struct mutator_counts safepoint_counts(struct safepoint *safepoint);

#endif
