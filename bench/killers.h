/* killers.h -- the tests of a build with mutants as `gclab mutants` runs them: each in a fresh process, with one fault
 * switched on, for a bounded time.
 *
 * Called by the parent's only thread.  A test that fails kills the mutant, and what it left says how.  Before a test is
 * believed it has passed without any mutant; that run also sets its time limit.
 * Order: the quick and general first, the slow and special last (killers.c). */
#ifndef GC_BENCH_KILLERS_H
#define GC_BENCH_KILLERS_H

#include "runtime/base/mutant.h"

/* How a mutant died. */
#define KILL_WAYS(X) X(survived) X(test) X(checksum) X(verifier) X(crash) X(hang) X(check) X(tsan) X(model)
enum kill_way {
#define KILL_ENUM(name) KILL_##name,
  KILL_WAYS(KILL_ENUM) KILL_WAY_COUNT
#undef KILL_ENUM
};
extern const char *const kill_way_names[KILL_WAY_COUNT];

struct kill {
  enum kill_way way;
  char killer[64];    /* the test, its plan in front */
  char evidence[512]; /* what it said, one line */
  bool broken;        /* the test fails without the mutant, too: nothing is proved, `evidence` says why */
};

/* Runs the killers that fit `row` under `plan` until one kills it.  With `assertions`, GC_CHECKs above level 0 are
 * made, and a death by one of them counts; else it has to die of something else. */
struct kill killers_try(const struct mutant_row *row, const char *plan, bool assertions);

/* Says of a build that lacks what `row` needs where it is made; NULL if nothing is lacking. */
const char *killers_lacking(const struct mutant_row *row);

#endif
