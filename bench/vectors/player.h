/* player.h -- a player executes scripts on one plan: one for each collector, compiled as workloads are.
 *
 * Its sources are bench/vectors/player*.c, which alone here include runtime/gc.h; they define
 *   const struct player GC_PLAYER_SYMBOL = {.collector = …, .play = …};
 * `gclab vectors` calls it in a fresh process for each script: what it allocates, or breaks, dies with that process.
 * One mutator, automatic collection only where the script enables it. */
#ifndef GC_BENCH_VECTORS_PLAYER_H
#define GC_BENCH_VECTORS_PLAYER_H

#include "bench/vectors/script.h"
#include "runtime/base/option.h"

/* The answer to a query, in the script's order: the text that would stand behind =>.  It is copied. */
typedef void player_answer(void *context, const struct script_op *op, const char *text);

enum experiment {
#define EXPERIMENT(name) EXPERIMENT_##name,
#include "bench/vectors/experiments.def"
#undef EXPERIMENT
};

struct player {
  const char *collector; /* its name */
  bool exact;            /* counts at once, as CPython does: see judge.h */
  /* Plays all of the script, with these options of the collector.  NULL, or why it could not go on: one sentence, for
   * instance that a root is not there.  A plan that lacks what an operation wants says "unsupported: " and what. */
  const char *(*play)(const struct script *script, const struct gc_value *options, player_answer *answer,
                      void *context);
  /* False if what it found is not as it should be; `said` gets what that is.  Once in a process, as play. */
  bool (*measure)(enum experiment experiment, char *said, size_t said_bytes);
};

/* Generated: all players of this build, in the order of the collectors. */
extern const struct player *const registry_players[];
extern const size_t registry_player_count;

#endif
