#include "bench/runner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/env.h"
#include "bench/figures.h"
#include "bench/inspect.h"
#include "bench/mutants.h"
#include "bench/pace.h"
#include "bench/progress.h"
#include "bench/table.h"
#include "runtime/os/topology.h"
#include "runtime/stats/tally.h"

enum { WORK_BYTES = SUBJECT_TEXT_BYTES + 1024, CHECKSUM_BYTES = 24 };

/* The checksum that equal work has had in this run, and whose it was. */
struct expected {
  char work[WORK_BYTES], checksum[CHECKSUM_BYTES], collector[SUBJECT_TEXT_BYTES];
};

/* What one command accumulates. */
struct state {
  const struct runner *runner;
  struct progress progress;
  struct pace pace;
  struct table table;
  struct figures figures;
  struct expected *expected;
  size_t expected_count;
  unsigned planned, recorded, failed;
  int unwritable; /* errno, or 0 */
};

void runner_settle(struct options *options) {
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

static struct record_facts facts_of(const struct run_case *c) {
  return (struct record_facts){.options = &c->options,
                               .collector = c->collector,
                               .workload = c->workload,
                               .program = c->program,
                               .key = *c->key ? c->key : NULL,
                               .heap_bytes = c->heap_bytes,
                               .heap_factor = c->heap_factor,
                               .minheap_bytes = c->minheap_bytes,
                               .minheap_from = c->minheap_from};
}

void run_case_set_key(struct run_case *c) {
  struct record_facts facts = facts_of(c);
  record_key(&facts, c->key);
}

const char *run_case_lacks(const struct run_case *c) {
  const struct gc_workload *pair =
      registry_pair(c->workload->workload->name, c->collector->collector->name, c->collector->checked);
  if (!pair)
    return "this build has no such pair";
  return registry_unsupported(pair, c->workload->values, pair->collector, c->collector->values,
                              (unsigned)c->options.threads.integer);
}

/* ---- equal work has equal checksums ---- */

static struct expected *find_expected(struct state *state, const struct run_case *c) {
  char params[1024], work[WORK_BYTES];
  subject_format_values(c->workload->workload->params, c->workload->values, params, sizeof params);
  snprintf(work, sizeof work, "%s %s %lld %lld", c->workload->workload->name, params,
           (long long)c->options.threads.integer, (long long)c->options.seed.integer);
  for (size_t i = 0; i < state->expected_count; i++)
    if (strcmp(state->expected[i].work, work) == 0)
      return &state->expected[i];
  struct expected *next = &state->expected[state->expected_count++];
  *next = (struct expected){0};
  strcpy(next->work, work);
  return next;
}

/* The first good invocation of some work says what the others must have, under any collector. */
static void compare_checksums(struct state *state, const struct run_case *c, json_t *record) {
  json_t *outcome = json_object_get(record, "outcome");
  const char *checksum = json_string_value(json_object_get(outcome, "checksum"));
  if (!checksum)
    return;
  struct expected *expected = find_expected(state, c);
  if (!*expected->checksum) {
    snprintf(expected->checksum, sizeof expected->checksum, "%s", checksum);
    snprintf(expected->collector, sizeof expected->collector, "%s", c->collector->text);
  }
  json_object_set_new(outcome, "checksum_expected", json_string(expected->checksum));
  if (strcmp(expected->checksum, checksum) == 0)
    return;
  char reason[SUBJECT_TEXT_BYTES + 128];
  snprintf(reason, sizeof reason, "checksum %s, but an earlier invocation, of %s, had %s", checksum,
           expected->collector, expected->checksum);
  json_object_set_new(outcome, "status", json_string(outcome_names[OUTCOME_verify_failed]));
  json_object_set_new(outcome, "reason", json_string(reason));
}

/* ---- one invocation ---- */

static struct launch_result launch_step(struct state *state, const struct run_step *step, const char *folder) {
  const struct run_case *c = step->run_case;
  const char *lacks = run_case_lacks(c);
  if (lacks)
    return launch_unsupported(lacks);
  struct launch_request request = {.options = &c->options,
                                   .collector = c->collector,
                                   .workload = c->workload,
                                   .program = c->program->path,
                                   .layout = step->layout,
                                   .heap_bytes = c->heap_bytes,
                                   .timeout_s = c->options.timeout_s.real,
                                   .artifacts = folder,
                                   .tick = progress_tick,
                                   .context = &state->progress};
  return launch(&request);
}

static const char *status_of(const json_t *record) {
  return json_string_value(json_object_get(json_object_get(record, "outcome"), "status"));
}

/* Of the first invocation of a pair: what the tools have told. */
static void print_inspection(struct state *state, const struct run_step *step, const char *folder) {
  const struct options *options = state->runner->options;
  if (step->invocation > 0 || !inspect_wanted(options))
    return;
  FILE *to = options->json ? stderr : stdout;
  progress_clear(&state->progress);
  fprintf(to, "%s under %s:\n", step->run_case->workload->text, step->run_case->collector->text);
  inspect_print(folder, to);
}

static void keep(struct state *state, json_t *record, const char *folder) {
  const struct runner *runner = state->runner;
  const char *status = status_of(record);
  if (!results_keep(runner->results, record, folder)) {
    state->unwritable = errno;
    return;
  }
  state->recorded++;
  state->failed += strcmp(status, "ok") != 0;
  table_add(&state->table, record);
  figures_add(&state->figures, record);
  if (!runner->quiet || state->progress.terminal)
    progress_step_done(&state->progress, status);
  if (runner->options->json) {
    progress_clear(&state->progress);
    json_dumpf(record, stdout, JSON_COMPACT);
    printf("\n");
    fflush(stdout);
  }
  if (runner->kept)
    runner->kept(runner->context, state->recorded, state->failed);
}

static void announce(struct state *state, const struct run_step *step) {
  const struct run_case *c = step->run_case;
  char heap[32] = "", invocation[32] = "";
  if (state->runner->has_order_seed && c->heap_factor > 0)
    snprintf(heap, sizeof heap, ", %gx", c->heap_factor);
  if (c->options.invocations.integer > 1)
    snprintf(invocation, sizeof invocation, ", invocation %u", step->invocation + 1);
  progress_step(&state->progress, "%s, %s%s%s", c->workload->text, c->collector->text, heap, invocation);
}

/* Returns false if the user interrupted it or its folder cannot be made: there is no record then. */
static bool run_step(struct state *state, const struct run_step *step) {
  const struct runner *runner = state->runner;
  char started[32], folder[RESULTS_PATH_BYTES];
  env_format_utc(started, sizeof started);
  if (!results_make_invocation(runner->results, step->run_case->key, step->invocation, folder)) {
    state->unwritable = errno;
    return false;
  }
  announce(state, step);
  struct launch_result result = launch_step(state, step, folder);
  if (result.outcome == OUTCOME_interrupted) {
    json_decref(result.report);
    return false;
  }
  struct record_facts facts = facts_of(step->run_case);
  facts.run_id = runner->results->id;
  facts.started_utc = started;
  facts.sequence = step->sequence;
  facts.invocation = step->invocation;
  facts.attempt = step->attempt;
  facts.layout = step->layout;
  facts.has_order_seed = runner->has_order_seed;
  facts.order_seed = runner->order_seed;
  pace_add(&state->pace, (size_t)(step->run_case - runner->cases), result.elapsed_ns);
  json_t *record = record_create(&facts, &result);
  compare_checksums(state, step->run_case, record);
  print_inspection(state, step, folder);
  keep(state, record, folder);
  json_decref(record);
  return !state->unwritable;
}

/* ---- what an earlier start has recorded ---- */

static void recall(void *context, json_t *record) {
  struct state *state = context;
  const json_t *identity = json_object_get(record, "identity");
  const char *key = json_string_value(json_object_get(identity, "key"));
  json_int_t invocation = json_integer_value(json_object_get(identity, "invocation"));
  for (size_t i = 0; key && i < state->runner->step_count; i++) {
    const struct run_step *step = &state->runner->steps[i];
    if (!step->recorded || step->invocation != invocation || strcmp(step->run_case->key, key) != 0)
      continue;
    json_t *outcome = json_object_get(record, "outcome");
    pace_add(&state->pace, (size_t)(step->run_case - state->runner->cases),
             (uint64_t)json_integer_value(json_object_get(outcome, "elapsed_ns")));
    compare_checksums(state, step->run_case, record);
    table_add(&state->table, record);
    figures_add(&state->figures, record);
    state->recorded++;
    state->failed += strcmp(status_of(record), "ok") != 0;
    return;
  }
}

/* ---- all of them ---- */

static uint64_t expect_left_ns(const struct state *state, size_t from) {
  uint64_t left_ns = 0;
  for (size_t i = from; i < state->runner->step_count; i++)
    if (!state->runner->steps[i].recorded)
      left_ns += pace_expect(&state->pace, (size_t)(state->runner->steps[i].run_case - state->runner->cases));
  return left_ns;
}

static bool begin(struct state *state) {
  const struct runner *runner = state->runner;
  bool resumed = false;
  state->planned = (unsigned)runner->step_count;
  state->expected = calloc(runner->case_count + 1, sizeof *state->expected);
  if (!pace_init(&state->pace, runner->case_count) || !state->expected)
    return false;
  for (size_t i = 0; i < runner->case_count; i++) {
    const struct run_case *c = &runner->cases[i];
    state->pace.cases[i].estimate_ns = c->estimate_ns;
    table_expect(&state->table, c->workload->text, c->collector->text, c->heap_bytes,
                 (unsigned)c->options.threads.integer);
  }
  for (size_t i = 0; i < runner->step_count; i++)
    resumed |= runner->steps[i].recorded;
  progress_begin(&state->progress, state->planned);
  if (resumed)
    results_each(runner->results, recall, state);
  state->progress.done = state->recorded;
  return true;
}

static int finish(struct state *state, bool whole) {
  const struct runner *runner = state->runner;
  FILE *out = runner->options->json ? stderr : stdout;
  progress_clear(&state->progress);
  if (state->table.count && !runner->quiet) {
    table_print(&state->table, out);
    figures_print(&state->figures, out);
    fprintf(out, "\n");
  }
  if (!runner->quiet)
    fprintf(out, "%u record%s, %u not ok: %s\n", state->recorded, state->recorded == 1 ? "" : "s", state->failed,
          runner->results->path);
  fflush(out);
  if (!whole && runner->resume)
    fprintf(stderr, "gclab: %u of %u invocations are left; to go on:\n  %s\n", state->planned - state->recorded,
            state->planned, runner->resume);
  if (state->unwritable) {
    fprintf(stderr, "gclab: '%s' can no longer be written: %s; the records before are whole\n", runner->results->folder,
            strerror(state->unwritable));
    return EXIT_ENVIRONMENT;
  }
  if (launch_interrupted()) {
    fprintf(stderr, "gclab: interrupted: %u of %u invocations are recorded, the running one was ended\n",
            state->recorded, state->planned);
    return EXIT_INTERRUPTED;
  }
  return state->failed || !whole ? EXIT_RUNS_FAILED : EXIT_OK;
}

int runner_run(const struct runner *runner) {
  if (GC_COUNTING)
    fprintf(stderr, "gclab: this build counts what mutators do: its times are of no use\n");
  struct state state = {.runner = runner};
  if (!begin(&state))
    environment_error("no memory for the plan of this run");
  bool whole = true;
  for (size_t i = 0; whole && i < runner->step_count; i++) {
    if (runner->steps[i].recorded)
      continue;
    state.progress.left_ns = expect_left_ns(&state, i);
    whole = !launch_interrupted() && run_step(&state, &runner->steps[i]);
  }
  int code = finish(&state, whole);
  table_free(&state.table);
  figures_free(&state.figures);
  pace_fini(&state.pace);
  free(state.expected);
  return code;
}
