/* figures.h -- what workloads measured of themselves (workload.h, figures), for the end of a run: below the table.
 *
 * Parent only.  From the records, as the table is. */
#ifndef GC_BENCH_FIGURES_H
#define GC_BENCH_FIGURES_H

#include <jansson.h>
#include <stdio.h>

struct figures {
  json_t *subjects; /* {"workload collector heap": {"figure": [of each measured iteration]}}; NULL: none so far */
};

void figures_add(struct figures *figures, const json_t *record);
/* The mean of each; nothing if there is none. */
void figures_print(const struct figures *figures, FILE *file);
void figures_free(struct figures *figures);

#endif
