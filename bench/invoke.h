/* invoke.h -- one invocation, in a fresh process: `gclab invoke`, started by launch.c.
 *
 * Writes lines of JSON to --record-fd.  The members of each line replace those of earlier ones, so what was measured
 * until a crash is not lost: {"progress":{"phase":"run","iteration":0}}, and after each iteration all that is known. */
#ifndef GC_BENCH_INVOKE_H
#define GC_BENCH_INVOKE_H

#include "bench/options.h"

/* Exit status of the process; the record's outcome says the same in words. */
enum { INVOKE_OK = 0, INVOKE_FAILED = 1, INVOKE_OOM = 77 };

int invoke(const struct options *options);

#endif
