#include "bench/stats/metric.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/record_path.h"
#include "bench/text.h"

static const char *const groups[] = {"pauses", "latency", "memory", "quality"};
enum { GROUP_COUNT = sizeof groups / sizeof groups[0] };

/* ---- finding ---- */

/* The mean over the iterations that were measured; NaN if one of them lacks it. */
static double mean_over_iterations(const json_t *record, const char *metric) {
  double sum = 0;
  size_t i, count = 0;
  json_t *iteration;
  json_array_foreach(json_object_get(record, "iterations"), i, iteration) {
    if (json_is_true(json_object_get(iteration, "warmup")))
      continue;
    sum += record_number(iteration, metric);
    count++;
  }
  return count ? sum / (double)count : NAN;
}

/* Of the counter "page-faults", as "page-faults.value". */
static double counter(const json_t *record, const char *metric) {
  size_t i, length = strcspn(metric, ".");
  json_t *row;
  json_array_foreach(json_object_get(record, "counters"), i, row) {
    const char *name = record_text(row, "name");
    if (metric[length] && strlen(name) == length && strncmp(name, metric, length) == 0)
      return record_number(row, metric + length + 1);
  }
  return NAN;
}

double metric_of(const json_t *record, const char *metric) {
  double value = mean_over_iterations(record, metric);
  for (size_t i = 0; !isfinite(value) && i < GROUP_COUNT; i++)
    value = record_number(json_object_get(record, groups[i]), metric);
  if (!isfinite(value))
    value = counter(record, metric);
  return isfinite(value) ? value : record_number(record, metric);
}

static void collect(json_t *names, const char *prefix, const json_t *group, const char *metric_prefix) {
  const char *name;
  json_t *value;
  json_object_foreach((json_t *)group, name, value) {
    char path[128], full[256];
    if (strcmp(name, "why_null") == 0)
      continue;
    snprintf(path, sizeof path, "%s%s%s", metric_prefix, *metric_prefix ? "." : "", name);
    if (json_is_object(value)) {
      collect(names, prefix, value, path);
    } else if (json_is_number(value) || json_is_null(value)) {
      snprintf(full, sizeof full, "%s%s%s", prefix, *prefix ? "." : "", path);
      json_object_set_new(names, path, json_true());
      json_object_set_new(names, full, json_true());
    }
  }
}

void metric_collect_names(json_t *names, const json_t *record) {
  static const char *const others[] = {"subject", "outcome", "numa", "identity"};
  size_t i;
  json_t *row;
  json_array_foreach(json_object_get(record, "iterations"), i, row) collect(names, "", row, "");
  for (i = 0; i < GROUP_COUNT; i++)
    collect(names, groups[i], json_object_get(record, groups[i]), "");
  json_array_foreach(json_object_get(record, "counters"), i, row) collect(names, "", row, record_text(row, "name"));
  for (i = 0; i < sizeof others / sizeof others[0]; i++)
    collect(names, "", json_object_get(record, others[i]), others[i]);
}

/* ---- writing ---- */

static bool ends_with(const char *text, const char *end) {
  size_t length = strlen(text), end_length = strlen(end);
  return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* Three digits or more, no exponent below a million. */
static void format_digits(double number, const char *unit, char *text, size_t text_bytes) {
  double size = fabs(number);
  int decimals = size < 9.9995 ? 3 : size < 99.995 ? 2 : size < 999.95 ? 1 : 0;
  snprintf(text, text_bytes, size >= 1e7 ? "%.*e%s" : "%.*f%s",
           decimals      ? decimals
           : size >= 1e7 ? 2
                         : 0,
           number, unit);
}

void metric_format(const char *metric, double value, char *text, size_t text_bytes) {
  if (!isfinite(value))
    snprintf(text, text_bytes, "-");
  else if (ends_with(metric, "_bytes"))
    text_format_bytes(value, text, text_bytes);
  else if (!ends_with(metric, "_ns"))
    format_digits(value, "", text, text_bytes);
  else if (fabs(value) < 999.5)
    format_digits(value, "ns", text, text_bytes);
  else if (fabs(value) < 999.5e3)
    format_digits(value / 1e3, "us", text, text_bytes);
  else if (fabs(value) < 999.5e6)
    format_digits(value / 1e6, "ms", text, text_bytes);
  else
    format_digits(value / 1e9, "s", text, text_bytes);
}

const char *metric_word(const char *metric, bool less) {
  static const struct {
    const char *end, *less, *more;
  } rows[] = {{"_per_s", "slower", "faster"}, {"_bytes", "smaller", "larger"}, {".value", "fewer", "more"}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    if (ends_with(metric, rows[i].end))
      return less ? rows[i].less : rows[i].more;
  if (!ends_with(metric, "_ns"))
    return less ? "less" : "more";
  bool event = strchr(metric, '.') || strncmp(metric, "stw", 3) == 0 || strncmp(metric, "stall", 5) == 0;
  if (event) /* the length of something, not the time that work takes */
    return less ? "shorter" : "longer";
  return less ? "faster" : "slower";
}
