#include "bench/explore.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/env.h"
#include "bench/heap_size.h"
#include "bench/launch.h"
#include "bench/progress.h"
#include "bench/results.h"
#include "bench/runner.h"
#include "bench/text.h"
#include "runtime/os/clock.h"
#include "runtime/os/topology.h"
#include "runtime/verify/verify.h"

enum { THREADS = 3, GC_THREADS = 2, FAILURES_KEPT = 64, REPLAY_BYTES = 3 * SUBJECT_TEXT_BYTES };

/* One pair and what its seeds came to. */
struct pair {
  struct options options;
  const struct collector_choice *collector;
  const struct workload_choice *workload;
  size_t heap_bytes;
  unsigned run, failed;
  uint64_t steps, switches, elapsed_ns;
  char checksum[24], replay[REPLAY_BYTES];
  json_t *failures; /* the first FAILURES_KEPT */
};

struct exploration {
  const struct options *options;
  FILE *out; /* for people */
  struct results results;
  struct progress progress;
  unsigned failed_pairs;
};

static void tick(void *context) { progress_tick(context); }

/* ---- one schedule ---- */

static struct launch_result run_seed(struct exploration *e, struct pair *pair, uint64_t seed) {
  pair->options.schedule.integer = (int64_t)seed;
  struct launch_request request = {.options = &pair->options,
                                   .collector = pair->collector,
                                   .workload = pair->workload,
                                   .heap_bytes = pair->heap_bytes,
                                   .timeout_s = pair->options.timeout_s.real,
                                   .tick = tick,
                                   .context = &e->progress};
  return launch(&request);
}

static uint64_t schedule_count(const struct launch_result *result, const char *name) {
  return (uint64_t)json_integer_value(json_object_get(json_object_get(result->report, "schedule"), name));
}

static void format_replay(const struct pair *pair, char *text, size_t text_bytes) {
  const struct options *o = &pair->options;
  char verifiers[64];
  verify_format(o->verify, verifiers, sizeof verifiers);
  snprintf(text, text_bytes,
           "%s run -c %s -w %s --heap %zu -t %lld --gc-threads %lld --seed %lld --verify %s --no-pin "
           "--schedule %lld --schedule-steps %lld --schedule-depth %lld%s%s",
           program_invocation_name, pair->collector->text, pair->workload->text, pair->heap_bytes,
           (long long)o->threads.integer, (long long)o->gc_threads.integer, (long long)o->seed.integer,
           verifiers, (long long)o->schedule.integer, (long long)o->schedule_steps.integer,
           (long long)o->schedule_depth.integer, o->mutant ? " --mutant " : "", o->mutant ? o->mutant : "");
}

/* A schedule fails if its run does, or if it computes something else than those before. */
static void judge(struct pair *pair, struct launch_result *result, uint64_t seed) {
  json_t *outcome = json_object_get(result->report, "outcome");
  const char *checksum = json_string_value(json_object_get(outcome, "checksum"));
  const char *status = outcome_names[result->outcome];
  const char *reason = json_string_value(json_object_get(outcome, "reason"));
  pair->run++;
  pair->steps += schedule_count(result, "steps");
  pair->switches += schedule_count(result, "switches");
  if (checksum && !*pair->checksum)
    snprintf(pair->checksum, sizeof pair->checksum, "%s", checksum);
  if (checksum && strcmp(checksum, pair->checksum) == 0)
    return;
  if (checksum) {
    status = outcome_names[OUTCOME_verify_failed];
    reason = "the checksum differs from that of other schedules";
  }
  if (pair->failed++ == 0)
    format_replay(pair, pair->replay, sizeof pair->replay);
  if (json_array_size(pair->failures) < FAILURES_KEPT)
    json_array_append_new(pair->failures,
                          json_pack("{sI ss ss?}", "seed", (json_int_t)seed, "status", status, "reason", reason));
}

/* ---- one pair ---- */

