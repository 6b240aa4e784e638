/* handshake_benchmarks.c -- what it takes to reach every thread and come back: a handshake, and a stop of the world.
 *
 * The thread that is timed drives, as the cycle's thread would; its own mutator is blocked and is claimed each time.
 * `polling` more threads run a loop with a poll in it, compiled for the plan. */
#include <stdatomic.h>
#include <stdio.h>

#include "bench/gbench_shim.h"
#include "bench/micro/benchmarks.h"
#include "runtime/harness.h"
#include "runtime/os/thread.h"

enum { POLLING_MAX = 4, STRETCH = 10000 };

struct crew {
  struct gc_heap *heap;
  const struct micro_loop *loop;
  _Atomic unsigned ready;
  _Atomic bool quit;
  pthread_t threads[POLLING_MAX];
  unsigned count;
};

static void *run_member(void *argument) {
  struct crew *crew = argument;
  struct gc_mutator *m = gc_attach(crew->heap);
  atomic_fetch_add(&crew->ready, 1);
  while (m && !atomic_load_explicit(&crew->quit, memory_order_relaxed))
    crew->loop->run(m, STRETCH);
  if (m)
    gc_detach(m);
  return NULL;
}

/* False if the system refused a thread; crew_end is due all the same. */
static bool crew_begin(struct crew *crew, struct gc_heap *heap, const struct micro_loop *loop, unsigned count) {
  unsigned step = 0;
  *crew = (struct crew){.heap = heap, .loop = loop};
  while (crew->count < count && thread_start(&crew->threads[crew->count], "polling", run_member, crew))
    crew->count++;
  while (atomic_load(&crew->ready) < crew->count)
    thread_spin(&step);
  return crew->count == count && heap->safepoint.count == count + 1;
}

static void crew_end(struct crew *crew) {
  atomic_store(&crew->quit, true);
  for (unsigned i = 0; i < crew->count; i++)
    pthread_join(crew->threads[i], NULL);
}

/* ---- there and back ---- */

static void do_nothing(struct gc_heap *heap, struct gc_mutator *m) { (void)heap, (void)m; }

static void handshake(struct safepoint *safepoint) { safepoint_handshake(safepoint, do_nothing); }
static void stop(struct safepoint *safepoint) {
  safepoint_stop(safepoint);
  safepoint_resume(safepoint);
}

static void run_there_and_back(struct gbench_state *state, const struct micro_plan *plan,
                               void (*go)(struct safepoint *safepoint)) {
  struct micro_session session;
  struct crew crew;
  char message[MICRO_MESSAGE_BYTES];
  const size_t heap_bytes = 64 << 20;
  const struct gc_heap_config config = {.collector = plan->collector, .heap_bytes = heap_bytes};
  if (!micro_session_begin(&session, plan, &config, message, sizeof message)) {
    gbench_skip_with_error(state, message);
    return;
  }
  mutator_block(session.m);
  if (!crew_begin(&crew, session.heap, micro_loop_find(plan, "loop_work_poll"), (unsigned)gbench_argument(state, 0)))
    gbench_skip_with_error(state, "the system refused a thread");
  while (gbench_keep_running(state))
    go(&session.heap->safepoint);
  crew_end(&crew);
  mutator_unblock(session.m);
  micro_session_end(&session);
}

static void run_handshake(struct gbench_state *state, void *user) { run_there_and_back(state, user, handshake); }
static void run_stop(struct gbench_state *state, void *user) { run_there_and_back(state, user, stop); }

static void register_one(const struct micro_plan *plan, const char *what, gbench_body *body) {
  char name[MICRO_NAME_BYTES];
  snprintf(name, sizeof name, "%s/%s", plan->collector->name, what);
  struct gbench *b = gbench_register(name, body, (void *)plan);
  gbench_arg_name(b, "polling");
  gbench_arg(b, 0);
  for (int64_t polling = 1; polling <= (plan->collector->attrs.threads ? POLLING_MAX : 0); polling *= 2)
    gbench_arg(b, polling);
  gbench_use_real_time(b);
}

void micro_register_handshakes(const struct micro_plan *plan) {
  register_one(plan, "handshake", run_handshake);
  register_one(plan, "stop", run_stop);
}
