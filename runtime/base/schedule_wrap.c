/* The calls of pthreads that may block, and those that end a wait, as the linker routes them here (--wrap, see
 * CMakeLists.txt): under a schedule they are steps, else what they always were.  Code that is scheduled does not know.
 */
#include "runtime/base/schedule.h"

#if GC_CHAOS_ENABLED

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

enum { BARRIERS_MAX = 16, STEP_NS = SCHEDULE_STEP_NS };
static const uint64_t without_end = UINT64_MAX;

#define WRAP(result, name, ...)      \
  result __real_##name(__VA_ARGS__); \
  result __wrap_##name(__VA_ARGS__); \
  result __wrap_##name(__VA_ARGS__)

/* ---- time ---- */

WRAP(int, clock_gettime, clockid_t clock, struct timespec *time) {
  if (!schedule_is_on())
    return __real_clock_gettime(clock, time);
  uint64_t now_ns = schedule_now_ns();
  *time = (struct timespec){(time_t)(now_ns / 1000000000u), (long)(now_ns % 1000000000u)};
  return 0;
}

static uint64_t steps_until(const struct timespec *deadline) {
  uint64_t until_ns = (uint64_t)deadline->tv_sec * 1000000000u + (uint64_t)deadline->tv_nsec,
           now_ns = schedule_now_ns();
  return until_ns > now_ns ? (until_ns - now_ns) / STEP_NS + 1 : 1;
}

WRAP(int, nanosleep, const struct timespec *time, struct timespec *left) {
  if (!schedule_is_on())
    return __real_nanosleep(time, left);
  schedule_sleep("nanosleep", NULL, ((uint64_t)time->tv_sec * 1000000000u + (uint64_t)time->tv_nsec) / STEP_NS + 1);
  return 0;
}

WRAP(int, sched_yield, void) {
  if (!schedule_is_on())
    return __real_sched_yield();
  schedule_spin();
  return 0;
}

/* ---- mutexes ---- */

WRAP(int, pthread_mutex_trylock, pthread_mutex_t *mutex) {
  if (schedule_is_on())
    schedule_point("trylock");
  return __real_pthread_mutex_trylock(mutex);
}

/* The baton's holder alone runs, so a mutex that is held is held by a thread that waits for its turn. */
static void take(pthread_mutex_t *mutex) {
  while (__real_pthread_mutex_trylock(mutex) == EBUSY)
    schedule_sleep("lock held", mutex, without_end);
}

int __real_pthread_mutex_lock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex) {
  if (!schedule_is_on())
    return __real_pthread_mutex_lock(mutex);
  schedule_point("lock");
  take(mutex);
  return 0;
}

WRAP(int, pthread_mutex_timedlock, pthread_mutex_t *mutex, const struct timespec *deadline) {
  if (!schedule_is_on())
    return __real_pthread_mutex_timedlock(mutex, deadline);
  schedule_point("timedlock");
  while (__real_pthread_mutex_trylock(mutex) == EBUSY) {
    if (steps_until(deadline) == 1)
      return ETIMEDOUT;
    schedule_sleep("lock held", mutex, steps_until(deadline));
  }
  return 0;
}

WRAP(int, pthread_mutex_unlock, pthread_mutex_t *mutex) {
  int problem = __real_pthread_mutex_unlock(mutex);
  schedule_wake(mutex);
  return problem;
}

/* ---- conditions ---- */

WRAP(int, pthread_cond_wait, pthread_cond_t *condition, pthread_mutex_t *mutex) {
  if (!schedule_is_on())
    return __real_pthread_cond_wait(condition, mutex);
  __wrap_pthread_mutex_unlock(mutex);
  schedule_sleep("wait", condition, without_end);
  take(mutex);
  return 0;
}

WRAP(int, pthread_cond_timedwait, pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *deadline) {
  if (!schedule_is_on())
    return __real_pthread_cond_timedwait(condition, mutex, deadline);
  __wrap_pthread_mutex_unlock(mutex);
  schedule_sleep("timed wait", condition, steps_until(deadline));
  take(mutex);
  return 0; /* whoever waits looks again at what it waits for */
}

WRAP(int, pthread_cond_broadcast, pthread_cond_t *condition) {
  schedule_wake(condition);
  return __real_pthread_cond_broadcast(condition);
}
WRAP(int, pthread_cond_signal, pthread_cond_t *condition) {
  schedule_wake(condition); /* all of them: a condition may wake more than it must */
  return __real_pthread_cond_signal(condition);
}

/* ---- barriers: counted here, since only the sleep must be ours and pthread_barrier_t hides its count ---- */

static struct barrier {
  const pthread_barrier_t *barrier;
  unsigned wanted, arrived;
  uint64_t rounds;
} barriers[BARRIERS_MAX];

WRAP(int, pthread_barrier_init, pthread_barrier_t *barrier, const pthread_barrierattr_t *attributes, unsigned count) {
  for (unsigned i = 0; schedule_is_on() && i < BARRIERS_MAX; i++)
    if (!barriers[i].barrier || barriers[i].barrier == barrier) {
      barriers[i] = (struct barrier){.barrier = barrier, .wanted = count};
      break;
    }
  return __real_pthread_barrier_init(barrier, attributes, count);
}

WRAP(int, pthread_barrier_wait, pthread_barrier_t *barrier) {
  if (!schedule_is_on())
    return __real_pthread_barrier_wait(barrier);
  schedule_point("barrier");
  for (unsigned i = 0; i < BARRIERS_MAX; i++) {
    struct barrier *b = &barriers[i];
    if (b->barrier != barrier)
      continue;
    uint64_t round = b->rounds;
    if (++b->arrived == b->wanted) {
      b->arrived = 0;
      b->rounds++;
      schedule_wake(b);
      return PTHREAD_BARRIER_SERIAL_THREAD;
    }
    while (b->rounds == round)
      schedule_sleep("barrier", b, without_end);
    return 0;
  }
  abort(); /* more barriers than this table holds */
}

/* ---- threads ---- */

struct start {
  void *(*body)(void *);
  void *argument;
  unsigned number;
};
static pthread_t started[512]; /* by number; written by the baton's holder */

static void *scheduled_body(void *argument) {
  struct start start = *(struct start *)argument;
  free(argument);
  schedule_thread_begins(start.number);
  void *result = start.body(start.argument);
  schedule_thread_ends();
  return result;
}

WRAP(int, pthread_create, pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument) {
  if (!schedule_is_on())
    return __real_pthread_create(thread, attributes, body, argument);
  struct start *start = malloc(sizeof *start);
  if (!start)
    return EAGAIN;
  *start = (struct start){body, argument, schedule_thread_started()};
  unsigned number = start->number;
  int problem = __real_pthread_create(thread, attributes, scheduled_body, start);
  if (problem)
    abort(); /* its number is given away; a schedule has no need to survive this */
  started[number] = *thread;
  schedule_point("create");
  return 0;
}

WRAP(int, pthread_join, pthread_t thread, void **result) {
  for (unsigned i = 0; schedule_is_on() && i < sizeof started / sizeof *started; i++)
    if (started[i] && pthread_equal(started[i], thread)) {
      while (!schedule_thread_has_ended(i))
        schedule_sleep("join", schedule_thread_address(i), without_end);
      started[i] = 0;
      break;
    }
  return __real_pthread_join(thread, result);
}

#endif
