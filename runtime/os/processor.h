/* processor.h -- whether the calling thread kept its processor, without a system call.
 *
 * The kernel clears the pointer to a restartable sequence, in the area that the C library registered for the thread
 * (rseq(2)), whenever it takes the processor away from that thread.  So a pointer that is still there tells that what
 * the kernel counts for the thread, as its waits and its CPU time, can be reckoned without asking.  A question takes
 * 0.4 us in a loop, and some 2 us where the caches hold other things (`cpu_reading` in a record's
 * quality.instrumentation_units), as at the edge of a minor cycle, which has several.
 * Any thread, for itself.  Nothing else in the process may use restartable sequences in such a thread. */
#ifndef GC_OS_PROCESSOR_H
#define GC_OS_PROCESSOR_H

#include "runtime/base/compiler.h"

/* As long as two calls of one thread return the same, it kept its processor between them.  Where the C library or the
 * kernel has no such area no two calls do. */
uint64_t processor_losses(void);

#endif
