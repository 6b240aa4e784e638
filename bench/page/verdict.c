#include "bench/page/verdict.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/options.h"
#include "bench/stats/overhead.h"
#include "bench/text.h"
#include "runtime/registry.h"

/* ---- groups ---- */

static int compare_u64(uint64_t a, uint64_t b) { return a < b ? -1 : a > b; }

/* 0 for cases of one group.  A heap given as a factor is that factor, whatever it came to. */
static int compare_settings(const struct page_case *a, const struct page_case *b) {
  int order = strcmp(a->workload, b->workload);
  if (order == 0)
    order = compare_u64(a->threads, b->threads);
  if (order == 0)
    order = strcmp(a->placement, b->placement);
  if (order == 0)
    order = strcmp(a->machine, b->machine);
  return order;
}

static int compare_heaps(const struct page_case *a, const struct page_case *b) {
  int order = a->heap_factor < b->heap_factor ? -1 : a->heap_factor > b->heap_factor;
  return order || a->heap_factor > 0 ? order : compare_u64(a->heap_bytes, b->heap_bytes);
}

static double typical_wall(const struct page_case *c) {
  struct estimate wall = case_estimate(c, METRIC_wall);
  return wall.known ? exp(wall.mean) : INFINITY;
}

static int by_group_and_wall(const void *left, const void *right) {
  const struct page_case *a = *(const struct page_case *const *)left, *b = *(const struct page_case *const *)right;
  int order = compare_settings(a, b);
  if (order == 0)
    order = compare_heaps(a, b);
  double a_wall = typical_wall(a), b_wall = typical_wall(b);
  if (order == 0)
    order = a_wall < b_wall ? -1 : a_wall > b_wall;
  return order ? order : strcmp(a->collector, b->collector);
}

void groups_make(struct groups *groups, const struct gathered *g) {
  *groups = (struct groups){.items = calloc(g->case_count, sizeof *groups->items),
                            .cases = calloc(g->case_count, sizeof *groups->cases)};
  if (!groups->items || !groups->cases)
    environment_error("no memory for a report of so many cases");
  for (size_t i = 0; i < g->case_count; i++)
    groups->cases[i] = &g->cases[i];
  qsort(groups->cases, g->case_count, sizeof *groups->cases, by_group_and_wall);
  for (size_t i = 0; i < g->case_count; i++) {
    const struct page_case *c = groups->cases[i];
    struct group *group = groups->count ? &groups->items[groups->count - 1] : NULL;
    if (!group || compare_settings(group->cases[0], c) != 0 || compare_heaps(group->cases[0], c) != 0) {
      group = &groups->items[groups->count++];
      group->cases = &groups->cases[i];
    }
    group->count++;
    group->ok_count += isfinite(typical_wall(c));
  }
}

void groups_free(struct groups *groups) {
  free(groups->items);
  free(groups->cases);
}

void case_format_heap(const struct page_case *c, char *text, size_t text_bytes) {
  if (c->heap_factor > 0)
    snprintf(text, text_bytes, "%gx", c->heap_factor);
  else
    text_format_bytes((double)c->heap_bytes, text, text_bytes);
}

bool case_reclaims(const struct page_case *c) {
  for (size_t i = 0; i < registry_collector_count; i++)
    if (c->collector_name && strcmp(registry_collectors[i]->name, c->collector_name) == 0)
      return registry_collectors[i]->attrs.reclaims;
  return true; /* of another build: nothing is known against it */
}

/* ---- the best of a group ---- */

/* The least by metric among the cases that reclaim; NULL if fewer than all that completed can tell. */
static const struct page_case *least(const struct group *group, enum page_metric metric) {
  const struct page_case *best = NULL;
  for (size_t i = 0; i < group->ok_count; i++) {
    const struct page_case *c = group->cases[i];
    struct estimate e = case_estimate(c, metric);
    if (!case_reclaims(c))
      continue;
    if (!e.known)
      return NULL;
    if (!best || e.mean < case_estimate(best, metric).mean)
      best = c;
  }
  return best;
}

