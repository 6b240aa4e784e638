/* qsbr.h -- grace periods that a thread asks about, instead of being called back.
 *
 * Quiescent-state-based reclamation with sequence numbers, as in CPython's free-threaded build: whoever has put
 * something out of reach takes the next number as its goal.  Each mutator copies the latest number when it holds no
 * reference in a register: in its slow polls, and when it comes back from being blocked.  Once every mutator that runs
 * has copied the goal, nobody can know what was put out of reach before.
 *
 * Why not liburcu, which does the same behind grace.h: its 0.13 tells only by calling back on a thread of its own, and
 * what waits here must be done by the thread that wrote it down, which may own the objects (barrier/biased.h).  Two
 * threads would have to be woken for what is one comparison at the next poll.
 *
 * Orders: a goal is taken after the last store that hides; its seq_cst addition pairs with the copy of each mutator.
 * A mutator found blocked copies the number after it has become running, so it sees what was hidden before. */
#ifndef GC_MUTATOR_QSBR_H
#define GC_MUTATOR_QSBR_H

#include "runtime/mutator/safepoint.h"

/* The goal of what the caller has hidden so far.  Any thread. */
static inline uint64_t qsbr_goal(struct safepoint *safepoint) {
  return atomic_fetch_add(&safepoint->hidden, 1) + 1; /* seq_cst: see above */
}

/* Whether every mutator but `self`, whose thread calls and holds no reference either, is past `goal`.  Any mutator,
 * at a poll; not under the safepoint's lock. */
bool qsbr_reached(struct safepoint *safepoint, const struct gc_mutator *self, uint64_t goal);

/* Whether no other mutator runs: every goal is reached, those to come until one does included. */
static inline bool qsbr_alone(struct safepoint *safepoint, const struct gc_mutator *self) {
  return qsbr_reached(safepoint, self, UINT64_MAX);
}

#endif
