#include "bench/page/gather.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/record_label.h"
#include "bench/record_path.h"
#include "bench/run_folder.h"
#include "bench/stats/metric.h"

const char *const metric_names[METRIC_COUNT] = {
#define METRIC_NAME(id, name) name,
    PAGE_METRICS(METRIC_NAME)
#undef METRIC_NAME
};

/* What a report holds in memory is small; without it there is no report. */
static void *grown(void *array, size_t count, size_t *capacity, size_t item_bytes) {
  if (count < *capacity)
    return array;
  *capacity = *capacity ? 2 * *capacity : 8;
  array = realloc(array, *capacity * item_bytes);
  if (!array)
    environment_error("no memory for a report of so many records; name fewer runs");
  return array;
}

static char *copy_text(const json_t *text) { return json_is_string(text) ? strdup(json_string_value(text)) : NULL; }

/* ---- reading a record ---- */

/* "Intel Xeon, 1 node, 2 cores, kernel 6.1": without what differs between two invocations on one machine. */
static char *machine_text(const json_t *record) {
  const json_t *machine = json_object_get(record, "machine");
  const char *cpu = json_string_value(json_object_get(machine, "cpu"));
  const char *topology = json_string_value(json_object_get(machine, "topology"));
  const char *kernel = json_string_value(json_object_get(machine, "kernel"));
  bool synthetic = json_is_true(record_at(record, "numa.synthetic"));
  char *text;
  if (asprintf(&text, "%s, %s, kernel %s%s", cpu ? cpu : "unknown processor", topology ? topology : "unknown topology",
               kernel ? kernel : "unknown", synthetic ? " (topology: synthetic)" : "") < 0)
    return NULL;
  return text;
}

static char *build_text(const json_t *record) {
  const json_t *build = record_at(record, "subject.build");
  const char *git = json_string_value(json_object_get(build, "git"));
  const char *compiler = json_string_value(json_object_get(build, "cc"));
  char *text;
  if (asprintf(&text, "%s%s, %s", git && *git ? git : "unknown",
               json_is_true(json_object_get(build, "dirty")) ? "+" : "", compiler ? compiler : "unknown compiler") < 0)
    return NULL;
  return text;
}

/* ---- cases ---- */

/* The case that `record` belongs to; made when it is the first of it. */
static struct page_case *find_case(struct gathered *g, const json_t *record) {
  const json_t *subject = json_object_get(record, "subject");
  char collector[256];
  record_label(record, collector, sizeof collector);
  const char *workload = json_string_value(json_object_get(subject, "workload_text"));
  const char *placement = json_string_value(json_object_get(subject, "placement"));
  const char *sharing = json_string_value(json_object_get(subject, "sharing"));
  if (!*collector || !workload)
    return NULL;
  double factor = json_number_value(json_object_get(subject, "heap_factor"));
  uint64_t heap_bytes = (uint64_t)json_number_value(json_object_get(subject, "heap_bytes"));
  unsigned threads = (unsigned)json_number_value(json_object_get(subject, "mutator_threads"));
  unsigned gc_threads = (unsigned)json_number_value(json_object_get(subject, "gc_threads"));
  char *machine = machine_text(record), *build = build_text(record), *key;
  if (asprintf(&key, "%s|%s|%.17g|%ju|%u|%u|%s|%s|%s", collector, workload, factor,
               factor > 0 ? 0 : (uintmax_t)heap_bytes, threads, gc_threads, placement ? placement : "", machine,
               build) < 0)
    return NULL;
  json_t *known = json_object_get(g->index, key);
  if (known) {
    free(machine);
    free(build);
    free(key);
    return &g->cases[json_integer_value(known)];
  }
  json_object_set_new(g->index, key, json_integer((json_int_t)g->case_count));
  free(key);
  g->cases = grown(g->cases, g->case_count, &g->case_capacity, sizeof *g->cases);
  struct page_case *c = &g->cases[g->case_count++];
  *c = (struct page_case){
      .collector = strdup(collector),
      .workload = strdup(workload),
      .foreign = json_is_true(record_at(subject, "collector.foreign")),
      .collector_name = copy_text(record_at(subject, "collector.name")),
      .build = build,
      .machine = machine,
      .placement = strdup(placement ? placement : "local"),
      .heap_factor = factor,
      .heap_bytes = heap_bytes,
      .threads = threads,
      .gc_threads = gc_threads,
      .split = sharing && strcmp(sharing, "split") == 0,
      .groups = json_pack("{s[] s[] s[] s[] s[] s[]}", "pauses", "latency", "mmu", "numa", "iterations", "figures"),
  };
  return c;
}

