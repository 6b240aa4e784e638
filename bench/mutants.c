#include "bench/mutants.h"

#include "runtime/base/mutant.h"

#if GC_MUTANTS_ENABLED

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/killers.h"
#include "bench/launch.h"
#include "bench/subject.h"
#include "runtime/os/clock.h"

static const char *const kind_names[] = {
    [MUTANT_CODE] = "code", [MUTANT_FENCE] = "fence", [MUTANT_HISTORIC] = "historic"};

/* Of those that die only by an assertion there may be one in so many: what users run has no assertions. */
enum { CHECK_ALONE_SHARE = 3, PLAN_NAME_BYTES = 32 };

/* ---- which ones ---- */

/* The next name in a row's list of plans; false at its end. */
static bool next_plan(const char **plans, char *plan) {
  *plans += strspn(*plans, " ");
  size_t bytes = strcspn(*plans, " ");
  snprintf(plan, PLAN_NAME_BYTES, "%.*s", (int)bytes, *plans);
  *plans += bytes;
  return bytes > 0;
}

static bool is_in_list(const struct text_list *list, const char *plan) {
  for (size_t i = 0; i < list->count; i++)
    if (strcmp(list->items[i], plan) == 0 || strcmp(list->items[i], "all") == 0)
      return true;
  return list->count == 0;
}

static bool concerns(const struct mutant_row *row, const struct text_list *collectors) {
  char plan[PLAN_NAME_BYTES];
  for (const char *plans = row->plans; next_plan(&plans, plan);)
    if (is_in_list(collectors, plan))
      return true;
  return false;
}

static bool is_chosen(const struct mutant_row *row, const struct options *options) {
  bool named = options->word_count == 0;
  for (int i = 0; i < options->word_count; i++)
    named |= strcmp(options->words[i], row->name) == 0;
  return named && concerns(row, &options->collectors);
}

static void require_mutant(const char *name) {
  const char *names[MUTANT_COUNT];
  for (size_t i = 1; i < MUTANT_COUNT; i++) {
    names[i - 1] = mutant_rows[i].name;
    if (strcmp(names[i - 1], name) == 0)
      return;
  }
  const char *nearest = option_nearest(name, names, MUTANT_COUNT - 1);
  usage_error("there is no mutant '%s'%s%s%s", name, nearest ? "; did you mean '" : "", nearest ? nearest : "",
              nearest ? "'?" : "");
}

static void require_known(const struct options *options) {
  for (int i = 0; i < options->word_count; i++)
    require_mutant(options->words[i]);
  for (size_t c = 0; c < options->collectors.count; c++) {
    const struct text_list one = {.items = {options->collectors.items[c]}, .count = 1};
    bool known = false;
    for (size_t i = 1; i < MUTANT_COUNT; i++)
      known |= concerns(&mutant_rows[i], &one);
    if (!known)
      usage_error("no mutant concerns a collector '%s'", options->collectors.items[c]);
  }
}

/* ---- one mutant ---- */

/* First without assertions, under each of its plans; then with them: so a death by assertion is one alone. */
static struct kill hunt(const struct mutant_row *row, const struct text_list *collectors) {
  struct kill kill = {0};
  char plan[PLAN_NAME_BYTES];
  for (int assertions = 0; assertions < 2; assertions++)
    for (const char *plans = row->plans; next_plan(&plans, plan) && !launch_interrupted();)
      if (is_in_list(collectors, plan)) {
        kill = killers_try(row, plan, assertions);
        if (kill.way != KILL_survived || kill.broken)
          return kill;
      }
  return kill;
}

static json_t *describe(const struct mutant_row *row) {
  return json_pack("{ss ss ss ss ss}", "mutant", row->name, "kind", kind_names[row->kind], "plans", row->plans, "file",
                   row->file, "invariant", row->invariant);
}

