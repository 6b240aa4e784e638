#include "bench/lbo.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/stats/cells.h"
#include "bench/stats/estimate.h"
#include "bench/stats/metric.h"
#include "bench/stats/overhead.h"
#include "bench/text.h"

/* What of a metric is known to be the collector's, as one or two other metrics. */
static const struct explicit_row {
  const char *metric, *parts[2], *text;
} explicit_rows[] = {
    {"wall_ns", {"stw_ns", NULL}, "explicit: stopped time"},
    {"task_clock_ns",
     {"gc_stw_cpu_ns", "gc_concurrent_cpu_ns"},
     "explicit: CPU time of collector threads, inside and outside pauses"},
};
enum { EXPLICIT_COUNT = sizeof explicit_rows / sizeof explicit_rows[0] };

static const struct explicit_row *find_explicit(const char *metric) {
  const char *names[EXPLICIT_COUNT];
  for (size_t i = 0; i < EXPLICIT_COUNT; i++) {
    names[i] = explicit_rows[i].metric;
    if (strcmp(explicit_rows[i].metric, metric) == 0)
      return &explicit_rows[i];
  }
  const char *nearest = option_nearest(metric, names, EXPLICIT_COUNT);
  usage_error("no collector's cost is known in '%s'; there are wall_ns and task_clock_ns%s%s%s", metric,
              nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

/* Of the mean, by Student's t: the paper's totals are arithmetic means, so a logarithmic interval would not be theirs.
 */
static struct interval interval_of(const struct sample *sample, double confidence) {
  struct interval i = {sample_mean(sample), NAN, NAN};
  size_t n = sample->count;
  if (n < 2)
    return i;
  double half =
      gsl_cdf_tdist_Pinv(0.5 + confidence / 2, (double)(n - 1)) * gsl_stats_sd(sample->values, 1, n) / sqrt((double)n);
  i.low = i.value - half;
  i.high = i.value + half;
  return i;
}

/* ---- one workload and number of threads ---- */

struct lbo {
  const struct options *options;
  const struct explicit_row *metric;
  struct cells cells; /* its metrics: the total, and the parts */
  struct overhead *rows;
  json_t *json;
};

static bool of_group(const struct cell *cell, const struct cell *first) {
  return !cell->foreign && strcmp(cell->workload, first->workload) == 0 && cell->threads == first->threads;
}

/* Most of its collector's CPU time is spent beside the mutators, where stopped time does not see it. */
static bool hides_from_wall(const struct lbo *l, const struct cell *cell) {
  double stopped = sample_mean(&cell->metrics[l->cells.metric_count - 2]);
  double concurrent = sample_mean(&cell->metrics[l->cells.metric_count - 1]);
  return concurrent > stopped;
}

static void add_json(struct lbo *l, const struct cell *c, const struct overhead *row, double least,
                     struct interval interval) {
  json_t *object =
      json_pack("{ss ss ss so sf sI sI sI sI}", "metric", l->metric->metric, "workload", c->workload, "collector",
                c->collector, "heap_factor", c->heap_factor > 0 ? json_real(c->heap_factor) : json_null(), "heap_bytes",
                c->heap_bytes, "threads", (json_int_t)c->threads, "planned", (json_int_t)c->planned, "ok",
                (json_int_t)c->ok, "failed", (json_int_t)cell_failed(c));
  const struct {
    const char *name;
    double value;
  } numbers[] = {{"total", row->total},         {"explicit", row->explicit_cost}, {"distilled", row->distilled},
                 {"least_distilled", least},    {"lbo", row->overhead},           {"total_per_least", row->normalised},
                 {"low", interval.low / least}, {"high", interval.high / least}};
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
    json_object_set_new(object, numbers[i].name,
                        isfinite(numbers[i].value) ? json_real(numbers[i].value) : json_null());
  json_array_append_new(l->json, object);
}

static void print_row(const struct lbo *l, const struct cell *c, const struct overhead *row, double least,
                      struct interval interval) {
  const char *metric = l->metric->metric;
  char heap[32], total[32], cost[32], distilled[32], lbo[32], ratio[32] = "-", range[48] = "-", failures[128];
  cell_format_heap(c, heap, sizeof heap);
  metric_format(metric, row->total, total, sizeof total);
  metric_format(metric, row->explicit_cost, cost, sizeof cost);
  metric_format(metric, row->distilled, distilled, sizeof distilled);
  metric_format(metric, row->overhead, lbo, sizeof lbo);
  if (isfinite(row->normalised))
    snprintf(ratio, sizeof ratio, "%.3f", row->normalised);
  if (isfinite(interval.low) && isfinite(least))
    snprintf(range, sizeof range, "[%.3f, %.3f]", interval.low / least, interval.high / least);
  if (strlen(c->collector) > 13)
    printf("  %s\n  %-13s", c->collector, "");
  else
    printf("  %-13s", c->collector);
  printf(" %6s %8s %8s %8s%s %8s %6s %16s\n", heap, total, cost, distilled, row->distilled == least ? "*" : " ", lbo,
         ratio, range);
  cell_format_failures(c, failures, sizeof failures);
  if (*failures)
    printf("    %u of %u planned invocations ended ok; %s\n", c->ok, c->planned, failures);
}

static void tell_group(struct lbo *l, const struct cell *first) {
  size_t all = l->cells.count, hidden = 0, collectors = 0, collecting = 0;
  for (size_t i = 0; i < all; i++) {
    const struct cell *c = &l->cells.items[i];
    l->rows[i] = (struct overhead){.total = NAN};
    if (!of_group(c, first))
      continue;
    double explicit_cost = 0;
    for (size_t m = 1; m < 2 || (m < 3 && l->metric->parts[m - 1]); m++)
      explicit_cost += sample_mean(&c->metrics[m]);
    l->rows[i] = (struct overhead){.total = sample_mean(&c->metrics[0]), .explicit_cost = explicit_cost};
    collectors += c->ok > 0;
    hidden += c->ok > 0 && hides_from_wall(l, c);
    collecting += c->ok > 0 && explicit_cost > 0;
  }
  double least = overhead_compute(l->rows, all);
  if (!l->options->json) {
    char title[512];
    snprintf(title, sizeof title, "%s, %u thread%s, %s (%s)", first->workload, first->threads,
             first->threads == 1 ? "" : "s", l->metric->metric, l->metric->text);
    printf("\n");
    text_wrap(stdout, title, 0, 2);
    printf("  %-13s %6s %8s %8s %8s  %8s %6s %16s\n", "collector", "heap", "total", "explicit", "distill.", "LBO",
           "/ MDC", "interval");
  }
  for (size_t i = 0; i < all; i++) {
    const struct cell *c = &l->cells.items[i];
    if (!of_group(c, first))
      continue;
    struct interval interval = interval_of(&c->metrics[0], l->options->confidence.real / 100);
    if (l->options->json)
      add_json(l, c, &l->rows[i], least, interval);
    else
      print_row(l, c, &l->rows[i], least, interval);
  }
  if (collectors < 2)
    text_wrap(l->options->json ? stderr : stdout, "WARNING: one collector alone bounds nothing but itself.", 0, 0);
  else if (l->metric == &explicit_rows[0] && collecting && hidden == collecting)
    text_wrap(
        l->options->json ? stderr : stdout,
        "WARNING: every collector here works beside the mutators, and wall time counts only pauses as its cost: the "
        "bound is far too high.  Add a stop-the-world collector, or use --metric task_clock_ns.",
        0, 0);
}

/* A program without the object model has no collector, so that its cost would bound another thing. */
static void tell_left_out(const struct lbo *l) {
  for (size_t i = 0; i < l->cells.count; i++) {
    const struct cell *c = &l->cells.items[i];
    bool said = !c->foreign;
    for (size_t k = 0; k < i && !said; k++)
      said = l->cells.items[k].foreign && strcmp(l->cells.items[k].collector, c->collector) == 0;
    if (!said)
      fprintf(l->options->json ? stderr : stdout, "\nLEFT OUT: %s, whose objects lie outside the heap.\n",
              c->collector);
  }
}

static void tell_metric(struct lbo *l, const char *name) {
  char metrics[256], message[256] = "";
  l->metric = find_explicit(name);
  /* the total, its explicit parts, and last how the collector's CPU time is split */
  snprintf(metrics, sizeof metrics, "%s,%s%s%s,gc_stw_cpu_ns,gc_concurrent_cpu_ns", l->metric->metric,
           l->metric->parts[0], l->metric->parts[1] ? "," : "", l->metric->parts[1] ? l->metric->parts[1] : "");
  if (!cells_init(&l->cells, metrics, message, sizeof message))
    usage_error("--metric: %s", message);
  cells_read(&l->cells, l->options->words[0]);
  l->rows = calloc(l->cells.count + 1, sizeof *l->rows);
  if (!l->rows)
    environment_error("no memory for overheads");
  for (size_t i = 0; i < l->cells.count; i++) {
    bool seen = l->cells.items[i].foreign;
    for (size_t k = 0; k < i; k++)
      seen |= of_group(&l->cells.items[k], &l->cells.items[i]);
    if (!seen)
      tell_group(l, &l->cells.items[i]);
  }
  tell_left_out(l);
  free(l->rows);
  cells_free(&l->cells);
}

int command_lbo(const struct options *options) {
  if (options->word_count != 1)
    usage_error("lower bounds of which run?  gclab lbo RUN");
  struct lbo l = {.options = options, .json = json_array()};
  char *names = strdup(options->lbo_metric), *rest = NULL;
  if (!names || !l.json)
    environment_error("no memory for overheads");
  for (char *name = strtok_r(names, ",", &rest); name; name = strtok_r(NULL, ",", &rest))
    tell_metric(&l, name);
  free(names);
  if (options->json) {
    json_dumpf(l.json, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
    printf("\n");
  } else {
    printf("\n");
    text_wrap(
        stdout,
        "Means over invocations.  MDC, marked *: the least distilled cost (total less explicit) over the collectors "
        "and heaps of a workload; LBO: total less MDC.  Lower bounds: barriers and slower allocation stay inside "
        "the distilled cost, and a better collector would lower MDC.  The interval is that of the total, MDC held "
        "fixed.  A collector that never frees may set MDC, but is no ideal: it touches more memory.",
        0, 0);
  }
  json_decref(l.json);
  return EXIT_OK;
}
