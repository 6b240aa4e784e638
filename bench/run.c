#include "bench/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/env.h"
#include "bench/heap_size.h"
#include "bench/minheap.h"
#include "bench/mutants.h"
#include "bench/record.h"
#include "bench/text.h"
#include "runtime/cycle/heap.h"
#include "runtime/os/topology.h"
#include "runtime/stats/tally.h"

void run_settle(struct options *options) {
  const char *problem = topology_init(options->topology);
  if (problem)
    usage_error("--topology: %s", problem);
  if (!options->has_gc_threads)
    options->gc_threads.integer = topology_core_count();
  if (!options->has_warmup)
    options->warmup.integer = options->iterations.integer > 1;
  if (options->warmup.integer >= options->iterations.integer && options->command == COMMAND_RUN)
    usage_error("--warmup %lld leaves none of %lld iterations to measure", (long long)options->warmup.integer,
                (long long)options->iterations.integer);
  if (options->mutant)
    mutants_switch_on(options->mutant);
  launch_catch_signals();
}

/* ---- running ---- */

/* What one command accumulates. */
struct run {
  const struct options *options;
  struct results results;
  struct progress progress;
  struct table table;
  unsigned planned, recorded, failed;
  int unwritable; /* errno, or 0 */
};

static void tick(void *context) { progress_tick(context); }

/* Equal work has equal checksums: NULL, or the checksum that the case's first good invocation had. */
static void compare_checksums(json_t *record, char *first, size_t first_bytes) {
  json_t *outcome = json_object_get(record, "outcome");
  const char *checksum = json_string_value(json_object_get(outcome, "checksum"));
  if (!checksum)
    return;
  if (!*first)
    snprintf(first, first_bytes, "%s", checksum);
  json_object_set_new(outcome, "checksum_expected", json_string(first));
  if (strcmp(first, checksum) == 0)
    return;
  char reason[128];
  snprintf(reason, sizeof reason, "checksum %s, but an earlier invocation had %s", checksum, first);
  json_object_set_new(outcome, "status", json_string(outcome_names[OUTCOME_verify_failed]));
  json_object_set_new(outcome, "reason", json_string(reason));
}

static void keep(struct run *run, json_t *record, const char *folder) {
  const char *status = json_string_value(json_object_get(json_object_get(record, "outcome"), "status"));
  run->failed += strcmp(status, "ok") != 0;
  if (results_keep(&run->results, record, folder))
    run->recorded++;
  else
    run->unwritable = errno;
  table_add(&run->table, record);
  progress_step_done(&run->progress, status);
  if (run->options->json) {
    progress_clear(&run->progress);
    json_dumpf(record, stdout, JSON_COMPACT);
    printf("\n");
    fflush(stdout);
  }
}

static struct launch_result launch_case(struct run *run, const struct run_case *c, const char *folder) {
  const struct gc_workload *pair =
      registry_pair(c->workload->workload->name, c->collector->collector->name, c->collector->checked);
  if (!pair)
    return launch_unsupported("this build has no such pair");
  const char *lacks =
      registry_unsupported(pair, pair->collector, c->collector->values, (unsigned)c->options.threads.integer);
  if (lacks)
    return launch_unsupported(lacks);
  struct launch_request request = {.options = &c->options,
                                   .collector = c->collector,
                                   .workload = c->workload,
                                   .heap_bytes = c->heap_bytes,
                                   .timeout_s = c->options.timeout_s.real,
                                   .artifacts = folder,
                                   .tick = tick,
                                   .context = &run->progress};
  return launch(&request);
}

/* Returns false if the user interrupted it or its folder cannot be made: there is no record then. */
static bool run_invocation(struct run *run, const struct run_case *c, unsigned invocation, char *checksum,
                           size_t checksum_bytes) {
  char started[32], key[RECORD_KEY_BYTES], folder[RESULTS_PATH_BYTES];
  env_format_utc(started, sizeof started);
  struct record_facts facts = {.options = &c->options,
                               .collector = c->collector,
                               .workload = c->workload,
                               .run_id = run->results.id,
                               .sequence = run->recorded,
                               .invocation = invocation,
                               .heap_bytes = c->heap_bytes,
                               .heap_factor = c->heap_factor,
                               .minheap_bytes = c->minheap_bytes,
                               .minheap_from = c->minheap_from,
                               .started_utc = started};
  record_key(&facts, key);
  if (!results_make_invocation(&run->results, key, invocation, folder)) {
    run->unwritable = errno;
    return false;
  }
  if (c->options.invocations.integer > 1)
    progress_step(&run->progress, "%s, %s, invocation %u", c->workload->text, c->collector->text, invocation + 1);
  else
    progress_step(&run->progress, "%s, %s", c->workload->text, c->collector->text);
  struct launch_result result = launch_case(run, c, folder);
  if (result.outcome == OUTCOME_interrupted) {
    json_decref(result.report);
    return false;
  }
  json_t *record = record_create(&facts, &result);
  compare_checksums(record, checksum, checksum_bytes);
  keep(run, record, folder);
  json_decref(record);
  return true;
}

