#include "runtime/mutator/grace.h"

#include "runtime/mutator/safepoint.h"

#if GC_TSAN
void __tsan_acquire(void *address);
void __tsan_release(void *address);
static char grace_edge;
#define EDGE_ACQUIRE() __tsan_acquire(&grace_edge)
#define EDGE_RELEASE() __tsan_release(&grace_edge)
#else
#define EDGE_ACQUIRE() ((void)0)
#define EDGE_RELEASE() ((void)0)
#endif

void grace_attach(void) { urcu_qsbr_register_thread(); }

void grace_detach(void) {
  EDGE_RELEASE();
  urcu_qsbr_unregister_thread();
}

void grace_quiescent(void) {
  EDGE_RELEASE();
  urcu_qsbr_quiescent_state();
  EDGE_ACQUIRE();
}

void grace_offline(void) {
  EDGE_RELEASE();
  urcu_qsbr_thread_offline();
}

void grace_online(void) {
  urcu_qsbr_thread_online();
  EDGE_ACQUIRE();
}

void grace_defer(struct safepoint *safepoint, struct rcu_head *head, void (*ready)(struct rcu_head *head)) {
  EDGE_RELEASE();
  urcu_qsbr_call_rcu(head, ready);
  safepoint_arm_quiesce(safepoint);
}

void grace_elapsed(void) { EDGE_ACQUIRE(); }

void grace_barrier(struct safepoint *safepoint) {
  safepoint_arm_quiesce(safepoint);
  urcu_qsbr_barrier();
  EDGE_ACQUIRE();
}
