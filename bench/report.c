#include "bench/report.h"

#include <math.h>
#include <stdio.h>
#include <sys/resource.h>

#include "runtime/base/schedule.h"
#include "runtime/heap/free_space.h"
#include "runtime/os/clock.h"

static void set_count(json_t *group, const char *name, uint64_t value) {
  json_object_set_new(group, name, json_integer((json_int_t)value));
}

void report_null(json_t *group, const char *name, const char *why) {
  json_t *reasons = json_incref(json_object_get(group, "why_null"));
  if (!reasons)
    reasons = json_object();
  json_object_set_new(reasons, name, json_string(why));
  json_object_set_new(group, name, json_null());
  json_object_del(group, "why_null");
  json_object_set_new(group, "why_null", reasons); /* the last member again */
}

void report_rate(json_t *group, const char *name, uint64_t count, uint64_t ns, const char *why_none) {
  if (ns)
    json_object_set_new(group, name, json_real((double)count * 1e9 / (double)ns));
  else
    report_null(group, name, why_none);
}

/* ---- iterations ---- */

/* Where the time went: the program, the collector with the world stopped and beside it, the program's threads on the
 * collector's behalf.  Wall times, but those with `cpu` in their name; assist, stall and transition are sums over
 * threads. */
static void report_cost_split(json_t *group, const struct iteration *i, uint64_t cpu_ns) {
  const struct gc_heap_stats *before = &i->before.heap, *after = &i->after.heap;
  uint64_t gc_cpu_ns = after->gc_cpu_ns - before->gc_cpu_ns;
  const struct {
    const char *name;
    uint64_t value;
  } rows[] = {
      {"mutator_ns", i->wall_ns > i->stw_ns ? i->wall_ns - i->stw_ns : 0},
      {"stw_ns", i->stw_ns},
      {"pauses", i->pauses},
      {"gc_cpu_ns", gc_cpu_ns},
      {"gc_stw_cpu_ns", after->gc_stw_cpu_ns - before->gc_stw_cpu_ns},
      {"gc_concurrent_cpu_ns", after->gc_concurrent_cpu_ns - before->gc_concurrent_cpu_ns},
      {"assist_ns", after->assist_ns - before->assist_ns},
      {"stall_ns", after->stall_ns - before->stall_ns},
      {"transition_ns", after->transition_ns - before->transition_ns},
      {"mutator_cpu_ns", cpu_ns - gc_cpu_ns},
  };
  for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++)
    if (after->unmeasured)
      report_null(group, rows[r].name, "not timed: --instrumentation=off");
    else
      set_count(group, rows[r].name, rows[r].value);
  if (!after->unmeasured && gc_cpu_ns > cpu_ns)
    report_null(group, "mutator_cpu_ns", "gc_cpu_ns holds assists timed by the wall clock, and exceeds task_clock_ns");
}

#if GC_COUNTING
/* Quantiles of the sizes of new objects, rounded up to 8 bytes. */
static void report_object_sizes(json_t *group, const uint64_t *before, const uint64_t *after) {
  static const struct {
    const char *name;
    double quantile;
  } rows[] = {{"p10", 0.1}, {"p50", 0.5}, {"p90", 0.9}};
  uint64_t sizes[SIZES_BUCKETS];
  for (size_t i = 0; i < SIZES_BUCKETS; i++)
    sizes[i] = after[i] - before[i];
  json_t *quantiles = json_object();
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    set_count(quantiles, rows[i].name, sizes_quantile(sizes, rows[i].quantile));
  json_object_set_new(group, "object_bytes", quantiles);
}
#endif

/* `alloc_objects`, `object_bytes` and `barriers`, which only a counting build knows. */
static void report_tallies(json_t *group, const struct iteration *i) {
#if GC_COUNTING
  const uint64_t *before = i->before.heap.tallies, *after = i->after.heap.tallies;
  json_t *barriers = json_object();
  for (unsigned t = 0; t < TALLY_COUNT; t++)
    set_count(barriers, tally_names[t], after[t] - before[t]);
  set_count(group, "alloc_objects", after[TALLY_allocs] - before[TALLY_allocs]);
  report_object_sizes(group, before + TALLY_COUNT, after + TALLY_COUNT);
  json_object_set_new(group, "barriers", barriers);
#else
  (void)i;
  report_null(group, "alloc_objects", "allocation counts bytes, as windows are taken; see the preset `counting`");
  report_null(group, "object_bytes", "objects are counted by a build of their own; see the preset `counting`");
  report_null(group, "barriers", "counted by a build of their own only; see the preset `counting`");
#endif
}

