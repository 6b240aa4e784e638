#include "bench/micro/ratios.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/launch.h"
#include "bench/micro/loops.h"
#include "bench/micro/sides.h"
#include "bench/options.h"

enum { ROUNDS_MAX = 1000, GCBENCH_ITERATIONS = 8 };

enum compare {
  TIMES_SLOWER, /* ours / theirs, at most the bound */
  TIMES_FASTER, /* theirs / ours, at least the bound */
  DIFFERENCE,   /* ours - theirs, at most the bound */
};

struct promise {
  const char *ours, *theirs; /* as printed */
  enum compare compare;
  double bound;
  const char *unit; /* of the figures, printed with `scale` */
  double scale;
  struct side side[2]; /* ours, theirs */
};

/* ---- one process, one processor ---- */

/* Binds the process and, by inheritance, its children to the last processor it may use.  Returns its number. */
static int bind_to_one(void) {
  cpu_set_t allowed, one;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
    environment_error("micro: the system does not say which processors may be used");
  int last = -1;
  for (int i = 0; i < CPU_SETSIZE; i++)
    if (CPU_ISSET(i, &allowed))
      last = i;
  CPU_ZERO(&one);
  CPU_SET(last, &one);
  if (sched_setaffinity(0, sizeof one, &one) != 0)
    environment_error("micro: the system does not bind to processor %d", last);
  return last;
}

/* ---- the promises ---- */

#define LOOP(plan_name, loop_name) \
  { .measure = side_loop, .plan = plan_name, .loop = loop_name }
#define GCBENCH_UNDER(plan_name)                                                             \
  {                                                                                          \
    .measure = side_workload, .plan = plan_name, .workload = "gcbench", .heap_factor = 3, \
    .iterations = GCBENCH_ITERATIONS                                                         \
  }
#define GCBENCH_ON(peer_name)                                                                                  \
  {                                                                                                            \
    .measure = side_peer, .peer = peer_name, .program = "gcbench", .workload = "gcbench", .heap_factor = 3, \
    .iterations = GCBENCH_ITERATIONS                                                                           \
  }

/* Three collections after one that warms up, of 256 MB in a heap that holds them and the array of the building. */
enum { MARK_HEAP_BYTES = 768 << 20 };
#define MARK_OBJECTS "objects=4194304"

/* Against CPython's own: the same objects, collections by the same rules, none of them timed; blocks against
 * pymalloc's. */
enum { PAIRS_COUNT = 2 * 1000 * 1000, CPYTHON_ITERATIONS = 4 };
#define PAIRS \
  { .measure = side_loop, .plan = "python", .loop = "pair_cycle", .count = PAIRS_COUNT, .unmeasured = true }
#define LISTS \
  { .measure = side_collect_lists, .plan = "python", .heap_bytes = LISTS_HEAP_BYTES, .unmeasured = true }
#define ON_CPYTHON(program_name, ...)                                                 \
  {                                                                                   \
    .measure = side_peer, .peer = "cpython", .program = program_name, .params = {__VA_ARGS__}, \
    .iterations = CPYTHON_ITERATIONS                                                  \
  }
#define BLOCKS_IN(label, order, is_mixed, bytes, param)                               \
  {                                                                                   \
    "blocks " label ", " order, "CPython 3.11", TIMES_FASTER, 1, "ns", 1, {           \
      {.measure = side_blocks, .block_bytes = bytes, .mixed = is_mixed}, ON_CPYTHON("blocks", param, "order=" order) \
    }                                                                                 \
  }
#define BLOCKS(label, bytes, param) \
  BLOCKS_IN(label, "lifo", false, bytes, param), BLOCKS_IN(label, "mixed", true, bytes, param)

