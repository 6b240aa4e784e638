#include "bench/table.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bench/text.h"

struct table_row {
  char workload[64], collector[256];
  double heap_bytes;
  unsigned threads, invocations, ok;
  double *wall_s; /* of each invocation that is ok: the mean of its measured iterations */
  double cpu_ns, gc_cpu_ns;
  double pauses, p50_ns_sum, max_ns, rss_bytes;
  unsigned p50_count;
  char failure[40], reason[256]; /* of the first that is not ok */
};

/* ---- adding ---- */

static const char *text_at(const json_t *group, const char *name) {
  const char *text = json_string_value(json_object_get(group, name));
  return text ? text : "";
}
static double number_at(const json_t *group, const char *name) {
  return json_number_value(json_object_get(group, name)); /* 0 for null */
}

static struct table_row *find_row(struct table *table, const char *workload, const char *collector, double heap_bytes,
                                  unsigned threads) {
  for (size_t i = 0; i < table->count; i++) {
    struct table_row *row = &table->rows[i];
    if (strcmp(row->workload, workload) == 0 && strcmp(row->collector, collector) == 0 &&
        row->heap_bytes == heap_bytes && row->threads == threads)
      return row;
  }
  if (table->count == table->capacity) {
    size_t capacity = 2 * table->capacity + 16;
    struct table_row *rows = realloc(table->rows, capacity * sizeof *rows);
    if (!rows)
      return NULL;
    table->rows = rows;
    table->capacity = capacity;
  }
  struct table_row *row = &table->rows[table->count++];
  *row = (struct table_row){.heap_bytes = heap_bytes, .threads = threads};
  snprintf(row->workload, sizeof row->workload, "%s", workload);
  snprintf(row->collector, sizeof row->collector, "%s", collector);
  return row;
}

static void add_measures(struct table_row *row, const json_t *record) {
  double wall_ns = 0;
  unsigned measured = 0;
  size_t i;
  json_t *iteration;
  json_array_foreach(json_object_get(record, "iterations"), i, iteration) {
    if (json_is_true(json_object_get(iteration, "warmup")))
      continue;
    measured++;
    wall_ns += number_at(iteration, "wall_ns");
    row->cpu_ns += number_at(iteration, "task_clock_ns");
    row->gc_cpu_ns += number_at(iteration, "gc_cpu_ns");
  }
  double *wall_s = realloc(row->wall_s, (row->ok + 1) * sizeof *wall_s);
  if (!wall_s)
    return;
  row->wall_s = wall_s;
  row->wall_s[row->ok++] = measured ? wall_ns / measured / 1e9 : 0;
  const json_t *total = json_object_get(json_object_get(record, "pauses"), "stw_total");
  row->pauses += number_at(total, "n");
  if (json_is_number(json_object_get(total, "p50_ns"))) {
    row->p50_ns_sum += number_at(total, "p50_ns");
    row->p50_count++;
  }
  row->max_ns = fmax(row->max_ns, number_at(total, "max_ns"));
  row->rss_bytes = fmax(row->rss_bytes, number_at(json_object_get(record, "memory"), "peak_rss_bytes"));
}

void table_expect(struct table *table, const char *workload, const char *collector, size_t heap_bytes,
                  unsigned threads) {
  find_row(table, workload, collector, (double)heap_bytes, threads);
}

void table_add(struct table *table, const json_t *record) {
  const json_t *subject = json_object_get(record, "subject"), *outcome = json_object_get(record, "outcome");
  struct table_row *row = find_row(table, text_at(subject, "workload_text"), text_at(subject, "collector_text"),
                                   number_at(subject, "heap_bytes"), (unsigned)number_at(subject, "mutator_threads"));
  if (!row)
    return;
  row->invocations++;
  if (strcmp(text_at(outcome, "status"), "ok") == 0) {
    add_measures(row, record);
  } else if (!*row->failure) {
    snprintf(row->failure, sizeof row->failure, "%s", text_at(outcome, "status"));
    snprintf(row->reason, sizeof row->reason, "%s", text_at(outcome, "reason"));
  }
}

void table_free(struct table *table) {
  for (size_t i = 0; i < table->count; i++)
    free(table->rows[i].wall_s);
  free(table->rows);
  *table = (struct table){0};
}

/* ---- printing ---- */

enum { NAME_COLUMNS = 13, COLLECTOR_COLUMNS = 13 };

/* Three or four significant digits and no exponent. */
static void format_number(double number, char *text, size_t text_bytes) {
  int decimals = number < 9.995 ? 3 : number < 99.95 ? 2 : number < 999.5 ? 1 : 0;
  snprintf(text, text_bytes, "%.*f", decimals, number);
}

