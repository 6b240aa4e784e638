#include "bench/suite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "bench/budget.h"
#include "bench/env.h"
#include "bench/run_state.h"
#include "bench/suite_cases.h"
#include "runtime/os/clock.h"
#include "runtime/os/topology.h"

enum { ENV_PADDING_BYTES_MAX = 4096 }; /* unless the suite says otherwise: a page, as in Mytkowicz et al. 2009 */

/* ---- a new plan ---- */

static void read_programs(struct plan *plan, const struct suite_file *file, bool mixed) {
  char message[1024];
  size_t count = file->binaries_count ? file->binaries_count : 1;
  plan->programs = calloc(count, sizeof *plan->programs);
  if (!plan->programs)
    environment_error("no memory for the plan of this run");
  plan->program_count = count;
  if (!file->binaries_count)
    program_self(&plan->programs[0]);
  for (size_t i = 0; i < file->binaries_count; i++) {
    if (!program_read(&plan->programs[i], file->binaries[i], message, sizeof message))
      suite_file_error(file, file->binaries[i], "%s", message);
    const char *differs = program_differs(&plan->programs[0], &plan->programs[i]);
    if (differs && !mixed)
      suite_file_error(file, file->binaries[i],
                       "'%s' and '%s' differ in `%s`: binaries of one suite are builds of the same sources with other "
                       "link orders (or pass --allow-mixed)",
                       file->binaries[0], file->binaries[i], differs);
  }
}

static enum plan_aslr read_aslr(const struct suite_file *file) {
  static const char *const words[] = {"on", "off", "random"};
  for (unsigned i = 0; file->layout.aslr && i < 3; i++)
    if (strcmp(words[i], file->layout.aslr) == 0)
      return (enum plan_aslr)i;
  if (file->layout.aslr)
    suite_file_error(file, file->layout.aslr, "aslr is on, off or random, not '%s'", file->layout.aslr);
  return PLAN_ASLR_RANDOM;
}

static unsigned read_padding(const struct suite_file *file) {
  const unsigned *bytes = file->layout.env_padding_bytes;
  if (bytes && *bytes > 1 << 20)
    suite_file_error(file, "env_padding_bytes", "env_padding_bytes is at most %d", 1 << 20);
  return bytes ? *bytes : ENV_PADDING_BYTES_MAX;
}

static uint64_t draw_seed(void) {
  uint32_t seed = (uint32_t)clock_now_ns();
  if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
    seed ^= (uint32_t)getpid();
  return seed;
}

static void print_plan(const struct plan *plan, const char *path, const struct options *options) {
  size_t cases = plan->case_count / plan->program_count;
  printf("%s: %zu cases x %u invocations = %zu, of %lld iteration%s each\n\n", path, cases, plan->invocations,
         cases * plan->invocations, (long long)options->iterations.integer,
         options->iterations.integer == 1 ? "" : "s");
  for (size_t i = 0; i < plan->case_count; i++) {
    const struct run_case *c = &plan->cases[i];
    char heap[32];
    if (c->program != &plan->programs[0])
      continue;
    snprintf(heap, sizeof heap, c->heap_factor > 0 ? "%gx" : "%.0fM",
             c->heap_factor > 0 ? c->heap_factor : (double)c->heap_bytes / (1 << 20));
    printf("  %-28s %8s  -t %-3lld %s\n", c->workload->text, heap, (long long)c->options.threads.integer,
           c->collector->text);
  }
}

/* ---- the folder ---- */

static bool copy_file(const char *from, const char *to) {
  char text[4096];
  FILE *in = fopen(from, "re"), *out = fopen(to, "we");
  bool whole = in && out;
  for (size_t bytes; whole && (bytes = fread(text, 1, sizeof text, in)) > 0;)
    whole = fwrite(text, 1, bytes, out) == bytes;
  if (in)
    fclose(in);
  if (out && fclose(out) != 0)
    whole = false;
  return whole;
}

static bool write_text(const char *path, const char *text) {
  FILE *file = fopen(path, "we");
  bool whole = file && text && fputs(text, file) != EOF;
  if (file && fclose(file) != 0)
    whole = false;
  return whole;
}

static json_t *argv_json(const struct options *options) {
  json_t *array = json_array();
  for (int i = 0; i < options->argument_count; i++)
    json_array_append_new(array, json_string(options->arguments[i]));
  return array;
}

