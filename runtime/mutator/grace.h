/* grace.h -- deferred work until every mutator has passed a quiescent point: liburcu's QSBR behind one wrapper.
 *
 * A mutator is a reader from attach to detach.  It is quiescent at every slow poll, and offline while it is
 * blocked or stopped.  No RCU-protected pointer lives across a poll.  Nobody but us would make a running
 * thread announce, so grace_defer arms the poll words of all mutators (safepoint_arm_quiesce).
 * liburcu orders by volatile and asm, which ThreadSanitizer cannot see; the wrapper annotates its edges. */
#ifndef GC_MUTATOR_GRACE_H
#define GC_MUTATOR_GRACE_H

#include <urcu/urcu-qsbr.h>

#include "runtime/base/compiler.h"

struct gc_mutator;
struct safepoint;

/* The calling thread only. */
void grace_attach(void);
void grace_detach(void);
void grace_quiescent(void);
void grace_offline(void);
void grace_online(void);

/* Calls ready(head) on liburcu's thread after a grace period: every mutator that ran has polled since.
 * `ready` calls grace_elapsed first.  Any attached thread. */
void grace_defer(struct safepoint *safepoint, struct rcu_head *head, void (*ready)(struct rcu_head *head));

/* The begin of a `ready` function: what all mutators did before their polls is seen from here on. */
void grace_elapsed(void);

/* Waits until all deferred calls so far have run.  The calling thread is no mutator, or is offline. */
void grace_barrier(struct safepoint *safepoint);

#endif
