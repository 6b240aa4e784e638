#include "bench/vectors/vectors.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/launch.h"
#include "bench/vectors/checklist.h"
#include "bench/vectors/trial.h"
#include "runtime/os/clock.h"
#include "runtime/registry.h"

static const char default_collector[] = "python";

/* ---- vectors of files ---- */

struct tally {
  unsigned of[VERDICT_COUNT], silent; /* silent: nothing is asked of such a collector */
};

static void print_row(const struct script *script, const struct verdict *verdict) {
  printf("%-6s %-36s %-8s %4u", script->number, script->name, verdict_names[verdict->kind], verdict->compared);
  if (verdict->query && verdict->line)
    printf("  line %u: ", verdict->line);
  else if (verdict->kind != VERDICT_pass)
    printf("  ");
  if (verdict->query)
    printf("%s => %s, not %s", verdict->query, verdict->expected, verdict->got);
  else
    printf("%s", verdict->got);
  printf("\n");
}

static void print_json(const char *path, const char *collector, const struct script *script,
                       const struct verdict *verdict) {
  json_t *row =
      json_pack("{ss ss ss ss ss sI}", "file", path, "vector", script->number, "name", script->name, "collector",
                collector, "status", verdict_names[verdict->kind], "compared", (json_int_t)verdict->compared);
  if (verdict->query)
    json_object_update_new(row, json_pack("{ss sI ss ss}", "query", verdict->query, "line", (json_int_t)verdict->line,
                                          "expected", verdict->expected, "got", verdict->got));
  else if (verdict->kind != VERDICT_pass)
    json_object_set_new(row, "reason", json_string(verdict->got));
  json_dumpf(row, stdout, JSON_COMPACT);
  printf("\n");
  json_decref(row);
}

static void play_file(const struct options *options, const struct trial *trial, const char *path, struct tally *tally) {
  struct script_file file;
  char message[512];
  if (!script_read_file(&file, path, message, sizeof message))
    usage_error("%s", message);
  for (size_t i = 0; i < file.count && !launch_interrupted(); i++) {
    struct verdict verdict;
    if (!trial_run(trial, &file.scripts[i], &verdict)) {
      tally->silent++;
      continue;
    }
    tally->of[verdict.kind]++;
    if (options->json)
      print_json(path, trial->performer->name, &file.scripts[i], &verdict);
    else
      print_row(&file.scripts[i], &verdict);
    fflush(stdout);
  }
  script_file_free(&file);
}

static int sum_up(FILE *out, const char *name, const struct tally *tally) {
  unsigned failed = tally->of[VERDICT_fail] + tally->of[VERDICT_invalid];
  fprintf(out, "%s%s: %u pass, %u fail", out == stdout ? "\n" : "", name, tally->of[VERDICT_pass], failed);
  if (tally->of[VERDICT_unsupported])
    fprintf(out, ", %u unsupported", tally->of[VERDICT_unsupported]);
  if (tally->silent)
    fprintf(out, ", %u about CPython alone", tally->silent);
  fprintf(out, "\n");
  return failed ? EXIT_RUNS_FAILED : EXIT_OK;
}

static int play_files(const struct options *options, const struct trial *trial) {
  struct tally tally = {0};
  if (!options->json)
    printf("%-6s %-36s %-8s %4s\n", "vector", "name", trial->performer->name, "of");
  for (int i = 0; i < options->word_count; i++)
    play_file(options, trial, options->words[i], &tally);
  return sum_up(options->json ? stderr : stdout, trial->performer->name, &tally);
}

/* ---- random ones ---- */

static void show_number(uint64_t number) {
  if (number % 100 == 0 && isatty(STDERR_FILENO))
    fprintf(stderr, "\r%llu ", (unsigned long long)number);
}

static int play_random(const struct options *options, const struct trial *trial) {
  uint64_t seed = (uint64_t)options->seed.integer, played, begin_ns = clock_now_ns();
  char *failure = trial_random(trial, seed, (uint64_t)options->random.integer, &played, show_number);
  double seconds = (double)(clock_now_ns() - begin_ns) / 1e9;
  if (isatty(STDERR_FILENO))
    fprintf(stderr, "\r");
  if (options->json) {
    json_t *row =
        json_pack("{ss ss sI sI sf ss?}", "collector", trial->performer->name, "status", failure ? "fail" : "pass",
                  "seed", (json_int_t)seed, "scripts", (json_int_t)played, "seconds", seconds, "script", failure);
    json_dumpf(row, stdout, JSON_COMPACT);
    printf("\n");
    json_decref(row);
  } else if (failure) {
    fputs(failure, stdout);
  }
  fprintf(stderr, "%s: %llu random scripts of seed %llu played in %.1f s: %s\n", trial->performer->name,
          (unsigned long long)played, (unsigned long long)seed, seconds,
          failure ? "the last one fails" : "all agree with CPython");
  free(failure);
  return failure ? EXIT_RUNS_FAILED : EXIT_OK;
}

/* ---- gclab vectors ---- */

static int play_with(const struct options *options, const char *collector) {
  struct performer performer, cpython;
  performer_open(&performer, collector);
  if (options->random.integer && performer.player && !performer.collector.collector->attrs.cycles)
    usage_error("%s does not find cycles: random scripts ask what is alive after a full collection", collector);
  struct trial trial = {.performer = &performer, .rules = performer_rules(&performer)};
  if (options->checklist) {
    int code = checklist_print(options, &performer);
    performer_close(&performer);
    return code;
  }
  if (options->random.integer || options->against_cpython || !performer_is_exact(&performer)) {
    performer_open(&cpython, "cpython");
    trial.cpython = &cpython;
  }
  int code = options->random.integer ? play_random(options, &trial) : play_files(options, &trial);
  if (trial.cpython)
    performer_close(&cpython);
  performer_close(&performer);
  return code;
}

int command_vectors(struct options *options) {
  int code = EXIT_OK;
  if (options->word_count == 0 && options->random.integer == 0 && !options->checklist)
    usage_error("which vectors?  FILE, such as tests/vectors/python.txt, or --random N, or --checklist");
  if ((options->word_count > 0) + (options->random.integer > 0) + options->checklist > 1)
    usage_error("either files of vectors, or --random, or --checklist");
  launch_catch_signals();
  if (options->collectors.count == 0)
    code = play_with(options, default_collector);
  for (size_t c = 0; c < options->collectors.count && !launch_interrupted(); c++) {
    int one = play_with(options, options->collectors.items[c]);
    code = one > code ? one : code;
  }
  return launch_interrupted() ? EXIT_INTERRUPTED : code;
}
