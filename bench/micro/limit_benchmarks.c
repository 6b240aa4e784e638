/* limit_benchmarks.c -- the loops of limits.h as benchmarks. */
#include <stdio.h>

#include "bench/gbench_shim.h"
#include "bench/micro/benchmarks.h"
#include "bench/micro/limits.h"
#include "bench/micro/loops.h"

static void run_alloc(struct gbench_state *state, void *user) {
  (void)user;
  size_t bytes = (size_t)gbench_argument(state, 0);
  struct limit_nursery nursery;
  if (!limit_nursery_init(&nursery, (size_t)gbench_argument(state, 1) << 10)) {
    gbench_skip_with_error(state, "no memory for the nursery");
    return;
  }
  while (gbench_keep_running_batch(state, MICRO_BATCH))
    limit_alloc(&nursery, bytes, MICRO_BATCH);
  limit_nursery_fini(&nursery);
}

static const char *const shapes[] = {"random", "tree", "list"};

static void run_mark(struct gbench_state *state, void *user) {
  enum limit_shape shape = (enum limit_shape)((const char *const *)user - shapes);
  uint64_t count = (uint64_t)gbench_argument(state, 0);
  struct limit_graph graph;
  if (!limit_graph_init(&graph, shape, count, MICRO_SEED)) {
    gbench_skip_with_error(state, "no memory for the graph");
    return;
  }
  limit_mark(&graph, 0); /* warm-up */
  while (gbench_keep_running(state))
    if (limit_mark(&graph, (unsigned)gbench_argument(state, 1)) != count)
      gbench_skip_with_error(state, "not all nodes were marked");
  gbench_set_items_processed(state, gbench_iteration_count(state) * (int64_t)count);
  limit_graph_fini(&graph);
}

/* Second argument: chains followed at once; 0: addresses that do not depend on what was read. */
static void run_read(struct gbench_state *state, void *user) {
  (void)user;
  struct limit_lines lines;
  unsigned ways = (unsigned)gbench_argument(state, 1);
  if (!limit_lines_init(&lines, (size_t)gbench_argument(state, 0) << 20, MICRO_SEED)) {
    gbench_skip_with_error(state, "no memory for the lines");
    return;
  }
  enum { READS = 16000 }; /* a multiple of 10 and 16 */
  while (gbench_keep_running_batch(state, READS))
    if (ways)
      limit_read_chains(&lines, ways, READS);
    else
      limit_read_independent(&lines, READS);
  limit_lines_fini(&lines);
}

static void run_walk(struct gbench_state *state, void *user) {
  (void)user;
  while (gbench_keep_running_batch(state, MICRO_BATCH))
    limit_walk(MICRO_BATCH);
}

static void run_swap(struct gbench_state *state, void *user) {
  (void)user;
  while (gbench_keep_running_batch(state, MICRO_BATCH))
    limit_swap(MICRO_BATCH);
}

static void set_product(struct gbench *b, const char *first, const int64_t *firsts, size_t first_count,
                        const char *second, const int64_t *seconds, size_t second_count) {
  gbench_arg_names(b, (const char *const[]){first, second}, 2);
  gbench_args_product(b, (const int64_t *const[]){firsts, seconds}, (const size_t[]){first_count, second_count}, 2);
}
#define COUNT(array) (sizeof(array) / sizeof *(array))

void micro_register_limits(void) {
  static const int64_t sizes[] = {16, 32, 64}, nurseries_kib[] = {512, 1024, 4096, 65536};
  set_product(gbench_register("limit/alloc", run_alloc, NULL), "bytes", sizes, COUNT(sizes), "nursery_kib",
              nurseries_kib, COUNT(nurseries_kib));
  static const int64_t counts[] = {1 << 20, 1 << 24}, fifos[] = {0, 16, 32, 64};
  for (size_t i = 0; i < COUNT(shapes); i++) {
    char name[MICRO_NAME_BYTES];
    snprintf(name, sizeof name, "limit/mark_%s", shapes[i]);
    struct gbench *b = gbench_register(name, run_mark, (void *)&shapes[i]);
    set_product(b, "objects", counts, COUNT(counts), "fifo", fifos, COUNT(fifos));
    gbench_unit(b, GBENCH_MS);
  }
  static const int64_t sizes_mib[] = {64, 1024}, ways[] = {0, 1, 10, 16};
  set_product(gbench_register("limit/read", run_read, NULL), "mib", sizes_mib, COUNT(sizes_mib), "chains", ways,
              COUNT(ways));
  gbench_register("limit/walk", run_walk, NULL);
  gbench_register("limit/swap", run_swap, NULL);
}
