#include "bench/run_filter.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/record_path.h"
#include "runtime/base/option.h"

/* Beside these, the options of a collector and a workload: collector.alloc, workload.depth. */
static const struct filter_key {
  const char *name, *path;
} keys[] = {
    {"collector", "subject.collector.name"},
    {"checked", "subject.collector.checked"},
    {"workload", "subject.workload.name"},
    {"heap_factor", "subject.heap_factor"},
    {"heap_bytes", "subject.heap_bytes"},
    {"threads", "subject.mutator_threads"},
    {"gc_threads", "subject.gc_threads"},
    {"placement", "subject.placement"},
    {"status", "outcome.status"},
    {"invocation", "identity.invocation"},
    {"key", "identity.key"},
    {"build", "subject.build.build_id"},
    {"git", "subject.build.git"},
};
enum { KEY_COUNT = sizeof keys / sizeof keys[0] };

static const struct filter_key *find_key(const char *name) {
  for (size_t i = 0; i < KEY_COUNT; i++)
    if (strcmp(keys[i].name, name) == 0)
      return &keys[i];
  return NULL;
}

static bool names_parameter(const char *key) {
  return strncmp(key, "collector.", 10) == 0 || strncmp(key, "workload.", 9) == 0;
}

static void complain_key(const char *key, char *message, size_t message_bytes) {
  const char *names[KEY_COUNT];
  for (size_t i = 0; i < KEY_COUNT; i++)
    names[i] = keys[i].name;
  const char *nearest = option_nearest(key, names, KEY_COUNT);
  if (nearest) {
    snprintf(message, message_bytes, "records are not told apart by '%s'; did you mean '%s'?", key, nearest);
    return;
  }
  char text[512];
  run_filter_describe(text, sizeof text);
  snprintf(message, message_bytes, "records are not told apart by '%s'; there are %s", key, text);
}

static bool read_condition(struct run_filter *filter, const char *word, size_t length, char *message,
                           size_t message_bytes) {
  const char *equals = memchr(word, '=', length);
  size_t key_length = equals ? (size_t)(equals - word) : 0, value_length = equals ? length - key_length - 1 : 0;
  if (filter->count == RUN_FILTER_MAX) {
    snprintf(message, message_bytes, "more than %d conditions on records", RUN_FILTER_MAX);
    return false;
  }
  struct run_condition *condition = &filter->conditions[filter->count];
  if (!key_length || !value_length || key_length >= sizeof condition->key || value_length >= sizeof condition->value) {
    snprintf(message, message_bytes, "'%.*s' chooses no records: write key=value, such as collector=satb", (int)length,
             word);
    return false;
  }
  *condition = (struct run_condition){0};
  memcpy(condition->key, word, key_length);
  memcpy(condition->value, equals + 1, value_length);
  if (!find_key(condition->key) && !names_parameter(condition->key)) {
    complain_key(condition->key, message, message_bytes);
    return false;
  }
  filter->count++;
  return true;
}

bool run_filter_read(struct run_filter *filter, const char *text, char *message, size_t message_bytes) {
  *filter = (struct run_filter){0};
  for (size_t length;; text += length + 1) {
    length = strcspn(text, ",");
    if (!read_condition(filter, text, length, message, message_bytes))
      return false;
    if (!text[length])
      return true;
  }
}

/* ---- passing ---- */

/* "2", "2.0" and "2x" are 2; 64M is 67108864. */
static bool equals_number(double number, const char *text) {
  double wanted;
  char digits[128];
  snprintf(digits, sizeof digits, "%s", text);
  size_t length = strlen(digits);
  if (length && digits[length - 1] == 'x')
    digits[length - 1] = 0;
  return option_parse_bytes(digits, &wanted) && fabs(number - wanted) <= 1e-9 * fabs(wanted);
}

static bool equals(const json_t *value, const char *text) {
  switch (value ? json_typeof(value) : JSON_NULL) {
  case JSON_STRING: return strcmp(json_string_value(value), text) == 0;
  case JSON_INTEGER:
  case JSON_REAL: return equals_number(json_number_value(value), text);
  case JSON_TRUE: return strcmp(text, "true") == 0;
  case JSON_FALSE: return strcmp(text, "false") == 0;
  case JSON_NULL: return value && strcmp(text, "null") == 0;
  default: return false;
  }
}

/* For a complaint, should no record have the value that was asked for. */
static void remember(struct run_condition *condition, const json_t *value) {
  const char *text = json_string_value(value);
  size_t i;
  json_t *known;
  if (!condition->seen)
    condition->seen = json_array();
  if (!text || json_array_size(condition->seen) == RUN_FILTER_SEEN_MAX)
    return;
  json_array_foreach(condition->seen, i, known) if (strcmp(json_string_value(known), text) == 0) return;
  json_array_append_new(condition->seen, json_string(text));
}

static bool meets(struct run_condition *condition, const json_t *record) {
  const struct filter_key *key = find_key(condition->key);
  char path[128];
  size_t length = strcspn(condition->key, ".");
  snprintf(path, sizeof path, "subject.%.*s.params%s", (int)length, condition->key, condition->key + length);
  const json_t *value = record_at(record, key ? key->path : path);
  if (equals(value, condition->value))
    return true;
  if (!condition->met)
    remember(condition, value);
  return false;
}

bool run_filter_passes(struct run_filter *filter, const json_t *record) {
  bool met[RUN_FILTER_MAX];
  for (size_t i = 0; i < filter->count; i++) {
    met[i] = meets(&filter->conditions[i], record);
    filter->conditions[i].met |= met[i];
  }
  for (size_t i = 0; i < filter->count; i++) {
    bool any = false;
    for (size_t k = 0; k < filter->count; k++)
      any |= met[k] && strcmp(filter->conditions[k].key, filter->conditions[i].key) == 0;
    if (!any)
      return false;
  }
  return true;
}

const char *run_filter_nearest(const struct run_condition *condition) {
  const char *texts[RUN_FILTER_SEEN_MAX];
  size_t i;
  json_t *text;
  json_array_foreach(condition->seen, i, text) texts[i] = json_string_value(text);
  return option_nearest(condition->value, texts, json_array_size(condition->seen));
}

void run_filter_free(struct run_filter *filter) {
  for (size_t i = 0; i < filter->count; i++)
    json_decref(filter->conditions[i].seen);
  filter->count = 0;
}

void run_filter_describe(char *text, size_t text_bytes) {
  size_t used = 0;
  for (size_t i = 0; i < KEY_COUNT && used < text_bytes; i++)
    used += (size_t)snprintf(text + used, text_bytes - used, "%s%s", i ? ", " : "", keys[i].name);
  if (used < text_bytes)
    snprintf(text + used, text_bytes - used, ", and collector.OPTION and workload.OPTION");
}
