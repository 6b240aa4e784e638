#include "bench/micro/micro.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/gbench_shim.h"
#include "bench/micro/limits.h"
#include "bench/micro/loops.h"
#include "bench/micro/ratios.h"
#include "bench/options.h"
#include "runtime/harness.h"
#include "runtime/os/topology.h"

enum { BATCH = 1 << 14, SEED = 42, MESSAGE_BYTES = 256, NAME_BYTES = 128 };

/* A plan that never reclaims gets as much as its allocations take, and a fixed number of them. */
enum { UNRECLAIMED_COUNT = 1 << 21 };
static const size_t heap_bytes = 64 << 20, unreclaimed_heap_bytes = (size_t)2 << 30;

/* ---- sessions ---- */

const struct micro_plan *micro_plan_find(const char *name) {
  for (size_t i = 0; micro_plans[i]; i++)
    if (strcmp(micro_plans[i]->collector->name, name) == 0)
      return micro_plans[i];
  return NULL;
}

const struct micro_loop *micro_loop_find(const struct micro_plan *plan, const char *name) {
  for (const struct micro_loop *loop = plan->loops; loop->name; loop++)
    if (strcmp(loop->name, name) == 0)
      return loop;
  return NULL;
}

static _Noreturn void out_of_memory(struct gc_heap *heap, struct gc_mutator *m, size_t bytes) {
  (void)m;
  environment_error("micro: %s found no room for %zu bytes in %zu", heap->collector->name, bytes,
                    heap->config.heap_bytes);
}

bool micro_session_begin(struct micro_session *session, const struct micro_plan *plan, const struct gc_value *options,
                         size_t bytes, char *message, size_t message_bytes) {
  const char *problem = type_table_register(plan->types, plan->type_count);
  if (problem) {
    snprintf(message, message_bytes, "%s", problem);
    return false;
  }
  struct gc_heap_config config = {.collector = plan->collector,
                                  .options = options,
                                  .heap_bytes = bytes,
                                  .gc_threads = 1,
                                  .seed = SEED,
                                  .out_of_memory = out_of_memory};
  session->heap = heap_create(&config, message, message_bytes);
  if (!session->heap)
    return false;
  session->m = gc_attach(session->heap);
  if (!session->m) {
    heap_destroy(session->heap);
    snprintf(message, message_bytes, "the system refused memory for a mutator");
    return false;
  }
  plan->prepare(session->m);
  return true;
}

void micro_session_end(struct micro_session *session) {
  gc_detach(session->m);
  heap_destroy(session->heap);
}

/* ---- loops under plans ---- */

struct plan_benchmark {
  const struct micro_plan *plan;
  const struct micro_loop *loop;
};

static void run_plan_benchmark(struct gbench_state *state, void *user) {
  const struct plan_benchmark *benchmark = user;
  struct micro_session session;
  char message[MESSAGE_BYTES];
  size_t bytes = benchmark->plan->collector->attrs.reclaims ? heap_bytes : unreclaimed_heap_bytes;
  if (!micro_session_begin(&session, benchmark->plan, NULL, bytes, message, sizeof message)) {
    gbench_skip_with_error(state, message);
    return;
  }
  while (gbench_keep_running_batch(state, BATCH))
    benchmark->loop->run(session.m, BATCH);
  micro_session_end(&session);
}

static void register_plan(const struct micro_plan *plan) {
  for (const struct micro_loop *loop = plan->loops; loop->name; loop++) {
    char name[NAME_BYTES];
    snprintf(name, sizeof name, "%s/%s", plan->collector->name, loop->name);
    struct plan_benchmark *benchmark = malloc(sizeof *benchmark); /* lives as long as the process */
    if (!benchmark)
      environment_error("micro: no memory for %s", name);
    *benchmark = (struct plan_benchmark){plan, loop};
    struct gbench *b = gbench_register(name, run_plan_benchmark, benchmark);
    if (loop->bytes && !plan->collector->attrs.reclaims)
      gbench_iterations(b, UNRECLAIMED_COUNT);
  }
}

/* ---- limits ---- */

static void run_alloc(struct gbench_state *state, void *user) {
  (void)user;
  size_t bytes = (size_t)gbench_argument(state, 0);
  struct limit_nursery nursery;
  if (!limit_nursery_init(&nursery, (size_t)gbench_argument(state, 1) << 10)) {
    gbench_skip_with_error(state, "no memory for the nursery");
    return;
  }
  while (gbench_keep_running_batch(state, BATCH))
    limit_alloc(&nursery, bytes, BATCH);
  limit_nursery_fini(&nursery);
}

static const char *const shapes[] = {"random", "tree", "list"};

static void run_mark(struct gbench_state *state, void *user) {
  enum limit_shape shape = (enum limit_shape)((const char *const *)user - shapes);
  uint64_t count = (uint64_t)gbench_argument(state, 0);
  struct limit_graph graph;
  if (!limit_graph_init(&graph, shape, count, SEED)) {
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
  if (!limit_lines_init(&lines, (size_t)gbench_argument(state, 0) << 20, SEED)) {
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

static void set_product(struct gbench *b, const char *first, const int64_t *firsts, size_t first_count,
                        const char *second, const int64_t *seconds, size_t second_count) {
  gbench_arg_names(b, (const char *const[]){first, second}, 2);
  gbench_args_product(b, (const int64_t *const[]){firsts, seconds}, (const size_t[]){first_count, second_count}, 2);
}
#define COUNT(array) (sizeof(array) / sizeof *(array))

static void register_limits(void) {
  static const int64_t sizes[] = {16, 32, 64}, nurseries_kib[] = {512, 1024, 4096, 65536};
  set_product(gbench_register("limit/alloc", run_alloc, NULL), "bytes", sizes, COUNT(sizes), "nursery_kib",
              nurseries_kib, COUNT(nurseries_kib));
  static const int64_t counts[] = {1 << 20, 1 << 24}, fifos[] = {0, 16, 32, 64};
  for (size_t i = 0; i < COUNT(shapes); i++) {
    char name[NAME_BYTES];
    snprintf(name, sizeof name, "limit/mark_%s", shapes[i]);
    struct gbench *b = gbench_register(name, run_mark, (void *)&shapes[i]);
    set_product(b, "objects", counts, COUNT(counts), "fifo", fifos, COUNT(fifos));
    gbench_unit(b, GBENCH_MS);
  }
  static const int64_t sizes_mib[] = {64, 1024}, ways[] = {0, 1, 10, 16};
  set_product(gbench_register("limit/read", run_read, NULL), "mib", sizes_mib, COUNT(sizes_mib), "chains", ways,
              COUNT(ways));
}

/* ---- the command ---- */

int micro_main(int argc, char **argv) {
  const char *problem = topology_init(NULL);
  if (problem)
    environment_error("micro: %s", problem);
  for (int i = 1; i < argc; i++)
    if (strcmp(argv[i], "--ratios") == 0)
      return ratios_main(argc, argv);
  gbench_initialize(&argc, argv);
  if (gbench_report_unrecognized_arguments(argc, argv))
    return EXIT_USAGE;
  register_limits();
  for (size_t i = 0; micro_plans[i]; i++)
    register_plan(micro_plans[i]);
  size_t matched = gbench_run_specified_benchmarks();
  gbench_shutdown();
  return matched ? EXIT_OK : EXIT_USAGE;
}
