/* performer.h -- who plays scripts: the player of a collector, in a process of its own for each script, or CPython.
 *
 * The bench process only, one thread. */
#ifndef GC_BENCH_VECTORS_PERFORMER_H
#define GC_BENCH_VECTORS_PERFORMER_H

#include "bench/vectors/cpython.h"
#include "bench/vectors/player.h"

struct performer {
  const char *name;
  const struct player *player; /* NULL: CPython */
  struct cpython cpython;
};

/* Of a collector's name, or "cpython".  Exits if there is none of that name, or CPython cannot be had. */
void performer_open(struct performer *performer, const char *name);
/* `answers` has room for the script's operations.  False if it was not played to its end: see answers->problem. */
bool performer_play(struct performer *performer, const struct script *script, struct answers *answers);
/* Of a player: one of experiments.def.  False if it does not hold, or cannot be made; `said` tells. */
bool performer_measure(const struct performer *performer, enum experiment experiment, char *said, size_t said_bytes);
void performer_close(struct performer *performer);

/* Whether it must answer word for word as CPython does. */
bool performer_is_exact(const struct performer *performer);

#endif
