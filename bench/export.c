#include "bench/export.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "bench/record_path.h"

#define TEXT(name, path) \
  { name, path, false, true }
#define NUMBER(name, path) \
  { name, path, false, false }
#define ITERATION(name) \
  { name, name, true, false }

const struct export_column export_columns[] = {
    TEXT("run_id", "identity.run_id"),
    TEXT("key", "identity.key"),
    NUMBER("seq", "identity.seq"),
    NUMBER("invocation", "identity.invocation"),
    TEXT("started_utc", "identity.started_utc"),
    TEXT("collector", "subject.collector_text"),
    TEXT("workload", "subject.workload_text"),
    NUMBER("heap_bytes", "subject.heap_bytes"),
    NUMBER("heap_factor", "subject.heap_factor"),
    NUMBER("mutator_threads", "subject.mutator_threads"),
    NUMBER("gc_threads", "subject.gc_threads"),
    TEXT("placement", "subject.placement"),
    TEXT("build_git", "subject.build.git"),
    TEXT("status", "outcome.status"),
    TEXT("reason", "outcome.reason"),
    TEXT("checksum", "outcome.checksum"),
    {"iteration", "index", true, false},
    {"warmup", "warmup", true, false},
    {"instrumented", "instrumented", true, false},
    ITERATION("wall_ns"),
    ITERATION("task_clock_ns"),
    ITERATION("user_ns"),
    ITERATION("sys_ns"),
    ITERATION("mutator_ns"),
    ITERATION("mutator_cpu_ns"),
    ITERATION("stw_ns"),
    ITERATION("gc_cpu_ns"),
    ITERATION("gc_stw_cpu_ns"),
    ITERATION("gc_concurrent_cpu_ns"),
    ITERATION("assist_ns"),
    ITERATION("stalls"),
    ITERATION("stall_ns"),
    ITERATION("pauses"),
    {"gc_count_minor", "gc_count.minor", true, false},
    {"gc_count_major", "gc_count.major", true, false},
    ITERATION("alloc_bytes"),
    ITERATION("ops"),
    ITERATION("ops_per_s"),
    NUMBER("stw_total_p50_ns", "pauses.stw_total.p50_ns"),
    NUMBER("stw_total_p99_ns", "pauses.stw_total.p99_ns"),
    NUMBER("stw_total_max_ns", "pauses.stw_total.max_ns"),
    NUMBER("ttsp_max_ns", "pauses.ttsp.max_ns"),
    NUMBER("latency_simple_p99_ns", "latency.simple.p99_ns"),
    NUMBER("latency_metered_full_p99_ns", "latency.metered_full.p99_ns"),
    NUMBER("peak_rss_bytes", "memory.peak_rss_bytes"),
    NUMBER("peak_used_bytes", "memory.peak_used_bytes"),
    NUMBER("peak_side_metadata_bytes", "memory.peak_side_metadata_bytes"),
    NUMBER("instrumentation_ns", "quality.instrumentation_ns"),
};
const size_t export_column_count = sizeof export_columns / sizeof export_columns[0];

const json_t *export_value(const struct export_column *column, const json_t *record, const json_t *iteration) {
  return record_at(column->of_iteration ? iteration : record, column->path);
}

/* ---- csv and jsonl ---- */

/* RFC 4180: quoted if it must be, a quote doubled. */
static void write_field(const json_t *value, FILE *file) {
  switch (value ? json_typeof(value) : JSON_NULL) {
  case JSON_INTEGER: fprintf(file, "%" JSON_INTEGER_FORMAT, json_integer_value(value)); break;
  case JSON_REAL: fprintf(file, "%.17g", json_real_value(value)); break; /* a record holds no other than finite ones */
  case JSON_TRUE: fputs("true", file); break;
  case JSON_FALSE: fputs("false", file); break;
  case JSON_STRING: {
    const char *text = json_string_value(value);
    bool quoted = strpbrk(text, ",\"\r\n");
    if (quoted)
      putc('"', file);
    for (; *text; text++) {
      if (*text == '"')
        putc('"', file);
      putc(*text, file);
    }
    if (quoted)
      putc('"', file);
    break;
  }
  default: break;
  }
}

static void write_row(const json_t *record, const json_t *iteration, FILE *file) {
  for (size_t i = 0; i < export_column_count; i++) {
    if (i)
      putc(',', file);
    write_field(export_value(&export_columns[i], record, iteration), file);
  }
  putc('\n', file);
}

static void export_csv(struct run_folder *run, FILE *file) {
  for (size_t i = 0; i < export_column_count; i++)
    fprintf(file, "%s%s", i ? "," : "", export_columns[i].name);
  putc('\n', file);
  for (json_t *record; (record = run_folder_require_next(run)); json_decref(record)) {
    size_t i;
    json_t *iterations = json_object_get(record, "iterations"), *iteration;
    json_array_foreach(iterations, i, iteration) write_row(record, iteration, file);
    if (json_array_size(iterations) == 0)
      write_row(record, NULL, file);
  }
}

static void export_jsonl(struct run_folder *run, FILE *file) {
  for (json_t *record; (record = run_folder_require_next(run)); json_decref(record)) {
    json_dumpf(record, file, JSON_COMPACT);
    putc('\n', file);
  }
}

/* ---- the command ---- */

static const struct {
  const char *name;
  void (*write)(struct run_folder *run, FILE *file);
} formats[] = {{"csv", export_csv},
               {"jsonl", export_jsonl},
               {"gbench", export_gbench},
               {"hyperfine", export_hyperfine},
               {"sqlite", NULL}};
enum { FORMAT_COUNT = sizeof formats / sizeof formats[0] };

static size_t find_format(const char *name) {
  const char *names[FORMAT_COUNT];
  for (size_t i = 0; i < FORMAT_COUNT; i++) {
    names[i] = formats[i].name;
    if (strcmp(formats[i].name, name) == 0)
      return i;
  }
  const char *nearest = option_nearest(name, names, FORMAT_COUNT);
  usage_error("nothing is exported as '%s'; there are csv, jsonl, gbench, hyperfine and sqlite%s%s%s", name,
              nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

static void export_database(struct run_folder *run, const char *named) {
  char path[RESULTS_PATH_BYTES + 32];
  if (!named) {
    snprintf(path, sizeof path, "%s/derived", run->folder);
    results_require_folder(path);
    snprintf(path, sizeof path, "%s/derived/index.sqlite", run->folder);
  }
  export_sqlite(run, named ? named : path);
  fprintf(stderr, "%s\n", named ? named : path);
}

int command_export(const struct options *options) {
  if (options->word_count != 1)
    usage_error("export which run?  gclab export RUN --format csv");
  size_t format = find_format(options->format);
  struct run_folder run;
  run_folder_require(&run, options->words[0]);
  if (!formats[format].write) {
    export_database(&run, options->export_path);
  } else {
    FILE *file = options->export_path ? fopen(options->export_path, "we") : stdout;
    if (!file)
      environment_error("'%s' cannot be written: %s", options->export_path, strerror(errno));
    formats[format].write(&run, file);
    bool whole = fflush(file) == 0 && !ferror(file);
    whole = (file == stdout || fclose(file) == 0) && whole;
    if (!whole)
      environment_error("'%s' could not be written whole: %s", options->export_path ? options->export_path : "stdout",
                        strerror(errno));
  }
  run_folder_close(&run);
  return EXIT_OK;
}
