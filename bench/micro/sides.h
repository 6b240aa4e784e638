/* sides.h -- what the two sides of a ratio are measured by: loops in this process, or a program of another one.
 *
 * Called by ratios.c, on the one processor that it has bound the process to. */
#ifndef GC_BENCH_MICRO_SIDES_H
#define GC_BENCH_MICRO_SIDES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIDE_MESSAGE_BYTES = 512 };

/* What one measurement gives, for each operation.  The verdict goes by CPU time: everything is bound to one
 * processor and runs one thread at a time, so on a quiet machine that is wall time, and on a busy one it still is. */
struct figure {
  double cpu_ns, wall_ns;
};

/* Which fields a `measure` reads stands beside it. */
struct side {
  bool (*measure)(const struct side *side, struct figure *figure, char *message); /* false with a sentence */
  const char *plan, *loop;
  const char *workload, *peer, *program;
  const char *params[2]; /* name=value, of the peer's program */
  double heap_factor;    /* times the smallest heap of the workload; or, if 0, */
  size_t heap_bytes;     /* 0: the default of the side */
  int iterations;
  uint64_t count; /* operations of a loop; 0: LOOP_COUNT */
  bool unmeasured; /* collections are not timed: the other side does not time its own */
  size_t block_bytes;
  bool mixed;
};

/* plan, loop, count, heap_bytes, unmeasured */
bool side_loop(const struct side *side, struct figure *figure, char *message);
/* The limit that alloc32 is held against. */
bool side_limit_alloc32(const struct side *side, struct figure *figure, char *message);
/* plan, heap_bytes, unmeasured: full collections of a million live lists. */
bool side_collect_lists(const struct side *side, struct figure *figure, char *message);
/* block_bytes, mixed: the private heap (blocks.h). */
bool side_blocks(const struct side *side, struct figure *figure, char *message);
/* workload, plan, iterations and a heap */
bool side_workload(const struct side *side, struct figure *figure, char *message);
/* peer, program, params, iterations; its heap is that of `workload`, if given */
bool side_peer(const struct side *side, struct figure *figure, char *message);

/* The nursery of all sides that have one: what the second-level cache holds, which is also generational's default. */
size_t side_nursery_bytes(void);

/* The quantile of sorted values, interpolated. */
double side_quantile(const double *sorted, size_t count, double q);
int side_compare_doubles(const void *a, const void *b);

#endif
