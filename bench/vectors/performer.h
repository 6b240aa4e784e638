/* performer.h -- who plays scripts: the player of a collector, in a process of its own for each script, or CPython.
 *
 * The bench process only, one thread. */
#ifndef GC_BENCH_VECTORS_PERFORMER_H
#define GC_BENCH_VECTORS_PERFORMER_H

#include "bench/subject.h"
#include "bench/vectors/cpython.h"
#include "bench/vectors/judge.h"
#include "bench/vectors/player.h"

struct performer {
  const char *name;
  const struct player *player; /* NULL: CPython */
  struct collector_choice collector;
  struct cpython cpython;
};

/* Of a collector's name, with options as -c takes them, or "cpython".  Exits if there is none of that name, or CPython
 * cannot be had. */
void performer_open(struct performer *performer, const char *name);
/* `answers` has room for the script's operations.  False if it was not played to its end: see answers->problem. */
bool performer_play(struct performer *performer, const struct script *script, struct answers *answers);
/* Of a player: one of experiments.def.  False if it does not hold, or cannot be made; `said` tells. */
bool performer_measure(const struct performer *performer, enum experiment experiment, char *said, size_t said_bytes);
void performer_close(struct performer *performer);

/* What is asked of it: CPython itself, and who manages memory as it does, must answer word for word. */
enum judge_rules performer_rules(const struct performer *performer);
static inline bool performer_is_exact(const struct performer *performer) {
  return performer_rules(performer) == JUDGE_EXACT;
}

#endif
