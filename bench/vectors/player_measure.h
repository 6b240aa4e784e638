/* player_measure.h -- what the experiments of experiments.def share: their objects, and how they tell what they found.
 *
 * Objects have the fields of CPython's own, but that gclab's header of 8 bytes stands where CPython has the count: the
 * class, a length, what they hold.  Compiled for each plan.  One mutator. */
#ifndef GC_BENCH_VECTORS_PLAYER_MEASURE_H
#define GC_BENCH_VECTORS_PLAYER_MEASURE_H

#include "bench/vectors/player.h"
#include "runtime/gc.h"
#include "runtime/gc_control.h"
#include "runtime/gc_tools.h"

#define PLAYER_(name) GC_CONCAT(GC_CONCAT(player_, name), GC_CONCAT(_, GC_PLAN))

struct mobject { /* object() */
  struct gc_header header;
  uint64_t class;
};
struct mfloat {
  struct gc_header header;
  uint64_t class;
  double value;
};
struct mint { /* of one digit of 30 bits */
  struct gc_header header;
  uint64_t class, length;
  uint32_t digit[1];
};
struct mtuple { /* empty; its items would follow */
  struct gc_header header;
  gc_field class;
  uint64_t length;
};
struct mlist {
  struct gc_header header;
  gc_field class, items;
  uint64_t length, allocated;
};
struct mdict {
  struct gc_header header;
  gc_field class, keys, values;
  uint64_t used, version;
};
struct mpair {
  struct gc_header header;
  gc_field first, second;
};
struct mhandle { /* a file */
  struct gc_header header;
  gc_field holder;
  int64_t fd; /* -1: closed */
  struct gc_resource *resource;
};

enum {
  TYPE_mobject = GC_TYPE_FIRST,
  TYPE_mfloat,
  TYPE_mint,
  TYPE_mtuple,
  TYPE_mlist,
  TYPE_mdict,
  TYPE_mpair,
  TYPE_mhandle,
};

/* An experiment: false if what it found is not as CPython's.  `said` gets what was measured. */
#define EXPERIMENT(name) bool PLAYER_(name)(struct gc_mutator *m, char *said, size_t said_bytes);
#include "bench/vectors/experiments.def"
#undef EXPERIMENT

/* player_measure.c */
bool PLAYER_(measure)(enum experiment experiment, char *said, size_t said_bytes);
const struct gc_control *PLAYER_(control)(void); /* NULL: the plan has none */

/* player_life.c */
double PLAYER_(resident_mb)(void); /* of this process, in 10^6 bytes */

#endif
