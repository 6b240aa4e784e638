/* Schedules repeat, explore, and tell a deadlock from a wait.  Each schedule runs in a child: a process has one. */
#include "runtime/base/schedule.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/chaos.h"
#include "runtime/base/cpu.h"
#include "runtime/os/clock.h"
#include "tests/runtime/cmocka.h"

#if GC_CHAOS_ENABLED

enum { THREADS = 3, ROUNDS = 20 };

struct outcome {
  struct schedule_result result;
  int value;
};

static _Atomic int shared;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static int turn;

static void run_threads(void *(*body)(void *)) {
  pthread_t threads[THREADS];
  for (intptr_t i = 0; i < THREADS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, body, (void *)i), 0);
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(pthread_join(threads[i], NULL), 0);
}

/* Runs `program` under a schedule in a child.  Returns the child's wait status. */
static int scheduled(void (*program)(void), uint64_t seed, uint64_t steps, struct outcome *outcome) {
  int fd[2];
  assert_int_equal(pipe(fd), 0);
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    close(STDERR_FILENO);
    schedule_begin(&(struct schedule_options){.seed = seed, .steps = steps, .limit = 1000000});
    program();
    struct outcome mine = {schedule_so_far(), atomic_load(&shared)};
    _exit(write(fd[1], &mine, sizeof mine) == sizeof mine ? 0 : 1);
  }
  close(fd[1]);
  *outcome = (struct outcome){0};
  ssize_t bytes = read(fd[0], outcome, sizeof *outcome);
  (void)bytes; /* none if the child aborted */
  close(fd[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

/* A counter without exchange: an increment is lost if two threads read before either writes. */
static void *lose_increments(void *argument) {
  for (int i = 0; i < ROUNDS; i++) {
    int seen = atomic_load(&shared);
    GC_STEP("between");
    atomic_store(&shared, seen + 1);
  }
  return argument;
}
static void racy(void) { run_threads(lose_increments); }

static void *lock_increments(void *argument) {
  for (int i = 0; i < ROUNDS; i++) {
    pthread_mutex_lock(&lock);
    int seen = atomic_load(&shared);
    GC_STEP("between");
    atomic_store(&shared, seen + 1);
    pthread_mutex_unlock(&lock);
  }
  return argument;
}
static void locked(void) { run_threads(lock_increments); }

static void *take_turns(void *argument) {
  int mine = (int)(intptr_t)argument;
  pthread_barrier_wait(&barrier);
  for (int i = 0; i < ROUNDS; i++) {
    pthread_mutex_lock(&lock);
    while (turn % THREADS != mine)
      pthread_cond_wait(&changed, &lock);
    turn++;
    atomic_fetch_add(&shared, 1);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
  }
  return argument;
}
static void turns(void) {
  pthread_barrier_init(&barrier, NULL, THREADS);
  run_threads(take_turns);
}

/* Nobody signals: every thread waits for ever. */
static void *wait_for_nobody(void *argument) {
  pthread_mutex_lock(&lock);
  pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  return argument;
}
static void deadlock(void) { run_threads(wait_for_nobody); }

static void *spin_for_ever(void *argument) {
  while (atomic_load(&shared) == 0)
    cpu_relax();
  return argument;
}
static void livelock(void) { run_threads(spin_for_ever); }

/* A wait of one second of virtual time. */
static void sleep_virtually(void) {
  uint64_t begin_ns = clock_now_ns();
  nanosleep(&(struct timespec){1, 0}, NULL);
  atomic_store(&shared, clock_now_ns() - begin_ns >= 1000000000u);
}

static void the_same_seed_repeats_every_step(void **state) {
  (void)state;
  bool differ = false;
  struct outcome first, again, earlier = {0};
  for (uint64_t seed = 1; seed <= 10; seed++) {
    assert_int_equal(scheduled(racy, seed, 200, &first), 0);
    assert_int_equal(scheduled(racy, seed, 200, &again), 0);
    assert_true(first.result.hash == again.result.hash && first.result.steps == again.result.steps);
    assert_int_equal(first.value, again.value);
    assert_int_equal(first.result.threads, THREADS + 1);
    differ |= earlier.result.hash != 0 && earlier.result.hash != first.result.hash;
    earlier = first;
  }
  assert_true(differ);
}

static void some_seed_finds_a_lost_increment_and_none_under_a_lock(void **state) {
  (void)state;
  int lost = 0;
  struct outcome outcome;
  for (uint64_t seed = 1; seed <= 40; seed++) {
    assert_int_equal(scheduled(racy, seed, 200, &outcome), 0);
    lost += outcome.value < THREADS * ROUNDS;
    assert_int_equal(scheduled(locked, seed, 400, &outcome), 0);
    assert_int_equal(outcome.value, THREADS * ROUNDS);
  }
  assert_in_range(lost, 5, 39);
}

static void conditions_and_barriers_go_on(void **state) {
  (void)state;
  struct outcome outcome;
  for (uint64_t seed = 1; seed <= 20; seed++) {
    assert_int_equal(scheduled(turns, seed, 500, &outcome), 0);
    assert_int_equal(outcome.value, THREADS * ROUNDS);
  }
}

static void a_deadlock_and_an_endless_loop_abort(void **state) {
  (void)state;
  struct outcome outcome;
  int status = scheduled(deadlock, 1, 0, &outcome);
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
  status = scheduled(livelock, 1, 0, &outcome);
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void time_jumps_when_all_sleep(void **state) {
  (void)state;
  struct outcome outcome;
  assert_int_equal(scheduled(sleep_virtually, 1, 0, &outcome), 0);
  assert_int_equal(outcome.value, 1);
  assert_true(outcome.result.steps < 100);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_seed_repeats_every_step),
      cmocka_unit_test(some_seed_finds_a_lost_increment_and_none_under_a_lock),
      cmocka_unit_test(conditions_and_barriers_go_on),
      cmocka_unit_test(a_deadlock_and_an_endless_loop_abort),
      cmocka_unit_test(time_jumps_when_all_sleep),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
int main(void) { return 77; } /* this build has no schedules */
#endif
