/* selftest.h -- `gclab selftest`: commits one fault after the other and shows that each is recorded as what it is.
 *
 * Parent only.  Returns its exit code: EXIT_RUNS_FAILED if an outcome is not the right one. */
#ifndef GC_BENCH_SELFTEST_H
#define GC_BENCH_SELFTEST_H

#include "bench/options.h"

int command_selftest(struct options *options);

#endif