static struct interval ratio_of(const struct page_case *a, const struct page_case *b, enum page_metric metric) {
  return estimate_interval(estimate_ratio(case_estimate(a, metric), case_estimate(b, metric)), VERDICT_CONFIDENCE);
}

struct interval group_ratio(const struct group *group, const struct page_case *c, enum page_metric metric) {
  const struct page_case *best = least(group, metric);
  return best == c ? (struct interval){1, NAN, NAN}
         : best    ? ratio_of(c, best, metric)
                   : (struct interval){NAN, NAN, NAN};
}

struct interval verdict_overhead(const struct gathered *g, const struct page_case *c, enum page_metric metric) {
  enum page_metric explicit_cost = metric == METRIC_wall ? METRIC_stw : METRIC_gc_cpu;
  struct overhead *rows = calloc(g->case_count, sizeof *rows);
  if (!rows)
    environment_error("no memory for a report of so many cases");
  for (size_t i = 0; i < g->case_count; i++) {
    const struct page_case *other = &g->cases[i];
    const struct sample *total = &other->metrics[metric], *cost = &other->metrics[explicit_cost];
    bool known = !other->foreign && compare_settings(other, c) == 0 && total->count == cost->count;
    rows[i] = (struct overhead){.total = known ? sample_mean(total) : NAN, .explicit_cost = sample_mean(cost)};
  }
  double least = overhead_compute(rows, g->case_count);
  free(rows);
  struct interval interval = estimate_interval(case_estimate(c, metric), VERDICT_CONFIDENCE);
  return (struct interval){interval.value / least, interval.low / least, interval.high / least};
}

/* ---- one sentence for each workload ---- */

static void format_ns(double ns, char text[32]) {
  static const struct {
    double ns;
    const char *unit;
  } units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}, {1, "ns"}};
  size_t i = 0;
  while (i < 3 && ns < 0.9995 * units[i].ns) /* 1.00 s, not 1000 ms */
    i++;
  double value = ns / units[i].ns;
  snprintf(text, 32, "%.*f %s", value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2, value, units[i].unit);
}

/* " 1.31 times (95 % interval 1.25 to 1.37)". */
static void format_ratio(struct interval ratio, char text[80]) {
  if (isnan(ratio.low))
    snprintf(text, 80, "%.3f times (one invocation, no interval)", ratio.value);
  else
    snprintf(text, 80, "%.3f times (95 %% interval %.3f to %.3f)", ratio.value, ratio.low, ratio.high);
}

/* The names of those that are not shown to differ from the fastest: "`a`, `b`"; "" if there are none. */
static void list_equals(const struct group *group, const struct page_case *best, char *text, size_t text_bytes) {
  size_t used = 0;
  text[0] = 0;
  for (size_t i = 0; i < group->ok_count && used < text_bytes; i++) {
    const struct page_case *c = group->cases[i];
    if (c != best && case_reclaims(c) && !interval_differs(ratio_of(c, best, METRIC_wall)))
      used += (size_t)snprintf(text + used, text_bytes - used, "%s`%s`", used ? ", " : "", c->collector);
  }
}

/* What a user waits for: requests where the workload serves some, else the longest pause. */
static const struct page_case *most_responsive(const struct group *group, enum page_metric *metric, const char **what) {
  static const struct {
    enum page_metric metric;
    const char *what;
  } rows[] = {{METRIC_latency_planned, "99.9 % of its requests, from when they were due, end within"},
              {METRIC_latency_metered, "99.9 % of its requests (metered) end within"},
              {METRIC_latency_simple, "99.9 % of its requests (without queueing) end within"},
              {METRIC_pause_p99_9, "99.9 % of its pauses are within"},
              {METRIC_pause_max, "its longest pause is"}};
  const struct page_case *best = NULL;
  for (size_t i = 0; !best && i < sizeof rows / sizeof rows[0]; i++) {
    *metric = rows[i].metric;
    *what = rows[i].what;
    best = least(group, rows[i].metric);
  }
  return best;
}

/* How many can be chosen from. */
static size_t count_candidates(const struct group *group) {
  size_t count = 0;
  for (size_t i = 0; i < group->ok_count; i++)
    count += case_reclaims(group->cases[i]);
  return count;
}