static void print_json(const struct mutant_row *row, const struct kill *kill, double seconds) {
  json_t *record = describe(row);
  if (kill) {
    json_object_set_new(record, "how", json_string(kill->broken ? "broken" : kill_way_names[kill->way]));
    json_object_set_new(record, "killer", json_string(kill->killer));
    json_object_set_new(record, "evidence", json_string(kill->evidence));
    json_object_set_new(record, "seconds", json_real(seconds));
  }
  json_dumpf(record, stdout, JSON_COMPACT);
  printf("\n");
  json_decref(record);
}

static void print_row(FILE *out, const struct mutant_row *row, const struct kill *kill, double seconds) {
  fprintf(out, "%-29s %-8s %-9s %-35s %6.1f\n  %s\n", row->name, kind_names[row->kind],
          kill->broken ? "?" : kill_way_names[kill->way], kill->killer, seconds, row->invariant);
  if (kill->broken || kill->way == KILL_survived)
    fprintf(out, "  %s\n", kill->broken ? kill->evidence : "no test noticed it");
}

/* ---- all of them ---- */

static int list(const struct options *options) {
  for (size_t i = 1; i < MUTANT_COUNT; i++) {
    const struct mutant_row *row = &mutant_rows[i];
    if (!is_chosen(row, options))
      continue;
    if (options->json)
      print_json(row, NULL, 0);
    else
      printf("%-29s %-8s %-28s %s\n  %s\n", row->name, kind_names[row->kind], row->plans, row->file, row->invariant);
  }
  return EXIT_OK;
}

static int sum_up(FILE *out, const unsigned *ways, unsigned tried, unsigned broken) {
  unsigned killed = tried - broken - ways[KILL_survived];
  fprintf(out, "\n%u of %u mutants killed:", killed, tried);
  for (unsigned way = KILL_survived + 1; way < KILL_WAY_COUNT; way++)
    if (ways[way])
      fprintf(out, " %u %s", ways[way], kill_way_names[way]);
  fprintf(out, "; by an assertion alone: %u, at most a third is allowed\n", ways[KILL_check]);
  if (broken)
    fprintf(out, "%u times a test fails without a mutant\n", broken);
  return killed < tried || ways[KILL_check] * CHECK_ALONE_SHARE > tried ? EXIT_RUNS_FAILED : EXIT_OK;
}

int command_mutants(struct options *options) {
  unsigned ways[KILL_WAY_COUNT] = {0}, tried = 0, broken = 0;
  FILE *out = options->json ? stderr : stdout;
  require_known(options);
  if (options->list)
    return list(options);
  launch_catch_signals();
  fprintf(out, "%-29s %-8s %-9s %-35s %6s\n", "mutant", "kind", "how", "killer", "s");
  for (size_t i = 1; i < MUTANT_COUNT && !launch_interrupted(); i++) {
    const struct mutant_row *row = &mutant_rows[i];
    if (!is_chosen(row, options))
      continue;
    const char *lacking = killers_lacking(row);
    if (lacking)
      environment_error("the tests that %s needs are not built: %s", row->name, lacking);
    uint64_t begin_ns = clock_now_ns();
    struct kill kill = hunt(row, &options->collectors);
    double seconds = (double)(clock_now_ns() - begin_ns) / 1e9;
    if (launch_interrupted())
      break;
    tried++;
    broken += kill.broken;
    ways[kill.way] += !kill.broken;
    if (options->json)
      print_json(row, &kill, seconds);
    print_row(out, row, &kill, seconds);
    fflush(NULL);
  }
  int code = sum_up(out, ways, tried, broken);
  return launch_interrupted() ? EXIT_INTERRUPTED : code;
}

void mutants_switch_on(const char *name) {
  require_mutant(name);
  setenv("GC_MUTANT", name, 1);
}

#else

static _Noreturn void refuse(void) {
  environment_error("this build has no mutants: cmake --preset mutants && cmake --build --preset mutants, then "
                    "build/mutants/gclab mutants");
}

int command_mutants(struct options *options) {
  (void)options;
  refuse();
}

void mutants_switch_on(const char *name) {
  (void)name;
  refuse();
}

#endif
