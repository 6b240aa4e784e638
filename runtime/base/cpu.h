/* cpu.h -- single instructions: prefetch, spin hint, cycle counter. */
#ifndef GC_BASE_CPU_H
#define GC_BASE_CPU_H

#include "runtime/base/compiler.h"
#include "runtime/base/schedule.h"

static GC_INLINE void cpu_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }
static GC_INLINE void cpu_prefetch_write(const void *address) { __builtin_prefetch(address, 1, 3); }

/* One round of a busy wait. */
static GC_INLINE void cpu_relax(void) {
  if (schedule_is_on()) {
    schedule_spin();
    return;
  }
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/* Ticks of a constant-rate counter; only differences and ratios mean anything. */
static GC_INLINE uint64_t cpu_ticks(void) {
  if (schedule_is_on())
    return schedule_now_ns();
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
  uint64_t ticks;
  __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
  return ticks;
#endif
}

#endif
