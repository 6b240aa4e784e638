#include "bench/vectors/script.h"

#include <ctype.h>
#include <errno.h>
#include <obstack.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/compiler.h"
#include "runtime/base/option.h"

#define obstack_chunk_alloc malloc
#define obstack_chunk_free free

const char *const script_fields[SCRIPT_FIELDS + 1] = {"a",  "b",    "c",    "f", "g", "h", "l",
                                                      "me", "next", "prev", "r", "w", NULL};

enum result { never, may, must };

static const struct op_row {
  const char *name, *arguments, *form;
  enum result result;
} ops[SCRIPT_OP_COUNT] = {
#define SCRIPT_OP(op, arguments, result, form) {#op, arguments, form, result},
#include "bench/vectors/ops.def"
#undef SCRIPT_OP
};

static const char *const op_names[] = {
#define SCRIPT_OP(op, arguments, result, form) #op,
#include "bench/vectors/ops.def"
#undef SCRIPT_OP
};

static const char *const kind_names[] = {
#define SCRIPT_KIND(kind, has_fields) #kind,
#include "bench/vectors/kinds.def"
#undef SCRIPT_KIND
};

static const bool kind_fields[] = {
#define SCRIPT_KIND(kind, has_fields) has_fields,
#include "bench/vectors/kinds.def"
#undef SCRIPT_KIND
};

static const char *const action_names[] = {
#define SCRIPT_ACTION(action, arguments, form) #action,
#include "bench/vectors/actions.def"
#undef SCRIPT_ACTION
};

static const struct action_row {
  const char *arguments, *form;
} actions[] = {
#define SCRIPT_ACTION(action, arguments, form) {arguments, form},
#include "bench/vectors/actions.def"
#undef SCRIPT_ACTION
};

static const char *const tag_names[] = {"generation", "threshold", "freeze", "stats", "longlived", "counting"};
static const char *const debug_words[] = {"saveall", "leak", "none"};

enum { COUNT_MAX = 10000000, TAG_COUNT = 6, DEBUG_COUNT = 3 };

/* One file while it is read.  After the first objection nothing is read any more. */
struct reader {
  struct obstack *memory;
  const char *source, *next; /* its name, and what is left of its text */
  unsigned line;
  char *words; /* what is left of the line */
  bool failed;
  char *message;
  size_t message_bytes;
};

/* ---- objections ---- */

static void GC_PRINTF(2, 3) object(struct reader *r, const char *format, ...) {
  va_list arguments;
  if (r->failed)
    return;
  r->failed = true;
  int used = snprintf(r->message, r->message_bytes, "%s:%u: ", r->source, r->line);
  va_start(arguments, format);
  if (used >= 0 && (size_t)used < r->message_bytes)
    vsnprintf(r->message + used, r->message_bytes - (size_t)used, format, arguments);
  va_end(arguments);
}

/* The index of `word` in `names`, or -1 and an objection that suggests the nearest. */
static int find(struct reader *r, const char *what, const char *word, const char *const *names, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (strcmp(names[i], word) == 0)
      return (int)i;
  const char *nearest = option_nearest(word, names, count);
  object(r, "there is no %s '%s'%s%s%s", what, word, nearest ? "; did you mean '" : "", nearest ? nearest : "",
         nearest ? "'?" : "");
  return -1;
}

/* ---- lines and words ---- */

/* The next line that says something, without blanks at its ends; NULL at the end. */
static char *next_line(struct reader *r) {
  while (*r->next && !r->failed) {
    size_t bytes = strcspn(r->next, "\n");
    char *line = obstack_copy0(r->memory, r->next, (int)bytes);
    r->next += bytes + (r->next[bytes] == '\n');
    r->line++;
    while (bytes > 0 && isspace((unsigned char)line[bytes - 1]))
      line[--bytes] = '\0';
    line += strspn(line, " \t");
    if (*line && *line != '#')
      return line;
  }
  return NULL;
}

/* The next word of the line, or NULL. */
static char *next_word(struct reader *r) {
  char *word;
  do
    word = strsep(&r->words, " \t");
  while (word && !*word);
  return word;
}

static const char *want_word(struct reader *r, const char *what) {
  const char *word = next_word(r);
  if (!word)
    object(r, "%s is missing", what);
  return word ? word : "";
}

static int64_t read_number(struct reader *r, const char *what, const char *word, int64_t max) {
  char *end;
  errno = 0;
  long long number = strtoll(word, &end, 10);
  if (!isdigit((unsigned char)*word) || *end || errno || number > max)
    object(r, "%s is a whole number from 0 to %lld, not '%s'", what, (long long)max, word);
  return number;
}