/* Bytes for each second that passed, and for each in which the world was not stopped. */
static void report_allocation_rate(json_t *group, const struct iteration *i) {
  uint64_t bytes = i->after.heap.alloc_bytes - i->before.heap.alloc_bytes;
  report_rate(group, "alloc_bytes_per_s", bytes, i->wall_ns, "the iteration took no time");
  if (i->after.heap.unmeasured)
    report_null(group, "alloc_bytes_per_mutator_s", "not timed: --instrumentation=off");
  else
    report_rate(group, "alloc_bytes_per_mutator_s", bytes, i->wall_ns > i->stw_ns ? i->wall_ns - i->stw_ns : 0,
             "the world was stopped all the time");
}

json_t *report_iteration(const struct iteration *i) {
  const struct gc_heap_stats *before = &i->before.heap, *after = &i->after.heap;
  json_t *group = json_object();
  set_count(group, "index", i->index);
  json_object_set_new(group, "warmup", json_boolean(i->warmup));
  json_object_set_new(group, "complete", json_boolean(i->complete));
  json_object_set_new(group, "instrumented", json_boolean(!after->unmeasured));
  set_count(group, "wall_ns", i->wall_ns);
  set_count(group, "prepare_ns", i->prepare_ns);
  set_count(group, "check_ns", i->check_ns);

  uint64_t cpu_ns = i->after.process_cpu_ns - i->before.process_cpu_ns;
  set_count(group, "task_clock_ns", cpu_ns);
  set_count(group, "user_ns", i->after.user_ns - i->before.user_ns);
  set_count(group, "sys_ns", i->after.sys_ns - i->before.sys_ns);
  report_cost_split(group, i, cpu_ns);
  set_count(group, "stalls", after->stalls - before->stalls);
  set_count(group, "handshakes", after->handshake_count - before->handshake_count);
  json_object_set_new(
      group, "gc_count",
      json_pack("{sI sI sI sI}", "minor", (json_int_t)(after->cycles[GC_CYCLE_MINOR] - before->cycles[GC_CYCLE_MINOR]),
                "major", (json_int_t)(after->cycles[GC_CYCLE_MAJOR] - before->cycles[GC_CYCLE_MAJOR]), "emergency",
                (json_int_t)(after->cycles[GC_CYCLE_EMERGENCY] - before->cycles[GC_CYCLE_EMERGENCY]), "degraded",
                (json_int_t)(after->degraded_cycles - before->degraded_cycles)));
  set_count(group, "verified_cycles", after->verified_cycles - before->verified_cycles);
  set_count(group, "alloc_bytes", after->alloc_bytes - before->alloc_bytes);
  set_count(group, "copied_bytes", after->copied_bytes - before->copied_bytes);
  report_allocation_rate(group, i);
  double wall_s = (double)i->wall_ns / 1e9;
  set_count(group, "ops", i->ops);
  json_object_set_new(group, "ops_per_s", i->ops && i->wall_ns ? json_real((double)i->ops / wall_s) : json_null());
  char checksum[24];
  snprintf(checksum, sizeof checksum, "0x%016llx", (unsigned long long)i->checksum);
  json_object_set_new(group, "checksum", i->complete ? json_string(checksum) : json_null());
  report_tallies(group, i);
  if (!i->ops)
    report_null(group, "ops", "the workload counts no operations");
  return group;
}

/* ---- distributions ---- */

json_t *report_distribution(const struct histogram *h) {
  static const struct {
    const char *name;
    double quantile;
  } rows[] = {{"p50_ns", 0.5}, {"p90_ns", 0.9}, {"p99_ns", 0.99}, {"p99_9_ns", 0.999}, {"p99_99_ns", 0.9999}};
  json_t *group = json_object(), *few = json_array();
  set_count(group, "n", h->count);
  set_count(group, "sum_ns", h->sum);
  json_object_set_new(group, "mean_ns", h->count ? json_integer((json_int_t)(h->sum / h->count)) : json_null());
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    enum quantile_support support = histogram_support(h, rows[i].quantile);
    if (support == QUANTILE_NONE)
      json_object_set_new(group, rows[i].name, json_null());
    else
      set_count(group, rows[i].name, histogram_quantile(h, rows[i].quantile));
    if (support == QUANTILE_FEW)
      json_array_append_new(few, json_string(rows[i].name));
  }
  json_object_set_new(group, "max_ns", h->count ? json_integer((json_int_t)h->max) : json_null());
  json_object_set_new(group, "few", few);
  return group;
}

