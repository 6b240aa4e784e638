/* run_state.h -- who works on the folder of a run, and how far it is: a lock, and state.json for people and scripts.
 *
 * The lock is the kernel's, on the folder itself: it ends with its process, however that ends, and is never stale.
 * Parent only. */
#ifndef GC_BENCH_RUN_STATE_H
#define GC_BENCH_RUN_STATE_H

#include "runtime/base/compiler.h"

struct run_state {
  const char *state; /* running, done, interrupted or failed */
  unsigned planned, recorded, failed;
};

/* Until the process ends.  Exits with EXIT_ENVIRONMENT if another process has it. */
void run_state_lock(const char *folder);
/* A folder that is full loses the state, and no more than that. */
void run_state_write(const char *folder, const struct run_state *state);

#endif
