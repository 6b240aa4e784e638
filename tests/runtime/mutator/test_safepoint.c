#include "runtime/mutator/safepoint.h"

#include <time.h>

#include "runtime/base/chaos.h"
#include "runtime/base/rng.h"
#include "runtime/os/clock.h"
#include "tests/runtime/cmocka.h"

enum { THREADS = 4, ROUNDS = 150 };

static struct safepoint safepoint;
static _Atomic bool quit;
static _Atomic uint64_t progress;     /* counts only while a mutator is RUNNING */
static _Atomic uint64_t acted[4096];  /* by mutator index: times that an action ran */
static _Atomic unsigned both;         /* an action that ran while its owner was running elsewhere */

static void nothing(struct gc_heap *heap, struct gc_mutator *m) { (void)heap, (void)m; }

static void act(struct gc_heap *heap, struct gc_mutator *m) {
  (void)heap;
  uint32_t state = atomic_load(&m->state);
  bool own = pthread_equal(m->thread, pthread_self());
  if (own ? state != MUTATOR_RUNNING : state != MUTATOR_CLAIMED)
    atomic_fetch_add(&both, 1);
  atomic_fetch_add(&acted[m->index % 4096], 1);
}

/* Polls, blocks, detaches and attaches again, at random. */
static void *mutate(void *argument) {
  uint64_t random = rng_stream(unit_seed, (uintptr_t)argument);
  while (!atomic_load(&quit)) {
    struct gc_mutator *m = aligned_alloc(GC_CACHE_LINE_BYTES, align_up(sizeof *m, GC_CACHE_LINE_BYTES));
    memset(m, 0, sizeof *m);
    safepoint_attach(&safepoint, m, nothing);
    for (uint64_t steps = rng_below(&random, 2000); steps > 0 && !atomic_load(&quit); steps--) {
      atomic_fetch_add_explicit(&progress, 1, memory_order_relaxed);
      if (mutator_poll_pending(m))
        mutator_poll_slow(m);
      if (rng_below(&random, 50) == 0) {
        mutator_block(m);
        if (rng_below(&random, 4) == 0)
          nanosleep(&(struct timespec){0, 50000}, NULL);
        mutator_unblock(m);
      }
    }
    safepoint_detach(&safepoint, m, nothing);
    free(m);
  }
  return NULL;
}

static pthread_t threads[THREADS];

static uint64_t noted[THREAD_EVENT_KINDS]; /* of all threads, after join_threads */

