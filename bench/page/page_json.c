#include "bench/page/page_json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/env.h"
#include "bench/page/flames.h"
#include "bench/page/series.h"
#include "bench/page/verdict.h"
#include "bench/record_path.h"

enum {
  PAGE_SPANS_MAX = 60000, /* of all timelines: some 3 MB */
  PAGE_POINTS_MAX = 120000,
};

static json_t *number(double value) { return isfinite(value) ? json_real(value) : json_null(); }

/* ---- what invocations told, joined ---- */

static int compare_doubles(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return a < b ? -1 : a > b;
}

static double median(double *values, size_t count) {
  qsort(values, count, sizeof *values, compare_doubles);
  return count == 0 ? NAN : count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* The median over `groups` of the number at `kind`.`name`. */
static double median_of(const json_t *groups, const char *kind, const char *name) {
  double values[PAGE_GROUPS_MAX];
  size_t index, count = 0;
  json_t *group;
  json_array_foreach(groups, index, group) {
    json_t *value = json_object_get(json_object_get(group, kind), name);
    if (json_is_number(value) && count < PAGE_GROUPS_MAX)
      values[count++] = json_number_value(value);
  }
  return median(values, count);
}

/* The distribution `kind` where only quantiles were kept: of each quantile the median over the invocations.  NULL if
 * no invocation has it. */
static json_t *curve_of_quantiles(const json_t *groups, const char *kind) {
  static const struct {
    const char *name;
    double beyond;
  } rows[] = {{"p50_ns", 0.5}, {"p90_ns", 0.1}, {"p99_ns", 0.01}, {"p99_9_ns", 0.001}, {"p99_99_ns", 0.0001}};
  double total = 0, max_ns = NAN;
  size_t index;
  json_t *group, *points = json_array();
  json_array_foreach(groups, index, group) {
    const json_t *of = json_object_get(group, kind);
    const json_t *max = json_object_get(of, "max_ns");
    total += json_number_value(json_object_get(of, "n"));
    if (json_is_number(max))
      max_ns = fmax(max_ns, json_number_value(max));
  }
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    double ns = median_of(groups, kind, rows[i].name);
    if (!isnan(ns))
      json_array_append_new(points, json_pack("[ff]", rows[i].beyond, ns));
  }
  if (json_array_size(points) == 0) {
    json_decref(points);
    return NULL;
  }
  return json_pack("{sf so so ss}", "n", total, "max_ns", number(max_ns), "curve", points, "note",
                   "each point is the median over invocations of this quantile; max over all");
}

/* {"<kind>": distribution, …, "why": {…}} of the named kinds. */
static json_t *distributions(const json_t *groups, const char *const *kinds, size_t kind_count, json_t *exact) {
  json_t *result = exact ? exact : json_object();
  for (size_t i = 0; i < kind_count; i++) {
    json_t *known = json_object_get(result, kinds[i]) ? NULL : curve_of_quantiles(groups, kinds[i]);
    if (known)
      json_object_set_new(result, kinds[i], known);
  }
  json_t *why = json_object_get(json_array_get(groups, 0), "why_null");
  if (why)
    json_object_set(result, "why", why);
  return result;
}

/* Of one scope of the group `mmu`, of each window the worst of all invocations. */
static json_t *mmu_scope_json(const json_t *groups, const char *scope) {
  const json_t *first = record_at(json_array_get(groups, 0), scope);
  json_t *rows = json_array(), *point, *group;
  size_t index, other;
  json_array_foreach(json_object_get(first, "points"), index, point) {
    double w_ns = json_number_value(json_object_get(point, "w_ns")), mmu = NAN, bmu = NAN;
    json_array_foreach(groups, other, group) {
      json_t *same = json_array_get(json_object_get(record_at(group, scope), "points"), index);
      if (json_number_value(json_object_get(same, "w_ns")) != w_ns)
        continue;
      mmu = fmin(mmu, json_number_value(json_object_get(same, "mmu")));
      bmu = fmin(bmu, json_number_value(json_object_get(same, "bmu")));
    }
    json_array_append_new(rows, json_pack("[foo]", w_ns, number(mmu), number(bmu)));
  }
  if (json_array_size(rows) == 0) {
    json_decref(rows);
    return json_null();
  }
  return json_pack("{so sO? sO? sI}", "points", rows, "worst_windows", json_object_get(first, "worst_windows"),
                   "counts", json_object_get(first, "counts"), "n", (json_int_t)json_array_size(groups));
}

