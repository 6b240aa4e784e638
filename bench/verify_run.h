/* verify_run.h -- `gclab verify`: whether the folder of a run is whole, and what it holds can be believed.
 *
 * Reads only; every finding is a line on stdout.  Parent only; returns EXIT_OK, or EXIT_RUNS_FAILED if it found
 * something. */
#ifndef GC_BENCH_VERIFY_RUN_H
#define GC_BENCH_VERIFY_RUN_H

#include "bench/options.h"

int command_verify(const struct options *options);

#endif
