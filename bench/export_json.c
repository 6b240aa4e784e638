#include <gsl/gsl_statistics.h>
#include <math.h>
#include <string.h>

#include "bench/export.h"
#include "bench/record_path.h"
#include "bench/stats/cells.h"
#include "bench/stats/metric.h"

static json_t *number(double value) { return isfinite(value) ? json_real(value) : json_null(); }

/* "server/satb/heap:2/threads:4", after Google Benchmark's manner. */
static void format_name(const char *workload, const char *collector, double heap_factor, double heap_bytes,
                        double threads, char *text, size_t bytes) {
  if (heap_factor > 0)
    snprintf(text, bytes, "%s/%s/heap:%gx/threads:%g", workload, collector, heap_factor, threads);
  else
    snprintf(text, bytes, "%s/%s/heap:%.0f/threads:%g", workload, collector, heap_bytes, threads);
}

static bool is_ok(const json_t *record) { return strcmp(record_text(record, "outcome.status"), "ok") == 0; }

static void name_of(const json_t *record, char *text, size_t bytes) {
  double factor = record_number(record, "subject.heap_factor");
  format_name(record_text(record, "subject.workload_text"), record_text(record, "subject.collector_text"),
              isfinite(factor) ? factor : 0, record_number(record, "subject.heap_bytes"),
              record_number(record, "subject.mutator_threads"), text, bytes);
}

/* ---- Google Benchmark: an `iteration` for each invocation ---- */

/* `repetition` counts the invocations of each name. */
static json_t *gbench_row(const json_t *record, const char *name, json_int_t repetition) {
  static const char *const counters[] = {"stw_ns", "gc_cpu_ns", "stw_total.p99_ns", "stw_total.max_ns",
                                         "peak_rss_bytes"};
  json_t *row = json_pack("{ss ss ss sI sI sI sI so so ss}", "name", name, "run_name", name, "run_type", "iteration",
                          "repetitions", (json_int_t)0, "repetition_index", repetition, "threads", (json_int_t)1,
                          "iterations", (json_int_t)record_number(record, "subject.iterations"), "real_time",
                          number(metric_of(record, "wall_ns")), "cpu_time", number(metric_of(record, "task_clock_ns")),
                          "time_unit", "ns");
  for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++)
    json_object_set_new(row, counters[i], number(metric_of(record, counters[i])));
  return row;
}

/* compare.py takes every row for a time, so that what failed stands in the context. */
void export_gbench(struct run_folder *run, FILE *file) {
  json_t *rows = json_array(), *failed = json_array(), *counts = json_object(), *context = NULL;
  for (json_t *record; (record = run_folder_require_next(run)); json_decref(record)) {
    char name[640];
    name_of(record, name, sizeof name);
    if (!context)
      context = json_pack("{ss ss ss sI sI sb s[] s[] ss}", "date", record_text(record, "identity.started_utc"),
                          "host_name", "", "executable", "gclab", "num_cpus",
                          (json_int_t)record_number(record, "machine.cores"), "mhz_per_cpu", (json_int_t)0,
                          "cpu_scaling_enabled", 0, "caches", "load_avg", "library_build_type", "release");
    if (!is_ok(record)) {
      json_array_append_new(failed,
                            json_pack("{ss ss ss}", "name", name, "status", record_text(record, "outcome.status"),
                                      "reason", record_text(record, "outcome.reason")));
      continue;
    }
    json_int_t repetition = json_integer_value(json_object_get(counts, name));
    json_object_set_new(counts, name, json_integer(repetition + 1));
    json_array_append_new(rows, gbench_row(record, name, repetition));
  }
  size_t i;
  json_t *row;
  json_array_foreach(rows, i, row)
      json_object_set(row, "repetitions", json_object_get(counts, json_string_value(json_object_get(row, "name"))));
  json_object_set_new(context, "failed", failed);
  json_t *all = json_pack("{so so}", "context", context, "benchmarks", rows);
  json_dumpf(all, file, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
  putc('\n', file);
  json_decref(all);
  json_decref(counts);
}

/* ---- hyperfine: a result for each case, in seconds ---- */

static json_t *scaled(const struct sample *sample, double scale) {
  json_t *values = json_array();
  for (size_t i = 0; i < sample->count; i++)
    json_array_append_new(values, number(sample->values[i] * scale));
  return values;
}

static double mean_s(const struct sample *sample) { return sample_mean(sample) / 1e9; }

static json_t *hyperfine_result(struct cell *c) {
  struct sample *wall = &c->metrics[0];
  char name[640], heap[32];
  format_name(c->workload, c->collector, c->heap_factor, c->heap_bytes, c->threads, name, sizeof name);
  snprintf(heap, sizeof heap, "%.0f", c->heap_bytes);
  json_t *codes = json_array(), *times = scaled(wall, 1e-9);
  for (unsigned i = 0; i < c->ok; i++)
    json_array_append_new(codes, json_integer(0));
  double median_s = sample_median(wall) / 1e9; /* and the least stands first, the largest last */
  size_t n = wall->count;
  return json_pack("{ss so so so so so so so so so so s{ss ss ss}}", "command", name, "mean", number(mean_s(wall)),
                   "stddev", n > 1 ? number(gsl_stats_sd(wall->values, 1, n) / 1e9) : json_null(), "median",
                   number(median_s), "user", number(mean_s(&c->metrics[1])), "system", number(mean_s(&c->metrics[2])),
                   "min", n ? number(wall->values[0] / 1e9) : json_null(), "max",
                   n ? number(wall->values[n - 1] / 1e9) : json_null(), "times", times, "memory_usage_byte",
                   scaled(&c->metrics[3], 1), "exit_codes", codes, "parameters", "collector", c->collector, "workload",
                   c->workload, "heap_bytes", heap);
}

void export_hyperfine(struct run_folder *run, FILE *file) {
  struct cells cells;
  char message[256] = "";
  if (!cells_init(&cells, "wall_ns,user_ns,sys_ns,peak_rss_bytes", message, sizeof message))
    environment_error("%s", message);
  for (json_t *record; (record = run_folder_require_next(run)); json_decref(record))
    cells_add(&cells, record);
  json_t *results = json_array();
  for (size_t i = 0; i < cells.count; i++)
    if (cells.items[i].ok)
      json_array_append_new(results, hyperfine_result(&cells.items[i]));
    else
      fprintf(stderr, "left out, since no invocation ended ok: %s, %s\n", cells.items[i].workload,
              cells.items[i].collector);
  json_t *all = json_pack("{so}", "results", results);
  json_dumpf(all, file, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
  putc('\n', file);
  json_decref(all);
  cells_free(&cells);
}
