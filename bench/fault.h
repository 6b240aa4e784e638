/* fault.h -- faults that `gclab selftest` wants to see recorded: the process of an invocation commits them on purpose.
 *
 * Called by the first mutator thread when it enters `run`. */
#ifndef GC_BENCH_FAULT_H
#define GC_BENCH_FAULT_H

#include <stdint.h>

/* Commits the fault `name`: crash, hang (asleep), spin (busy), leave (ends without a record); NULL and others: none. */
void fault_commit(const char *name);
/* What a thread's checksum becomes: another one under the fault `checksum`. */
uint64_t fault_checksum(const char *name, uint64_t checksum);

#endif
