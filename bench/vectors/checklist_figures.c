#include "bench/vectors/checklist_figures.h"

#include <stdio.h>
#include <string.h>

#include "bench/launch.h"
#include "bench/runner.h"

enum { MESSAGE_BYTES = 256, CASES_MAX = 64 };
static const size_t heap_bytes = (size_t)1 << 30;
static const double timeout_s = 60;

/* ---- cases ---- */

static struct {
  const char *workload;
  struct launch_result result;
} cases[CASES_MAX];
static size_t case_count;

/* What `workload` reported; its first run's if it ran already.  NULL, with a sentence, if it did not complete. */
static const json_t *report_of(const struct options *options, const char *collector, const char *workload,
                               char message[MESSAGE_BYTES]) {
  struct collector_choice c;
  struct workload_choice w;
  size_t i = 0;
  while (i < case_count && strcmp(cases[i].workload, workload) != 0)
    i++;
  if (i == case_count) {
    if (case_count == CASES_MAX || !subject_read_collector(&c, collector, message, MESSAGE_BYTES) ||
        !subject_read_workload(&w, workload, message, MESSAGE_BYTES))
      return NULL;
    struct launch_request request = {
        .options = options, .collector = &c, .workload = &w, .heap_bytes = heap_bytes, .timeout_s = timeout_s};
    cases[case_count].workload = workload;
    cases[case_count++].result = launch(&request);
  }
  if (cases[i].result.outcome == OUTCOME_ok)
    return cases[i].result.report;
  const char *reason = json_string_value(json_object_get(json_object_get(cases[i].result.report, "outcome"), "reason"));
  snprintf(message, MESSAGE_BYTES, "%.100s ended as %s%s%.100s", workload, outcome_names[cases[i].result.outcome],
           reason ? ": " : "", reason ? reason : "");
  return NULL;
}

void figures_forget(void) {
  while (case_count)
    json_decref(cases[--case_count].result.report);
}

/* ---- rows ---- */

static const struct row {
  unsigned item;
  const char *workload, *other; /* other: NULL, or its figure divides that of `workload` */
  const char *figure;           /* NULL: their checksums are compared */
  double least, most;
} rows[] = {
#define FIGURE(item, workload, other, figure, least, most) {item, workload, other, figure, least, most},
#define SAME(item, workload, other) {item, workload, other, NULL, 0, 0},
#include "bench/vectors/checklist_figures.def"
#undef FIGURE
#undef SAME
    {0}};

static bool figure_of(const struct options *options, const char *collector, const char *workload, const char *figure,
                      double *value, char message[MESSAGE_BYTES]) {
  const json_t *report = report_of(options, collector, workload, message);
  if (!report)
    return false;
  const json_t *iteration = json_array_get(json_object_get(report, "iterations"), 0);
  const json_t *number = json_object_get(json_object_get(iteration, "figures"), figure);
  if (!json_is_number(number)) {
    snprintf(message, MESSAGE_BYTES, "%.150s has no figure %.60s", workload, figure);
    return false;
  }
  *value = json_number_value(number);
  return true;
}

static const char *checksum_in(const json_t *report) {
  const char *checksum = json_string_value(json_object_get(json_object_get(report, "outcome"), "checksum"));
  return checksum ? checksum : "none";
}

static bool same_checksum(const struct options *options, const struct row *row, const char *collector,
                          char text[MESSAGE_BYTES]) {
  const json_t *report = report_of(options, collector, row->workload, text);
  const json_t *other = report ? report_of(options, collector, row->other, text) : NULL;
  if (!other)
    return false;
  bool same = strcmp(checksum_in(report), checksum_in(other)) == 0 && strcmp(checksum_in(report), "none") != 0;
  snprintf(text, MESSAGE_BYTES, "checksum %s", same ? "the same" : "not the same");
  return same;
}

/* `text` gets the sentence about the row. */
static bool row_holds(const struct options *options, const struct row *row, const char *collector,
                      char text[MESSAGE_BYTES]) {
  double value, divisor = 1;
  if (!row->figure)
    return same_checksum(options, row, collector, text);
  if (!figure_of(options, collector, row->workload, row->figure, &value, text) ||
      (row->other && !figure_of(options, collector, row->other, row->figure, &divisor, text)))
    return false;
  bool holds = value / divisor >= row->least && value / divisor <= row->most;
  int at = snprintf(text, MESSAGE_BYTES, "%s %.6g", row->figure, value);
  if (row->other && at < MESSAGE_BYTES)
    at += snprintf(text + at, (size_t)(MESSAGE_BYTES - at), " against %.6g: %.4g", divisor, value / divisor);
  if (!holds && at < MESSAGE_BYTES)
    snprintf(text + at, (size_t)(MESSAGE_BYTES - at), ", not %g to %g (%s%s%s)", row->least, row->most, row->workload,
             row->other ? " against " : "", row->other ? row->other : "");
  return holds;
}

bool figures_hold(const struct options *given, unsigned item, const char *collector, char *said, size_t said_bytes) {
  const struct gc_value one = {1, 1}, none = {0};
  struct options options = *given;
  size_t at = 0;
  options.iterations = options.threads = one;
  options.warmup = none;
  options.has_warmup = true;
  runner_settle(&options);
  *said = '\0';
  for (const struct row *row = rows; row->item; row++) {
    char text[MESSAGE_BYTES];
    if (row->item != item)
      continue;
    if (!row_holds(&options, row, collector, text)) {
      snprintf(said, said_bytes, "%s", text);
      return false;
    }
    if (at < said_bytes)
      at += (size_t)snprintf(said + at, said_bytes - at, "%s%s", at ? "; " : "", text);
  }
  return at > 0;
}
