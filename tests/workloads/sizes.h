/* sizes.h -- parameters with which a workload takes some milliseconds and still does all it does.
 *
 * A workload without a row here is tested with its defaults, and in a roomy heap only. */
#ifndef TESTS_WORKLOADS_SIZES_H
#define TESTS_WORKLOADS_SIZES_H

#include <stddef.h>

struct workload_size {
  const char *workload;
  const char *params;
  double peak; /* most bytes alive during a run, by the bytes alive at its end; 0: not known */
};

/* The rows of one workload; at least one. */
size_t workload_sizes(const char *workload, const struct workload_size **rows);

#endif
