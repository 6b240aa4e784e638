/* session.c -- a heap for loops to run in, with one mutator and one collector thread.  A full heap ends the process. */
#include <stdio.h>
#include <string.h>

#include "bench/micro/loops.h"
#include "bench/options.h"
#include "runtime/harness.h"

const struct micro_plan *micro_plan_find(const char *name) {
  for (size_t i = 0; micro_plans[i]; i++)
    if (strcmp(micro_plans[i]->collector->name, name) == 0)
      return micro_plans[i];
  return NULL;
}

const struct micro_loop *micro_loop_find(const struct micro_plan *plan, const char *name) {
  for (const struct micro_loop *loop = plan->loops; loop->name; loop++)
    if (strcmp(loop->name, name) == 0)
      return loop;
  return NULL;
}

static _Noreturn void out_of_memory(struct gc_heap *heap, struct gc_mutator *m, size_t bytes) {
  (void)m;
  environment_error("micro: %s found no room for %zu bytes in %zu", heap->collector->name, bytes,
                    heap->config.heap_bytes);
}

bool micro_session_begin(struct micro_session *session, const struct micro_plan *plan,
                         const struct gc_heap_config *chosen, char *message, size_t message_bytes) {
  const char *problem = type_table_register(plan->types, plan->type_count);
  if (problem) {
    snprintf(message, message_bytes, "%s", problem);
    return false;
  }
  struct gc_heap_config config = *chosen;
  config.gc_threads = 1;
  config.seed = MICRO_SEED;
  config.out_of_memory = out_of_memory;
  session->heap = heap_create(&config, message, message_bytes);
  if (!session->heap)
    return false;
  session->m = gc_attach(session->heap);
  if (!session->m) {
    heap_destroy(session->heap);
    snprintf(message, message_bytes, "the system refused memory for a mutator");
    return false;
  }
  plan->prepare(session->m);
  return true;
}

void micro_session_end(struct micro_session *session) {
  gc_detach(session->m);
  heap_destroy(session->heap);
}
