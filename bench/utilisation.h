/* utilisation.h -- the record's group `mmu`: what was left to mutators of windows of each size.
 *
 * Counts stop-the-world pauses, for the world as a whole, inside the measured part of each iteration.  No window spans
 * two iterations: of each size the worst of all iterations stands, and the largest window is the worst whole iteration.
 * One thread, while the world is quiet. */
#ifndef GC_BENCH_UTILISATION_H
#define GC_BENCH_UTILISATION_H

#include <jansson.h>

#include "runtime/cycle/heap.h"
#include "runtime/stats/mmu.h"

enum { WORST_SIZES = 3, WORST_WINDOWS = 3 };

struct utilisation {
  struct mmu_window steps[MMU_WINDOWS_MAX], whole; /* begin_ns counts from the heap's origin */
  struct mmu_window worst[WORST_SIZES][WORST_WINDOWS];
  size_t step_count, worst_count[WORST_SIZES];
  unsigned iterations, refused; /* refused: no memory to look at an iteration */
};

/* Adds the pauses of heap->pauses in [begin_ns, end_ns), the measured part of an iteration. */
void utilisation_add(struct utilisation *utilisation, const struct gc_heap *heap, uint64_t begin_ns, uint64_t end_ns);
json_t *utilisation_report(const struct utilisation *utilisation);

#endif
