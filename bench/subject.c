#include "bench/subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- NAME[,opt=value…] ---- */

/* Copies the text up to the first comma; returns what follows it, or NULL. */
static const char *split_name(const char *text, char *name, size_t name_bytes) {
  size_t length = strcspn(text, ",");
  snprintf(name, name_bytes, "%.*s", (int)length, text);
  return text[length] ? text + length + 1 : NULL;
}

static bool unknown(const char *kind, const char *name, const char *nearest, char *message, size_t message_bytes) {
  if (nearest)
    snprintf(message, message_bytes, "there is no %s '%s'; did you mean '%s'?", kind, name, nearest);
  else
    snprintf(message, message_bytes, "there is no %s '%s'; `gclab list %ss` names them", kind, name, kind);
  return false;
}

static size_t option_bytes(const char *options) { return strcspn(options, ","); }
/* NULL after the last one. */
static const char *next_option(const char *options) {
  const char *end = options + option_bytes(options);
  return *end ? end + 1 : NULL;
}

/* Sets options one by one, but for the one at `done`; `owner` begins the sentence if one is wrong. */
static bool set_options(const struct gc_option *table, struct gc_value *values, const char *options, const char *done,
                        const char *owner, char *message, size_t message_bytes) {
  for (; options; options = next_option(options)) {
    char problem[512];
    if (options == done || option_set(table, values, options, option_bytes(options), problem, sizeof problem))
      continue;
    snprintf(message, message_bytes, "%s: %s", owner, problem);
    return false;
  }
  return true;
}

/* The collector that is meant, and the option that says so if `name` with it is a form of another name, else NULL. */
static const struct gc_collector *find_collector(const char *name, const char *options, const char **form) {
  for (*form = options; *form; *form = next_option(*form)) {
    const struct gc_collector *collector = registry_form(name, *form, option_bytes(*form));
    if (collector)
      return collector;
  }
  return registry_collector(name);
}

/* Behind what is wrong with an option: what `collector` takes besides. */
static void add_forms(const struct gc_collector *collector, char *message, size_t message_bytes) {
  size_t name_bytes = strlen(collector->name);
  for (size_t i = 0; i < registry_collector_count; i++) {
    const char *form = registry_collectors[i]->form_of;
    size_t used = strlen(message);
    if (form && strncmp(form, collector->name, name_bytes) == 0 && form[name_bytes] == ',')
      snprintf(message + used, message_bytes - used, "; there is %s, too", form);
  }
}

/* checked,of=NAME: the rest of the text, its name in `name`. */
static bool read_checked(const char **rest, char *name, size_t name_bytes, char *message, size_t message_bytes) {
  if (!*rest || strncmp(*rest, "of=", 3) != 0) {
    snprintf(message, message_bytes, "`checked` is a form of another collector: write checked,of=NAME");
    return false;
  }
  *rest = split_name(*rest + 3, name, name_bytes);
  return true;
}

static bool has_checked_pairs(const struct gc_collector *collector) {
  for (size_t i = 0; i < registry_pair_count; i++)
    if (registry_pairs[i]->checked && registry_pairs[i]->collector == collector)
      return true;
  return false;
}

bool subject_read_collector(struct collector_choice *choice, const char *text, char *message, size_t message_bytes) {
  char name[64];
  *choice = (struct collector_choice){0};
  if (strlen(text) >= sizeof choice->text) {
    snprintf(message, message_bytes, "the collector's options are longer than %zu letters", sizeof choice->text - 1);
    return false;
  }
  strcpy(choice->text, text);
  const char *rest = split_name(text, name, sizeof name);
  choice->checked = strcmp(name, "checked") == 0;
  if (choice->checked && !read_checked(&rest, name, sizeof name, message, message_bytes))
    return false;
  const char *form;
  const struct gc_collector *collector = choice->collector = find_collector(name, rest, &form);
  if (!collector)
    return unknown("collector", name, registry_nearest_collector(name), message, message_bytes);
  if (choice->checked && !has_checked_pairs(collector)) {
    snprintf(message, message_bytes, "this build has no checked form of %s", collector->name);
    return false;
  }
  if (option_count(collector->options) > SUBJECT_OPTIONS_MAX) {
    snprintf(message, message_bytes, "%s has more than %d options", collector->name, SUBJECT_OPTIONS_MAX);
    return false;
  }
  option_defaults(collector->options, choice->values);
  if (set_options(collector->options, choice->values, rest, form, collector->name, message, message_bytes))
    return true;
  add_forms(collector, message, message_bytes);
  return false;
}

