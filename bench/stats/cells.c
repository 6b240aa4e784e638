#include "bench/stats/cells.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/options.h"
#include "bench/record_label.h"
#include "bench/record_path.h"
#include "bench/stats/metric.h"
#include "bench/text.h"

bool cells_init(struct cells *cells, const char *metrics, char *message, size_t message_bytes) {
  *cells = (struct cells){.settings = json_object(), .known = json_object()};
  char *names = strdup(metrics), *rest = NULL;
  if (!names || !cells->settings || !cells->known)
    environment_error("no memory for statistics");
  for (char *name = strtok_r(names, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
    if (cells->metric_count == METRICS_MAX) {
      snprintf(message, message_bytes, "more than %d metrics at once", METRICS_MAX);
      break;
    }
    cells->metrics[cells->metric_count++] = strdup(name);
    if (!cells->metrics[cells->metric_count - 1])
      environment_error("no memory for statistics");
  }
  free(names);
  if (cells->metric_count == 0)
    snprintf(message, message_bytes, "which metric?  Such as wall_ns");
  return *message == 0;
}

void cells_free(struct cells *cells) {
  for (size_t i = 0; i < cells->count; i++)
    for (size_t m = 0; m < METRICS_MAX; m++)
      sample_free(&cells->items[i].metrics[m]);
  for (size_t m = 0; m < cells->metric_count; m++)
    free((char *)cells->metrics[m]);
  free(cells->items);
  json_decref(cells->settings);
  json_decref(cells->known);
  *cells = (struct cells){0};
}

/* ---- adding ---- */

static double or_zero(double number) { return isfinite(number) ? number : 0; }

static struct cell *find_cell(struct cells *cells, const struct cell *key) {
  for (size_t i = 0; i < cells->count; i++) {
    struct cell *c = &cells->items[i];
    if (c->threads == key->threads && c->heap_bytes == key->heap_bytes && c->heap_factor == key->heap_factor &&
        strcmp(c->workload, key->workload) == 0 && strcmp(c->collector, key->collector) == 0)
      return c;
  }
  if (cells->count == cells->capacity) {
    cells->capacity = 2 * cells->capacity + 16;
    cells->items = realloc(cells->items, cells->capacity * sizeof *cells->items);
    if (!cells->items)
      environment_error("no memory for statistics");
  }
  cells->items[cells->count] = *key;
  return &cells->items[cells->count++];
}

/* What differs between two sides besides the collector is worth a word. */
static void remember_settings(struct cells *cells, const json_t *record) {
  static const char *const paths[] = {"subject.gc_threads", "subject.iterations",     "subject.warmup_iterations",
                                      "subject.placement",  "subject.build.build_id", "machine.cpu",
                                      "machine.cores",      "machine.kernel"};
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
    const json_t *value = record_at(record, paths[i]);
    char *text = value ? json_dumps(value, JSON_ENCODE_ANY) : strdup("null");
    json_t *values = json_object_get(cells->settings, paths[i]);
    if (!values) {
      values = json_object();
      json_object_set_new(cells->settings, paths[i], values);
    }
    if (text)
      json_object_set_new(values, text, json_true());
    free(text);
  }
}

void cells_add(struct cells *cells, const json_t *record) {
  struct cell key = {.heap_factor = or_zero(record_number(record, "subject.heap_factor")),
                     .heap_bytes = or_zero(record_number(record, "subject.heap_bytes")),
                     .threads = (unsigned)or_zero(record_number(record, "subject.mutator_threads"))};
  snprintf(key.workload, sizeof key.workload, "%s", record_text(record, "subject.workload_text"));
  record_label(record, key.collector, sizeof key.collector);
  key.foreign = json_is_true(record_at(record, "subject.collector.foreign"));
  struct cell *cell = find_cell(cells, &key);
  remember_settings(cells, record);
  cell->planned++;
  enum outcome outcome = outcome_by_name(record_text(record, "outcome.status"));
  cell->outcomes[outcome]++;
  metric_collect_names(cells->known, record);
  if (outcome != OUTCOME_ok)
    return;
  cell->ok++;
  for (size_t m = 0; m < cells->metric_count; m++) {
    double value = metric_of(record, cells->metrics[m]);
    if (isfinite(value))
      sample_add(&cell->metrics[m], value);
  }
}

