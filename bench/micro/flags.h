/* flags.h -- the arguments of `gclab micro`, looked at before Google Benchmark sees them.
 *
 * The library would answer a wrong value with its own usage and exit 0 or 1, and a wrong name not at all. */
#ifndef GC_BENCH_MICRO_FLAGS_H
#define GC_BENCH_MICRO_FLAGS_H

#include <stddef.h>

/* Ends the process with one sentence if an argument is wrong (exit 2) or the file to be written is refused (3). */
void micro_check_flags(int argc, char **argv);

/* The nearest of `names` (count of them), or of the parts between their slashes; NULL if none is near.  Valid until the
 * next call. */
const char *micro_nearest(const char *word, const char *const *names, size_t count);

#endif
