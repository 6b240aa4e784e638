#include "runtime/barrier/rc.h"

static _Atomic bool any_stuck;

uint32_t rc_stick(uint32_t word) {
  atomic_store_explicit(&any_stuck, true, memory_order_relaxed); /* relaxed: a hint */
  return (word & RC_FLAGS) | RC_STUCK;
}

bool rc_any_stuck(void) { return atomic_load_explicit(&any_stuck, memory_order_relaxed); }
