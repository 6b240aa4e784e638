#include "bench/page/series.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/stats/histogram.h"

/* ---- comma separated values: numbers and words, as invocations write them ---- */

enum { CSV_COLUMNS_MAX = 24 };
struct csv {
  FILE *file;
  char *line;
  size_t line_bytes;
  char *fields[CSV_COLUMNS_MAX];
  size_t field_count;
  char *header; /* its own copy of the first line, split into names */
  char *names[CSV_COLUMNS_MAX];
  size_t name_count;
};

static size_t split(char *line, char *fields[CSV_COLUMNS_MAX]) {
  size_t count = 0;
  line[strcspn(line, "\r\n")] = 0;
  for (char *rest = line; rest && count < CSV_COLUMNS_MAX;)
    fields[count++] = strsep(&rest, ",");
  return count;
}

static bool csv_next(struct csv *csv) {
  if (getline(&csv->line, &csv->line_bytes, csv->file) <= 0)
    return false;
  csv->field_count = split(csv->line, csv->fields);
  return true;
}

static bool csv_open(struct csv *csv, const char *path) {
  *csv = (struct csv){.file = path ? fopen(path, "r") : NULL};
  if (!csv->file)
    return false;
  if (getline(&csv->header, &csv->line_bytes, csv->file) > 0)
    csv->name_count = split(csv->header, csv->names);
  csv->line_bytes = 0;
  return true;
}

static void csv_close(struct csv *csv) {
  fclose(csv->file);
  free(csv->line);
  free(csv->header);
}

/* The place of a column; CSV_COLUMNS_MAX, which no row has, if there is none. */
static size_t csv_column(const struct csv *csv, const char *name) {
  for (size_t i = 0; i < csv->name_count; i++)
    if (strcmp(csv->names[i], name) == 0)
      return i;
  return CSV_COLUMNS_MAX;
}

static const char *csv_text(const struct csv *csv, size_t column) {
  return column < csv->field_count ? csv->fields[column] : "";
}

/* NaN if the field is empty. */
static double csv_number(const struct csv *csv, size_t column) {
  const char *text = csv_text(csv, column);
  return *text ? strtod(text, NULL) : NAN;
}

/* ---- quantiles ---- */

static const char *const kinds[] = {"stw_total", "ttsp", "stw_op", "thread", "handshake", "stall", "assist"};
enum { KIND_COUNT = sizeof kinds / sizeof kinds[0], CURVE_STEPS_PER_DECADE = 12, MEDIAN_AFTER_STEP = 3 };

static size_t kind_of(const char *name) {
  size_t kind = 0;
  while (kind < KIND_COUNT && strcmp(kinds[kind], name) != 0)
    kind++;
  return kind;
}

/* The median, and up to the last quantile beyond which one event lies; then the maximum. */
static json_t *curve(const struct histogram *h) {
  json_t *points = json_array();
  for (unsigned step = 0;; step++) {
    double beyond = pow(10, -(double)step / CURVE_STEPS_PER_DECADE);
    if (beyond * (double)h->count < 1)
      break;
    json_array_append_new(points, json_pack("[fI]", beyond, (json_int_t)histogram_quantile(h, 1 - beyond)));
    if (step == MEDIAN_AFTER_STEP)
      json_array_append_new(points, json_pack("[fI]", 0.5, (json_int_t)histogram_quantile(h, 0.5)));
  }
  json_array_append_new(points, json_pack("[fI]", 1 / (double)h->count, (json_int_t)h->max));
  return points;
}

static void add_pauses(struct histogram histograms[KIND_COUNT], const char *path) {
  struct csv csv;
  if (!csv_open(&csv, path))
    return;
  size_t kind_column = csv_column(&csv, "kind"), duration_column = csv_column(&csv, "duration_ns");
  while (csv_next(&csv)) {
    size_t kind = kind_of(csv_text(&csv, kind_column));
    double duration_ns = csv_number(&csv, duration_column);
    if (kind < KIND_COUNT && duration_ns >= 0)
      histogram_record(&histograms[kind], (uint64_t)duration_ns);
  }
  csv_close(&csv);
}

json_t *series_pauses(const struct page_case *c) {
  struct histogram histograms[KIND_COUNT] = {{0}};
  bool any = false;
  for (size_t i = 0; i < c->file_count; i++) {
    any |= c->files[i].pauses != NULL;
    add_pauses(histograms, c->files[i].pauses);
  }
  json_t *group = any ? json_object() : NULL;
  for (size_t i = 0; i < KIND_COUNT; i++) {
    const struct histogram *h = &histograms[i];
    if (h->count)
      json_object_set_new(group, kinds[i],
                          json_pack("{sI sI sI so}", "n", (json_int_t)h->count, "sum_ns", (json_int_t)h->sum, "max_ns",
                                    (json_int_t)h->max, "curve", curve(h)));
    histogram_fini(&histograms[i]);
  }
  return group;
}