/* Within one workload all collectors take turns, so that a drift of the machine meets them alike. */
static bool run_workload(struct run *run, struct run_case *cases, size_t count) {
  enum { CHECKSUM_BYTES = 24 };
  char(*checksums)[CHECKSUM_BYTES] = calloc(count, sizeof *checksums);
  bool whole = checksums != NULL;
  for (unsigned invocation = 0; whole && invocation < (unsigned)cases[0].options.invocations.integer; invocation++)
    for (size_t i = 0; whole && i < count; i++)
      whole = !run->unwritable && !launch_interrupted() &&
              run_invocation(run, &cases[i], invocation, checksums[i], CHECKSUM_BYTES);
  free(checksums);
  return whole;
}

int run_cases(struct run_case *cases, size_t count, const struct options *options, const char *label) {
  if (GC_COUNTING)
    fprintf(stderr, "gclab: this build counts what mutators do: its times are of no use\n");
  struct run run = {.options = options};
  for (size_t i = 0; i < count; i++)
    run.planned += (unsigned)cases[i].options.invocations.integer;
  results_open(&run.results, options->output, label);
  progress_begin(&run.progress, run.planned);
  bool whole = true;
  for (size_t begin = 0, end; whole && begin < count; begin = end) {
    for (end = begin + 1; end < count && cases[end].workload == cases[begin].workload; end++)
      ;
    whole = run_workload(&run, cases + begin, end - begin);
  }
  progress_clear(&run.progress);
  results_close(&run.results);

  FILE *report = options->json ? stderr : stdout;
  if (run.table.count) {
    table_print(&run.table, report);
    fprintf(report, "\n");
  }
  table_free(&run.table);
  fprintf(report, "%u record%s, %u not ok: %s\n", run.recorded, run.recorded == 1 ? "" : "s", run.failed,
          run.results.path);
  fflush(report);
  if (run.unwritable)
    environment_error("'%s' can no longer be written: %s; the records before are whole", run.results.folder,
                      strerror(run.unwritable));
  if (launch_interrupted()) {
    fprintf(stderr, "gclab: interrupted: %u of %u invocations are recorded, the running one was ended\n", run.recorded,
            run.planned);
    return EXIT_INTERRUPTED;
  }
  return run.failed || !whole ? EXIT_RUNS_FAILED : EXIT_OK;
}

/* ---- gclab run ---- */

/* `all` asks for no more than a form can. */
static bool names_shadow(unsigned verify) {
  return verify & VERIFY(shadow) && (verify & VERIFY_ALL) != VERIFY_ALL;
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
    if (options->stress_every.integer && !subjects.collectors[i].checked)
      usage_error("--stress-every works in checked forms only: -c checked,of=%s", subjects.collectors[i].text);
  }
  run_settle(options);
  results_require_folder(options->output);

  size_t count = 0;
  struct run_case *cases = calloc(subjects.collector_count * subjects.workload_count + 1, sizeof *cases);
  if (!cases)
    environment_error("no memory for the plan of this run");
  for (size_t w = 0; w < subjects.workload_count; w++) {
    struct minheap found = {0};
    if (factor > 0 && !heap_size_find_least(&found, options, &subjects.workloads[w]))
      return EXIT_INTERRUPTED;
    for (size_t c = 0; c < subjects.collector_count; c++) {
      struct run_case *next = &cases[count++];
      *next = (struct run_case){.options = *options,
                                .collector = &subjects.collectors[c],
                                .workload = &subjects.workloads[w],
                                .heap_bytes = heap_bytes,
                                .heap_factor = factor,
                                .minheap_bytes = found.bytes,
                                .minheap_from = found.collector};
      if (factor > 0)
        next->heap_bytes = (size_t)(factor * (double)found.bytes) & ~(size_t)4095;
      heap_size_require_least(next->collector, next->heap_bytes, options->heap);
    }
  }
  int code = run_cases(cases, count, options, options->label);
  free(cases);
  subjects_free(&subjects);
  topology_fini();
  return code;
}