static void say_only(FILE *out, const struct page_case *only) {
  char wall[32];
  format_ns(exp(case_estimate(only, METRIC_wall).mean), wall);
  fprintf(out, "only `%s` completed it (%s), so that there is nothing to compare it with", only->collector, wall);
}

static void say_fastest(FILE *out, const struct group *group, const struct page_case *best) {
  char wall[32], equals[256];
  struct interval time = estimate_interval(case_estimate(best, METRIC_wall), VERDICT_CONFIDENCE);
  format_ns(time.value, wall);
  list_equals(group, best, equals, sizeof equals);
  if (*equals)
    fprintf(out, "`%s` takes the least time (%s), but no difference is shown to %s", best->collector, wall, equals);
  else
    fprintf(out, "use `%s` for throughput (%s)", best->collector, wall);
}

static void say_responsive(FILE *out, const struct group *group, const struct page_case *best) {
  enum page_metric metric;
  const char *what;
  char own[32], other[32], times[80];
  const struct page_case *quick = most_responsive(group, &metric, &what);
  if (!quick)
    return;
  struct interval gain = ratio_of(best, quick, metric);
  format_ns(exp(case_estimate(quick, metric).mean), own);
  format_ns(exp(case_estimate(best, metric).mean), other);
  if (quick == best) {
    fprintf(out, "; none responds better: %s %s", what, own);
  } else if (!interval_differs(gain)) {
    fprintf(out, "; no collector is shown to respond better");
  } else {
    struct interval slower = ratio_of(quick, best, METRIC_wall);
    format_ratio(slower, times);
    fprintf(out, "; use `%s` for response: %s %s against %s, ", quick->collector, what, own, other);
    if (interval_differs(slower))
      fprintf(out, "for %s the time", times);
    else
      fprintf(out, "and no difference in time is shown");
  }
}

static void say_memory(FILE *out, const struct group *group, const struct page_case *best) {
  char own[32], other[32];
  const struct page_case *small = least(group, METRIC_peak_rss);
  if (!small || small == best || !interval_differs(ratio_of(best, small, METRIC_peak_rss)))
    return;
  text_format_bytes(exp(case_estimate(small, METRIC_peak_rss).mean), own, sizeof own);
  text_format_bytes(exp(case_estimate(best, METRIC_peak_rss).mean), other, sizeof other);
  fprintf(out, "; `%s` needs the least memory (%s against %s resident)", small->collector, own, other);
}

char *verdict_sentence(const struct group *group) {
  char heap[32], *text = NULL;
  size_t text_bytes;
  const struct page_case *first = group->cases[0], *best = least(group, METRIC_wall);
  FILE *out = open_memstream(&text, &text_bytes);
  if (!out)
    environment_error("no memory for a sentence");
  case_format_heap(first, heap, sizeof heap);
  fprintf(out, "In a heap of %s with %u thread%s: ", heap, first->threads, first->threads == 1 ? "" : "s");
  if (!best) {
    fprintf(out, "no collector that frees memory completed it");
  } else if (count_candidates(group) == 1) {
    say_only(out, best);
  } else {
    say_fastest(out, group, best);
    say_responsive(out, group, best);
    say_memory(out, group, best);
  }
  fprintf(out, ".");
  fclose(out);
  return text;
}

/* ---- forests: ratios to one baseline, and their geometric mean over workloads ---- */

static bool same_forest(const struct group *a, const struct group *b) {
  const struct page_case *x = a->cases[0], *y = b->cases[0];
  return compare_heaps(x, y) == 0 && x->threads == y->threads && strcmp(x->placement, y->placement) == 0 &&
         strcmp(x->machine, y->machine) == 0;
}

static const struct page_case *find_ok(const struct group *group, const char *collector) {
  for (size_t i = 0; i < group->ok_count; i++)
    if (strcmp(group->cases[i]->collector, collector) == 0)
      return group->cases[i];
  return NULL;
}

