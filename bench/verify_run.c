#include "bench/verify_run.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/record_path.h"
#include "bench/run_folder.h"

struct verification {
  struct run_folder run;
  json_t *checksums;   /* what was computed → [checksum, line] of its first ok record */
  json_t *invocations; /* "key/invocation" → line of its record */
  size_t records, failed, findings, planned;
};

static const char *const groups[] = {"identity", "subject", "machine", "outcome"};

static void GC_PRINTF(2, 3) find(struct verification *v, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
  printf("\n");
  v->findings++;
}

/* ---- one record ---- */

static void check_groups(struct verification *v, const json_t *record) {
  for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
    if (!json_is_object(json_object_get(record, groups[i])))
      find(v, "line %zu: the record has no group '%s'", v->run.line, groups[i]);
  const char *status = record_text(record, "outcome.status");
  if (strcmp(status, "ok") == 0 && json_array_size(json_object_get(record, "iterations")) == 0)
    find(v, "line %zu: the invocation ended ok, but has no iteration", v->run.line);
  if (strcmp(status, "verify_failed") == 0)
    find(v, "line %zu: verify_failed: %s", v->run.line, record_text(record, "outcome.reason"));
}

/* Equal work has equal checksums, whatever collector ran it. */
static void check_checksum(struct verification *v, const json_t *record) {
  const char *checksum = record_text(record, "outcome.checksum");
  if (strcmp(record_text(record, "outcome.status"), "ok") != 0)
    return;
  if (!*checksum) {
    find(v, "line %zu: the invocation ended ok, but has no checksum", v->run.line);
    return;
  }
  char *params = json_dumps(record_at(record, "subject.workload.params"), JSON_SORT_KEYS | JSON_COMPACT);
  char work[1024];
  snprintf(work, sizeof work, "%s %s, %g threads, seed %g, %g iterations", record_text(record, "subject.workload.name"),
           params ? params : "", record_number(record, "subject.mutator_threads"),
           record_number(record, "identity.workload_seed"), record_number(record, "subject.iterations"));
  free(params);
  const json_t *first = json_object_get(v->checksums, work);
  if (!first) {
    json_object_set_new(v->checksums, work, json_pack("[sI]", checksum, (json_int_t)v->run.line));
    return;
  }
  const char *expected = json_string_value(json_array_get(first, 0));
  if (strcmp(expected, checksum) != 0)
    find(v, "line %zu: checksum %s (%s), but line %lld has %s for the same work: %s", v->run.line, checksum,
         record_text(record, "subject.collector_text"), (long long)json_integer_value(json_array_get(first, 1)),
         expected, work);
}

static void check_files(struct verification *v, const json_t *record) {
  const char *name;
  json_t *file;
  json_object_foreach(json_object_get(record, "files"), name, file) {
    char path[2 * RESULTS_PATH_BYTES];
    if (!json_is_string(file))
      continue;
    snprintf(path, sizeof path, "%s/%s", v->run.folder, json_string_value(file));
    if (access(path, R_OK) != 0)
      find(v, "line %zu: its file '%s' (%s) is missing", v->run.line, json_string_value(file), name);
  }
}

static void format_invocation(const json_t *key, double invocation, char *text, size_t bytes) {
  const char *hash = json_string_value(key);
  snprintf(text, bytes, "%s/%03.0f", hash ? hash : "?", isfinite(invocation) ? invocation : 0);
}

static void check_duplicate(struct verification *v, const json_t *record) {
  char name[64];
  format_invocation(record_at(record, "identity.key"), record_number(record, "identity.invocation"), name, sizeof name);
  const json_t *before = json_object_get(v->invocations, name);
  if (before)
    find(v, "line %zu: invocation %s is recorded twice, first in line %lld", v->run.line, name,
         (long long)json_integer_value(before));
  else
    json_object_set_new(v->invocations, name, json_integer((json_int_t)v->run.line));
}

/* ---- the plan ---- */

static void check_plan(struct verification *v) {
  char path[RESULTS_PATH_BYTES + 16], name[64], *text = NULL;
  size_t text_bytes = 0, line = 0;
  json_t *planned = json_object(), *value;
  snprintf(path, sizeof path, "%s/plan.jsonl", v->run.folder);
  FILE *file = fopen(path, "re");
  while (file && getline(&text, &text_bytes, file) > 0) {
    json_t *step = json_loads(text, 0, NULL);
    line++;
    if (!step)
      find(v, "plan.jsonl, line %zu cannot be read", line);
    else if (json_object_get(step, "key")) {
      format_invocation(json_object_get(step, "key"), record_number(step, "invocation"), name, sizeof name);
      json_object_set_new(planned, name, json_true());
      if (!json_object_get(v->invocations, name))
        find(v, "invocation %s was planned and has no record: %s, %s", name, record_text(step, "workload"),
             record_text(step, "collector"));
    }
    json_decref(step);
  }
  v->planned = json_object_size(planned);
  const char *recorded;
  if (file) {
    json_object_foreach(v->invocations, recorded, value) if (!json_object_get(planned, recorded))
        find(v, "line %lld: invocation %s was not planned", (long long)json_integer_value(value), recorded);
    fclose(file);
  }
  free(text);
  json_decref(planned);
}

/* ---- all ---- */

static void read_records(struct verification *v) {
  for (;;) {
    json_t *record;
    enum run_line line = run_folder_next(&v->run, &record);
    if (line == RUN_END)
      return;
    if (line != RUN_RECORD) {
      find(v, "%s", v->run.message);
      continue;
    }
    v->records++;
    v->failed += strcmp(record_text(record, "outcome.status"), "ok") != 0;
    check_groups(v, record);
    check_checksum(v, record);
    check_files(v, record);
    check_duplicate(v, record);
    json_decref(record);
  }
}

int command_verify(const struct options *options) {
  if (options->word_count != 1)
    usage_error("verify which run?  gclab verify RUN");
  struct verification v = {.checksums = json_object(), .invocations = json_object()};
  run_folder_require(&v.run, options->words[0]);
  read_records(&v);
  if (v.run.filter.count == 0)
    check_plan(&v);
  printf("%s: %zu records, %zu not ok", v.run.folder, v.records, v.failed);
  if (v.planned)
    printf(", %zu planned", v.planned);
  printf(": %zu finding%s\n", v.findings, v.findings == 1 ? "" : "s");
  run_folder_close(&v.run);
  json_decref(v.checksums);
  json_decref(v.invocations);
  return v.findings ? EXIT_RUNS_FAILED : EXIT_OK;
}