/* ---- the longest spans ---- */

struct span {
  double begin_ns, duration_ns;
  char lane[24], text[40];
};

/* A heap ordered by duration, the shortest on top: it gives way to a longer one when all places are taken. */
struct spans {
  struct span *heap;
  size_t count, capacity, total;
  double end_ns;
};

static void sift_down(struct spans *spans) {
  struct span *heap = spans->heap;
  for (size_t at = 0, least; (least = 2 * at + 1) < spans->count; at = least) {
    if (least + 1 < spans->count && heap[least + 1].duration_ns < heap[least].duration_ns)
      least++;
    if (heap[at].duration_ns <= heap[least].duration_ns)
      return;
    struct span moved = heap[at];
    heap[at] = heap[least];
    heap[least] = moved;
  }
}

static void sift_up(struct spans *spans) {
  struct span *heap = spans->heap;
  for (size_t at = spans->count - 1; at && heap[at].duration_ns < heap[(at - 1) / 2].duration_ns; at = (at - 1) / 2) {
    struct span moved = heap[at];
    heap[at] = heap[(at - 1) / 2];
    heap[(at - 1) / 2] = moved;
  }
}

static void spans_add(struct spans *spans, const struct span *span) {
  spans->total++;
  spans->end_ns = fmax(spans->end_ns, span->begin_ns + span->duration_ns);
  if (spans->count < spans->capacity) {
    spans->heap[spans->count++] = *span;
    sift_up(spans);
  } else if (spans->capacity && span->duration_ns > spans->heap[0].duration_ns) {
    spans->heap[0] = *span;
    sift_down(spans);
  }
}

static void add_pause_spans(struct spans *spans, const char *path) {
  struct csv csv;
  if (!csv_open(&csv, path))
    return;
  size_t kind = csv_column(&csv, "kind"), thread = csv_column(&csv, "thread"), begin = csv_column(&csv, "begin_ns");
  size_t duration = csv_column(&csv, "duration_ns"), gc_id = csv_column(&csv, "gc_id");
  while (csv_next(&csv)) {
    struct span span = {.begin_ns = csv_number(&csv, begin), .duration_ns = csv_number(&csv, duration)};
    const char *of = csv_text(&csv, thread), *name = csv_text(&csv, kind);
    /* the parts of a pause lie inside it */
    if (!(span.duration_ns >= 0) || strcmp(name, "ttsp") == 0 || strcmp(name, "stw_op") == 0)
      continue;
    if (*of)
      snprintf(span.lane, sizeof span.lane, "thread %s", of);
    else
      snprintf(span.lane, sizeof span.lane, "world");
    snprintf(span.text, sizeof span.text, "%s of cycle %s", name, csv_text(&csv, gc_id));
    spans_add(spans, &span);
  }
  csv_close(&csv);
}

static void add_cycle_spans(struct spans *spans, const char *path) {
  struct csv csv;
  if (!csv_open(&csv, path))
    return;
  size_t kind = csv_column(&csv, "kind"), reason = csv_column(&csv, "reason"), begin = csv_column(&csv, "begin_ns");
  size_t end = csv_column(&csv, "end_ns");
  while (csv_next(&csv)) {
    double begin_ns = csv_number(&csv, begin);
    struct span span = {.begin_ns = begin_ns, .duration_ns = csv_number(&csv, end) - begin_ns, .lane = "cycles"};
    snprintf(span.text, sizeof span.text, "%s (%s)", csv_text(&csv, kind), csv_text(&csv, reason));
    if (span.duration_ns >= 0)
      spans_add(spans, &span);
  }
  csv_close(&csv);
}

static int by_lane_and_begin(const void *left, const void *right) {
  const struct span *a = left, *b = right;
  int lanes = strverscmp(a->lane, b->lane); /* cycles, thread 0 … thread 10, world */
  return lanes ? lanes : a->begin_ns < b->begin_ns ? -1 : a->begin_ns > b->begin_ns;
}

static json_t *lanes_json(struct spans *spans) {
  json_t *lanes = json_array(), *lane = NULL;
  qsort(spans->heap, spans->count, sizeof *spans->heap, by_lane_and_begin);
  for (size_t i = 0; i < spans->count; i++) {
    const struct span *span = &spans->heap[i];
    if (i == 0 || strcmp(span->lane, spans->heap[i - 1].lane) != 0) {
      lane = json_array();
      json_array_append_new(lanes, json_pack("{ss so}", "name", span->lane, "spans", lane));
    }
    json_array_append_new(lane,
                          json_pack("[IIs]", (json_int_t)span->begin_ns, (json_int_t)span->duration_ns, span->text));
  }
  return lanes;
}

