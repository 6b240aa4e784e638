/* utilisation.h -- the record's group `mmu`: what was left to mutators of windows of each size.
 *
 * In two scopes, inside the measured part of each iteration:
 *   aggregate  stop-the-world pauses, for the world as a whole: the definition of Cheng and Blelloch
 *   thread     whatever kept a thread from its own work: pauses, its part of handshakes, stalls and assists; of each
 *              window the worst of all threads.  Collectors with short pauses may hide their cost from the first
 * No window spans two iterations: of each size the worst of all iterations stands, and the largest window is the worst
 * whole iteration.  One thread, while the world is quiet. */
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

struct utilisations {
  struct utilisation aggregate, thread;
};

/* Adds what heap->pauses and the log of all threads say of [begin_ns, end_ns), the measured part of an iteration. */
void utilisation_add(struct utilisations *utilisations, const struct gc_heap *heap, const struct thread_log *threads,
                     uint64_t begin_ns, uint64_t end_ns);
/* The group of the first scope, with the other as its member "thread". */
json_t *utilisation_report(const struct utilisations *utilisations, const struct thread_log *threads);

#endif