/* All that says what this run is, before its first invocation. */
static bool write_folder(const struct plan *plan, const struct suite_file *file, const struct options *options,
                         const char *folder) {
  char path[RESULTS_PATH_BYTES];
  json_t *arguments = argv_json(options), *machine = env_machine();
  char *topology = topology_xml();
#define IN_FOLDER(name) (snprintf(path, sizeof path, "%s/" name, folder), path)
  bool whole = copy_file(file->path, IN_FOLDER("suite.yaml")) &&
               suite_file_save(file, IN_FOLDER("suite.resolved.yaml")) &&
               results_write_json(IN_FOLDER("argv.json"), arguments, JSON_INDENT(1)) &&
               results_write_json(IN_FOLDER("env.json"), machine, JSON_INDENT(1)) &&
               (!topology || write_text(IN_FOLDER("topology.xml"), topology)) && plan_write(plan, folder);
#undef IN_FOLDER
  free(topology);
  json_decref(arguments);
  json_decref(machine);
  return whole;
}

/* ---- running ---- */

struct suite {
  const struct options *options;
  struct plan plan;
  struct results results;
};

static void note(struct suite *suite, const char *state, unsigned recorded, unsigned failed) {
  struct run_state now = {state, (unsigned)suite->plan.step_count, recorded, failed};
  run_state_write(suite->results.folder, &now);
}

static void on_kept(void *context, unsigned recorded, unsigned failed) { note(context, "running", recorded, failed); }

static void count_record(void *context, json_t *record) {
  unsigned *counts = context;
  json_t *outcome = json_object_get(record, "outcome");
  const char *status = json_string_value(json_object_get(outcome, "status"));
  counts[0]++;
  counts[1] += !status || strcmp(status, "ok") != 0;
}

static int run_suite(struct suite *suite) {
  char resume[1024];
  unsigned counts[2] = {0, 0}; /* recorded, failed */
  snprintf(resume, sizeof resume, "%s suite --resume %s", suite->options->arguments[0], suite->results.folder);
  struct runner runner = {.options = suite->options,
                          .results = &suite->results,
                          .steps = suite->plan.steps,
                          .step_count = suite->plan.step_count,
                          .cases = suite->plan.cases,
                          .case_count = suite->plan.case_count,
                          .has_order_seed = true,
                          .order_seed = suite->plan.order_seed,
                          .resume = resume,
                          .kept = on_kept,
                          .context = suite};
  int code = runner_run(&runner);
  results_each(&suite->results, count_record, counts);
  note(suite,
       code == EXIT_INTERRUPTED              ? "interrupted"
       : counts[0] == suite->plan.step_count ? "done"
                                             : "failed",
       counts[0], counts[1]);
  results_close(&suite->results);
  return code;
}

static int start_suite(struct options *options) {
  struct suite suite = {.options = options};
  if (options->budget)
    budget_read(options->budget);
  struct suite_file *file = suite_file_load(options->words[0]);
  suite_cases_settle(file, options);
  enum plan_aslr aslr = read_aslr(file);
  unsigned padding_bytes = read_padding(file);
  runner_settle(options);
  read_programs(&suite.plan, file, options->allow_mixed);
  suite.plan.order_seed = options->has_order_seed ? (uint64_t)options->order_seed.integer : draw_seed();
  suite.plan.invocations = (unsigned)options->invocations.integer;
  suite_cases_add(&suite.plan, file, options, true); /* what is wrong shows before anything is measured */
  if (options->dry_run) {
    print_plan(&suite.plan, file->path, options);
    return EXIT_OK;
  }
  results_require_folder(options->output);
  plan_clear(&suite.plan);
  if (!suite_cases_add(&suite.plan, file, options, false))
    return EXIT_INTERRUPTED;
  if (options->budget && !budget_fit(&suite.plan, options->budget, clock_now_ns())) {
    fprintf(stderr, "gclab: interrupted before the first invocation: nothing was recorded\n");
    return EXIT_INTERRUPTED;
  }
  plan_order(&suite.plan, padding_bytes, aslr);
  results_open(&suite.results, options->output, file->label ? file->label : "suite");
  run_state_lock(suite.results.folder);
  if (!write_folder(&suite.plan, file, options, suite.results.folder))
    environment_error("'%s' cannot be written: %s; name another folder with -o", suite.results.folder, strerror(errno));
  note(&suite, "running", 0, 0);
  int code = run_suite(&suite);
  plan_free(&suite.plan);
  suite_file_free(file);
  return code;
}

/* ---- going on ---- */

static struct run_step *step_of(struct suite *suite, const json_t *record) {
  const json_t *identity = json_object_get(record, "identity");
  const char *key = json_string_value(json_object_get(identity, "key"));
  json_int_t invocation = json_integer_value(json_object_get(identity, "invocation"));
  for (size_t i = 0; key && i < suite->plan.step_count; i++)
    if (suite->plan.steps[i].invocation == invocation && strcmp(suite->plan.steps[i].run_case->key, key) == 0)
      return &suite->plan.steps[i];
  return NULL;
}

