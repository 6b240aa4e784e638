#include "bench/figures.h"

#include <stdlib.h>
#include <string.h>

#include "bench/text.h"

/* The columns of the table; what does not fit beside the others gets a line of its own. */
enum { WORKLOAD_COLUMNS = 13, COLLECTOR_COLUMNS = 13, HEAP_COLUMNS = 6, NAME_COLUMNS = 33 };
enum { LABEL_COLUMNS = WORKLOAD_COLUMNS + COLLECTOR_COLUMNS + HEAP_COLUMNS };

static const char *text_at(const json_t *group, const char *name) {
  const char *text = json_string_value(json_object_get(group, name));
  return text ? text : "";
}

/* The columns before `end` that `text` takes, or its own line and blanks up to there. */
static void put_column(FILE *label, const char *text, int columns, int end) {
  if ((int)strlen(text) < columns)
    fprintf(label, "%-*s", columns, text);
  else
    fprintf(label, "%s\n%*s", text, end, "");
}

/* How the rows of the record's subject begin: always LABEL_COLUMNS wide.  The caller frees it; NULL: no memory. */
static char *label_of(const json_t *record) {
  const json_t *subject = json_object_get(record, "subject");
  char heap[32], *text = NULL;
  size_t text_bytes;
  FILE *label = open_memstream(&text, &text_bytes);
  if (!label)
    return NULL;
  text_format_bytes(json_number_value(json_object_get(subject, "heap_bytes")), heap, sizeof heap);
  put_column(label, text_at(subject, "workload_text"), WORKLOAD_COLUMNS, WORKLOAD_COLUMNS);
  put_column(label, text_at(subject, "collector_text"), COLLECTOR_COLUMNS, WORKLOAD_COLUMNS + COLLECTOR_COLUMNS);
  fprintf(label, "%*s", HEAP_COLUMNS, heap);
  fclose(label);
  return text;
}

/* The member `name` of `object`, which becomes `otherwise` if there is none. */
static json_t *member(json_t *object, const char *name, json_t *otherwise) {
  json_t *found = json_object_get(object, name);
  if (!found) {
    found = otherwise;
    json_object_set(object, name, found);
  }
  json_decref(otherwise);
  return found;
}

void figures_add(struct figures *figures, const json_t *record) {
  char *label = label_of(record);
  const char *name;
  size_t i;
  json_t *iteration, *value;
  json_array_foreach(json_object_get(record, "iterations"), i, iteration) {
    if (json_is_true(json_object_get(iteration, "warmup")))
      continue;
    json_object_foreach(json_object_get(iteration, "figures"), name, value) {
      if (!json_is_number(value) || !label)
        continue;
      if (!figures->subjects)
        figures->subjects = json_object();
      json_t *subject = member(figures->subjects, label, json_object());
      json_array_append(member(subject, name, json_array()), value);
    }
  }
  free(label);
}

static double mean(const json_t *values) {
  double sum = 0;
  size_t i;
  json_t *value;
  json_array_foreach(values, i, value)
    sum += json_number_value(value);
  return sum / (double)json_array_size(values);
}

void figures_print(const struct figures *figures, FILE *file) {
  const char *label, *name;
  json_t *subject, *values;
  if (figures->subjects)
    fprintf(file, "\n%-*s%-*s%*s  %-*s%s\n", WORKLOAD_COLUMNS, "workload", COLLECTOR_COLUMNS, "collector", HEAP_COLUMNS,
            "heap", NAME_COLUMNS, "figure", "value");
  json_object_foreach(figures->subjects, label, subject) {
    fprintf(file, "%s", label);
    int used = LABEL_COLUMNS;
    json_object_foreach(subject, name, values) {
      fprintf(file, "%*s  %-*s%.6g\n", LABEL_COLUMNS - used, "", NAME_COLUMNS, name, mean(values));
      used = 0;
    }
  }
}

void figures_free(struct figures *figures) {
  json_decref(figures->subjects);
  figures->subjects = NULL;
}