/* The first ok invocation that wrote one of two files. */
static const struct invocation_files *first_with(const struct page_case *c, bool pauses) {
  for (size_t i = 0; i < c->file_count; i++)
    if (c->files[i].gc || (pauses ? c->files[i].pauses : c->files[i].samples))
      return &c->files[i];
  return NULL;
}

json_t *series_timeline(const struct page_case *c, const struct series_limits *limits) {
  const struct invocation_files *files = first_with(c, true);
  struct spans pauses = {.capacity = limits->spans}, cycles = {.capacity = limits->spans / 4};
  if (!files)
    return NULL;
  pauses.heap = calloc(pauses.capacity + cycles.capacity, sizeof *pauses.heap);
  cycles.heap = calloc(cycles.capacity, sizeof *cycles.heap);
  if (!pauses.heap || !cycles.heap)
    environment_error("no memory for a timeline");
  add_pause_spans(&pauses, files->pauses);
  add_cycle_spans(&cycles, files->gc);
  memcpy(pauses.heap + pauses.count, cycles.heap, cycles.count * sizeof *cycles.heap);
  pauses.count += cycles.count;
  json_t *timeline =
      json_pack("{ss sI sI sI so}", "file", files->pauses ? files->pauses : files->gc, "end_ns",
                (json_int_t)fmax(pauses.end_ns, cycles.end_ns), "total", (json_int_t)(pauses.total + cycles.total),
                "shown", (json_int_t)pauses.count, "lanes", lanes_json(&pauses));
  free(pauses.heap);
  free(cycles.heap);
  return timeline;
}

/* ---- series of bounded length ---- */

/* Each point is the largest of `each` values in a row; when all places are taken, neighbours are joined. */
struct series {
  double *points; /* t, value, t, value, … */
  size_t count, capacity, each, pending;
};

static void series_join_neighbours(struct series *series) {
  for (size_t i = 0; i + 1 < series->count; i += 2) {
    size_t larger = series->points[2 * i + 1] >= series->points[2 * i + 3] ? i : i + 1;
    series->points[i] = series->points[2 * larger];
    series->points[i + 1] = series->points[2 * larger + 1];
  }
  series->count /= 2;
  series->each *= 2;
}

static void series_add(struct series *series, double t_ns, double value) {
  if (isnan(t_ns) || isnan(value))
    return;
  double *last = series->points + 2 * (series->count ? series->count - 1 : 0);
  if (series->pending > 0) {
    if (value > last[1]) {
      last[0] = t_ns;
      last[1] = value;
    }
  } else {
    if (series->count == series->capacity)
      series_join_neighbours(series);
    series->points[2 * series->count] = t_ns;
    series->points[2 * series->count + 1] = value;
    series->count++;
  }
  series->pending = (series->pending + 1) % series->each;
}

/* Adds one column of a file to `group` as series `name`, if it has values. */
static void add_series(json_t *group, const char *name, const char *path, const char *time, const char *column,
                       size_t points) {
  struct csv csv;
  if (!csv_open(&csv, path))
    return;
  struct series series = {.capacity = points & ~(size_t)1, .each = 1};
  series.points = calloc(2 * series.capacity, sizeof *series.points);
  if (!series.points)
    environment_error("no memory for a series of points");
  size_t t = csv_column(&csv, time), value = csv_column(&csv, column);
  while (csv_next(&csv))
    series_add(&series, csv_number(&csv, t), csv_number(&csv, value));
  csv_close(&csv);
  json_t *array = json_array();
  for (size_t i = 0; i < series.count; i++)
    json_array_append_new(array,
                          json_pack("[II]", (json_int_t)series.points[2 * i], (json_int_t)series.points[2 * i + 1]));
  if (series.count)
    json_object_set(group, name, array);
  json_decref(array);
  free(series.points);
}

json_t *series_memory(const struct page_case *c, const struct series_limits *limits) {
  const struct invocation_files *files = first_with(c, false);
  if (!files)
    return NULL;
  json_t *group = json_pack("{ss}", "file", files->samples ? files->samples : files->gc);
  add_series(group, "RSS", files->samples, "t_ns", "rss_bytes", limits->points);
  add_series(group, "committed", files->samples, "t_ns", "committed_bytes", limits->points);
  add_series(group, "used", files->samples, "t_ns", "used_bytes", limits->points);
  add_series(group, "metadata", files->samples, "t_ns", "side_metadata_bytes", limits->points);
  add_series(group, "after cycle", files->gc, "end_ns", "used_after_bytes", limits->points);
  return group;
}