static void require_known(const struct cells *cells, const char *run) {
  for (size_t m = 0; m < cells->metric_count; m++) {
    if (json_object_get(cells->known, cells->metrics[m]))
      continue;
    const char **names = calloc(json_object_size(cells->known) + 1, sizeof *names), *name;
    size_t count = 0;
    json_t *value;
    json_object_foreach(cells->known, name, value) if (names) names[count++] = name;
    const char *nearest = names ? option_nearest(cells->metrics[m], names, count) : NULL;
    if (nearest)
      usage_error("no record of '%s' has '%s'; did you mean '%s'?", run, cells->metrics[m], nearest);
    usage_error("no record of '%s' has '%s'; a metric is a field of the records, such as wall_ns, task_clock_ns, "
                "stw_total.p99_ns or peak_rss_bytes",
                run, cells->metrics[m]);
  }
}

/* Invocations that a suite has planned and that have no record yet raise `planned`. */
static void read_plan(struct cells *cells, const struct run_folder *run) {
  char path[RESULTS_PATH_BYTES + 16];
  snprintf(path, sizeof path, "%s/plan.jsonl", run->folder);
  FILE *file = fopen(path, "re");
  if (!file)
    return;
  unsigned *planned = calloc(cells->count + 1, sizeof *planned);
  char *text = NULL;
  size_t text_bytes = 0;
  while (planned && getline(&text, &text_bytes, file) > 0) {
    json_t *line = json_loads(text, 0, NULL);
    for (size_t i = 0; i < cells->count; i++) {
      const struct cell *c = &cells->items[i];
      planned[i] += strcmp(c->workload, record_text(line, "workload")) == 0 &&
                    strcmp(c->collector, record_text(line, "collector")) == 0 &&
                    c->heap_bytes == record_number(line, "heap_bytes") && c->threads == record_number(line, "threads");
    }
    json_decref(line);
  }
  for (size_t i = 0; planned && i < cells->count; i++)
    if (planned[i] > cells->items[i].planned)
      cells->items[i].planned = planned[i];
  free(planned);
  free(text);
  fclose(file);
}

void cells_read(struct cells *cells, const char *name) {
  struct run_folder run;
  run_folder_require(&run, name);
  for (json_t *record; (record = run_folder_require_next(&run));) {
    cells_add(cells, record);
    json_decref(record);
  }
  if (run.filter.count == 0)
    read_plan(cells, &run);
  run_folder_close(&run);
  require_known(cells, run.folder);
}

/* ---- telling ---- */

unsigned cell_failed(const struct cell *cell) {
  unsigned failed = 0;
  for (int i = 0; i < OUTCOME_COUNT; i++)
    failed += i == OUTCOME_ok ? 0 : cell->outcomes[i];
  return failed;
}

void cell_format_heap(const struct cell *cell, char *text, size_t text_bytes) {
  if (cell->heap_factor > 0)
    snprintf(text, text_bytes, "%gx", cell->heap_factor);
  else
    text_format_bytes(cell->heap_bytes, text, text_bytes);
}

void cell_format_failures(const struct cell *cell, char *text, size_t text_bytes) {
  size_t used = 0;
  *text = 0;
  for (int i = 0; i < OUTCOME_COUNT; i++)
    if (i != OUTCOME_ok && cell->outcomes[i] && used < text_bytes)
      used += (size_t)snprintf(text + used, text_bytes - used, "%s%u %s", used ? ", " : "", cell->outcomes[i],
                               outcome_names[i]);
  unsigned missing = cell->planned - cell->ok - cell_failed(cell);
  if (missing && used < text_bytes)
    snprintf(text + used, text_bytes - used, "%s%u not run", used ? ", " : "", missing);
}
