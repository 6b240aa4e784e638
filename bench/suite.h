/* suite.h -- `gclab suite`: plans the invocations of a YAML file and runs them, or goes on with a run that was ended.
 *
 * Parent only.  Returns its exit code. */
#ifndef GC_BENCH_SUITE_H
#define GC_BENCH_SUITE_H

#include "bench/options.h"

int command_suite(struct options *options);

#endif
