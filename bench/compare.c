#include "bench/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/calibrate.h"
#include "bench/stats/cells.h"
#include "bench/stats/estimate.h"
#include "bench/stats/metric.h"
#include "bench/stats/rank_sum.h"
#include "bench/text.h"

/* One metric of one cell of A and one of B. */
struct comparison {
  size_t metric;
  const struct cell *a, *b;
  double a_median, b_median, p;
  struct estimate ratio; /* B / A */
  struct interval interval;
};

struct comparing {
  const char *names[2];
  struct cells sides[2]; /* A, B */
  double confidence;
  bool one_baseline;   /* A holds one collector, which all of B are compared with */
  bool across_heaps;   /* each side holds one heap, and they differ: that is what is compared */
  bool across_threads; /* the same of the numbers of threads */
  struct comparison *items;
  size_t count;
};

/* ---- what is compared with what ---- */

static bool same_collector(const struct cell *a, const struct cell *b) {
  return strcmp(a->collector, b->collector) == 0;
}

/* A heap given as a factor is that factor, whatever it came to. */
static bool same_heap(const struct cell *a, const struct cell *b) {
  return a->heap_factor == b->heap_factor && (a->heap_factor > 0 || a->heap_bytes == b->heap_bytes);
}

static bool same_threads(const struct cell *a, const struct cell *b) { return a->threads == b->threads; }

static bool all_alike(const struct cells *cells, bool (*alike)(const struct cell *, const struct cell *)) {
  for (size_t i = 1; i < cells->count; i++)
    if (!alike(&cells->items[i], &cells->items[0]))
      return false;
  return true;
}

/* Whether a setting is one thing in all of A and another in all of B. */
static bool tells_sides_apart(const struct comparing *c, bool (*alike)(const struct cell *, const struct cell *)) {
  return all_alike(&c->sides[0], alike) && all_alike(&c->sides[1], alike) &&
         !alike(&c->sides[0].items[0], &c->sides[1].items[0]);
}

/* The cell of the other side that `cell` is compared with, or NULL. */
static const struct cell *partner(const struct comparing *c, const struct cell *cell, const struct cells *others) {
  for (size_t i = 0; i < others->count; i++) {
    const struct cell *other = &others->items[i];
    if (strcmp(cell->workload, other->workload) == 0 && (c->across_threads || same_threads(cell, other)) &&
        (c->across_heaps || same_heap(cell, other)) && (c->one_baseline || same_collector(cell, other)))
      return other;
  }
  return NULL;
}

static void compare_cells(struct comparing *c, size_t metric, const struct cell *a, const struct cell *b) {
  const struct sample *x = &a->metrics[metric], *y = &b->metrics[metric];
  struct comparison *item = &c->items[c->count++];
  *item =
      (struct comparison){.metric = metric, .a = a, .b = b, .a_median = sample_median(x), .b_median = sample_median(y)};
  item->p = rank_sum_test(x->values, x->count, y->values, y->count).p;
  item->ratio = estimate_ratio(estimate_of(y->values, y->count), estimate_of(x->values, x->count));
  item->interval = estimate_interval(item->ratio, c->confidence);
}

static void compare_all(struct comparing *c) {
  const struct cells *a = &c->sides[0], *b = &c->sides[1];
  c->one_baseline = all_alike(a, same_collector);
  c->across_heaps = tells_sides_apart(c, same_heap);
  c->across_threads = tells_sides_apart(c, same_threads);
  c->items = calloc(b->count * a->metric_count + 1, sizeof *c->items);
  if (!c->items)
    environment_error("no memory to compare '%s' with '%s'", c->names[0], c->names[1]);
  for (size_t m = 0; m < a->metric_count; m++)
    for (size_t i = 0; i < b->count; i++) {
      const struct cell *found = partner(c, &b->items[i], a);
      if (found)
        compare_cells(c, m, found, &b->items[i]);
    }
  if (c->count == 0)
    usage_error("'%s' and '%s' have nothing in common that can be compared: the same workload, heap, number of threads "
                "and (unless the first holds but one) collector, such as '%s'",
                c->names[0], c->names[1], b->items[0].collector);
}

