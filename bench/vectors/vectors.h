/* vectors.h -- `gclab vectors`: does a collector manage memory as CPython 3.11 does, script by script.
 *
 * Parent only; each script is played in a fresh process.  Rows, or JSON lines, on stdout. */
#ifndef GC_BENCH_VECTORS_VECTORS_H
#define GC_BENCH_VECTORS_VECTORS_H

#include "bench/options.h"

int command_vectors(struct options *options);

#endif
