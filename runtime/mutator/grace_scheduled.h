/* grace_scheduled.h -- grace periods under a schedule, where liburcu's own thread and futexes would be nobody's steps.
 *
 * The same contract as grace.h: a deferred call runs once every reader that was online has announced since.  The
 * caller of the last announcement runs it, at once.  That every running thread announces soon is checked: a thread that
 * was asked to before its last poll has done so in it.  The baton's holder only (base/schedule.h). */
#ifndef GC_MUTATOR_GRACE_SCHEDULED_H
#define GC_MUTATOR_GRACE_SCHEDULED_H

#include <urcu/urcu-qsbr.h>

#include "runtime/base/compiler.h"

void grace_scheduled_attach(void);
void grace_scheduled_detach(void);
void grace_scheduled_announce(bool online);
/* Returns the call's number. */
uint64_t grace_scheduled_defer(struct rcu_head *head, void (*ready)(struct rcu_head *head));
bool grace_scheduled_pending(void);

/* All running threads have been asked to let pass the calls up to `number`. */
void grace_scheduled_asked(uint64_t number);

#endif