/* ---- in words ---- */

/* "B is faster by 12.3 %", "no difference shown". */
static void format_verdict(const char *metric, const struct comparison *item, struct interval i, char *text,
                           size_t bytes) {
  size_t least = 0;
  if (item)
    least = item->a->metrics[item->metric].count < item->b->metrics[item->metric].count
                ? item->a->metrics[item->metric].count
                : item->b->metrics[item->metric].count;
  if (isnan(i.value))
    snprintf(text, bytes, "%s", item && least == 0 ? "nothing to compare" : "no ratio: a sample is 0");
  else if (isnan(i.low))
    snprintf(text, bytes, "one invocation shows no difference");
  else if (!interval_differs(i))
    snprintf(text, bytes, "no difference shown");
  else
    snprintf(text, bytes, "B is %s by %.1f %%", metric_word(metric, i.value < 1), 100 * fabs(i.value - 1));
}

static void format_interval(struct interval i, char *text, size_t bytes) {
  if (isnan(i.low))
    snprintf(text, bytes, "-");
  else
    snprintf(text, bytes, "[%.3f, %.3f]", i.low, i.high);
}

static void format_p(double p, char *text, size_t bytes) {
  if (isnan(p))
    snprintf(text, bytes, "-");
  else if (p < 0.0001)
    snprintf(text, bytes, "<.0001");
  else
    snprintf(text, bytes, "%.4f", p);
}

/* "A: 2 of 10 failed (2 oom)" for each side that lacks some. */
static void print_losses(const struct comparison *item) {
  const struct cell *sides[] = {item->a, item->b};
  for (unsigned i = 0; i < 2; i++) {
    char failures[128];
    cell_format_failures(sides[i], failures, sizeof failures);
    if (*failures)
      printf("  %c: %u of %u planned invocations ended ok; %s\n", "AB"[i], sides[i] -> ok, sides[i] -> planned,
             failures);
  }
}

/* "gcbench: satb against marksweep", "gcbench: satb; heap 4x against 2x". */
static void format_title(const struct comparing *c, const struct comparison *item, char *title, size_t bytes) {
  char heaps[2][32], against[320] = "", across_heaps[96] = "", across_threads[64] = "";
  cell_format_heap(item->a, heaps[0], sizeof heaps[0]);
  cell_format_heap(item->b, heaps[1], sizeof heaps[1]);
  if (!same_collector(item->a, item->b))
    snprintf(against, sizeof against, " against %s", item->a->collector);
  if (c->across_heaps)
    snprintf(across_heaps, sizeof across_heaps, "; heap %s against %s", heaps[1], heaps[0]);
  if (c->across_threads)
    snprintf(across_threads, sizeof across_threads, "; %u against %u threads", item->b->threads, item->a->threads);
  snprintf(title, bytes, "%s: %s%s%s%s", item->b->workload, item->b->collector, against, across_heaps, across_threads);
}

static void print_comparison(const struct comparing *c, const struct comparison *item) {
  const char *metric = c->sides[0].metrics[item->metric];
  char heap[32], a[32], b[32], ratio[32] = "-", interval[48], p[16], verdict[96], title[1024];
  cell_format_heap(item->b, heap, sizeof heap);
  metric_format(metric, item->a_median, a, sizeof a);
  metric_format(metric, item->b_median, b, sizeof b);
  if (isfinite(item->interval.value))
    snprintf(ratio, sizeof ratio, "%.3f", item->interval.value);
  format_interval(item->interval, interval, sizeof interval);
  format_p(item->p, p, sizeof p);
  format_verdict(metric, item, item->interval, verdict, sizeof verdict);
  format_title(c, item, title, sizeof title);
  text_wrap(stdout, title, 0, 2);
  printf("  %-5s %3u %4zu %4zu %9s %9s %7s %16s %7s\n", heap, item->b->threads, item->a->metrics[item->metric].count,
         item->b->metrics[item->metric].count, a, b, ratio, interval, p);
  printf("  %s\n", verdict);
  print_losses(item);
}

/* ---- over all workloads ---- */

static bool completed(const struct cell *cell) { return cell->ok > 0 && cell->ok == cell->planned; }