static const char *read_name(struct reader *r, const char *what, const char *word) {
  bool good = isalpha((unsigned char)*word);
  for (const char *c = word; *c; c++)
    good &= isalnum((unsigned char)*c) || *c == '_';
  if (!good)
    object(r, "%s is a letter and then letters, digits and _, not '%s'", what, word);
  return word;
}

/* ---- arguments ---- */

static int read_field(struct reader *r, const char *word) {
  return find(r, "field", word, script_fields, SCRIPT_FIELDS);
}

static void read_step(struct reader *r, struct script_path *path, char *word) {
  if (path->step_count == SCRIPT_STEPS_MAX) {
    object(r, "a path has at most %d steps behind its root", SCRIPT_STEPS_MAX);
    return;
  }
  struct script_step *step = &path->steps[path->step_count++];
  *step = (struct script_step){.word = word, .field = -1, .index = -1};
  if (isdigit((unsigned char)*word)) {
    step->index = read_number(r, "an element", word, COUNT_MAX);
    return;
  }
  read_name(r, "a field", word);
  for (int i = 0; i < SCRIPT_FIELDS; i++)
    if (strcmp(script_fields[i], word) == 0)
      step->field = i;
}

static struct script_path *add_path(struct reader *r, struct script_op *op, char *word) {
  size_t old_bytes = op->path_count * sizeof(struct script_path);
  struct script_path *paths = obstack_alloc(r->memory, (int)(old_bytes + sizeof(struct script_path)));
  if (old_bytes)
    memcpy(paths, op->paths, old_bytes);
  op->paths = paths;
  struct script_path *path = &paths[op->path_count++];
  *path = (struct script_path){.root = read_name(r, "a root", strsep(&word, "."))};
  for (char *step; (step = strsep(&word, "."));)
    read_step(r, path, step);
  return path;
}

static void want_path(struct reader *r, struct script_op *op) { add_path(r, op, (char *)want_word(r, "a path")); }

static void want_field_path(struct reader *r, struct script_op *op) {
  const struct script_path *path = add_path(r, op, (char *)want_word(r, "a field"));
  if (path->step_count == 0)
    object(r, "'%s' is a root; what is set is a field, such as %s.next", path->root, path->root);
  else if (path->steps[path->step_count - 1].index >= 0)
    object(r, "an element of a list is not set; append and clearlist change lists");
}

static void want_paths(struct reader *r, struct script_op *op, bool roots) {
  char *word = next_word(r);
  if (!word)
    object(r, roots ? "a root is missing" : "a path is missing");
  for (; word; word = next_word(r))
    if (add_path(r, op, word)->step_count > 0 && roots)
      object(r, "only a root can be dropped; unset is for fields");
}

static void add_number(struct reader *r, struct script_op *op, const char *what, const char *word, int64_t max) {
  op->numbers[op->number_count++] = read_number(r, what, word, max);
}

static void read_optional_count(struct reader *r, struct script_op *op) {
  const char *word = next_word(r);
  add_number(r, op, "a count", word ? word : "1", COUNT_MAX);
}

static void read_thresholds(struct reader *r, struct script_op *op) {
  add_number(r, op, "a threshold", want_word(r, "a threshold"), INT32_MAX);
  for (const char *word; op->number_count < 3 && (word = next_word(r));)
    add_number(r, op, "a threshold", word, INT32_MAX);
}

static void read_weak(struct reader *r, struct script_op *op) {
  static const char *const words[] = {"cb", "call"};
  const char *word = next_word(r);
  int which = word ? find(r, "kind of callback", word, words, 2) : -1;
  op->weak = which < 0 ? WEAK_PLAIN : which == 0 ? WEAK_CB : WEAK_CALL;
  if (op->weak == WEAK_CALL)
    want_path(r, op);
}

static void read_autoalloc(struct reader *r, struct script_op *op) {
  static const char *const fates[] = {"keep", "temp"}, *const words[] = {"fresh", "on", "until", "sum"};
  struct script_autoalloc *a = &op->autoalloc;
  a->until = -1;
  a->keep = find(r, "fate of new nodes", want_word(r, "keep or temp"), fates, 2) == 0;
  a->count = read_number(r, "a count", want_word(r, "a count"), COUNT_MAX);
  for (const char *word; !r->failed && (word = next_word(r));)
    switch (find(r, "word of autoalloc", word, words, 4)) {
    case 0: a->fresh = true; break;
    case 1: a->on = true; break;
    case 2: a->until = (int)read_number(r, "a generation", want_word(r, "a generation"), 2); break;
    case 3: a->sum = true; break;
    }
}