static void keep_metrics(struct page_case *c, const json_t *record) {
  for (size_t i = 0; i < METRIC_COUNT; i++) {
    double value = metric_of(record, metric_names[i]);
    if (isfinite(value))
      sample_add(&c->metrics[i], value);
  }
}

static char *file_path(const json_t *record, const char *folder, const char *name) {
  const char *relative = json_string_value(json_object_get(json_object_get(record, "files"), name));
  char *path;
  if (!relative || asprintf(&path, "%s/%s", folder, relative) < 0)
    return NULL;
  return path;
}

static void keep_files(struct page_case *c, const json_t *record, const char *folder) {
  c->files = grown(c->files, c->file_count, &c->file_capacity, sizeof *c->files);
  c->files[c->file_count++] = (struct invocation_files){
      .gc = file_path(record, folder, "gc"),
      .pauses = file_path(record, folder, "pauses"),
      .samples = file_path(record, folder, "samples"),
      .profile = file_path(record, folder, "profile_folded"),
  };
}

static void keep_groups(struct page_case *c, const json_t *record) {
  static const char *const names[] = {"pauses", "latency", "mmu", "numa"};
  if (json_array_size(json_object_get(c->groups, "iterations")) >= PAGE_GROUPS_MAX)
    return;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    json_t *group = json_object_get(record, names[i]);
    if (json_is_object(group))
      json_array_append(json_object_get(c->groups, names[i]), group);
  }
  json_t *times = json_array(), *iteration;
  size_t index;
  json_array_foreach(json_object_get(record, "iterations"), index, iteration) {
    json_array_append(times, json_object_get(iteration, "wall_ns"));
    bool warmup = json_is_true(json_object_get(iteration, "warmup"));
    json_t *figures = json_object_get(iteration, "figures");
    if (!warmup && json_is_object(figures))
      json_array_append(json_object_get(c->groups, "figures"), figures);
    c->warmed_up |= warmup;
  }
  json_array_append_new(json_object_get(c->groups, "iterations"), times);
}

static void keep_failure(struct page_case *c, const json_t *record, enum outcome outcome) {
  const char *reason = json_string_value(record_at(record, "outcome.reason"));
  c->inferred += json_is_true(record_at(record, "outcome.inferred"));
  if (!c->failure &&
      asprintf(&c->failure, "%s%s%s", outcome_names[outcome], reason ? ": " : "", reason ? reason : "") < 0)
    c->failure = NULL;
}

static void keep_record(struct gathered *g, struct page_run *run, const char *folder, const json_t *record) {
  const char *utc = json_string_value(record_at(record, "identity.started_utc"));
  struct page_case *c = find_case(g, record);
  if (!c)
    environment_error("record %zu of '%s' names no collector or workload; is it a record of `gclab run`?",
                      run->records + 1, run->path);
  run->records++;
  if (utc && (!run->first_utc || strcmp(utc, run->first_utc) < 0)) {
    free(run->first_utc);
    run->first_utc = strdup(utc);
  }
  if (utc && (!run->last_utc || strcmp(utc, run->last_utc) > 0)) {
    free(run->last_utc);
    run->last_utc = strdup(utc);
  }
  if (!c->source)
    c->source = strdup(run->path);
  enum outcome outcome = outcome_by_name(json_string_value(record_at(record, "outcome.status")));
  c->outcomes[outcome]++;
  if (outcome != OUTCOME_ok) {
    keep_failure(c, record, outcome);
    return;
  }
  keep_metrics(c, record);
  keep_files(c, record, folder);
  keep_groups(c, record);
}

