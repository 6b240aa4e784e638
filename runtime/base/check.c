#include "runtime/base/check.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static _Atomic(const char *) current_phase = "none";
static _Atomic uint64_t current_seed;

void check_set_phase(const char *phase_name) {
  /* relaxed: only read to word a failure */
  atomic_store_explicit(&current_phase, phase_name, memory_order_relaxed);
}

void check_set_seed(uint64_t seed) { atomic_store_explicit(&current_seed, seed, memory_order_relaxed); }

uint64_t check_seed(void) { return atomic_load_explicit(&current_seed, memory_order_relaxed); }

void check_failed(const char *file, int line, const char *condition, const char *format, ...) {
  char thread_name[32] = "?";
  pthread_getname_np(pthread_self(), thread_name, sizeof thread_name);
  flockfile(stderr);
  fprintf(stderr, "gclab: broken invariant at %s:%d: %s: ", file, line, condition);
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fprintf(stderr, " [thread %s, phase %s, seed %llu]\n", thread_name,
          atomic_load_explicit(&current_phase, memory_order_relaxed), (unsigned long long)check_seed());
  fflush(stderr);
  abort();
}
