#include "runtime/mutator/grace.h"

#include <semaphore.h>

#include "runtime/base/cpu.h"
#include "runtime/base/mutant.h"
#include "runtime/mutator/grace_scheduled.h"
#include "runtime/mutator/safepoint.h"

#if GC_TSAN
void __tsan_acquire(void *address);
void __tsan_release(void *address);
static char grace_edge;
/* What liburcu allocates, locks and frees for itself is ordered by means that the sanitizer cannot see.  This names
 * calls that the library makes, not code of ours that runs on its thread. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void) { return "called_from_lib:liburcu-qsbr.so\n"; }
/* Its thread outlives main, and at exit the sanitizer would give it another second: in each process of each test.
 * Weak: a program may have options of its own. */
const char *__tsan_default_options(void);
__attribute__((weak)) const char *__tsan_default_options(void) { return "atexit_sleep_ms=0"; }
#define EDGE_ACQUIRE() __tsan_acquire(&grace_edge)
#define EDGE_RELEASE() __tsan_release(&grace_edge)
#else
#define EDGE_ACQUIRE() ((void)0)
#define EDGE_RELEASE() ((void)0)
#endif

static _Atomic bool deferred; /* liburcu's thread exists */

void grace_attach(void) {
  if (schedule_is_on())
    grace_scheduled_attach();
  else
    urcu_qsbr_register_thread();
}

void grace_detach(void) {
  EDGE_RELEASE();
  if (schedule_is_on())
    grace_scheduled_detach();
  else
    urcu_qsbr_unregister_thread();
}

void grace_quiescent(void) {
  EDGE_RELEASE();
  if (schedule_is_on())
    grace_scheduled_announce(true);
  else
    urcu_qsbr_quiescent_state();
  EDGE_ACQUIRE();
}

void grace_offline(void) {
  EDGE_RELEASE();
  if (schedule_is_on())
    grace_scheduled_announce(false);
  else
    urcu_qsbr_thread_offline();
}

void grace_online(void) {
  if (schedule_is_on())
    grace_scheduled_announce(true);
  else
    urcu_qsbr_thread_online();
  EDGE_ACQUIRE();
}

void grace_defer(struct safepoint *safepoint, struct rcu_head *head, void (*ready)(struct rcu_head *head)) {
  EDGE_RELEASE();
  uint64_t number = 0;
  if (schedule_is_on()) {
    number = grace_scheduled_defer(head, ready);
  } else {
    atomic_store_explicit(&deferred, true, memory_order_relaxed); /* relaxed: the barrier's caller joined this thread */
    urcu_qsbr_call_rcu(head, ready);
  }
  if (!GC_MUTANT(grace_unannounced))
    safepoint_arm_quiesce(safepoint);
  if (schedule_is_on())
    grace_scheduled_asked(number);
}

void grace_elapsed(void) { EDGE_ACQUIRE(); }

struct barrier {
  struct rcu_head head;
  sem_t reached;
};

static void barrier_reached(struct rcu_head *head) { sem_post(&GC_CONTAINER_OF(head, struct barrier, head)->reached); }

/* liburcu's one thread calls in order.  (urcu_qsbr_barrier would do, but for its memory, which it frees on that
 * thread by an order that ThreadSanitizer cannot see.) */
void grace_barrier(struct safepoint *safepoint) {
  while (schedule_is_on() && grace_scheduled_pending()) {
    safepoint_arm_quiesce(safepoint);
    cpu_relax();
  }
  if (!atomic_load_explicit(&deferred, memory_order_relaxed))
    return;
  struct barrier barrier;
  sem_init(&barrier.reached, 0, 0);
  urcu_qsbr_call_rcu(&barrier.head, barrier_reached);
  safepoint_arm_quiesce(safepoint);
  while (sem_wait(&barrier.reached) != 0)
    ; /* interrupted by a signal */
  sem_destroy(&barrier.reached);
  EDGE_ACQUIRE();
}
