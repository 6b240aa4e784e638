#include "bench/run.h"

#include <stdlib.h>

#include "bench/heap_size.h"
#include "bench/inspect.h"
#include "bench/runner.h"
#include "runtime/os/topology.h"
#include "runtime/verify/verify.h"

/* `all` asks for no more than a form can. */
static bool names_shadow(unsigned verify) { return verify & VERIFY(shadow) && (verify & VERIFY_ALL) != VERIFY_ALL; }

/* Within one workload all collectors take turns, so that a drift of the machine meets them alike. */
static size_t order_steps(struct run_step *steps, struct run_case *cases, size_t count, unsigned invocations) {
  size_t step_count = 0;
  for (size_t begin = 0, end; begin < count; begin = end) {
    for (end = begin + 1; end < count && cases[end].workload == cases[begin].workload; end++)
      ;
    for (unsigned invocation = 0; invocation < invocations; invocation++)
      for (size_t i = begin; i < end; i++) {
        steps[step_count] = (struct run_step){
            .run_case = &cases[i], .sequence = (unsigned)step_count, .invocation = invocation, .attempt = 1};
        step_count++;
      }
  }
  return step_count;
}

int run_cases(struct run_case *cases, size_t count, const struct options *options, const char *folder) {
  struct results results;
  unsigned invocations = (unsigned)options->invocations.integer;
  struct run_step *steps = calloc(count * invocations + 1, sizeof *steps);
  if (!steps)
    environment_error("no memory for the plan of this run");
  size_t step_count = order_steps(steps, cases, count, invocations);
  results_open(&results, folder, options->label);
  struct runner runner = {.options = options,
                          .results = &results,
                          .steps = steps,
                          .step_count = step_count,
                          .cases = cases,
                          .case_count = count};
  int code = runner_run(&runner);
  results_close(&results);
  free(steps);
  return code;
}

int command_run(struct options *options) {
  struct subjects subjects;
  size_t heap_bytes;
  double factor;
  if (options->has_schedule && !GC_CHAOS_ENABLED)
    environment_error("this build has no schedules: cmake --preset check && cmake --build --preset check, then "
                      "build/check/gclab");
  if (options->collectors.count == 0)
    usage_error("which collector?  -c NAME, or -c all");
  if (options->workloads.count == 0)
    usage_error("which workload?  -w NAME, or -w all");
  subjects_read(&subjects, options);
  heap_size_read(options->heap, &heap_bytes, &factor);
  for (size_t i = 0; i < subjects.collector_count; i++) {
    if (factor == 0)
      heap_size_require_least(&subjects.collectors[i], heap_bytes, options->heap);
    if (names_shadow(options->verify) && GC_CHECK_LEVEL < 2 && !subjects.collectors[i].checked)
      usage_error("--verify=shadow needs the hooks of a checked form: -c checked,of=%s", subjects.collectors[i].text);
    inspect_require(options, &subjects.collectors[i]);
    if (options->stress_every.integer && !subjects.collectors[i].checked)
      usage_error("--stress-every works in checked forms only: -c checked,of=%s", subjects.collectors[i].text);
  }
  runner_settle(options);
  if (options->instrumentation.integer == INSTRUMENTATION_ALTERNATE && options->threads.integer != 1)
    usage_error("--instrumentation=alternate compares iterations of one mutator thread: -t 1");
  results_require_folder(options->output);

  struct program program;
  struct run_case *cases = calloc(subjects.collector_count * subjects.workload_count + 1, sizeof *cases);
  if (!cases)
    environment_error("no memory for the plan of this run");
  program_self(&program);
  size_t count = 0;
  for (size_t w = 0; w < subjects.workload_count; w++) {
    struct minheap found = {0};
    if (factor > 0 && !heap_size_find_least(&found, options, &subjects.workloads[w]))
      return EXIT_INTERRUPTED;
    for (size_t c = 0; c < subjects.collector_count; c++) {
      struct run_case *next = &cases[count++];
      *next = (struct run_case){.options = *options,
                                .collector = &subjects.collectors[c],
                                .workload = &subjects.workloads[w],
                                .program = &program,
                                .heap_bytes = heap_bytes,
                                .heap_factor = factor,
                                .minheap_bytes = found.bytes,
                                .minheap_from = found.collector};
      if (factor > 0)
        next->heap_bytes = heap_size_of_factor(factor, found.bytes);
      heap_size_require_least(next->collector, next->heap_bytes, options->heap);
      run_case_set_key(next);
    }
  }
  int code = run_cases(cases, count, options, options->output);
  free(cases);
  program_fini(&program);
  subjects_free(&subjects);
  topology_fini();
  return code;
}
