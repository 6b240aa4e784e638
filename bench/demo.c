/* demo.c -- `gclab demo`: each collector and each workload once, in under two minutes on two cores.
 *
 * One workload runs under all collectors, so that they can be compared; the others take turns through the collectors
 * that reclaim.  A workload that is not in the table below runs with its defaults in a large heap. */
#include <stdlib.h>
#include <string.h>

#include "bench/run.h"
#include "runtime/os/topology.h"

enum { THREADS = 2 };

/* Heaps of about twice what the workload needs with two threads, so that something is collected. */
static const struct {
  const char *workload, *heap;
} heaps[] = {{"alloc", "8M"},      {"binary_trees", "24M"}, {"churn", "96M"},        {"cycles", "8M"},
             {"frag", "256M"},     {"gcbench", "64M"},      {"graph_mutate", "24M"}, {"list", "512M"},
             {"lru_cache", "64M"}, {"mark", "192M"},        {"mt_gcbench", "64M"},   {"phase", "64M"},
             {"pipeline", "8M"},   {"quads", "128M"},       {"server", "64M"},       {"splay", "320M"},
             {"weak_cache", "24M"}};
static const char compared[] = "gcbench", unknown_heap[] = "1G", endless_heap[] = "4G";

static size_t heap_for(const char *workload, const struct gc_collector *collector) {
  const char *text = unknown_heap;
  for (size_t i = 0; i < sizeof heaps / sizeof heaps[0]; i++)
    if (strcmp(heaps[i].workload, workload) == 0)
      text = heaps[i].heap;
  if (!collector->attrs.reclaims)
    text = endless_heap; /* only what is touched costs memory */
  double bytes = 0;
  option_parse_bytes(text, &bytes);
  return (size_t)bytes;
}

static bool can_run(const struct workload_choice *workload, const struct collector_choice *collector) {
  return registry_pair(workload->workload->name, collector->collector->name, false) &&
         !registry_unsupported(workload->workload, collector->collector, collector->values, THREADS);
}

static void add_case(struct run_case *cases, size_t *count, const struct options *options,
                     struct workload_choice *workload, struct collector_choice *collector) {
  cases[(*count)++] = (struct run_case){.options = *options,
                                        .collector = collector,
                                        .workload = workload,
                                        .heap_bytes = heap_for(workload->workload->name, collector->collector)};
}

/* The next collector, in turn, that reclaims and supports the workload; NULL if there is none. */
static struct collector_choice *next_collector(struct subjects *subjects, const struct workload_choice *workload,
                                               size_t *turn) {
  for (size_t i = 0; i < subjects->collector_count; i++) {
    struct collector_choice *collector = &subjects->collectors[(*turn)++ % subjects->collector_count];
    if (collector->collector->attrs.reclaims && can_run(workload, collector))
      return collector;
  }
  return NULL;
}

int command_demo(struct options *options) {
  struct subjects subjects;
  size_t count = 0, turn = 0;
  options->collectors = options->workloads = (struct text_list){{"all"}, 1};
  options->threads.integer = THREADS;
  subjects_read(&subjects, options);
  run_settle(options);
  results_require_folder(options->output);
  struct run_case *cases = calloc(subjects.collector_count + subjects.workload_count + 1, sizeof *cases);
  if (!cases)
    environment_error("no memory for the plan of this run");
  for (size_t w = 0; w < subjects.workload_count; w++) {
    struct workload_choice *workload = &subjects.workloads[w];
    bool all = strcmp(workload->workload->name, compared) == 0;
    for (size_t c = 0; all && c < subjects.collector_count; c++)
      if (can_run(workload, &subjects.collectors[c]))
        add_case(cases, &count, options, workload, &subjects.collectors[c]);
    struct collector_choice *collector = all ? NULL : next_collector(&subjects, workload, &turn);
    if (collector)
      add_case(cases, &count, options, workload, collector);
  }
  int code = run_cases(cases, count, options, "demo");
  free(cases);
  subjects_free(&subjects);
  topology_fini();
  return code;
}