static void start_threads(void) {
  atomic_store(&quit, false);
  safepoint_init(&safepoint, NULL);
  for (uintptr_t i = 0; i < THREADS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, mutate, (void *)(i + 1)), 0);
}
static void join_threads(void) {
  atomic_store(&quit, true);
  for (unsigned i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  for (unsigned kind = 0; kind < THREAD_EVENT_KINDS; kind++)
    noted[kind] = safepoint.departed_log.durations[kind].count;
  safepoint_fini(&safepoint);
}

static void nobody_runs_while_the_world_is_stopped(void **state) {
  (void)state;
  chaos_set(unit_seed, 20);
  start_threads();
  for (unsigned round = 0; round < ROUNDS; round++) {
    unsigned stopped = safepoint_stop(&safepoint);
    uint64_t before = atomic_load(&progress);
    unsigned claimed = 0;
    for (struct gc_mutator *m = safepoint.mutators; m; m = m->next)
      claimed += atomic_load(&m->state) == MUTATOR_CLAIMED;
    assert_int_equal(claimed, stopped);
    nanosleep(&(struct timespec){0, 100000}, NULL);
    assert_int_equal(atomic_load(&progress), before);
    safepoint_resume(&safepoint);
    nanosleep(&(struct timespec){0, 50000}, NULL);
  }
  join_threads();
  chaos_set(0, 0);
  assert_true(atomic_load(&progress) > 0);
  assert_true(noted[THREAD_PAUSE] > 0); /* those that were blocked all the time had none */
  assert_true(noted[THREAD_PAUSE] <= THREADS * ROUNDS);
  assert_int_equal(noted[THREAD_HANDSHAKE], 0);
}

static void an_action_runs_exactly_once_for_every_mutator(void **state) {
  (void)state;
  chaos_set(unit_seed, 20);
  start_threads();
  uint64_t actions = 0;
  for (unsigned round = 0; round < ROUNDS; round++) {
    for (unsigned i = 0; i < 4096; i++)
      atomic_store(&acted[i], 0);
    safepoint_handshake(&safepoint, act);
    uint64_t most = 0, sum = 0;
    for (unsigned i = 0; i < 4096; i++) {
      sum += acted[i];
      most = acted[i] > most ? acted[i] : most;
    }
    assert_true(most <= 1);
    assert_true(sum <= THREADS);
    actions += sum;
    if (round % 3 == 0) {
      safepoint_stop(&safepoint);
      safepoint_resume(&safepoint);
    }
  }
  join_threads();
  chaos_set(0, 0);
  assert_int_equal(both, 0);
  assert_int_equal(noted[THREAD_HANDSHAKE], actions); /* each noted once, whoever acted */
  assert_true(noted[THREAD_ACTION] <= actions);
}

/* With no thread inside, both return at once. */
static void an_empty_world_stops_at_once(void **state) {
  (void)state;
  safepoint_init(&safepoint, NULL);
  assert_int_equal(safepoint_stop(&safepoint), 0);
  safepoint_resume(&safepoint);
  safepoint_handshake(&safepoint, act);
  safepoint_fini(&safepoint);
}

static void counts_of_departed_mutators_are_kept(void **state) {
  (void)state;
  safepoint_init(&safepoint, NULL);
  struct gc_mutator *m = aligned_alloc(GC_CACHE_LINE_BYTES, align_up(sizeof *m, GC_CACHE_LINE_BYTES));
  memset(m, 0, sizeof *m);
  safepoint_attach(&safepoint, m, nothing);
  m->counts.alloc_bytes = 123;
  m->counts.stalls = 4;
  safepoint_detach(&safepoint, m, nothing);
  struct mutator_counts counts = safepoint_counts(&safepoint);
  assert_int_equal(counts.alloc_bytes, 123);
  assert_int_equal(counts.stalls, 4);
  free(m);
  safepoint_fini(&safepoint);
}

enum { ACTION_NS = 3000000, STOP_NS = 30000000 };

static void act_for_a_while(struct gc_heap *heap, struct gc_mutator *m) {
  (void)heap;
  uint64_t begin_ns = clock_now_ns();
  while (clock_now_ns() - begin_ns < ACTION_NS)
    ;
  atomic_fetch_add(&acted[m->index % 4096], pthread_equal(m->thread, pthread_self()) ? 1 : 1000);
}

static struct mutator_counts polled; /* by the thread below */

static void *only_poll(void *argument) {
  (void)argument;
  struct gc_mutator *m = aligned_alloc(GC_CACHE_LINE_BYTES, align_up(sizeof *m, GC_CACHE_LINE_BYTES));
  memset(m, 0, sizeof *m);
  safepoint_attach(&safepoint, m, nothing);
  atomic_store(&progress, 1);
  while (!atomic_load(&quit))
    if (mutator_poll_pending(m))
      mutator_poll_slow(m);
  polled = m->counts;
  safepoint_detach(&safepoint, m, nothing);
  free(m);
  return NULL;
}

static void a_transition_holds_the_action_and_not_the_stop(void **state) {
  (void)state;
  pthread_t thread;
  for (unsigned unmeasured = 0; unmeasured < 2; unmeasured++) {
    atomic_store(&quit, false);
    atomic_store(&progress, 0);
    atomic_store(&acted[0], 0);
    safepoint_init(&safepoint, NULL);
    safepoint.unmeasured = unmeasured;
    uint64_t begin_ns = clock_now_ns();
    assert_int_equal(pthread_create(&thread, NULL, only_poll, NULL), 0);
    while (!atomic_load(&progress))
      sched_yield();
    safepoint_handshake(&safepoint, act_for_a_while);
    safepoint_stop(&safepoint);
    nanosleep(&(struct timespec){0, STOP_NS}, NULL);
    safepoint_resume(&safepoint);
    atomic_store(&quit, true);
    pthread_join(thread, NULL);
    uint64_t elapsed_ns = clock_now_ns() - begin_ns;
    const struct histogram *events = safepoint.departed_log.durations;
    assert_int_equal(events[THREAD_PAUSE].count, unmeasured ? 0 : 1);
    assert_int_equal(events[THREAD_ACTION].count, unmeasured ? 0 : 1);
    assert_true(unmeasured || events[THREAD_PAUSE].sum >= STOP_NS);
    assert_true(unmeasured || events[THREAD_ACTION].sum >= ACTION_NS);
    safepoint_fini(&safepoint);
    assert_int_equal(acted[0], 1); /* by its own thread, which does nothing but poll */
    if (unmeasured)
      assert_int_equal(polled.transition_ns, 0);
    else
      assert_in_range(polled.transition_ns, ACTION_NS, elapsed_ns - STOP_NS);
  }
}

int main(int argc, char **argv) {
  unit_take_seed(argc, argv, 20261121);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_transition_holds_the_action_and_not_the_stop),
      cmocka_unit_test(nobody_runs_while_the_world_is_stopped),
      cmocka_unit_test(an_action_runs_exactly_once_for_every_mutator),
      cmocka_unit_test(an_empty_world_stops_at_once),
      cmocka_unit_test(counts_of_departed_mutators_are_kept)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
