#include "bench/vectors/trial.h"

#include <stdlib.h>
#include <string.h>

#include "bench/launch.h"
#include "bench/options.h"
#include "bench/vectors/generate.h"
#include "bench/vectors/shrink.h"

enum { MESSAGE_BYTES = 256 };

/* ---- one script ---- */

/* CPython's own answers; what it cannot play is no script, which is said in the verdict. */
static bool ask_cpython(struct performer *cpython, const struct script *script, struct answers *answers,
                        struct verdict *verdict) {
  if (performer_play(cpython, script, answers))
    return true;
  *verdict = (struct verdict){.kind = VERDICT_invalid};
  snprintf(verdict->got, sizeof verdict->got, "CPython: %.240s", answers->problem);
  return false;
}

static void try_exact(const struct trial *trial, const struct script *script, struct verdict *verdict) {
  struct answers expected, got;
  answers_init(&expected, script->op_count);
  answers_init(&got, script->op_count);
  if (!trial->cpython || ask_cpython(trial->cpython, script, &expected, verdict)) {
    performer_play(trial->performer, script, &got);
    judge_exact(script, trial->cpython ? &expected : NULL, &got, verdict);
  }
  answers_fini(&expected);
  answers_fini(&got);
}

/* The verdict's query is as the script has it. */
static void try_full(const struct trial *trial, const struct script *script, struct verdict *verdict) {
  struct script full;
  script_make_full(script, &full);
  try_exact(trial, &full, verdict);
  for (size_t i = 0; verdict->query && i < script->op_count; i++)
    if (script->ops[i].line == verdict->line)
      verdict->query = script->ops[i].text;
  free(full.ops);
}

static bool try_relaxed(const struct trial *trial, const struct script *script, struct verdict *verdict) {
  struct script relaxed;
  struct answers expected, got;
  bool says_something = script_relax(script, &relaxed);
  answers_init(&expected, relaxed.op_count);
  answers_init(&got, relaxed.op_count);
  if (says_something && ask_cpython(trial->cpython, &relaxed, &expected, verdict)) {
    performer_play(trial->performer, &relaxed, &got);
    judge_relaxed(&relaxed, &expected, &got, verdict);
  }
  answers_fini(&expected);
  answers_fini(&got);
  free(relaxed.ops);
  return says_something;
}

bool trial_run(const struct trial *trial, const struct script *script, struct verdict *verdict) {
  switch (trial->rules) {
  case JUDGE_RELAXED: return try_relaxed(trial, script, verdict);
  case JUDGE_FULL: try_full(trial, script, verdict); return true;
  default: try_exact(trial, script, verdict); return true;
  }
}

/* ---- random ones ---- */

static bool still_fails(void *context, const struct script *script) {
  struct verdict verdict;
  return !launch_interrupted() && trial_run(context, script, &verdict) && verdict.kind == VERDICT_fail;
}

/* Its results become CPython's. */
static void take_results(struct performer *cpython, struct script *script, struct answers *answers) {
  performer_play(cpython, script, answers);
  for (size_t i = 0; i < script->op_count; i++)
    if (script_op_is_query(script->ops[i].code))
      script->ops[i].expected = answers->texts[i];
}

/* The same script with a `drop` for each root, so that each can be left out; the caller's to free. */
static void split_drops(const struct script *script, struct script_file *split) {
  char *text, message[MESSAGE_BYTES];
  size_t bytes;
  FILE *out = open_memstream(&text, &bytes);
  fprintf(out, "vector %s %s\norder %s\n", script->number, script->name, script->exact ? "exact" : "any");
  for (size_t i = 0; i < script->op_count; i++) {
    const struct script_op *op = &script->ops[i];
    for (unsigned r = 0; op->code == SCRIPT_drop && r < op->path_count; r++)
      fprintf(out, "drop %s\n", op->paths[r].root);
    if (op->code != SCRIPT_drop)
      fprintf(out, "%s%s\n", op->text, op->expected ? " => ?" : "");
  }
  fputs("end\n", out);
  fclose(out);
  if (!script_read_text(split, "the random script", text, message, sizeof message))
    environment_error("%s", message);
  free(text);
}

static char *tell_failure(const struct trial *trial, const struct script *whole, uint64_t seed) {
  struct verdict verdict;
  struct script_file split;
  split_drops(whole, &split);
  struct script *script = &split.scripts[0];
  struct answers answers;
  char *text;
  size_t bytes, before = script->op_count;
  unsigned asked = shrink(script, still_fails, (void *)(uintptr_t)trial);
  answers_init(&answers, script->op_count);
  trial_run(trial, script, &verdict);
  take_results(trial->cpython, script, &answers);
  FILE *out = open_memstream(&text, &bytes);
  fprintf(out, "# Script %s of seed %llu: %zu of its %zu operations, after %u attempts to leave some out.\n",
          script->number, (unsigned long long)seed, script->op_count, before, asked);
  if (verdict.query)
    fprintf(out, "# %s answers %s => %s\n", trial->performer->name, verdict.query, verdict.got);
  else
    fprintf(out, "# %s does not play it: %s\n", trial->performer->name, verdict.got);
  script_write(script, true, out);
  fclose(out);
  answers_fini(&answers);
  script_file_free(&split);
  return text;
}

/* Script `number`, read. */
static void make(struct script_file *file, uint64_t seed, uint64_t number, bool graph_only) {
  char *text, message[MESSAGE_BYTES];
  size_t bytes;
  FILE *out = open_memstream(&text, &bytes);
  generate_script(seed, number, graph_only, out);
  fclose(out);
  if (!script_read_text(file, "the random script", text, message, sizeof message))
    environment_error("%s: please report it, with the seed %llu", message, (unsigned long long)seed);
  free(text);
}

char *trial_random(const struct trial *trial, uint64_t seed, uint64_t count, uint64_t *played,
                   void (*progress)(uint64_t number)) {
  char *failure = NULL;
  struct trial one = *trial;
  for (*played = 0; !failure && *played < count && !launch_interrupted(); ++*played) {
    struct script_file file;
    struct verdict verdict;
    progress(*played);
    one.rules = trial->rules == JUDGE_FULL && *played % 2 ? JUDGE_RELAXED : trial->rules;
    make(&file, seed, *played, one.rules == JUDGE_RELAXED);
    bool run = trial_run(&one, &file.scripts[0], &verdict);
    bool unplayed = verdict.kind == VERDICT_invalid || verdict.kind == VERDICT_unsupported;
    if (run && unplayed && !launch_interrupted())
      environment_error("script %llu of seed %llu: %s", (unsigned long long)*played, (unsigned long long)seed,
                        verdict.got);
    if (run && verdict.kind == VERDICT_fail && !launch_interrupted())
      failure = tell_failure(&one, &file.scripts[0], seed);
    script_file_free(&file);
  }
  return failure;
}