/* ---- runs ---- */

/* The invocations that plan.jsonl names: its lines without the first, which describes the plan. */
static size_t count_planned(const char *folder) {
  char path[1100], *line = NULL;
  size_t capacity = 0, lines = 0;
  snprintf(path, sizeof path, "%s/plan.jsonl", folder);
  FILE *file = fopen(path, "r");
  if (!file)
    return 0;
  while (getline(&line, &capacity, file) > 0)
    lines++;
  free(line);
  fclose(file);
  return lines ? lines - 1 : 0;
}

void gather_run(struct gathered *g, const char *name) {
  struct run_folder folder;
  run_folder_require(&folder, name);
  if (!g->index)
    g->index = json_object();
  g->runs = grown(g->runs, g->run_count, &g->run_capacity, sizeof *g->runs);
  struct page_run *run = &g->runs[g->run_count++];
  const char *slash = strrchr(folder.folder, '/');
  *run = (struct page_run){.id = strdup(slash && slash[1] ? slash + 1 : folder.folder),
                           .folder = strdup(folder.folder),
                           .path = strdup(folder.path),
                           .planned = count_planned(folder.folder)};
  for (json_t *record; (record = run_folder_require_next(&folder)); json_decref(record))
    keep_record(g, run, folder.folder, record);
  run_folder_close(&folder);
}

void gather_tell_builds_apart(struct gathered *g) {
  bool several = false;
  for (size_t i = 1; i < g->case_count; i++)
    several |= strcmp(g->cases[i].build, g->cases[0].build) != 0;
  for (size_t i = 0; several && i < g->case_count; i++) {
    struct page_case *c = &g->cases[i];
    char *told;
    if (asprintf(&told, "%s @%.7s", c->collector, c->build) < 0)
      continue;
    free(c->collector);
    c->collector = told;
  }
}

void gather_free(struct gathered *g) {
  for (size_t i = 0; i < g->case_count; i++) {
    struct page_case *c = &g->cases[i];
    for (size_t f = 0; f < c->file_count; f++) {
      free(c->files[f].gc);
      free(c->files[f].pauses);
      free(c->files[f].samples);
      free(c->files[f].profile);
    }
    for (size_t m = 0; m < METRIC_COUNT; m++)
      sample_free(&c->metrics[m]);
    char *texts[] = {c->collector, c->workload,  c->collector_name, c->build,
                     c->machine,   c->placement, c->source,         c->failure};
    for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++)
      free(texts[t]);
    free(c->files);
    json_decref(c->groups);
  }
  for (size_t i = 0; i < g->run_count; i++) {
    char *texts[] = {g->runs[i].id, g->runs[i].folder, g->runs[i].path, g->runs[i].first_utc, g->runs[i].last_utc};
    for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++)
      free(texts[t]);
  }
  free(g->cases);
  free(g->runs);
  json_decref(g->index);
}

/* ---- what charts ask ---- */

unsigned case_ok(const struct page_case *c) { return c->outcomes[OUTCOME_ok]; }

unsigned case_failed(const struct page_case *c) {
  unsigned failed = 0;
  for (size_t i = 0; i < OUTCOME_COUNT; i++)
    failed += i != OUTCOME_ok ? c->outcomes[i] : 0;
  return failed;
}

struct estimate case_estimate(const struct page_case *c, enum page_metric metric) {
  const struct sample *sample = &c->metrics[metric];
  /* a mean over those that told would be a mean over another set of invocations */
  return sample->count == case_ok(c) ? estimate_of(sample->values, sample->count) : (struct estimate){0};
}