/* One action, all of whose words are left in the line. */
static void read_action(struct reader *r, struct script_action *action) {
  int code = find(r, "action", want_word(r, "an action"), action_names, ACTION_COUNT);
  if (code < 0)
    return;
  *action = (struct script_action){.code = (enum script_action_code)code};
  for (const char *letter = actions[code].arguments; *letter && !r->failed; letter++) {
    const char *word = want_word(r, "an argument of an action");
    switch (*letter) {
    case 'n': action->name = read_name(r, "a root", word); break;
    case 'm': action->root = read_name(r, "a root", word); break;
    case 'f': action->field = read_field(r, word); break;
    case 'c': action->number = read_number(r, "a count", word, COUNT_MAX); break;
    case 'g': action->number = read_number(r, "a generation", word, 2); break;
    }
  }
  if (!r->failed && r->words && *r->words)
    object(r, "'%s' is too much: %s%s%s, and ';' before the next action", r->words, action_names[code],
           *actions[code].form ? " " : "", actions[code].form);
}

static void read_actions(struct reader *r, struct script_op *op) {
  char *rest = r->words ? r->words : "";
  unsigned count = 1;
  for (const char *c = rest; *c; c++)
    count += *c == ';';
  op->actions = obstack_alloc(r->memory, (int)(count * sizeof op->actions[0]));
  for (char *one; !r->failed && (one = strsep(&rest, ";"));) {
    r->words = one + strspn(one, " \t");
    for (size_t end = strlen(r->words); end > 0 && isspace((unsigned char)r->words[end - 1]);)
      r->words[--end] = '\0';
    read_action(r, &op->actions[op->action_count++]);
  }
  r->words = NULL;
}

static void read_argument(struct reader *r, struct script_op *op, char letter) {
  switch (letter) {
  case 'n': op->name = read_name(r, "a name", want_word(r, "a name")); break;
  case 'k': op->kind = (enum script_kind)find(r, "kind", want_word(r, "a kind"), kind_names, KIND_COUNT); break;
  case 'y': op->key = read_name(r, "a key", want_word(r, "a key")); break;
  case 'p': want_path(r, op); break;
  case 'f': want_field_path(r, op); break;
  case 'P': want_paths(r, op, false); break;
  case 'R': want_paths(r, op, true); break;
  case 'c': add_number(r, op, "a count", want_word(r, "a count"), COUNT_MAX); break;
  case 'C': read_optional_count(r, op); break;
  case 'g': add_number(r, op, "a generation", want_word(r, "a generation"), 2); break;
  case 't': read_thresholds(r, op); break;
  case 'w': read_weak(r, op); break;
  case 'a': read_autoalloc(r, op); break;
  case 'x': read_actions(r, op); break;
  case 'd':
    op->debug = want_word(r, "saveall, leak or none");
    find(r, "kind of debugging", op->debug, debug_words, DEBUG_COUNT);
    break;
  }
}

/* ---- operations ---- */

/* Cuts the result off the line; NULL if it has none. */
static const char *cut_result(char *line) {
  char *arrow = strstr(line, "=>");
  if (!arrow)
    return NULL;
  const char *result = arrow + 2 + strspn(arrow + 2, " \t");
  do
    *arrow = '\0';
  while (arrow > line && isspace((unsigned char)*--arrow));
  return result;
}

static void read_op(struct reader *r, struct script_op *op, char *line) {
  const char *expected = cut_result(line);
  const char *text = obstack_copy0(r->memory, line, (int)strlen(line)); /* `line` is taken apart */
  r->words = line;
  int code = find(r, "operation", next_word(r), op_names, SCRIPT_OP_COUNT);
  if (code < 0)
    return;
  *op = (struct script_op){.code = (enum script_code)code, .line = r->line, .text = text, .expected = expected};
  for (const char *letter = ops[code].arguments; *letter && !r->failed; letter++)
    read_argument(r, op, *letter);
  const char *more = next_word(r);
  if (more)
    object(r, "'%s' is too much: %s %s", more, ops[code].name, ops[code].form);
  if (expected && ops[code].result == never)
    object(r, "%s answers nothing, so that nothing can stand behind =>", ops[code].name);
  if (!expected && ops[code].result == must)
    object(r, "%s is a query: its result stands behind =>, or - for none", ops[code].name);
  if (expected && !*expected)
    object(r, "the result is missing behind =>; - is none");
}

