#include "runtime/stats/tally.h"

#define TALLY_NAME(name) #name,
const char *const tally_names[TALLY_COUNT + 1] = {TALLIES(TALLY_NAME) NULL};
#undef TALLY_NAME

#if GC_COUNTING
_Thread_local _Atomic uint64_t tally_here[TALLY_SLOTS];

_Atomic uint64_t *tally_begin(void) {
  for (unsigned i = 0; i < TALLY_SLOTS; i++)
    atomic_store_explicit(&tally_here[i], 0, memory_order_relaxed);
  return tally_here;
}

void tally_sum(uint64_t *sum, const _Atomic uint64_t *counts) {
  for (unsigned i = 0; i < TALLY_SLOTS; i++)
    sum[i] += atomic_load_explicit(&counts[i], memory_order_relaxed);
}
#else
_Atomic uint64_t *tally_begin(void) { return NULL; }
void tally_sum(uint64_t *sum, const _Atomic uint64_t *counts) { (void)sum, (void)counts; }
#endif
