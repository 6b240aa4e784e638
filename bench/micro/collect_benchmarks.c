/* collect_benchmarks.c -- a full collection of a million empty lists in a list, all alive.  One collector thread. */
#include <stdio.h>

#include "bench/gbench_shim.h"
#include "bench/micro/benchmarks.h"

enum { COLLECTIONS = 5 };

static void run_lists(struct gbench_state *state, void *user) {
  const struct micro_plan *plan = user;
  struct micro_session session;
  char message[MICRO_MESSAGE_BYTES];
  const struct gc_heap_config config = {.collector = plan->collector, .heap_bytes = LISTS_HEAP_BYTES};
  if (!micro_session_begin(&session, plan, &config, message, sizeof message)) {
    gbench_skip_with_error(state, message);
    return;
  }
  plan->build_lists(session.m, LISTS_COUNT);
  cycle_run(session.heap, session.m, GC_REASON_EXPLICIT_FULL); /* what is young grows old */
  while (gbench_keep_running(state))
    cycle_run(session.heap, session.m, GC_REASON_EXPLICIT_FULL);
  gbench_set_items_processed(state, gbench_iteration_count(state) * LISTS_COUNT);
  micro_session_end(&session);
}

void micro_register_collecting(const struct micro_plan *plan) {
  char name[MICRO_NAME_BYTES];
  if (!plan->collector->attrs.reclaims)
    return;
  snprintf(name, sizeof name, "%s/collect_lists/objects:%d", plan->collector->name, LISTS_COUNT);
  struct gbench *b = gbench_register(name, run_lists, (void *)plan);
  gbench_iterations(b, COLLECTIONS);
  gbench_unit(b, GBENCH_MS);
}
