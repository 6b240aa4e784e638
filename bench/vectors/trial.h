/* trial.h -- one script, one performer, one verdict; and the random ones among them.
 *
 * The bench process only, one thread. */
#ifndef GC_BENCH_VECTORS_TRIAL_H
#define GC_BENCH_VECTORS_TRIAL_H

#include "bench/vectors/judge.h"
#include "bench/vectors/performer.h"

struct trial {
  struct performer *performer;
  struct performer *cpython; /* NULL: results are those that the script says */
  enum judge_rules rules;
};

/* False if nothing can be said of the script: judge.h says which ones. */
bool trial_run(const struct trial *trial, const struct script *script, struct verdict *verdict);

/* A random script that failed, as short as it gets, as a file that can be played again; NULL if none failed.
 * `played` gets how many were.  The caller's to free. */
char *trial_random(const struct trial *trial, uint64_t seed, uint64_t count, uint64_t *played,
                   void (*progress)(uint64_t number));

#endif