/* How many steps a run takes: priorities change anywhere in it.  A run that fails takes the default. */
static bool measure_steps(struct exploration *e, struct pair *pair) {
  struct launch_result result = run_seed(e, pair, 0);
  pair->options.schedule_steps.integer = (int64_t)schedule_count(&result, "steps");
  json_decref(result.report);
  return result.outcome != OUTCOME_interrupted;
}

static json_t *describe(const struct pair *pair, const char *run_id) {
  const struct options *o = &pair->options;
  char verifiers[64];
  verify_format(o->verify, verifiers, sizeof verifiers);
  return json_pack("{ss sI ss ss sI sI sI sI ss sI sI sI sI sI sI sI ss? sO so}", "run_id", run_id, "schema",
                   (json_int_t)1, "collector", pair->collector->text, "workload", pair->workload->text, "heap_bytes",
                   (json_int_t)pair->heap_bytes, "mutator_threads", (json_int_t)o->threads.integer, "gc_threads",
                   (json_int_t)o->gc_threads.integer, "workload_seed", (json_int_t)o->seed.integer, "verify", verifiers,
                   "first_seed", (json_int_t)o->first_seed.integer, "seeds",
                   (json_int_t)pair->run, "failed", (json_int_t)pair->failed, "steps_expected",
                   (json_int_t)o->schedule_steps.integer, "steps", (json_int_t)pair->steps, "switches",
                   (json_int_t)pair->switches, "elapsed_ns", (json_int_t)pair->elapsed_ns, "replay",
                   pair->failed ? pair->replay : NULL, "failures", pair->failures, "build", env_build());
}

static void print_row(FILE *out, const struct pair *pair) {
  fprintf(out, "%-13s %-24s %7u %7u %9llu %8llu %8.1f\n", pair->workload->workload->name, pair->collector->text,
          pair->run, pair->failed, (unsigned long long)(pair->run ? pair->steps / pair->run : 0),
          (unsigned long long)(pair->run ? pair->switches / pair->run : 0), (double)pair->elapsed_ns / 1e9);
  json_t *failure = json_array_get(pair->failures, 0);
  if (failure)
    fprintf(out, "  seed %lld: %s: %s\n  replay: %s\n", (long long)json_integer_value(json_object_get(failure, "seed")),
            json_string_value(json_object_get(failure, "status")),
            json_string_value(json_object_get(failure, "reason")), pair->replay);
  fflush(out);
}

static void keep(struct exploration *e, const struct pair *pair) {
  json_t *record = describe(pair, e->results.id);
  if (e->options->json) {
    json_dumpf(record, stdout, JSON_COMPACT);
    printf("\n");
  }
  if (!results_append(&e->results, record))
    environment_error("'%s' can no longer be written; the records before are whole", e->results.path);
  json_decref(record);
}

/* Returns false if the user interrupted it; what was run is recorded all the same. */
static bool explore_pair(struct exploration *e, struct pair *pair) {
  uint64_t begin_ns = clock_now_ns(), first = (uint64_t)pair->options.first_seed.integer;
  bool whole = pair->options.schedule_steps.integer > 0 || measure_steps(e, pair);
  uint64_t end = first + (uint64_t)pair->options.seeds.integer;
  for (uint64_t seed = first; whole && seed < end && !(pair->options.until_failure && pair->failed); seed++) {
    progress_step(&e->progress, "%s, %s, seed %llu, %u failed", pair->workload->text, pair->collector->text,
                  (unsigned long long)seed, pair->failed);
    struct launch_result result = run_seed(e, pair, seed);
    whole = result.outcome != OUTCOME_interrupted;
    if (whole)
      judge(pair, &result, seed);
    if (e->progress.terminal) /* elsewhere every step would be a line */
      progress_step_done(&e->progress, outcome_names[result.outcome]);
    json_decref(result.report);
  }
  pair->elapsed_ns = clock_now_ns() - begin_ns;
  e->failed_pairs += pair->failed > 0;
  progress_clear(&e->progress);
  print_row(e->out, pair);
  keep(e, pair);
  return whole;
}

/* ---- gclab explore ---- */