static void mark_recorded(void *context, json_t *record) {
  struct run_step *step = step_of(context, record);
  if (step)
    step->recorded = true;
}

static void count_attempt(void *context, json_t *record) {
  struct run_step *step = step_of(context, record);
  json_int_t attempt = json_integer_value(json_object_get(json_object_get(record, "identity"), "attempt"));
  if (step && attempt >= step->attempt)
    step->attempt = (unsigned)attempt + 1;
}

/* Its outcome is one of the words of --retry. */
static bool wants_retry(void *context, const json_t *record) {
  const struct suite *suite = context;
  const char *status = json_string_value(json_object_get(json_object_get(record, "outcome"), "status"));
  for (const char *at = suite->options->retry; status && *at; at += strcspn(at, ","), at += *at == ',')
    if (strcspn(at, ",") == strlen(status) && strncmp(at, status, strlen(status)) == 0)
      return true;
  return false;
}

static void check_retry(const char *retry) {
  for (const char *at = retry; *at; at += strcspn(at, ","), at += *at == ',') {
    char word[32];
    bool known = false;
    snprintf(word, sizeof word, "%.*s", (int)strcspn(at, ","), at);
    for (unsigned i = OUTCOME_ok + 1; i < OUTCOME_interrupted; i++)
      known |= strcmp(word, outcome_names[i]) == 0;
    const char *nearest = option_nearest(word, outcome_names, OUTCOME_COUNT);
    if (!known)
      usage_error("--retry takes outcomes such as oom,crash, not '%s'%s%s%s", word, nearest ? "; did you mean '" : "",
                  nearest ? nearest : "", nearest ? "'?" : "");
  }
}

/* A record that was kept, and the program killed before its line was written (results.h). */
static void adopt_records(struct suite *suite) {
  for (size_t i = 0; i < suite->plan.step_count; i++) {
    struct run_step *step = &suite->plan.steps[i];
    char path[RESULTS_PATH_BYTES], file[RESULTS_PATH_BYTES + 16];
    if (step->recorded)
      continue;
    results_invocation_path(&suite->results, step->run_case->key, step->invocation, path);
    snprintf(file, sizeof file, "%s/record.json", path);
    json_t *record = json_load_file(file, 0, NULL);
    if (record && step_of(suite, record) == step) {
      if (!results_append(&suite->results, record))
        environment_error("'%s' cannot be written: %s", suite->results.path, strerror(errno));
      step->recorded = true;
    }
    json_decref(record);
  }
}

static int resume_suite(struct options *options) {
  struct suite suite = {.options = options};
  char folder[RESULTS_PATH_BYTES];
  if (options->retry)
    check_retry(options->retry);
  snprintf(folder, sizeof folder, "%.500s", options->resume);
  if (access(folder, F_OK) != 0)
    snprintf(folder, sizeof folder, "%.250s/%.250s", options->output, options->resume);
  size_t length = strlen(folder);
  while (length > 1 && folder[length - 1] == '/')
    folder[--length] = 0;
  if (access(folder, F_OK) != 0)
    usage_error("there is no run '%s', neither here nor in '%s'", options->resume, options->output);
  run_state_lock(folder);
  plan_load(&suite.plan, folder, options, options->allow_mixed);
  runner_settle(options);
  if (!results_reopen(&suite.results, folder))
    environment_error("'%s/records.jsonl' cannot be written: %s", folder, strerror(errno));
  if (options->retry && !results_supersede(&suite.results, wants_retry, &suite))
    environment_error("'%s' cannot be written: %s; no record is lost", folder, strerror(errno));
  results_each(&suite.results, mark_recorded, &suite);
  results_each_superseded(&suite.results, count_attempt, &suite);
  adopt_records(&suite);
  int code = run_suite(&suite);
  plan_free(&suite.plan);
  return code;
}

/* ---- gclab suite ---- */

int command_suite(struct options *options) {
  int code;
  if (options->resume && options->word_count)
    usage_error("--resume goes on with a run as it was planned: without '%s'", options->words[0]);
  if (options->resume && (options->budget || options->only || options->has_invocations || options->has_iterations ||
                          options->has_order_seed || options->dry_run))
    usage_error("--resume goes on with a run as it was planned: it takes --retry, --allow-mixed, --json and -o only");
  if (options->retry && !options->resume)
    usage_error("--retry is about a run that is resumed: --resume ID");
  if (options->resume) {
    code = resume_suite(options);
  } else {
    if (options->word_count != 1)
      usage_error("which suite?  A file, or one of `gclab list suites`");
    code = start_suite(options);
  }
  topology_fini();
  return code;
}
