#include "bench/selftest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/runner.h"
#include "bench/text.h"
#include "runtime/os/topology.h"

static const char workload_text[] = "gcbench,depth=14,array=1000";
enum { FULL_INVOCATIONS = 12, FULL_BYTES = 20000, NAME_COLUMNS = 15, STATUS_COLUMNS = 15 };

/* Each is an invocation of its own; what is 0 or NULL stays as it is. */
static const struct trial {
  const char *name, *heap, *fault;
  int64_t refuse_chunk;
  double timeout_s, stalled_s;
  const char *expected, *reason; /* outcome.status, and a part of outcome.reason */
} trials[] = {
    {.name = "none", .expected = "ok"},
    {.name = "small heap", .heap = "2M", .expected = "oom", .reason = "found no room"},
    {.name = "refused memory", .refuse_chunk = 1, .expected = "oom", .reason = ""},
    {.name = "crash", .fault = "crash", .expected = "crash", .reason = "signal 11"},
    {.name = "hang", .fault = "hang", .stalled_s = 1, .expected = "timeout", .reason = "neither CPU time nor a report"},
    {.name = "endless loop", .fault = "spin", .timeout_s = 1, .expected = "timeout", .reason = "not done after"},
    {.name = "wrong checksum", .fault = "checksum", .expected = "verify_failed", .reason = "checksum"},
    {.name = "no record", .fault = "leave", .expected = "harness_error", .reason = "no record"},
};
enum { TRIAL_COUNT = sizeof trials / sizeof trials[0] };

struct selftest {
  struct collector_choice collector;
  struct workload_choice workload;
  struct program program;
  struct results results;
  struct run_case cases[TRIAL_COUNT];
  struct run_step steps[TRIAL_COUNT];
  unsigned seen, wrong;
};

/* ---- faults of an invocation ---- */

static void choose(struct selftest *test) {
  char message[1024];
  for (size_t i = 0; i < registry_collector_count; i++)
    if (registry_collectors[i]->attrs.reclaims &&
        subject_read_collector(&test->collector, registry_collectors[i]->name, message, sizeof message))
      break;
  if (!test->collector.collector)
    environment_error("this build has no collector that reclaims, and so nothing to try");
  if (!subject_read_workload(&test->workload, workload_text, message, sizeof message))
    environment_error("%s", message);
}

static void plan(struct selftest *test, const struct options *options) {
  for (unsigned i = 0; i < TRIAL_COUNT; i++) {
    const struct trial *trial = &trials[i];
    struct run_case *c = &test->cases[i];
    double heap_bytes = 0;
    option_parse_bytes(trial->heap ? trial->heap : "32M", &heap_bytes);
    *c = (struct run_case){.options = *options,
                           .collector = &test->collector,
                           .workload = &test->workload,
                           .program = &test->program,
                           .heap_bytes = (size_t)heap_bytes};
    c->options.fault = trial->fault;
    c->options.refuse_chunk.integer = trial->refuse_chunk;
    if (trial->timeout_s > 0)
      c->options.timeout_s.real = trial->timeout_s;
    if (trial->stalled_s > 0)
      c->options.stalled_s.real = trial->stalled_s;
    run_case_set_key(c);
    test->steps[i] = (struct run_step){.run_case = c, .sequence = i, .invocation = i, .attempt = 1};
  }
}

static void print(struct selftest *test, const char *name, const char *expected, const char *found, bool right,
                  const char *reason) {
  int used = printf("%-*s%-*s%-*s%-7s", NAME_COLUMNS, name, STATUS_COLUMNS, expected, STATUS_COLUMNS, found,
                    right ? "right" : "WRONG");
  text_wrap(stdout, reason, used, NAME_COLUMNS);
  fflush(stdout);
  test->wrong += !right;
}