/* ---- scripts ---- */

static void read_tags(struct reader *r, struct script *script) {
  for (const char *word; !r->failed && (word = next_word(r));) {
    int tag = find(r, "tag", word, tag_names, TAG_COUNT);
    if (tag >= 0)
      script->tags |= 1u << tag;
  }
}

static bool begins(const char *line, const char *word) {
  size_t bytes = strlen(word);
  return strncmp(line, word, bytes) == 0 && (!line[bytes] || isspace((unsigned char)line[bytes]));
}

static void read_order(struct reader *r, struct script *script) {
  static const char *const orders[] = {"exact", "any"};
  script->exact = find(r, "order", want_word(r, "exact or any"), orders, 2) == 0;
}

/* From its first line, which is `line`, to its `end`. */
static void read_script(struct reader *r, struct script *script, char *line) {
  size_t capacity = 0;
  if (!begins(line, "vector"))
    object(r, "a script begins with a line such as: vector 001 its_name");
  r->words = line + strcspn(line, " \t");
  script->number = want_word(r, "the vector's number");
  script->name = want_word(r, "the vector's name");
  while ((line = next_line(r)) && !begins(line, "end")) {
    r->words = line + strcspn(line, " \t");
    if (begins(line, "order")) {
      read_order(r, script);
    } else if (begins(line, "tags")) {
      read_tags(r, script);
    } else if (begins(line, "vector")) {
      object(r, "vector %s has no `end`", script->number);
    } else {
      if (script->op_count == capacity)
        script->ops = reallocarray(script->ops, capacity = capacity ? 2 * capacity : 32, sizeof script->ops[0]);
      read_op(r, &script->ops[script->op_count++], line);
    }
  }
  if (!line)
    object(r, "vector %s has no `end`", script->number);
}

bool script_read_text(struct script_file *file, const char *name, const char *text, char *message,
                      size_t message_bytes) {
  *file = (struct script_file){.memory = malloc(sizeof(struct obstack))};
  obstack_init((struct obstack *)file->memory);
  struct reader r = {file->memory, name, text, .message = message, .message_bytes = message_bytes};
  for (char *line; (line = next_line(&r));) {
    file->scripts = reallocarray(file->scripts, file->count + 1, sizeof file->scripts[0]);
    struct script *script = &file->scripts[file->count++];
    *script = (struct script){0};
    read_script(&r, script, line);
  }
  if (file->count == 0)
    object(&r, "there is no vector in it");
  if (r.failed)
    script_file_free(file);
  return !r.failed;
}

bool script_read_file(struct script_file *file, const char *path, char *message, size_t message_bytes) {
  char *text = NULL;
  size_t bytes = 0;
  FILE *from = fopen(path, "r");
  if (!from || getdelim(&text, &bytes, '\0', from) < 0) {
    snprintf(message, message_bytes, "'%s' cannot be read: %s", path,
             errno && (!from || ferror(from)) ? strerror(errno) : "it is empty");
    if (from)
      fclose(from);
    free(text);
    return false;
  }
  fclose(from);
  bool good = script_read_text(file, path, text, message, message_bytes);
  free(text);
  return good;
}

void script_file_free(struct script_file *file) {
  for (size_t i = 0; i < file->count; i++)
    free(file->scripts[i].ops);
  free(file->scripts);
  obstack_free((struct obstack *)file->memory, NULL);
  free(file->memory);
  *file = (struct script_file){0};
}

void script_write(const struct script *script, bool results, FILE *out) {
  fprintf(out, "vector %s %s\n", script->number, script->name);
  if (script->tags)
    fputs("tags", out);
  for (unsigned tag = 0; tag < TAG_COUNT; tag++)
    if (script->tags & 1u << tag)
      fprintf(out, " %s", tag_names[tag]);
  fprintf(out, "%sorder %s\n", script->tags ? "\n" : "", script->exact ? "exact" : "any");
  for (size_t i = 0; i < script->op_count; i++) {
    const struct script_op *op = &script->ops[i];
    fputs(op->text, out);
    if (results && op->expected)
      fprintf(out, " => %s", op->expected);
    fputc('\n', out);
  }
  fputs("end\n", out);
}

const char *script_op_name(enum script_code code) { return ops[code].name; }
const char *script_op_form(enum script_code code) { return ops[code].form; }
const char *script_kind_name(enum script_kind kind) { return kind_names[kind]; }
bool script_kind_has_fields(enum script_kind kind) { return kind_fields[kind]; }
bool script_op_is_query(enum script_code code) { return ops[code].result != never; }