/* bdwgc as most programs call it, and with its free lists inlined, as a language runtime would: no slower than that. */
static const struct promise promises[] = {
    {"alloc 32 B, generational",
     "limit: bump and zero",
     TIMES_SLOWER,
     1.5,
     "ns",
     1,
     {LOOP("generational", "alloc32"), {.measure = side_limit_alloc32}}},
    {"loop with a poll, marksweep",
     "the same without",
     DIFFERENCE,
     0.15,
     "ns",
     1,
     {LOOP("marksweep", "loop_work_poll"), LOOP("marksweep", "loop_work")}},
    {"empty loop with a poll",
     "the same without",
     DIFFERENCE,
     0.15,
     "ns",
     1,
     {LOOP("marksweep", "loop_empty_poll"), LOOP("marksweep", "loop_empty")}},
    {"gcbench 3x, generational",
     "bdwgc",
     TIMES_FASTER,
     2,
     "ms",
     1e-6,
     {GCBENCH_UNDER("generational"), GCBENCH_ON("bdwgc")}},
    {"gcbench 3x, generational",
     "bdwgc-inline",
     TIMES_FASTER,
     1,
     "ms",
     1e-6,
     {GCBENCH_UNDER("generational"), GCBENCH_ON("bdwgc-inline")}},
    {"gcbench 3x, marksweep", "bdwgc", TIMES_FASTER, 1, "ms", 1e-6, {GCBENCH_UNDER("marksweep"), GCBENCH_ON("bdwgc")}},
    {"gcbench 3x, marksweep",
     "bdwgc-inline",
     TIMES_FASTER,
     1,
     "ms",
     1e-6,
     {GCBENCH_UNDER("marksweep"), GCBENCH_ON("bdwgc-inline")}},
    {"mark random, marksweep",
     "bdwgc",
     TIMES_FASTER,
     2,
     "ns/object",
     1,
     {{.measure = side_workload,
       .plan = "marksweep",
       .workload = "mark," MARK_OBJECTS,
       .iterations = 1,
       .heap_bytes = MARK_HEAP_BYTES},
      {.measure = side_peer,
       .peer = "bdwgc",
       .program = "mark",
       .params = {MARK_OBJECTS},
       .iterations = 1,
       .workload = "mark",
       .heap_bytes = MARK_HEAP_BYTES}}},
    {"pair_cycle, python", "CPython 3.11", TIMES_FASTER, 2, "ns/pair", 1, {PAIRS, ON_CPYTHON("pairs")}},
    {"collect_lists, python", "CPython 3.11", TIMES_FASTER, 2, "ns/list", 1, {LISTS, ON_CPYTHON("lists")}},
    BLOCKS("16 B", 16, "bytes=16"),
    BLOCKS("64 B", 64, "bytes=64"),
    BLOCKS("512 B", 512, "bytes=512"),
    BLOCKS("16-512 B", 0, "bytes=0"),
};
enum { PROMISE_COUNT = sizeof promises / sizeof *promises };

/* ---- rounds ---- */

struct rounds {
  unsigned count;
  double outcome[ROUNDS_MAX], ours_ns[ROUNDS_MAX], theirs_ns[ROUNDS_MAX], wall_outcome[ROUNDS_MAX];
};

static double outcome_of(const struct promise *promise, double ours_ns, double theirs_ns) {
  switch (promise->compare) {
  case TIMES_SLOWER: return ours_ns / theirs_ns;
  case TIMES_FASTER: return theirs_ns / ours_ns;
  case DIFFERENCE: break;
  }
  return ours_ns - theirs_ns;
}

/* Measures both sides `count` times, the one that comes first changing from round to round. */
static bool run_rounds(const struct promise *promise, struct rounds *rounds, unsigned count, char *message) {
  for (rounds->count = 0; rounds->count < count; rounds->count++) {
    unsigned round = rounds->count;
    struct figure figure[2];
    for (unsigned turn = 0; turn < 2; turn++) {
      unsigned which = (round + turn) % 2;
      const struct side *side = &promise->side[which];
      if (!side->measure(side, &figure[which], message))
        return false;
    }
    rounds->ours_ns[round] = figure[0].cpu_ns;
    rounds->theirs_ns[round] = figure[1].cpu_ns;
    rounds->outcome[round] = outcome_of(promise, figure[0].cpu_ns, figure[1].cpu_ns);
    rounds->wall_outcome[round] = outcome_of(promise, figure[0].wall_ns, figure[1].wall_ns);
  }
  qsort(rounds->ours_ns, count, sizeof(double), side_compare_doubles);
  qsort(rounds->theirs_ns, count, sizeof(double), side_compare_doubles);
  qsort(rounds->outcome, count, sizeof(double), side_compare_doubles);
  qsort(rounds->wall_outcome, count, sizeof(double), side_compare_doubles);
  return true;
}

