#include "bench/vectors/judge.h"

#include <stdlib.h>
#include <string.h>

const char *const verdict_names[VERDICT_COUNT] = {
#define VERDICT_NAME(name) #name,
    VERDICTS(VERDICT_NAME)
#undef VERDICT_NAME
};

/* ---- sets of words ---- */

struct words {
  char *text; /* holds them */
  const char **items;
  size_t count;
};

static int compare_words(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Adds the words of `text`, without those of collections if `graph_only`: gc:… and collect=…. */
static struct words split(const char *text, bool graph_only) {
  struct words words = {strdup(text), malloc((strlen(text) / 2 + 1) * sizeof(char *)), 0};
  char *rest = words.text;
  for (char *word; (word = strsep(&rest, " "));) {
    bool of_collection = strncmp(word, "gc:", 3) == 0 || strncmp(word, "collect=", 8) == 0;
    if (*word && strcmp(word, "-") != 0 && !(graph_only && of_collection))
      words.items[words.count++] = word;
  }
  qsort(words.items, words.count, sizeof words.items[0], compare_words);
  return words;
}

static void words_free(struct words *words) {
  free(words->text);
  free(words->items);
}

static bool same_words(const char *a, const char *b, bool graph_only) {
  struct words left = split(a, graph_only), right = split(b, graph_only);
  bool same = left.count == right.count;
  for (size_t i = 0; same && i < left.count; i++)
    same = strcmp(left.items[i], right.items[i]) == 0;
  words_free(&left);
  words_free(&right);
  return same;
}

bool judge_same_set(const char *a, const char *b) { return same_words(a, b, false); }

/* ---- verdicts ---- */

static void differ(struct verdict *verdict, const struct script_op *op, const char *expected, const char *got) {
  verdict->kind = VERDICT_fail;
  verdict->query = op->text;
  verdict->line = op->line;
  snprintf(verdict->expected, sizeof verdict->expected, "%s", expected ? expected : "");
  snprintf(verdict->got, sizeof verdict->got, "%s", got ? got : "no answer");
}

/* What stopped it counts more than what had come by then, unless that was wrong already. */
static void look_at_problem(const struct answers *got, struct verdict *verdict) {
  static const char unsupported[] = "unsupported: ";
  if (!*got->problem || (verdict->kind == VERDICT_fail && strcmp(verdict->got, "no answer") != 0))
    return;
  bool lacks = strncmp(got->problem, unsupported, sizeof unsupported - 1) == 0;
  verdict->kind = lacks ? VERDICT_unsupported : VERDICT_fail;
  verdict->query = NULL;
  snprintf(verdict->got, sizeof verdict->got, "%.250s", got->problem + (lacks ? sizeof unsupported - 1 : 0));
}

static bool agree(const struct script *script, const struct script_op *op, const char *expected, const char *got) {
  if (op->code == SCRIPT_log && !script->exact)
    return judge_same_set(expected, got);
  return strcmp(expected, got) == 0;
}

void judge_exact(const struct script *script, const struct answers *expected, const struct answers *got,
                 struct verdict *verdict) {
  *verdict = (struct verdict){.kind = VERDICT_pass};
  for (size_t i = 0; i < script->op_count && verdict->kind == VERDICT_pass; i++) {
    const struct script_op *op = &script->ops[i];
    const char *want = expected ? expected->texts[i] : op->expected, *have = got->texts[i];
    if (!want || !script_op_is_query(op->code))
      continue;
    verdict->compared++;
    if (!have || !agree(script, op, want, have))
      differ(verdict, op, want, have);
  }
  look_at_problem(got, verdict);
}

/* ---- of collectors without generations only full collections are asked for ---- */

static bool is_of_generations(enum script_code code) {
  return code == SCRIPT_enable || code == SCRIPT_autoalloc || code == SCRIPT_getthreshold;
}

/* In the text of an operation the number behind each `collect` is one digit. */
static void collect_all_in_text(char *text) {
  static const char word[] = "collect ";
  for (char *found = text; (found = strstr(found, word));) {
    found += sizeof word - 1;
    if (*found >= '0' && *found <= '2')
      *found = '2';
  }
}

/* Its text and its actions are copied to where these point, which move behind them. */
static void make_op_full(struct script_op *op, struct script_action **actions, char **text) {
  op->expected = NULL;
  op->text = strcpy(*text, op->text);
  *text += strlen(*text) + 1;
  if (op->code == SCRIPT_collect)
    op->numbers[0] = 2;
  if (op->code == SCRIPT_collect || op->code == SCRIPT_act)
    collect_all_in_text((char *)op->text);
  for (unsigned i = 0; i < op->action_count; i++) {
    (*actions)[i] = op->actions[i];
    if ((*actions)[i].code == ACTION_collect)
      (*actions)[i].number = 2;
  }
  op->actions = *actions;
  *actions += op->action_count;
}

void script_make_full(const struct script *script, struct script *full) {
  size_t action_count = 0, text_bytes = 0;
  for (size_t i = 0; i < script->op_count; i++) {
    action_count += script->ops[i].action_count;
    text_bytes += strlen(script->ops[i].text) + 1;
  }
  *full = *script;
  full->ops = malloc(script->op_count * sizeof *full->ops + action_count * sizeof *full->ops->actions + text_bytes);
  full->op_count = 0;
  struct script_action *actions = (struct script_action *)(full->ops + script->op_count);
  char *text = (char *)(actions + action_count);
  for (size_t i = 0; i < script->op_count; i++) {
    if (is_of_generations(script->ops[i].code))
      continue;
    struct script_op *op = &full->ops[full->op_count++];
    *op = script->ops[i];
    make_op_full(op, &actions, &text);
  }
}

/* ---- less is asked of collectors that do not count at once ---- */

enum demand { ALWAYS, AFTER_COLLECTION, AT_THE_END, NEVER };

static enum demand demand_of(enum script_code code) {
  switch (code) {
  case SCRIPT_live:
  case SCRIPT_wr:
  case SCRIPT_wrcount:
  case SCRIPT_len:
  case SCRIPT_get:
  case SCRIPT_keys:
  case SCRIPT_referrers:
  case SCRIPT_population:
  case SCRIPT_fincount: return AFTER_COLLECTION;
  case SCRIPT_log:
  case SCRIPT_logset: return AT_THE_END;
  case SCRIPT_refcount:
  case SCRIPT_stats:
  case SCRIPT_count12:
  case SCRIPT_allocfree:
  case SCRIPT_autoalloc:
  case SCRIPT_gen:
  case SCRIPT_tracked:
  case SCRIPT_finalized:
  case SCRIPT_isenabled:
  case SCRIPT_getthreshold:
  case SCRIPT_frozen: return NEVER;
  default: return ALWAYS;
  }
}

bool script_relax(const struct script *script, struct script *relaxed) {
  static const struct script_op collection = {
      .code = SCRIPT_collect, .text = "collect 2", .numbers = {2}, .number_count = 1};
  static const struct script_op all_events = {.code = SCRIPT_logset, .text = "logset", .expected = "-"};
  *relaxed = *script;
  relaxed->ops = calloc(2 * script->op_count + 2, sizeof script->ops[0]);
  relaxed->op_count = 0;
  if (script->tags)
    return false;
  for (size_t i = 0; i < script->op_count; i++) {
    enum demand demand = demand_of(script->ops[i].code);
    if (demand == AFTER_COLLECTION)
      relaxed->ops[relaxed->op_count++] = collection;
    if (demand != NEVER)
      relaxed->ops[relaxed->op_count++] = script->ops[i];
  }
  relaxed->ops[relaxed->op_count++] = collection;
  relaxed->ops[relaxed->op_count++] = all_events;
  return true;
}

/* All that the logs of a script hold. */
static char *gather_log(const struct script *script, const struct answers *answers) {
  char *text;
  size_t bytes;
  FILE *out = open_memstream(&text, &bytes);
  for (size_t i = 0; i < script->op_count; i++)
    if (demand_of(script->ops[i].code) == AT_THE_END && answers->texts[i])
      fprintf(out, "%s ", answers->texts[i]);
  fclose(out);
  return text;
}

void judge_relaxed(const struct script *relaxed, const struct answers *expected, const struct answers *got,
                   struct verdict *verdict) {
  *verdict = (struct verdict){.kind = VERDICT_pass};
  for (size_t i = 0; i < relaxed->op_count && verdict->kind == VERDICT_pass; i++) {
    const struct script_op *op = &relaxed->ops[i];
    enum demand demand = demand_of(op->code);
    if (!script_op_is_query(op->code) || op->code == SCRIPT_collect || demand == AT_THE_END || !expected->texts[i])
      continue;
    verdict->compared++;
    if (!got->texts[i] || strcmp(expected->texts[i], got->texts[i]) != 0)
      differ(verdict, op, expected->texts[i], got->texts[i]);
  }
  char *want = gather_log(relaxed, expected), *have = gather_log(relaxed, got);
  if (verdict->kind == VERDICT_pass && !*got->problem && !same_words(want, have, true))
    differ(verdict, &relaxed->ops[relaxed->op_count - 1], want, have);
  verdict->compared += !*got->problem;
  free(want);
  free(have);
  look_at_problem(got, verdict);
}