static bool same_group(const struct comparison *x, const struct comparison *y) {
  return x->metric == y->metric && x->b->threads == y->b->threads && same_heap(x->b, y->b) &&
         strcmp(x->b->collector, y->b->collector) == 0 && strcmp(x->a->collector, y->a->collector) == 0;
}

/* The geometric mean over the workloads that both sides completed; the group is that of item `first`. */
static struct estimate geomean(const struct comparing *c, size_t first, size_t *taken, char *left_out, size_t bytes) {
  struct estimate *parts = calloc(c->count, sizeof *parts);
  size_t used = 0;
  *taken = 0;
  *left_out = 0;
  for (size_t i = first; parts && i < c->count; i++) {
    const struct comparison *item = &c->items[i];
    if (!same_group(item, &c->items[first]))
      continue;
    if (completed(item->a) && completed(item->b) && item->ratio.known)
      parts[(*taken)++] = item->ratio;
    else if (used < bytes)
      used += (size_t)snprintf(left_out + used, bytes - used, "%s%s", used ? ", " : "", item->b->workload);
  }
  struct estimate mean = estimate_geomean(parts, *taken);
  free(parts);
  return mean;
}

static bool first_of_group(const struct comparing *c, size_t index) {
  for (size_t i = 0; i < index; i++)
    if (same_group(&c->items[i], &c->items[index]))
      return false;
  return true;
}

static void print_geomeans(const struct comparing *c, size_t metric) {
  for (size_t i = 0; i < c->count; i++) {
    if (c->items[i].metric != metric || !first_of_group(c, i))
      continue;
    char left_out[1024], heap[32], interval[48], verdict[96], text[1400];
    size_t taken;
    struct estimate mean = geomean(c, i, &taken, left_out, sizeof left_out);
    if (taken < 2 && !*left_out)
      continue; /* there is but one workload */
    struct interval shown = estimate_interval(mean, c->confidence);
    cell_format_heap(c->items[i].b, heap, sizeof heap);
    format_interval(shown, interval, sizeof interval);
    format_verdict(c->sides[0].metrics[metric], NULL, shown, verdict, sizeof verdict);
    if (taken)
      snprintf(text, sizeof text, "%s, heap %s, geometric mean of %zu workloads: %.3f %s: %s", c->items[i].b->collector,
               heap, taken, shown.value, interval, verdict);
    else
      snprintf(text, sizeof text, "%s, heap %s: no workload was completed by both", c->items[i].b->collector, heap);
    text_wrap(stdout, text, 0, 2);
    if (*left_out) {
      snprintf(text, sizeof text, "LEFT OUT, not completed by both: %s", left_out);
      printf("  ");
      text_wrap(stdout, text, 2, 4);
    }
  }
}

/* ---- what else to know ---- */

static json_t *notes_of(const struct comparing *c) {
  json_t *notes = json_array(), *values;
  const char *path;
  char text[768];
  json_object_foreach(c->sides[0].settings, path, values) {
    const json_t *others = json_object_get(c->sides[1].settings, path);
    if (json_equal(values, others))
      continue;
    snprintf(text, sizeof text, "A and B differ in %s, too", path);
    json_array_append_new(notes, json_string(text));
  }
  for (unsigned side = 0; side < 2; side++) {
    for (size_t i = 0; i < c->sides[side].count; i++) {
      const struct cell *cell = &c->sides[side].items[i];
      if (partner(c, cell, &c->sides[1 - side]))
        continue;
      char heap[32];
      cell_format_heap(cell, heap, sizeof heap);
      snprintf(text, sizeof text, "only in %c: %s, %s, heap %s, %u threads", "AB"[side], cell -> workload,
               cell -> collector, heap, cell -> threads);
      json_array_append_new(notes, json_string(text));
    }
  }
  return notes;
}

