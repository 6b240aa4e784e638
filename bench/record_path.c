#include "bench/record_path.h"

#include <math.h>
#include <string.h>

const json_t *record_at(const json_t *record, const char *path) {
  const json_t *value = record;
  for (const char *name = path; value && *name;) {
    size_t length = strcspn(name, ".");
    value = json_object_getn(value, name, length);
    name += length + (name[length] == '.');
  }
  return value;
}

double record_number(const json_t *record, const char *path) {
  const json_t *value = record_at(record, path);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

const char *record_text(const json_t *record, const char *path) {
  const char *text = json_string_value(record_at(record, path));
  return text ? text : "";
}
