/* benchmarks.h -- the families of `gclab micro`: each function registers one with Google Benchmark.
 *
 * Called by micro.c, once each.  What a benchmark needs lives as long as the process. */
#ifndef GC_BENCH_MICRO_BENCHMARKS_H
#define GC_BENCH_MICRO_BENCHMARKS_H

#include "bench/micro/loops.h"

enum { MICRO_NAME_BYTES = 128 };

/* limit/…: loops written by hand, the least that any collector must do (limits.h). */
void micro_register_limits(void);
/* runtime/deque_…: a worker's queue, by its owner and by thieves. */
void micro_register_deque(void);
/* runtime/blocks_…: the private heap's blocks, taken and given back. */
void micro_register_blocks(void);
/* <plan>/<loop>: one operation of gc.h each. */
void micro_register_loops(const struct micro_plan *plan);
/* <plan>/handshake, <plan>/stop: there and back, with 0 to 4 threads that poll. */
void micro_register_handshakes(const struct micro_plan *plan);
/* <plan>/collect_lists: a full collection of a list of empty lists, all alive. */
void micro_register_collecting(const struct micro_plan *plan);
/* <plan>/mark_random: objects that a full collection marks in a second. */
void micro_register_marking(const struct micro_plan *plan);

#endif
