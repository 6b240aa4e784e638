/* limits.h -- loops written by hand that do the least any collector must do: what its figures are held against.
 *
 * Called by micro.c (as benchmarks) and ratios.c, by one thread.  No code of the runtime's fast paths is used here:
 * a limit that shared it would move with it. */
#ifndef GC_BENCH_MICRO_LIMITS_H
#define GC_BENCH_MICRO_LIMITS_H

#include "runtime/base/compiler.h"

/* ---- allocation: bump and zero ---- */

/* Memory that is handed out from start to end, again and again, as if nothing ever survived.
 * [cursor, limit) is zero; the limit advances in slices that fit the first-level cache. */
struct limit_nursery {
  uintptr_t cursor, limit, end;
  uintptr_t start;
};

/* False if the system refuses the memory. */
bool limit_nursery_init(struct limit_nursery *nursery, size_t bytes);
void limit_nursery_fini(struct limit_nursery *nursery);

/* Allocates `count` objects of 16, 32 or 64 bytes: header and first word are written, the rest is zero.
 * The cursor is in memory, as that of a mutator is. */
void limit_alloc(struct limit_nursery *nursery, size_t bytes, uint64_t count);

/* ---- marking ---- */

struct limit_node; /* 64 bytes: a header, four references, three words */

enum limit_shape { LIMIT_RANDOM, LIMIT_TREE, LIMIT_LIST };

/* The graphs of the mark workload, without a heap. */
struct limit_graph {
  struct limit_node *nodes; /* in order of their addresses */
  struct limit_node *root;
  struct limit_node **stack; /* room for every reference */
  uint64_t count;
  uint64_t colour; /* header of the nodes that the latest marking has reached */
};

/* False if the system refuses the memory: 64 + 32 bytes a node, on 2 MB pages where they are to be had. */
bool limit_graph_init(struct limit_graph *graph, enum limit_shape shape, uint64_t count, uint64_t seed);
void limit_graph_fini(struct limit_graph *graph);

/* Marks everything reachable, depth first; returns the number of nodes.  fifo: 0 tests each reference where it is
 * found; 16, 32 or 64 prefetches it and tests it that many references later. */
uint64_t limit_mark(struct limit_graph *graph, unsigned fifo);

/* ---- reading ---- */

/* `count` cache lines in an order that is one random cycle. */
struct limit_lines {
  struct limit_line *lines;
  uint64_t count;
};

bool limit_lines_init(struct limit_lines *lines, size_t bytes, uint64_t seed);
void limit_lines_fini(struct limit_lines *lines);

/* Reads `reads` lines, following `ways` chains at once (1, 10 or 16). */
void limit_read_chains(struct limit_lines *lines, unsigned ways, uint64_t reads);
/* Reads `reads` random lines whose addresses do not depend on what was read. */
void limit_read_independent(struct limit_lines *lines, uint64_t reads);

/* ---- loads and stores without a barrier ---- */

/* The ring that is walked: node i is followed by node (i + LIMIT_STRIDE) % LIMIT_RING; fits the first-level cache. */
enum { LIMIT_RING = 512, LIMIT_STRIDE = 197 };

/* Follows `count` references of the ring. */
void limit_walk(uint64_t count);
/* Exchanges two references `count` times. */
void limit_swap(uint64_t count);

#endif
