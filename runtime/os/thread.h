/* thread.h -- waiting politely: spin a little, then sleep; and threads with names. */
#ifndef GC_OS_THREAD_H
#define GC_OS_THREAD_H

#include <pthread.h>
#include <sched.h>

#include "runtime/base/cpu.h"

/* Starts a named thread that runs anywhere (the creator's binding is not inherited).  Returns false if refused. */
bool thread_start(pthread_t *thread, const char *name, void *(*body)(void *), void *argument);

/* Binds the calling thread to the processor that it is on; under a schedule also those that it starts. */
void thread_stay_here(void);

/* CPU time that `thread` has used, in nanoseconds; it must not have been joined. */
uint64_t thread_cpu_ns(pthread_t thread);

/* One step of a wait that is expected to be short: first busy, then yielding the processor.  Returns true once
 * spinning no longer pays and the caller should sleep. */
static GC_INLINE bool thread_spin(unsigned *step) {
  if (schedule_is_on()) {
    schedule_spin();
    return ++*step % 4 == 0;
  }
  if (++*step < 64) {
    for (unsigned i = 0; i < 16; i++)
      cpu_relax();
    return false;
  }
  if (*step < 96) {
    sched_yield();
    return false;
  }
  return true;
}

/* Waits on `changed` for at most one millisecond: a missed signal costs that, never a hang. */
void thread_wait_briefly(pthread_cond_t *changed, pthread_mutex_t *lock);

/* Initializes a condition variable whose timed waits use CLOCK_MONOTONIC. */
void thread_cond_init(pthread_cond_t *cond);

#endif