/* The records as they are kept, not as they were in memory. */
static void compare(void *context, json_t *record) {
  struct selftest *test = context;
  json_t *outcome = json_object_get(record, "outcome");
  json_int_t sequence = json_integer_value(json_object_get(json_object_get(record, "identity"), "seq"));
  const char *status = json_string_value(json_object_get(outcome, "status"));
  const char *reason = json_string_value(json_object_get(outcome, "reason"));
  if (sequence < 0 || sequence >= TRIAL_COUNT || !status)
    return;
  const struct trial *trial = &trials[sequence];
  bool right = strcmp(status, trial->expected) == 0 && (!trial->reason || (reason && strstr(reason, trial->reason)));
  test->seen++;
  print(test, trial->name, trial->expected, status, right, reason ? reason : "");
}

/* ---- a disk that is full ---- */

/* `gclab run` whose files may not grow beyond FULL_BYTES, which it meets like a full disk; its exit code. */
static int run_on_full_disk(struct selftest *test, const char *folder) {
  char count[16];
  snprintf(count, sizeof count, "%d", FULL_INVOCATIONS);
  fflush(NULL);
  pid_t pid = fork();
  if (pid == 0) {
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){FULL_BYTES, FULL_BYTES});
    if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
      _exit(127);
    execl("/proc/self/exe", "gclab", "run", "-c", test->collector.text, "-w", workload_text, "--heap", "32M", "-n",
          count, "-o", folder, "--label", "full", (char *)NULL);
    _exit(127);
  }
  int status = 0;
  return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void count_line(void *context, json_t *record) {
  unsigned *count = context;
  *count += json_object_get(record, "outcome") != NULL;
}

/* Exit 3, something was kept, and every line that was is whole. */
static void try_full_disk(struct selftest *test) {
  char folder[RESULTS_PATH_BYTES], command[2 * RESULTS_PATH_BYTES], path[RESULTS_PATH_BYTES] = "", reason[160];
  snprintf(folder, sizeof folder, "%.400s/full", test->results.folder);
  int code = run_on_full_disk(test, folder);
  snprintf(command, sizeof command, "echo '%s'/full-*", folder);
  FILE *names = popen(command, "r");
  if (names && fgets(path, sizeof path, names))
    path[strcspn(path, "\n")] = 0;
  if (names)
    pclose(names);
  struct results full = {.fd = -1};
  unsigned whole = 0, lines = 0;
  snprintf(full.path, sizeof full.path, "%.480s/records.jsonl", path);
  results_each(&full, count_line, &whole);
  FILE *file = fopen(full.path, "re");
  for (int letter; file && (letter = fgetc(file)) != EOF;)
    lines += letter == '\n';
  if (file)
    fclose(file);
  snprintf(reason, sizeof reason, "exit %d; %u records before it, %u of them whole", code, lines, whole);
  bool right = code == EXIT_ENVIRONMENT && whole > 0 && whole == lines && whole < FULL_INVOCATIONS;
  print(test, "full disk", "exit 3", code == EXIT_ENVIRONMENT ? "exit 3" : "another exit", right, reason);
}

/* ---- gclab selftest ---- */

int command_selftest(struct options *options) {
  struct selftest test = {.seen = 0};
  choose(&test);
  runner_settle(options);
  program_self(&test.program);
  plan(&test, options);
  results_open(&test.results, options->output, "selftest");
  struct runner runner = {.options = options,
                          .results = &test.results,
                          .steps = test.steps,
                          .step_count = TRIAL_COUNT,
                          .cases = test.cases,
                          .case_count = TRIAL_COUNT,
                          .quiet = true};
  int code = runner_run(&runner);
  if (code == EXIT_OK || code == EXIT_RUNS_FAILED) {
    printf("%-*s%-*s%-*s\n", NAME_COLUMNS, "fault", STATUS_COLUMNS, "expected", STATUS_COLUMNS, "recorded");
    results_each(&test.results, compare, &test);
    try_full_disk(&test);
    bool all = test.seen == TRIAL_COUNT && test.wrong == 0;
    printf("\n%s: %s\n", all ? "each fault is recorded as what it is" : "NOT each fault is recorded as what it is",
           test.results.path);
    code = all ? EXIT_OK : EXIT_RUNS_FAILED;
  }
  results_close(&test.results);
  program_fini(&test.program);
  topology_fini();
  return code;
}
