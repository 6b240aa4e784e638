/* cpu_clock.h -- CPU time of the calling thread, for those who ask often.
 *
 * A thread that keeps its processor ages as the clock on the wall does, so the kernel is asked only once it lost it
 * (processor.h).  What interrupts and a hypervisor take is seen only when the kernel is asked, so it is asked at least
 * once in CPU_CLOCK_TRUST_NS.  Any thread; readings of one thread never fall. */
#ifndef GC_OS_CPU_CLOCK_H
#define GC_OS_CPU_CLOCK_H

#include "runtime/base/compiler.h"

enum { CPU_CLOCK_TRUST_NS = 10 * 1000 * 1000 };

/* Adds one to *asked if the kernel was asked. */
uint64_t cpu_clock_ns(uint64_t *asked);
/* What the thread did since its last reading does not count, unless the kernel, asked later, counts it. */
void cpu_clock_skip(void);

#endif