static bool within(const struct promise *promise, double outcome) {
  return promise->compare == TIMES_FASTER ? outcome >= promise->bound : outcome <= promise->bound;
}

/* "unclear": the quartiles lie on both sides of the bound. */
static const char *verdict(const struct promise *promise, const struct rounds *rounds) {
  bool low = within(promise, side_quantile(rounds->outcome, rounds->count, 0.25));
  bool high = within(promise, side_quantile(rounds->outcome, rounds->count, 0.75));
  return low != high ? "unclear" : low ? "holds" : "FAILS";
}

static void print_row(const struct promise *promise, const struct rounds *rounds) {
  unsigned count = rounds->count;
  char bound[32];
  snprintf(bound, sizeof bound, "%s %.4g%s", promise->compare == TIMES_FASTER ? ">=" : "<=", promise->bound,
           promise->compare == DIFFERENCE ? " ns" : "x");
  printf("%-28s %10.3f  %-21s %10.3f %-9s  %7.3f  [%.3f, %.3f]  %7.3f  %-10s %s\n", promise->ours,
         side_quantile(rounds->ours_ns, count, 0.5) * promise->scale, promise->theirs,
         side_quantile(rounds->theirs_ns, count, 0.5) * promise->scale, promise->unit,
         side_quantile(rounds->outcome, count, 0.5),
         side_quantile(rounds->outcome, count, 0.25), side_quantile(rounds->outcome, count, 0.75),
         side_quantile(rounds->wall_outcome, count, 0.5), bound, verdict(promise, rounds));
  fflush(stdout);
}

/* ---- the command ---- */

static unsigned parse_rounds(const char *text) {
  char *end;
  unsigned long count = strtoul(text, &end, 10);
  if (end == text || *end || count < 1 || count > ROUNDS_MAX)
    usage_error("--rounds takes a whole number from 1 to %d, not '%s'", ROUNDS_MAX, text);
  return (unsigned)count;
}

int ratios_main(int argc, char **argv) {
  unsigned count = 7;
  const char *word = "";
  for (int i = 1; i < argc; i++)
    if (strncmp(argv[i], "--rounds=", 9) == 0)
      count = parse_rounds(argv[i] + 9);
    else if (argv[i][0] != '-')
      word = argv[i];
    else if (strcmp(argv[i], "--ratios") != 0)
      usage_error("micro --ratios knows --rounds=N and a word to select promises by, not '%s'", argv[i]);

  int processor = bind_to_one();
  launch_catch_signals();
  printf("processor %d, %u rounds, nursery %zu KiB; medians of CPU time, [quartiles] of the ratio, its median by wall "
         "time\n",
         processor, count, side_nursery_bytes() >> 10);
  printf("%-28s %10s  %-21s %10s %-9s  %7s  %-15s %8s  %-10s\n", "ours", "", "against", "", "", "ratio", "spread",
         "by wall", "promise");
  static struct rounds rounds;
  int exit_code = EXIT_OK;
  for (size_t i = 0; i < PROMISE_COUNT && !launch_interrupted(); i++) {
    const struct promise *promise = &promises[i];
    char message[SIDE_MESSAGE_BYTES];
    if (!strstr(promise->ours, word) && !strstr(promise->theirs, word))
      continue;
    bool measured = run_rounds(promise, &rounds, count, message);
    if (measured)
      print_row(promise, &rounds);
    else
      printf("%-28s %10s  %-21s not measured: %s\n", promise->ours, "", promise->theirs, message);
    if (!measured || strcmp(verdict(promise, &rounds), "FAILS") == 0)
      exit_code = EXIT_RUNS_FAILED;
  }
  return launch_interrupted() ? EXIT_INTERRUPTED : exit_code;
}