static void print_all(const struct comparing *c) {
  printf("A = %s\nB = %s\n", c->names[0], c->names[1]);
  for (size_t m = 0; m < c->sides[0].metric_count; m++) {
    printf("\n%s, B / A with its %g %% interval\n", c->sides[0].metrics[m], 100 * c->confidence);
    printf("  %-5s %3s %4s %4s %9s %9s %7s %16s %7s\n", "heap", "t", "n A", "n B", "median A", "median B", "ratio",
           "interval", "p");
    for (size_t i = 0; i < c->count; i++)
      if (c->items[i].metric == m)
        print_comparison(c, &c->items[i]);
    print_geomeans(c, m);
  }
  printf("\n");
  json_t *notes = notes_of(c), *note;
  size_t i;
  json_array_foreach(notes, i, note) text_wrap(stdout, json_string_value(note), 0, 2);
  json_decref(notes);
  char text[512];
  snprintf(
      text, sizeof text,
      "ratio: of geometric means, with its interval by Student's t on logarithms; p: Mann and Whitney's test.  Where "
      "nothing differs, %.3g of 100 rows still show a difference.",
      100 * (1 - c->confidence));
  text_wrap(stdout, text, 0, 0);
}

/* ---- as JSON ---- */

static json_t *number(double value) { return isfinite(value) ? json_real(value) : json_null(); }

static json_t *side_json(const struct cell *cell, size_t metric, double median) {
  char failures[128];
  cell_format_failures(cell, failures, sizeof failures);
  return json_pack("{ss sf sI sI sI ss sI so}", "collector", cell->collector, "heap_bytes", cell->heap_bytes, "planned",
                   (json_int_t)cell->planned, "ok", (json_int_t)cell->ok, "failed", (json_int_t)cell_failed(cell),
                   "failures", failures, "n", (json_int_t)cell->metrics[metric].count, "median", number(median));
}

static int print_json(const struct comparing *c) {
  json_t *rows = json_array(), *means = json_array();
  for (size_t i = 0; i < c->count; i++) {
    const struct comparison *item = &c->items[i];
    const char *metric = c->sides[0].metrics[item->metric];
    char verdict[96], left_out[1024];
    size_t taken;
    format_verdict(metric, item, item->interval, verdict, sizeof verdict);
    json_array_append_new(
        rows, json_pack("{ss ss so sI so so so so ss}", "metric", metric, "workload", item->b->workload, "heap_factor",
                        item->b->heap_factor > 0 ? json_real(item->b->heap_factor) : json_null(), "threads",
                        (json_int_t)item->b->threads, "a", side_json(item->a, item->metric, item->a_median), "b",
                        side_json(item->b, item->metric, item->b_median), "ratio", interval_json(item->interval, 1),
                        "p", number(item->p), "verdict", verdict));
    if (!first_of_group(c, i))
      continue;
    struct interval mean = estimate_interval(geomean(c, i, &taken, left_out, sizeof left_out), c->confidence);
    json_array_append_new(
        means, json_pack("{ss ss so sI so ss}", "metric", metric, "collector", item->b->collector, "heap_factor",
                         item->b->heap_factor > 0 ? json_real(item->b->heap_factor) : json_null(), "workloads",
                         (json_int_t)taken, "ratio", interval_json(mean, 1), "left_out", left_out));
  }
  json_t *all = json_pack("{ss ss sf so so so}", "a", c->names[0], "b", c->names[1], "confidence", c->confidence,
                          "comparisons", rows, "geomeans", means, "notes", notes_of(c));
  json_dumpf(all, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
  printf("\n");
  json_decref(all);
  return EXIT_OK;
}

int command_compare(const struct options *options) {
  if (options->calibrate)
    return calibrate(options);
  if (options->word_count != 2)
    usage_error("compare what with what?  gclab compare RUN_A RUN_B, such as results/x:collector=satb "
                "results/x:collector=marksweep");
  struct comparing c = {.confidence = options->confidence.real / 100};
  for (unsigned side = 0; side < 2; side++) {
    char message[256] = "";
    c.names[side] = options->words[side];
    if (!cells_init(&c.sides[side], options->metrics, message, sizeof message))
      usage_error("--metric: %s", message);
    cells_read(&c.sides[side], c.names[side]);
  }
  compare_all(&c);
  if (options->json)
    print_json(&c);
  else
    print_all(&c);
  free(c.items);
  cells_free(&c.sides[0]);
  cells_free(&c.sides[1]);
  return EXIT_OK;
}
