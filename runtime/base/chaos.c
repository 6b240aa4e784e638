#include "runtime/base/chaos.h"

#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "runtime/base/cpu.h"
#include "runtime/base/rng.h"
#include "runtime/base/schedule.h"

static _Atomic uint64_t chaos_seed;
static _Atomic unsigned chaos_intensity;
static _Atomic uint64_t chaos_generation; /* bumped by chaos_set, so that threads re-seed */
static _Atomic uint64_t chaos_threads;    /* hands out stream numbers */
static _Atomic uint64_t chaos_passed;

static _Thread_local uint64_t stream_state;
static _Thread_local uint64_t stream_generation;

void chaos_set(uint64_t seed, unsigned intensity_per_1024) {
  atomic_store(&chaos_seed, seed);
  atomic_store(&chaos_threads, 0);
  atomic_store(&chaos_passed, 0);
  atomic_fetch_add(&chaos_generation, 1);
  atomic_store(&chaos_intensity, intensity_per_1024);
}

uint64_t chaos_points_passed(void) { return atomic_load(&chaos_passed); }

static void disturb(uint64_t choice) {
  switch (choice & 3) {
  case 0:
  case 1: sched_yield(); break;
  case 2:
    for (unsigned i = 0; i < (choice >> 8) % 500; i++)
      cpu_relax();
    break;
  default: nanosleep(&(struct timespec){0, (long)((choice >> 8) % 100000)}, NULL);
  }
}

void chaos_point(const char *point) {
#if GC_CHAOS_ENABLED
  if (schedule_is_on()) {
    schedule_point(point);
    return;
  }
#endif
  unsigned intensity = atomic_load_explicit(&chaos_intensity, memory_order_relaxed);
  if (intensity == 0)
    return;
  uint64_t generation = atomic_load_explicit(&chaos_generation, memory_order_relaxed);
  if (stream_generation != generation) {
    stream_generation = generation;
    stream_state = rng_stream(atomic_load(&chaos_seed), atomic_fetch_add(&chaos_threads, 1));
  }
  atomic_fetch_add_explicit(&chaos_passed, 1, memory_order_relaxed);
  uint64_t word = rng_xorshift64(&stream_state) ^ (uintptr_t)point[0];
  if ((word & 1023) < intensity)
    disturb(word >> 10);
}
