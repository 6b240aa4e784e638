/* run_delay.h -- how long a thread was ready to run and had no processor, as the kernel counts it (schedstat).
 *
 * A reading is a system call of 800 ns in a loop, and of several microseconds in a program that uses the caches.  A
 * thread names itself once; who has that number may read while the thread lives. */
#ifndef GC_OS_RUN_DELAY_H
#define GC_OS_RUN_DELAY_H

#include "runtime/base/compiler.h"

/* The calling thread's number for run_delay_read, -1 if the kernel does not tell; closed when the thread ends. */
int run_delay_of_this_thread(void);

/* Nanoseconds since the thread began.  False if `number` is -1 or cannot be read. */
bool run_delay_read(int number, uint64_t *delay_ns);
/* Of the calling thread; the kernel is asked only if the thread lost its processor since it asked last. */
bool run_delay_here(uint64_t *delay_ns);

#endif