/* A distribution of events, and when the longest of them began. */
static void set_durations(json_t *group, const char *name, const struct histogram *h, const struct measured *measured) {
  json_t *durations = report_distribution(h);
  json_object_set_new(durations, "max_at_ns",
                      h->count ? json_integer((json_int_t)(h->max_at_ns - measured->origin_ns)) : json_null());
  json_object_set_new(group, name, durations);
}

/* Of each thread: its pauses, its handshakes from the request on and its own part of them, and what it waited for or
 * did for the collector when it wanted memory. */
static void report_thread_events(json_t *group, const struct measured *measured) {
  static const char *const names[THREAD_EVENT_KINDS] = {[THREAD_PAUSE] = "thread",
                                                        [THREAD_HANDSHAKE] = "handshake",
                                                        [THREAD_ACTION] = "handshake_own",
                                                        [THREAD_STALL] = "stall",
                                                        [THREAD_ASSIST] = "assist"};
  for (unsigned kind = 0; kind < THREAD_EVENT_KINDS; kind++) {
    if (measured->unmeasured) {
      report_null(group, names[kind], "not timed: --instrumentation=off");
      continue;
    }
    set_durations(group, names[kind], &measured->threads.durations[kind], measured);
  }
}

json_t *report_pauses(const struct measured *measured) {
  const struct {
    const char *name;
    const struct histogram *durations;
  } rows[] = {{"stw_total", &measured->total},         {"ttsp", &measured->ttsp},
              {"stw_op", &measured->operation},        {"handshake_all", &measured->handshake},
              {"stw_total_net", &measured->total_net}, {"lost", &measured->lost}};
  json_t *group = json_object();
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    if (measured->unmeasured)
      report_null(group, rows[i].name, "not timed: --instrumentation=off");
    else
      set_durations(group, rows[i].name, rows[i].durations, measured);
  report_thread_events(group, measured);
  return group;
}

json_t *report_mmu(const struct measured *measured) {
  if (!measured->unmeasured)
    return utilisation_report(&measured->utilisations, &measured->threads);
  json_t *group = json_object();
  report_null(group, "points", "not timed: --instrumentation=off");
  return group;
}

/* ---- the process ---- */

/* mean_<what>_bytes, median_<what>_bytes, <what>_samples. */
static void set_mean_and_median(json_t *group, const char *what, const struct histogram *h, const char *why_none) {
  char mean[64], median[64], samples[64];
  snprintf(mean, sizeof mean, "mean_%s_bytes", what);
  snprintf(median, sizeof median, "median_%s_bytes", what);
  snprintf(samples, sizeof samples, "%s_samples", what);
  set_count(group, samples, h->count);
  if (h->count) {
    set_count(group, mean, h->sum / h->count);
    set_count(group, median, histogram_quantile(h, 0.5));
  } else {
    report_null(group, mean, why_none);
    report_null(group, median, why_none);
  }
}

json_t *report_memory(struct gc_heap *heap, const struct measured *measured) {
  struct gc_heap_stats stats;
  struct rusage usage;
  heap_stats(heap, &stats);
  getrusage(RUSAGE_SELF, &usage);
  json_t *group = json_object();
  set_count(group, "used_bytes", stats.heap_used_bytes);
  set_count(group, "peak_used_bytes", stats.heap_used_peak_bytes);
  set_count(group, "side_metadata_bytes", stats.metadata_bytes);
  set_count(group, "peak_side_metadata_bytes", stats.metadata_peak_bytes);
  set_count(group, "peak_rss_bytes", (uint64_t)usage.ru_maxrss * 1024);
  if (stats.live_bytes)
    set_count(group, "live_after_full_gc_bytes", stats.live_bytes);
  else
    report_null(group, "live_after_full_gc_bytes", "there was no full collection");
  set_count(group, "committed_bytes", stats.committed_bytes);
  set_count(group, "peak_committed_bytes", stats.committed_peak_bytes);
  const char *unmeasured = heap->config.unmeasured ? "not noted: --instrumentation=off" : NULL;
  set_mean_and_median(group, "post_gc", &measured->post_gc, unmeasured ? unmeasured : "no cycle ended");
  set_mean_and_median(group, "live_after_gc", &measured->live, unmeasured ? unmeasured : "no full collection ended");
#if GC_COUNTING /* what objects asked for, of what was handed out for them in cells and windows */
  json_object_set_new(group, "frag_internal",
                      stats.alloc_bytes ? json_real(fmax(0, 1 - (double)stats.tallies[TALLY_requested_bytes] /
                                                                    (double)stats.alloc_bytes))
                                        : json_null());
#else
  report_null(group, "frag_internal",
              "what objects asked for is counted by a build of its own; see the preset `counting`");
#endif
  struct free_space space = free_space_survey(&heap->memory);
  if (space.free_bytes)
    json_object_set_new(group, "frag_external",
                        json_real(1 - (double)space.largest_run_bytes / (double)space.free_bytes));
  else
    report_null(group, "frag_external", "no block and no page of the chunks in use is free");
  if (stats.remarks) { /* the mean over marks, and the most */
    set_count(group, "floating_bytes", stats.floating_bytes / stats.remarks);
    set_count(group, "floating_objects", stats.floating_objects / stats.remarks);
    set_count(group, "peak_floating_bytes", stats.floating_peak_bytes);
    set_count(group, "remarks", stats.remarks);
  } else {
    report_null(group, "floating_bytes", "needs --verify=remark, and a collector that marks beside the mutators");
  }
  return group;
}

