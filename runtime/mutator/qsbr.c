#include "runtime/mutator/qsbr.h"

#include "runtime/base/mutant.h"

/* seq_cst: either a mutator is seen running, or its copy, after it became so, sees the goal (safepoint.c) */
static bool is_past(const struct gc_mutator *m, uint64_t goal) {
  if (atomic_load(&m->state) != MUTATOR_RUNNING)
    return true;
  /* acquire: pairs with the release in mutator_copy_hidden; what it did before is done */
  return atomic_load_explicit(&m->seen_hidden, memory_order_acquire) >= goal;
}

bool qsbr_reached(struct safepoint *safepoint, const struct gc_mutator *self, uint64_t goal) {
  bool reached = true;
  pthread_mutex_lock(&safepoint->lock);
  for (const struct gc_mutator *m = safepoint->mutators; m && reached; m = m->next)
    reached = m == self || is_past(m, goal);
  pthread_mutex_unlock(&safepoint->lock);
  return reached || GC_MUTANT(qsbr_waits_for_nobody);
}
