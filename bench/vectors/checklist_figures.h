/* checklist_figures.h -- the statements of checklist.def that workloads show, by what they measure of themselves.
 *
 * Parent only.  Each case of checklist_figures.def runs once, in a process of its own, however many rows ask for it. */
#ifndef GC_BENCH_VECTORS_CHECKLIST_FIGURES_H
#define GC_BENCH_VECTORS_CHECKLIST_FIGURES_H

#include "bench/options.h"

/* Whether all rows of the item hold under `collector`; `said` gets what was measured, or the row that does not. */
bool figures_hold(const struct options *options, unsigned item, const char *collector, char *said, size_t said_bytes);
/* Forgets the cases that ran. */
void figures_forget(void);

#endif