json_t *report_numa(struct gc_heap *heap, bool pinned) {
  struct gc_heap_stats stats;
  heap_stats(heap, &stats);
  json_t *group = json_object();
  set_count(group, "nodes", topology_node_count());
  json_object_set_new(group, "topology", json_string(topology_describe()));
  json_object_set_new(group, "synthetic", json_boolean(topology_is_synthetic()));
  json_object_set_new(group, "placement", json_string(heap->config.placement));
  json_object_set_new(group, "mutators_pinned", json_boolean(pinned && !topology_is_synthetic()));
  json_object_set_new(group, "gc_threads_pinned", json_false());
  set_count(group, "alloc_local_bytes", stats.alloc_local_bytes);
  set_count(group, "alloc_remote_bytes", stats.alloc_remote_bytes);
  set_count(group, "trace_local_objects", stats.trace_local);
  set_count(group, "trace_remote_objects", stats.trace_remote);
  set_count(group, "steals_local", stats.steals_local);
  set_count(group, "steals_remote", stats.steals_remote);
  report_null(group, "copy_matrix", "copies are not counted by pair of nodes");
  report_null(group, "pages_by_node", "pages are not sampled");
  report_null(group, "lar", "needs hardware counters");
  report_null(group, "imbalance", "needs hardware counters");
  return group;
}

/* What one reading of CLOCK_MONOTONIC costs. */
static uint64_t timer_ns(void) {
  enum { READS = 1000 };
  uint64_t begin_ns = clock_now_ns();
  for (unsigned i = 1; i < READS; i++)
    clock_now_ns();
  return (clock_now_ns() - begin_ns) / READS;
}

json_t *report_quality(const struct measured *measured, int64_t migrations) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  json_t *group = json_object();
  set_count(group, "ctx_switches", (uint64_t)(usage.ru_nvcsw + usage.ru_nivcsw));
  set_count(group, "involuntary_ctx_switches", (uint64_t)usage.ru_nivcsw);
  set_count(group, "major_faults", (uint64_t)usage.ru_majflt);
  set_count(group, "minor_faults", (uint64_t)usage.ru_minflt);
  if (migrations >= 0)
    set_count(group, "migrations", (uint64_t)migrations);
  else
    report_null(group, "migrations", "the kernel does not show /proc/thread-self/sched");
  report_null(group, "throttled", "cgroups are not read");
  set_count(group, "trace_dropped", measured->pauses_dropped + measured->threads.dropped);
  set_count(group, "timer_ns", timer_ns());
  return group;
}

json_t *report_schedule(const struct options *options) {
  json_t *group = json_object();
  set_count(group, "seed", (uint64_t)options->schedule.integer);
  set_count(group, "steps_expected", (uint64_t)options->schedule_steps.integer);
#if GC_CHAOS_ENABLED
  struct schedule_result result = schedule_so_far();
  char hash[24];
  snprintf(hash, sizeof hash, "0x%016llx", (unsigned long long)result.hash);
  set_count(group, "depth", result.depth);
  set_count(group, "threads", result.threads);
  set_count(group, "steps", result.steps);
  set_count(group, "switches", result.switches);
  json_object_set_new(group, "hash", json_string(hash));
#endif
  return group;
}

/* ---- objects outside the heap ---- */

void report_foreign(json_t *report) {
  static const char why[] = "objects lie outside the heap";
  static const char *const members[] = {"used_bytes", "peak_used_bytes"};
  for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
    report_null(json_object_get(report, "memory"), members[i], why);
  json_t *iteration;
  size_t index;
  json_array_foreach(json_object_get(report, "iterations"), index, iteration) {
    report_null(iteration, "alloc_bytes", why);
    report_null(iteration, "alloc_bytes_per_s", why);
    report_null(iteration, "alloc_bytes_per_mutator_s", why);
  }
}