static json_t *mmu_json(const json_t *groups) {
  return json_pack("{so so}", "aggregate", mmu_scope_json(groups, ""), "thread", mmu_scope_json(groups, "thread"));
}

/* ---- one case ---- */

static json_t *outcomes_json(const struct page_case *c) {
  json_t *outcomes = json_object();
  for (size_t i = 0; i < OUTCOME_COUNT; i++)
    if (c->outcomes[i])
      json_object_set_new(outcomes, outcome_names[i], json_integer(c->outcomes[i]));
  return outcomes;
}

static json_t *metrics_json(const struct page_case *c) {
  json_t *metrics = json_object();
  for (size_t i = 0; i < METRIC_COUNT; i++) {
    const struct sample *sample = &c->metrics[i];
    if (sample->count == 0)
      continue;
    json_t *group = interval_json(estimate_interval(case_estimate(c, i), VERDICT_CONFIDENCE), 1);
    json_object_set_new(group, "mean", number(sample_mean(sample))); /* what adds up, and may be 0 */
    json_object_set_new(group, "n", json_integer((json_int_t)sample->count));
    json_object_set_new(metrics, metric_names[i], group);
  }
  return metrics;
}

/* What the workload measured of itself: each figure's mean. */
static json_t *figures_json(const json_t *groups) {
  json_t *sums = json_object(), *counts = json_object(), *means = json_object(), *group, *value;
  const char *name;
  size_t index;
  json_array_foreach(groups, index, group)
    json_object_foreach(group, name, value)
      if (json_is_number(value)) {
        double sum = json_number_value(json_object_get(sums, name)) + json_number_value(value);
        json_object_set_new(sums, name, json_real(sum));
        json_object_set_new(counts, name, json_integer(json_integer_value(json_object_get(counts, name)) + 1));
      }
  json_object_foreach(sums, name, value)
    json_object_set_new(means, name,
                        json_real(json_real_value(value) / json_number_value(json_object_get(counts, name))));
  json_decref(sums);
  json_decref(counts);
  return means;
}

static json_t *or_null(json_t *value) { return value ? value : json_null(); }

