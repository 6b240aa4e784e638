/* minheap.h -- the smallest heap in which any reclaiming collector completes a workload; what `--heap 2x` doubles.
 *
 * Found by bisection, to within 3 % or 256 KB, and kept in <results>/minheap.yaml for each workload, its parameters
 * and its threads, until `gclab minheap --again` measures it anew: a comparison of two builds wants equal heaps.
 * With several threads a size counts if three runs in a row complete.  Parent only. */
#ifndef GC_BENCH_MINHEAP_H
#define GC_BENCH_MINHEAP_H

#include "bench/subject.h"

struct minheap {
  size_t bytes;
  const char *collector; /* the most frugal one; a string of the registry */
  const char *problem;   /* if there is none */
};

/* False if no collector completes the workload (found->problem says why), or if interrupted. */
bool minheap_find(struct minheap *found, const struct options *options, const struct workload_choice *workload);

int command_minheap(struct options *options);

#endif
