#include "runtime/os/thread.h"

#include <unistd.h>

#include "runtime/os/clock.h"


bool thread_start(pthread_t *thread, const char *name, void *(*body)(void *), void *argument) {
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0)
    return false;
  cpu_set_t all;
  CPU_ZERO(&all);
  for (int unit = 0; unit < CPU_SETSIZE; unit++)
    CPU_SET(unit, &all); /* the kernel keeps those that exist and are allowed */
  pthread_attr_setaffinity_np(&attributes, sizeof all, &all);
  bool started = !schedule_is_on() && pthread_create(thread, &attributes, body, argument) == 0;
  if (!started)
    started = pthread_create(thread, NULL, body, argument) == 0;
  pthread_attr_destroy(&attributes);
  if (started)
    pthread_setname_np(*thread, name);
  return started;
}

void thread_stay_here(void) {
  cpu_set_t here;
  CPU_ZERO(&here);
  CPU_SET(sched_getcpu(), &here);
  sched_setaffinity(0, sizeof here, &here); /* advisory */
}

uint64_t thread_cpu_ns(pthread_t thread) {
  clockid_t clock;
  return pthread_getcpuclockid(thread, &clock) == 0 ? clock_read_ns(clock) : 0;
}

void thread_wait_briefly(pthread_cond_t *changed, pthread_mutex_t *lock) {
  uint64_t until_ns = clock_now_ns() + 1000000;
  struct timespec until = {(time_t)(until_ns / 1000000000u), (long)(until_ns % 1000000000u)};
  pthread_cond_timedwait(changed, lock, &until);
}

void thread_cond_init(pthread_cond_t *cond) {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(cond, &attributes);
  pthread_condattr_destroy(&attributes);
}