static const struct gc_workload *find_workload(const char *name) {
  for (size_t i = 0; i < registry_pair_count; i++)
    if (strcmp(registry_pairs[i]->name, name) == 0)
      return registry_pairs[i];
  return NULL;
}

bool subject_read_workload(struct workload_choice *choice, const char *text, char *message, size_t message_bytes) {
  char name[64];
  *choice = (struct workload_choice){0};
  if (strlen(text) >= sizeof choice->text) {
    snprintf(message, message_bytes, "the workload's options are longer than %zu letters", sizeof choice->text - 1);
    return false;
  }
  strcpy(choice->text, text);
  const char *rest = split_name(text, name, sizeof name);
  choice->workload = find_workload(name);
  if (!choice->workload)
    return unknown("workload", name, registry_nearest_workload(name), message, message_bytes);
  if (option_count(choice->workload->params) > SUBJECT_OPTIONS_MAX) {
    snprintf(message, message_bytes, "%s has more than %d parameters", name, SUBJECT_OPTIONS_MAX);
    return false;
  }
  option_defaults(choice->workload->params, choice->values);
  return set_options(choice->workload->params, choice->values, rest, NULL, name, message, message_bytes);
}

void subject_format_values(const struct gc_option *table, const struct gc_value *values, char *text,
                           size_t text_bytes) {
  size_t used = 0;
  *text = 0;
  for (size_t i = 0; table && table[i].name && used < text_bytes; i++) {
    char value[64];
    option_format(&table[i], values[i], value, sizeof value);
    used += (size_t)snprintf(text + used, text_bytes - used, "%s%s=%s", i ? "," : "", table[i].name, value);
  }
}

/* ---- -c, -w and what follows `--` ---- */

static void add_collector(struct subjects *subjects, const char *text) {
  char message[1024];
  struct collector_choice *choice = &subjects->collectors[subjects->collector_count++];
  if (!subject_read_collector(choice, text, message, sizeof message))
    usage_error("%s", message);
}

static void add_workload(struct subjects *subjects, const struct options *options, const char *text) {
  char whole[2 * SUBJECT_TEXT_BYTES], message[1024];
  size_t used = (size_t)snprintf(whole, sizeof whole, "%s", text);
  for (int i = 0; i < options->workload_option_count && used < sizeof whole; i++)
    used += (size_t)snprintf(whole + used, sizeof whole - used, ",%s", options->workload_options[i]);
  if (used >= sizeof whole)
    usage_error("the options of '%s' are too long", text);
  struct workload_choice *choice = &subjects->workloads[subjects->workload_count++];
  if (!subject_read_workload(choice, whole, message, sizeof message))
    usage_error("%s", message);
}

static void *allocate(size_t count, size_t bytes) {
  void *memory = calloc(count + 1, bytes);
  if (!memory)
    environment_error("no memory for the command line");
  return memory;
}

void subjects_read(struct subjects *subjects, const struct options *options) {
  size_t all_workloads = registry_workloads(NULL, 0);
  *subjects = (struct subjects){0};
  subjects->collectors =
      allocate(options->collectors.count * (registry_collector_count + 1), sizeof *subjects->collectors);
  subjects->workloads = allocate(options->workloads.count * (all_workloads + 1), sizeof *subjects->workloads);
  for (size_t i = 0; i < options->collectors.count; i++) {
    const char *text = options->collectors.items[i];
    for (size_t j = 0; strcmp(text, "all") == 0 && j < registry_collector_count; j++)
      add_collector(subjects, registry_collectors[j]->name);
    if (strcmp(text, "all") != 0)
      add_collector(subjects, text);
  }
  const struct gc_workload *workloads[all_workloads + 1];
  registry_workloads(workloads, all_workloads);
  for (size_t i = 0; i < options->workloads.count; i++) {
    const char *text = options->workloads.items[i];
    for (size_t j = 0; strcmp(text, "all") == 0 && j < all_workloads; j++)
      add_workload(subjects, options, workloads[j]->name);
    if (strcmp(text, "all") != 0)
      add_workload(subjects, options, text);
  }
}

void subjects_free(struct subjects *subjects) {
  free(subjects->collectors);
  free(subjects->workloads);
  *subjects = (struct subjects){0};
}
