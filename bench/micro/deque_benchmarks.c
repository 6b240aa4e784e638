/* deque_benchmarks.c -- a worker's queue: push and pop by its owner, steal with and without company. */
#include <stdatomic.h>

#include "bench/gbench_shim.h"
#include "bench/micro/benchmarks.h"
#include "runtime/os/thread.h"
#include "runtime/trace/deque.h"

static void push_batch(struct deque *deque) {
  for (uint64_t i = 1; i <= MICRO_BATCH; i++)
    deque_push(deque, i);
}
static void pop_batch(struct deque *deque) {
  for (uint64_t i = 0; i < MICRO_BATCH; i++)
    GBENCH_USE(deque_pop(deque));
}
static void steal_batch(struct deque *deque) {
  for (uint64_t i = 0; i < MICRO_BATCH; i++)
    GBENCH_USE(deque_steal(deque));
}
/* Never more than one item: each pop is for the last one, against which thieves race. */
static void push_pop_batch(struct deque *deque) {
  for (uint64_t i = 1; i <= MICRO_BATCH; i++) {
    deque_push(deque, i);
    GBENCH_USE(deque_pop(deque));
  }
}

typedef void batch(struct deque *deque);

/* Times `timed`; the others, which may be NULL, fill and empty the deque before and after. */
static void run_batches(struct gbench_state *state, batch *before, batch *timed, batch *after) {
  struct deque deque;
  if (!deque_init(&deque)) {
    gbench_skip_with_error(state, "no memory for a deque");
    return;
  }
  push_batch(&deque); /* it has grown before it is timed */
  pop_batch(&deque);
  while (gbench_keep_running_batch(state, MICRO_BATCH)) {
    if (before) {
      gbench_pause_timing(state);
      before(&deque);
      gbench_resume_timing(state);
    }
    timed(&deque);
    if (after) {
      gbench_pause_timing(state);
      after(&deque);
      gbench_resume_timing(state);
    }
  }
  deque_fini(&deque);
}

static void run_push(struct gbench_state *state, void *user) {
  (void)user;
  run_batches(state, NULL, push_batch, pop_batch);
}
static void run_pop(struct gbench_state *state, void *user) {
  (void)user;
  run_batches(state, push_batch, pop_batch, NULL);
}
static void run_steal(struct gbench_state *state, void *user) {
  (void)user;
  run_batches(state, push_batch, steal_batch, NULL);
}
static void run_push_pop(struct gbench_state *state, void *user) {
  (void)user;
  run_batches(state, NULL, push_pop_batch, NULL);
}

/* ---- a thief beside the owner ---- */

struct thief {
  struct deque deque;
  _Atomic bool quit;
  uint64_t stolen;
};

static void *steal_on(void *argument) {
  struct thief *thief = argument;
  while (!atomic_load_explicit(&thief->quit, memory_order_relaxed))
    thief->stolen += deque_steal(&thief->deque) != 0;
  return NULL;
}

static void run_push_pop_stolen(struct gbench_state *state, void *user) {
  (void)user;
  struct thief thief = {.stolen = 0};
  pthread_t thread;
  if (!deque_init(&thief.deque)) {
    gbench_skip_with_error(state, "no memory for a deque");
    return;
  }
  if (!thread_start(&thread, "thief", steal_on, &thief)) {
    gbench_skip_with_error(state, "the system refused a thread");
    deque_fini(&thief.deque);
    return;
  }
  while (gbench_keep_running_batch(state, MICRO_BATCH))
    push_pop_batch(&thief.deque);
  atomic_store(&thief.quit, true);
  pthread_join(thread, NULL);
  gbench_counter(state, "stolen", (double)thief.stolen, GBENCH_COUNTER_AVG_ITERATIONS);
  deque_fini(&thief.deque);
}

void micro_register_deque(void) {
  gbench_register("runtime/deque_push", run_push, NULL);
  gbench_register("runtime/deque_pop", run_pop, NULL);
  gbench_register("runtime/deque_steal", run_steal, NULL);
  gbench_register("runtime/deque_push_pop", run_push_pop, NULL);
  gbench_use_real_time(gbench_register("runtime/deque_push_pop_stolen", run_push_pop_stolen, NULL));
}