static json_t *case_json(const struct gathered *g, const struct page_case *c, const struct series_limits *limits) {
  static const char *const pauses[] = {"stw_total", "ttsp", "stw_op", "thread", "handshake", "stall", "assist"};
  static const char *const latencies[] = {"simple", "planned", "metered_100ms", "metered_full"};
  char heap[32];
  const json_t *pause_groups = json_object_get(c->groups, "pauses");
  const json_t *latency_groups = json_object_get(c->groups, "latency");
  case_format_heap(c, heap, sizeof heap);
  json_t *json =
      json_pack("{ss ss ss sf sI si si ss ss ss? ss? si si sb sb}", "collector", c->collector, "workload", c->workload,
                "heap", heap, "heap_factor", c->heap_factor, "heap_bytes", (json_int_t)c->heap_bytes, "threads",
                (int)c->threads, "gc_threads", (int)c->gc_threads, "machine", c->machine, "build", c->build, "source",
                c->source, "failure", c->failure, "ok", (int)case_ok(c), "failed", (int)case_failed(c), "reclaims",
                case_reclaims(c), "warmed_up", c->warmed_up);
  json_object_set_new(json, "placement", json_string(c->placement));
  json_object_set_new(json, "split", json_boolean(c->split));
  json_object_set_new(json, "outcomes", outcomes_json(c));
  json_object_set_new(json, "inferred", json_integer(c->inferred));
  json_object_set_new(json, "metrics", metrics_json(c));
  json_object_set_new(json, "overhead",
                      json_pack("{so so}", "wall", interval_json(verdict_overhead(g, c, METRIC_wall), 1), "task_clock",
                                interval_json(verdict_overhead(g, c, METRIC_task_clock), 1)));
  json_object_set_new(json, "pauses",
                      distributions(pause_groups, pauses, sizeof pauses / sizeof pauses[0], series_pauses(c)));
  json_object_set_new(json, "latency",
                      distributions(latency_groups, latencies, sizeof latencies / sizeof latencies[0], NULL));
  json_object_set_new(json, "mmu", mmu_json(json_object_get(c->groups, "mmu")));
  json_object_set(json, "iterations", json_object_get(c->groups, "iterations"));
  json_object_set_new(json, "memory", or_null(series_memory(c, limits)));
  json_object_set_new(json, "timeline", or_null(series_timeline(c, limits)));
  json_object_set_new(json, "flames", or_null(flames_json(c)));
  json_object_set_new(json, "figures", figures_json(json_object_get(c->groups, "figures")));
  json_t *numa = json_array_get(json_object_get(c->groups, "numa"), 0);
  json_object_set(json, "numa", numa ? numa : json_null());
  return json;
}

/* ---- the whole ---- */

static json_t *runs_json(const struct gathered *g) {
  json_t *runs = json_array();
  for (size_t i = 0; i < g->run_count; i++) {
    const struct page_run *run = &g->runs[i];
    json_array_append_new(runs, json_pack("{ss ss sI so ss? ss?}", "id", run->id, "path", run->path, "records",
                                          (json_int_t)run->records, "planned",
                                          run->planned ? json_integer((json_int_t)run->planned) : json_null(),
                                          "first_utc", run->first_utc, "last_utc", run->last_utc));
  }
  return runs;
}

static json_t *group_json(const struct gathered *g, const struct group *group) {
  json_t *rows = json_array();
  for (size_t i = 0; i < group->count; i++) {
    const struct page_case *c = group->cases[i];
    struct interval wall = group_ratio(group, c, METRIC_wall), cpu = group_ratio(group, c, METRIC_task_clock);
    json_array_append_new(rows,
                          json_pack("{sI so so sb}", "case", (json_int_t)(c - g->cases), "wall", interval_json(wall, 1),
                                    "task_clock", interval_json(cpu, 1), "differs", interval_differs(wall)));
  }
  char *sentence = verdict_sentence(group);
  json_t *json = json_pack("{ss so}", "sentence", sentence, "rows", rows);
  free(sentence);
  return json;
}

json_t *page_json(const struct gathered *g) {
  struct groups groups;
  size_t share = g->case_count ? g->case_count : 1;
  struct series_limits limits = {.spans = PAGE_SPANS_MAX / share, .points = PAGE_POINTS_MAX / share};
  limits.spans = limits.spans > 1500 ? 1500 : limits.spans < 40 ? 40 : limits.spans;
  limits.points = limits.points > 600 ? 600 : limits.points < 40 ? 40 : limits.points;
  groups_make(&groups, g);
  json_t *cases = json_array(), *group_rows = json_array();
  for (size_t i = 0; i < g->case_count; i++)
    json_array_append_new(cases, case_json(g, &g->cases[i], &limits));
  for (size_t i = 0; i < groups.count; i++)
    json_array_append_new(group_rows, group_json(g, &groups.items[i]));
  char now[32];
  env_format_utc(now, sizeof now);
  json_t *page =
      json_pack("{so so so so sf ss ss}", "runs", runs_json(g), "cases", cases, "groups", group_rows, "forests",
                verdict_forests(&groups), "confidence", VERDICT_CONFIDENCE, "made_utc", now, "made_by", build_git);
  groups_free(&groups);
  return page;
}