/* The collectors of a forest's groups, each once, in order of name. */
static size_t list_collectors(const struct group **groups, size_t count, const char **names, size_t names_max) {
  size_t name_count = 0;
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < groups[i]->count; k++) {
      const char *name = groups[i]->cases[k]->collector;
      size_t at = 0;
      while (at < name_count && strcmp(names[at], name) < 0)
        at++;
      if (name_count == names_max || (at < name_count && strcmp(names[at], name) == 0))
        continue;
      memmove(names + at + 1, names + at, (name_count++ - at) * sizeof *names);
      names[at] = name;
    }
  return name_count;
}

/* The one that completed most workloads; of several, the first by name that frees memory. */
static const char *choose_baseline(const struct group **groups, size_t count, const char **names, size_t name_count) {
  const char *best = NULL;
  size_t most = 0;
  for (size_t n = 0; n < name_count; n++) {
    size_t completed = 0;
    for (size_t i = 0; i < count; i++) {
      const struct page_case *c = find_ok(groups[i], names[n]);
      completed += c && case_reclaims(c);
    }
    if (completed > most) {
      most = completed;
      best = names[n];
    }
  }
  return best;
}

static void add_ratios(json_t *rows, json_t *geomeans, const struct group **groups, size_t count, const char *collector,
                       const char *baseline) {
  struct estimate parts[count];
  size_t part_count = 0;
  json_t *dropped = json_array();
  for (size_t i = 0; i < count; i++) {
    const struct page_case *a = find_ok(groups[i], collector), *b = find_ok(groups[i], baseline);
    if (!a || !b) {
      json_array_append_new(dropped, json_string(groups[i]->cases[0]->workload));
      continue;
    }
    struct estimate ratio = estimate_ratio(case_estimate(a, METRIC_wall), case_estimate(b, METRIC_wall));
    parts[part_count++] = ratio;
    json_array_append_new(rows, json_pack("{ss ss sI so}", "collector", collector, "workload", a->workload, "n",
                                          (json_int_t)ratio.n, "ratio",
                                          interval_json(estimate_interval(ratio, VERDICT_CONFIDENCE), 1)));
  }
  struct interval mean = estimate_interval(estimate_geomean(parts, part_count), VERDICT_CONFIDENCE);
  json_array_append_new(geomeans,
                        json_pack("{ss sI so so}", "collector", collector, "workloads", (json_int_t)part_count, "ratio",
                                  interval_json(mean, 1), "dropped", dropped));
}

enum { FOREST_COLLECTORS_MAX = 64 };
static json_t *forest(const struct group **groups, size_t count) {
  const char *names[FOREST_COLLECTORS_MAX + 1];
  size_t name_count = list_collectors(groups, count, names, FOREST_COLLECTORS_MAX);
  const char *baseline = choose_baseline(groups, count, names, name_count);
  const struct page_case *first = groups[0]->cases[0];
  char heap[32];
  case_format_heap(first, heap, sizeof heap);
  json_t *rows = json_array(), *geomeans = json_array();
  for (size_t n = 0; baseline && n < name_count; n++)
    if (strcmp(names[n], baseline) != 0)
      add_ratios(rows, geomeans, groups, count, names[n], baseline);
  return json_pack("{ss si ss ss ss? so so}", "heap", heap, "threads", (int)first->threads, "placement",
                   first->placement, "machine", first->machine, "baseline", baseline, "rows", rows, "geomeans",
                   geomeans);
}

json_t *verdict_forests(const struct groups *groups) {
  json_t *forests = json_array();
  const struct group **members = calloc(groups->count + 1, sizeof *members);
  bool *done = calloc(groups->count + 1, sizeof *done);
  if (!members || !done)
    environment_error("no memory for a report of so many cases");
  for (size_t i = 0; i < groups->count; i++) {
    size_t count = 0;
    for (size_t k = i; k < groups->count && !done[i]; k++)
      if (same_forest(&groups->items[i], &groups->items[k])) {
        members[count++] = &groups->items[k];
        done[k] = k > i;
      }
    if (count)
      json_array_append_new(forests, forest(members, count));
  }
  free(members);
  free(done);
  return forests;
}
