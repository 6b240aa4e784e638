/* mutants.h -- `gclab mutants`: switches on one fault after the other and says which test killed it.
 *
 * Parent only.  In a build without mutants: a sentence that says how to make one, and exit 3. */
#ifndef GC_BENCH_MUTANTS_H
#define GC_BENCH_MUTANTS_H

#include "bench/options.h"

int command_mutants(struct options *options);

/* The processes that are started from now on have this fault; exits if there is none of that name. */
void mutants_switch_on(const char *name);

#endif
