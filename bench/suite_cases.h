/* suite_cases.h -- the cases of a suite: the cross product of its lists, less what --only leaves out.
 *
 * Parent only.  Whatever is wrong ends the program with a sentence that names file and line. */
#ifndef GC_BENCH_SUITE_CASES_H
#define GC_BENCH_SUITE_CASES_H

#include "bench/plan.h"
#include "bench/suite_file.h"

/* Brings defaults, the file and the command line together: iterations, seed, limits, and the like. */
void suite_cases_settle(const struct suite_file *file, struct options *options);

/* Adds all cases to a plan whose programs are known.  With `dry` no smallest heap is measured: the heaps of factors are
 * 0 bytes.  False if interrupted meanwhile. */
bool suite_cases_add(struct plan *plan, const struct suite_file *file, const struct options *options, bool dry);

#endif