/* The geometric mean of the walls, and the half-width of its 95 % interval in percent (Student's t on logarithms);
 * negative if there are too few. */
static double mean_wall(const struct table_row *row, double *half_percent) {
  double sum = 0, squares = 0;
  for (unsigned i = 0; i < row->ok; i++)
    sum += log(row->wall_s[i]);
  double mean = sum / row->ok;
  for (unsigned i = 0; i < row->ok; i++)
    squares += (log(row->wall_s[i]) - mean) * (log(row->wall_s[i]) - mean);
  *half_percent = -1;
  if (row->ok >= 3)
    *half_percent = 100 * expm1(gsl_cdf_tdist_Pinv(0.975, row->ok - 1) * sqrt(squares / (row->ok - 1) / row->ok));
  return exp(mean);
}

static void print_measures(const struct table_row *row, FILE *file) {
  double half_percent, wall_s = mean_wall(row, &half_percent);
  char wall[32], half[32] = "", gc[32] = "-", p50[32] = "-", max[32] = "-", rss[32];
  format_number(wall_s, wall, sizeof wall);
  if (half_percent >= 0)
    snprintf(half, sizeof half, half_percent < 9.95 ? "%.1f" : "%.0f", half_percent);
  if (row->cpu_ns >= row->gc_cpu_ns) /* else assists were timed by the wall clock */
    snprintf(gc, sizeof gc, "%.0f%%", row->cpu_ns > 0 ? 100 * row->gc_cpu_ns / row->cpu_ns : 0);
  if (row->p50_count)
    format_number(row->p50_ns_sum / row->p50_count / 1e6, p50, sizeof p50);
  if (row->max_ns > 0)
    format_number(row->max_ns / 1e6, max, sizeof max);
  text_format_bytes(row->rss_bytes, rss, sizeof rss);
  fprintf(file, " %7s %4s %4s %7.0f %6s %7s %6s\n", wall, half, gc, row->pauses / row->ok, p50, max, rss);
}

/* The workload, and the threads if they tell rows apart. */
static void format_name(const struct table_row *row, bool tell_threads, char *text, size_t text_bytes) {
  snprintf(text, text_bytes, tell_threads ? "%s -t %u" : "%s", row->workload, row->threads);
}

static void print_row(const struct table_row *row, const char *name, FILE *file) {
  int indent = NAME_COLUMNS + COLLECTOR_COLUMNS + 7;
  char heap[32], text[400];
  text_format_bytes(row->heap_bytes, heap, sizeof heap);
  if (strlen(name) < NAME_COLUMNS)
    fprintf(file, "%-*s", NAME_COLUMNS, name);
  else
    fprintf(file, "%s\n%*s", name, NAME_COLUMNS, "");
  if (strlen(row->collector) < COLLECTOR_COLUMNS)
    fprintf(file, "%-*s", COLLECTOR_COLUMNS, row->collector);
  else
    fprintf(file, "%s\n%*s", row->collector, NAME_COLUMNS + COLLECTOR_COLUMNS, "");
  fprintf(file, "%6s", heap);
  if (row->ok)
    print_measures(row, file);
  if (row->ok == row->invocations)
    return;
  fprintf(file, "%*s", row->ok ? indent : 1, "");
  if (row->ok || row->invocations > 1)
    snprintf(text, sizeof text, "%u of %u: %s: %s", row->invocations - row->ok, row->invocations, row->failure,
             row->reason);
  else
    snprintf(text, sizeof text, "%s: %s", row->failure, row->reason);
  text_wrap(file, text, indent, indent);
}

void table_print(const struct table *table, FILE *file) {
  fprintf(file, "%-*s%-*s%6s %7s %4s %4s %7s %6s %7s %6s\n", NAME_COLUMNS, "workload", COLLECTOR_COLUMNS, "collector",
          "heap", "wall s", "+-%", "gc", "pauses", "p50 ms", "max ms", "rss");
  char name[128], previous[128] = "";
  bool tell_threads = false;
  for (size_t i = 1; i < table->count; i++)
    tell_threads |= table->rows[i].threads != table->rows[0].threads;
  for (size_t i = 0; i < table->count; i++) {
    if (!table->rows[i].invocations)
      continue;
    format_name(&table->rows[i], tell_threads, name, sizeof name);
    print_row(&table->rows[i], strcmp(previous, name) ? name : "", file);
    strcpy(previous, name);
  }
}
