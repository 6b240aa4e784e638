/* nominal_measure.c -- `gclab nominal`: runs workloads under the conditions of nominal statistics.
 *
 * An ordinary build times each of them; a counting build, whose times are of no use, needs one short run.  The records
 * are those of any run, so every command that reads runs reads them. */
#include <stdlib.h>
#include <string.h>

#include "bench/heap_size.h"
#include "bench/nominal.h"
#include "bench/run.h"
#include "bench/runner.h"
#include "runtime/os/topology.h"
#include "runtime/stats/tally.h"

/* Counts depend neither on the heap nor on chance; in an ample one every workload ends. */
static bool is_measured(enum nominal_case condition) { return !GC_COUNTING || condition == NOMINAL_AMPLE; }

/* Times want several processes, and an iteration to warm up; counts are the same each time. */
static void set_defaults(struct options *options) {
  if (!options->has_invocations)
    options->invocations.integer = GC_COUNTING ? 1 : 3;
  if (!options->has_iterations)
    options->iterations.integer = GC_COUNTING ? 1 : 2;
}

static void read_collectors(struct collector_choice choices[NOMINAL_CASES]) {
  char message[256];
  for (enum nominal_case i = 0; i < NOMINAL_CASES; i++)
    if (is_measured(i) && !subject_read_collector(&choices[i], nominal_cases[i].collector, message, sizeof message))
      environment_error("this build cannot measure nominal statistics: %s", message);
}

/* The cases of one workload.  False if the user interrupted the search for its smallest heap. */
static bool add_cases(struct run_case *cases, size_t *count, const struct options *options,
                      struct collector_choice *collectors, struct workload_choice *workload,
                      const struct program *program) {
  struct minheap found = {0};
  if (!heap_size_find_least(&found, options, workload))
    return false;
  for (enum nominal_case i = 0; i < NOMINAL_CASES; i++) {
    if (!is_measured(i))
      continue;
    struct run_case *next = &cases[(*count)++];
    *next = (struct run_case){.options = *options,
                              .collector = &collectors[i],
                              .workload = workload,
                              .program = program,
                              .heap_bytes = heap_size_of_factor(nominal_cases[i].heap_factor, found.bytes),
                              .heap_factor = nominal_cases[i].heap_factor,
                              .minheap_bytes = found.bytes,
                              .minheap_from = found.collector};
    heap_size_require_least(next->collector, next->heap_bytes, workload->text);
    run_case_set_key(next);
  }
  return true;
}

int command_nominal(struct options *options) {
  struct subjects subjects;
  struct collector_choice collectors[NOMINAL_CASES];
  struct program program;
  if (options->workloads.count == 0)
    usage_error("which workload?  -w NAME, or -w all");
  subjects_read(&subjects, options);
  read_collectors(collectors);
  set_defaults(options);
  runner_settle(options);
  results_require_folder(options->output);
  program_self(&program);
  struct run_case *cases = calloc(subjects.workload_count * NOMINAL_CASES + 1, sizeof *cases);
  if (!cases)
    environment_error("no memory for the plan of this run");
  size_t count = 0;
  int code = EXIT_OK;
  for (size_t w = 0; w < subjects.workload_count && code == EXIT_OK; w++)
    if (!add_cases(cases, &count, options, collectors, &subjects.workloads[w], &program))
      code = EXIT_INTERRUPTED;
  if (code == EXIT_OK) {
    char folder[RESULTS_PATH_BYTES];
    snprintf(folder, sizeof folder, "%.400s/nominal", options->output);
    code = run_cases(cases, count, options, folder);
  }
  free(cases);
  program_fini(&program);
  subjects_free(&subjects);
  topology_fini();
  return code;
}