/* A workload that was named without options is run small. */
static void make_small(struct workload_choice *workload, const struct options *options) {
  char text[SUBJECT_TEXT_BYTES], message[1024];
  const struct gc_workload *w = workload->workload;
  if (strchr(workload->text, ',') || options->workload_option_count || !w->small)
    return;
  snprintf(text, sizeof text, "%s,%s", w->name, w->small);
  if (!subject_read_workload(workload, text, message, sizeof message))
    environment_error("the small form of %s is wrong: %s", w->name, message);
}

static void settle(struct options *options) {
  if (!GC_CHAOS_ENABLED)
    environment_error("this build has no schedules: cmake --preset check && cmake --build --preset check, then "
                      "build/check/gclab explore");
  if (options->collectors.count == 0)
    usage_error("which collector?  -c NAME, or -c all");
  if (options->workloads.count == 0)
    usage_error("which workload?  -w NAME, or -w all");
  if (!options->has_threads)
    options->threads.integer = THREADS;
  if (!options->has_gc_threads)
    options->gc_threads.integer = GC_THREADS;
  options->has_gc_threads = true;
  if (!options->verify_names)
    options->verify = VERIFY_ALL;
  options->no_pin = true;
  runner_settle(options);
  results_require_folder(options->output);
}

/* NULL, or why the pair cannot be run. */
static const char *lacking(const struct pair *pair) {
  const struct collector_choice *c = pair->collector;
  const struct gc_workload *compiled = registry_pair(pair->workload->workload->name, c->collector->name, c->checked);
  if (!compiled)
    return "this build has no such pair";
  return registry_unsupported(compiled, pair->workload->values, c->collector, c->values,
                              (unsigned)pair->options.threads.integer);
}

/* All collectors on one workload.  Returns false if the user interrupted it. */
static bool explore_workload(struct exploration *e, const struct subjects *subjects, struct workload_choice *workload) {
  const struct options *options = e->options;
  struct minheap found = {0};
  size_t heap_bytes;
  double factor;
  heap_size_read(options->heap, &heap_bytes, &factor);
  make_small(workload, options);
  if (factor > 0 && !heap_size_find_least(&found, options, workload))
    return false;
  bool whole = true;
  for (size_t c = 0; whole && c < subjects->collector_count; c++) {
    const struct collector_choice *collector = &subjects->collectors[c];
    struct pair pair = {.options = *options, .collector = collector, .workload = workload, .failures = json_array()};
    pair.heap_bytes = factor > 0 ? heap_size_of_factor(factor, found.bytes) : heap_bytes;
    pair.options.has_schedule = true;
    const char *lacks = lacking(&pair);
    if (!lacks)
      whole = explore_pair(e, &pair);
    else
      fprintf(e->out, "%-13s %-24s unsupported: %s\n", workload->workload->name, collector->text, lacks);
    json_decref(pair.failures);
  }
  return whole;
}

int command_explore(struct options *options) {
  struct subjects subjects;
  settle(options);
  subjects_read(&subjects, options);
  struct exploration e = {.options = options, .out = options->json ? stderr : stdout};
  results_open(&e.results, options->output, "explore");
  progress_begin(&e.progress,
                 (unsigned)(subjects.workload_count * subjects.collector_count * (size_t)options->seeds.integer));
  fprintf(e.out, "%-13s %-24s %7s %7s %9s %8s %8s\n", "workload", "collector", "seeds", "failed", "steps", "switches",
          "s");
  bool whole = true;
  for (size_t w = 0; whole && w < subjects.workload_count; w++)
    whole = explore_workload(&e, &subjects, &subjects.workloads[w]);
  progress_clear(&e.progress);
  results_close(&e.results);
  fprintf(e.out, "\n%u pair%s with failures: %s\n", e.failed_pairs, e.failed_pairs == 1 ? "" : "s", e.results.path);
  subjects_free(&subjects);
  topology_fini();
  return launch_interrupted() ? EXIT_INTERRUPTED : e.failed_pairs ? EXIT_RUNS_FAILED : EXIT_OK;
}
