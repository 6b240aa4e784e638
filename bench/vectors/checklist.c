#include "bench/vectors/checklist.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/launch.h"
#include "bench/vectors/checklist_figures.h"

/* The files of tests/vectors; VECTORS_FOLDER, a string, is where they are when this is compiled (CMakeLists.txt). */
#define EMBED(name)                                                                                               \
  __asm__(".section .rodata\nvectors_" #name ": .incbin \"" VECTORS_FOLDER "/" #name ".txt\"\n.byte 0\n.text\n"); \
  extern const char vectors_##name[];
EMBED(python)
EMBED(more)
EMBED(checklist)

static const char *const texts[] = {vectors_python, vectors_more, vectors_checklist};
enum { FILES = sizeof texts / sizeof texts[0], SAID_BYTES = 256 };

enum outcome_of_item { ITEM_pass, ITEM_fail, ITEM_documentation, ITEM_not_asked, ITEM_OUTCOMES };
static const char *const outcomes[ITEM_OUTCOMES] = {"pass", "fail", "documentation only", "not asked"};

enum { NO_EXPERIMENT = -1 };
static const struct item {
  unsigned number;
  const char *claim, *vectors, *documented;
  checklist_measure *measure;
  int experiment; /* NO_EXPERIMENT: none */
  bool shown;     /* by workloads of this build */
} items[] = {
#define PLAYED(number, claim, list) {number, claim, list, NULL, NULL, NO_EXPERIMENT, false},
#define PLAYED_AND_TRIED(number, claim, list, name) {number, claim, list, NULL, NULL, EXPERIMENT_##name, false},
#define MEASURED(number, claim, function) {number, claim, NULL, NULL, function, NO_EXPERIMENT, false},
#define TRIED(number, claim, name) {number, claim, NULL, NULL, NULL, EXPERIMENT_##name, false},
#define SHOWN(number, claim) {number, claim, NULL, NULL, NULL, NO_EXPERIMENT, true},
#define PROFILED(number, claim, function) {number, claim, NULL, NULL, function, NO_EXPERIMENT, true},
#define STATED(number, claim, where) {number, claim, NULL, where, NULL, NO_EXPERIMENT, false},
#include "bench/vectors/checklist.def"
#undef PLAYED
#undef PLAYED_AND_TRIED
#undef MEASURED
#undef TRIED
#undef SHOWN
#undef PROFILED
#undef STATED
};
enum { ITEMS = sizeof items / sizeof items[0] };

/* ---- vectors ---- */

struct vectors {
  struct script_file files[FILES];
  struct trial trial;
};

static void open_vectors(struct vectors *vectors) {
  for (size_t i = 0; i < FILES; i++) {
    char message[SAID_BYTES];
    if (!script_read_text(&vectors->files[i], "the checklist", texts[i], message, sizeof message))
      environment_error("%s", message);
  }
}

static const struct script *find_vector(const struct vectors *vectors, const char *number) {
  for (size_t f = 0; f < FILES; f++)
    for (size_t i = 0; i < vectors->files[f].count; i++)
      if (strcmp(vectors->files[f].scripts[i].number, number) == 0)
        return &vectors->files[f].scripts[i];
  environment_error("the checklist has no vector %s", number);
}

/* All of a list of vectors; `said` gets how many answers agreed, or the first that does not. */
static bool play_list(const struct vectors *vectors, const char *list, char said[SAID_BYTES]) {
  char numbers[64], *rest = numbers;
  unsigned answers = 0;
  bool asked = true;
  snprintf(numbers, sizeof numbers, "%s", list);
  for (char *number; (number = strsep(&rest, " "));) {
    const struct script *script = find_vector(vectors, number);
    struct verdict verdict;
    trial_run(&vectors->trial, script, &verdict);
    if (verdict.kind != VERDICT_pass) {
      snprintf(said, SAID_BYTES, "vector %s: %.64s%s%.64s%s%.64s", number, verdict.query ? verdict.query : "",
               verdict.query ? " => " : "", verdict.expected, verdict.query ? ", not " : "", verdict.got);
      return false;
    }
    answers += verdict.compared;
    asked = asked && verdict.compared;
  }
  snprintf(said, SAID_BYTES, "vector%s %s: %u answers%s", strchr(list, ' ') ? "s" : "", list, answers,
           asked ? "" : ", and a vector that asks nothing");
  return asked;
}

/* ---- items ---- */

/* Vectors first: where they are all that can be asked, of CPython itself, they suffice. */
static enum outcome_of_item check_experiment(const struct item *item, const struct vectors *vectors,
                                             char said[SAID_BYTES]) {
  struct performer *performer = vectors->trial.performer;
  if (item->vectors && !play_list(vectors, item->vectors, said))
    return ITEM_fail;
  if (!performer->player && item->vectors)
    return ITEM_pass;
  size_t at = 0;
  if (item->vectors) {
    at = strlen(said);
    at += (size_t)snprintf(said + at, SAID_BYTES - at, "; ");
  }
  bool holds = performer_measure(performer, (enum experiment)item->experiment, said + at, SAID_BYTES - at);
  return holds ? ITEM_pass : ITEM_fail;
}

static enum outcome_of_item check(const struct options *options, const struct item *item, const struct vectors *vectors,
                                  char said[SAID_BYTES]) {
  struct performer *performer = vectors->trial.performer;
  const struct checklist_question question = {options, vectors->files, FILES, performer};
  bool tried = item->experiment != NO_EXPERIMENT;
  if ((tried || item->shown) && !item->vectors && !performer->player) {
    snprintf(said, SAID_BYTES, "measured in collectors of this build alone");
    return ITEM_not_asked;
  }
  if (tried)
    return check_experiment(item, vectors, said);
  if (item->vectors)
    return play_list(vectors, item->vectors, said) ? ITEM_pass : ITEM_fail;
  if (item->measure)
    return item->measure(&question, said, SAID_BYTES) ? ITEM_pass : ITEM_fail;
  if (item->shown)
    return figures_hold(options, item->number, performer->name, said, SAID_BYTES) ? ITEM_pass : ITEM_fail;
  snprintf(said, SAID_BYTES, "%s", item->documented);
  return ITEM_documentation;
}

static void print_item(const struct options *options, const struct item *item, enum outcome_of_item outcome,
                       const char *said) {
  if (!options->json) {
    printf("%3u  %-18s  %s\n%25s %s\n", item->number, outcomes[outcome], item->claim, "", said);
    return;
  }
  json_t *row = json_pack("{sI ss ss ss}", "item", (json_int_t)item->number, "status", outcomes[outcome], "claim",
                          item->claim, "measured", said);
  json_dumpf(row, stdout, JSON_COMPACT);
  printf("\n");
  json_decref(row);
}

static void print_counts(FILE *file, const char *name, const unsigned counts[ITEM_OUTCOMES]) {
  fprintf(file, "%s%s: %u pass, %u fail", file == stdout ? "\n" : "", name, counts[ITEM_pass], counts[ITEM_fail]);
  for (int i = ITEM_documentation; i < ITEM_OUTCOMES; i++)
    if (counts[i])
      fprintf(file, ", %u %s", counts[i], outcomes[i]);
  fprintf(file, "\n");
}

int checklist_print(const struct options *options, struct performer *performer) {
  struct vectors vectors = {.trial = {.performer = performer, .rules = JUDGE_EXACT}};
  unsigned counts[ITEM_OUTCOMES] = {0};
  if (!performer_is_exact(performer))
    usage_error("the checklist is about a collector that counts at once, and collects by generations; %s does not",
                performer->name);
  open_vectors(&vectors);
  for (size_t i = 0; i < ITEMS && !launch_interrupted(); i++) {
    char said[SAID_BYTES];
    enum outcome_of_item outcome = check(options, &items[i], &vectors, said);
    counts[outcome]++;
    print_item(options, &items[i], outcome, said);
    fflush(stdout);
  }
  print_counts(options->json ? stderr : stdout, performer->name, counts);
  for (size_t f = 0; f < FILES; f++)
    script_file_free(&vectors.files[f]);
  figures_forget();
  return counts[ITEM_fail] ? EXIT_RUNS_FAILED : EXIT_OK;
}
