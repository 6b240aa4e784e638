#include "bench/suite_cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/heap_size.h"

/* ---- what holds for all cases ---- */

static struct gc_value number(double value) { return (struct gc_value){(int64_t)value, value}; }

/* A count of the file, unless the command line has one. */
static void take_count(const struct suite_file *file, const char *key, unsigned value, bool given,
                       struct gc_value *target) {
  if (value > 100000)
    suite_file_error(file, key, "%s is at most 100000", key);
  if (value && !given)
    *target = number(value);
}

static void take_seconds(const struct suite_file *file, const char *key, double value, struct gc_value *target) {
  if (value < 0 || value > 1e7)
    suite_file_error(file, key, "%s is more than 0 and at most 10000000 seconds", key);
  if (value > 0)
    *target = number(value);
}

void suite_cases_settle(const struct suite_file *file, struct options *options) {
  take_count(file, "invocations", file->invocations, options->has_invocations, &options->invocations);
  take_count(file, "iterations", file->iterations, options->has_iterations, &options->iterations);
  take_seconds(file, "timeout_s", file->timeout_s, &options->timeout_s);
  take_seconds(file, "stalled_s", file->stalled_s, &options->stalled_s);
  if (file->gc_threads) {
    take_count(file, "gc_threads", file->gc_threads, false, &options->gc_threads);
    options->has_gc_threads = true;
  }
  if (file->warmup) {
    options->warmup = number(*file->warmup);
    options->has_warmup = true;
  }
  options->seed = number(1); /* of the workloads; --seed is of the order */
  if (file->seed)
    options->seed.integer = (int64_t)(*file->seed & INT64_MAX);
  options->no_pin = file->pin && !*file->pin;
  if (file->placement) {
    int i = 0;
    while (placements[i] && strcmp(placements[i], file->placement) != 0)
      i++;
    if (!placements[i])
      suite_file_error(file, file->placement, "placement is local or interleave, not '%s'", file->placement);
    options->placement = number(i);
  }
  if (file->warmup && options->warmup.integer >= options->iterations.integer)
    suite_file_error(file, "warmup", "warmup %lld leaves none of %lld iterations to measure",
                     (long long)options->warmup.integer, (long long)options->iterations.integer);
}

/* ---- --only ---- */

/* The words that may stand for `name` in --only=key=word,…: true if none is given, or if one of them does. */
static bool only_has(const char *only, const char *key, const char *name) {
  size_t length = strlen(key), name_length = strcspn(name, ",");
  bool asked = false;
  for (const char *at = only; at && *at; at += strcspn(at, ","), at += *at == ',') {
    if (strncmp(at, key, length) != 0 || at[length] != '=')
      continue;
    asked = true;
    if (strcspn(at + length + 1, ",") == name_length && strncmp(at + length + 1, name, name_length) == 0)
      return true;
  }
  return !asked;
}

static void check_only(const char *only) {
  static const char *const keys[] = {"collector", "workload", "heap", "threads"};
  for (const char *at = only; at && *at; at += strcspn(at, ","), at += *at == ',') {
    char key[32];
    bool known = false;
    snprintf(key, sizeof key, "%.*s", (int)strcspn(at, "=,"), at);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
      known |= strcmp(key, keys[i]) == 0;
    const char *nearest = option_nearest(key, keys, sizeof keys / sizeof keys[0]);
    if (!known || at[strlen(key)] != '=')
      usage_error("--only takes collector=…, workload=…, heap=… and threads=…, not '%s'%s%s%s", key,
                  nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
  }
}

/* ---- one list after the other ---- */

enum { LEFT_OUT_MAX = 64 };

/* Where we are in the cross product. */
struct product {
  struct plan *plan;
  const struct suite_file *file;
  const struct options *options;
  bool dry, interrupted;
  struct run_case next;
  const char *heap;
  struct collector_choice collector;
  struct workload_choice workload;
  struct minheap found; /* of the workload and the threads, if found.bytes */
  struct left_out {
    const struct gc_collector *collector;
    const char *lacks;
  } left_out[LEFT_OUT_MAX]; /* by groups; said already */
  size_t left_out_count;
};

static void read_heap(struct product *p, const char *text) {
  char message[256];
  p->heap = text;
  if (!heap_size_parse(text, &p->next.heap_bytes, &p->next.heap_factor, message, sizeof message))
    suite_file_error(p->file, text, "%s", message);
}

/* Measured once for each workload and number of threads, and kept in results/minheap.yaml. */
static bool find_least(struct product *p) {
  if (p->dry || p->next.heap_factor == 0 || p->found.bytes)
    return true;
  struct options options = p->next.options;
  options.heap = p->heap;
  return heap_size_find_least(&p->found, &options, &p->workload);
}

static void add_collector(struct product *p, const char *text) {
  char message[1024];
  if (!subject_read_collector(&p->collector, text, message, sizeof message))
    suite_file_error(p->file, text, "%s", message);
  if (!only_has(p->options->only, "collector", text) || p->interrupted)
    return;
  if (!find_least(p)) {
    p->interrupted = true;
    return;
  }
  struct run_case added = p->next;
  added.collector = &p->collector;
  added.workload = &p->workload;
  if (added.heap_factor > 0 && !p->dry) {
    added.heap_bytes = heap_size_of_factor(added.heap_factor, p->found.bytes);
    added.minheap_bytes = p->found.bytes;
    added.minheap_from = p->found.collector;
  }
  if (added.heap_bytes && !heap_size_suffices(&p->collector, added.heap_bytes, p->heap, message, sizeof message))
    suite_file_error(p->file, p->heap, "%s", message);
  plan_add(p->plan, &added);
}

/* Why a collector with its defaults cannot run the case; NULL if it can.  The dry pass says each reason once. */
static const char *leaves_out(struct product *p, const struct gc_collector *collector) {
  unsigned threads = (unsigned)p->next.options.threads.integer;
  const struct gc_workload *pair = registry_pair(p->workload.workload->name, collector->name, false);
  const char *lacks = pair ? registry_unsupported(pair, p->workload.values, collector, NULL, threads) : NULL;
  if (!lacks || !p->dry || !only_has(p->options->only, "collector", collector->name))
    return lacks;
  for (size_t i = 0; i < p->left_out_count; i++)
    if (p->left_out[i].collector == collector && strcmp(p->left_out[i].lacks, lacks) == 0)
      return lacks;
  if (p->left_out_count < LEFT_OUT_MAX)
    p->left_out[p->left_out_count++] = (struct left_out){collector, lacks};
  fprintf(stderr, "gclab: %s leaves out %s where it cannot run: %s; -t %u of %s is the first such case\n",
          p->file->path, collector->name, lacks, threads, p->workload.text);
  return lacks;
}

/* `all` are all of this binary that can run the case, of them `reclaiming` those that ever free anything, and `keeping`
 * the others.  A collector that is named is planned, and recorded as unsupported. */
static void add_collectors(struct product *p, const char *text) {
  bool all = strcmp(text, "all") == 0, reclaiming = strcmp(text, "reclaiming") == 0;
  if (!all && !reclaiming && strcmp(text, "keeping") != 0) {
    add_collector(p, text);
    return;
  }
  for (size_t i = 0; i < registry_collector_count; i++)
    if ((all || registry_collectors[i]->attrs.reclaims == reclaiming) && !leaves_out(p, registry_collectors[i]))
      add_collector(p, registry_collectors[i]->name);
}

struct lists {
  char **collectors, **heaps;
  unsigned *threads;
  unsigned collector_count, heap_count, thread_count;
};

static void add_workload(struct product *p, const struct lists *lists, const char *text) {
  char message[1024], threads[16];
  if (!subject_read_workload(&p->workload, text, message, sizeof message))
    suite_file_error(p->file, text, "%s", message);
  if (!only_has(p->options->only, "workload", text))
    return;
  for (unsigned t = 0; t < lists->thread_count; t++) {
    snprintf(threads, sizeof threads, "%u", lists->threads[t]);
    if (lists->threads[t] < 1 || lists->threads[t] > 1024)
      suite_file_error(p->file, threads, "threads are from 1 to 1024, not %s", threads);
    if (!only_has(p->options->only, "threads", threads))
      continue;
    p->next.options.threads = number(lists->threads[t]);
    p->found = (struct minheap){0};
    for (unsigned h = 0; h < lists->heap_count; h++) {
      read_heap(p, lists->heaps[h]);
      for (unsigned c = 0; c < lists->collector_count && only_has(p->options->only, "heap", p->heap); c++)
        add_collectors(p, lists->collectors[c]);
    }
  }
}

static void add_workloads(struct product *p, const struct lists *lists, const char *text) {
  size_t count = registry_workloads(NULL, 0);
  const struct gc_workload *all[count + 1];
  registry_workloads(all, count);
  if (strcmp(text, "all") != 0) {
    add_workload(p, lists, text);
    return;
  }
  for (size_t i = 0; i < count; i++)
    add_workload(p, lists, all[i]->name);
}

static void add_case(struct product *p, const struct suite_case *c) {
  static char *default_heaps[] = {"2x"};
  static unsigned default_threads[] = {1};
  const struct suite_case *common = &p->file->common;
  struct lists lists = {c->collectors, c->heaps, c->threads, c->collectors_count, c->heaps_count, c->threads_count};
  if (!lists.collector_count) {
    lists.collectors = common->collectors;
    lists.collector_count = common->collectors_count;
  }
  if (!lists.heap_count) {
    lists.heaps = common->heaps_count ? common->heaps : default_heaps;
    lists.heap_count = common->heaps_count ? common->heaps_count : 1;
  }
  if (!lists.thread_count) {
    lists.threads = common->threads_count ? common->threads : default_threads;
    lists.thread_count = common->threads_count ? common->threads_count : 1;
  }
  const struct suite_case *from = c->workloads_count ? c : common;
  if (!lists.collector_count || !from->workloads_count)
    suite_file_error(p->file, NULL, "it names no %s", lists.collector_count ? "workloads" : "collectors");
  for (unsigned w = 0; w < from->workloads_count; w++)
    add_workloads(p, &lists, from->workloads[w]);
}

bool suite_cases_add(struct plan *plan, const struct suite_file *file, const struct options *options, bool dry) {
  struct product p = {.plan = plan, .file = file, .options = options, .dry = dry, .next = {.options = *options}};
  check_only(options->only);
  if (file->cases_count == 0)
    add_case(&p, &file->common);
  for (unsigned i = 0; i < file->cases_count; i++)
    add_case(&p, &file->cases[i]);
  if (plan->case_count == 0 && !p.interrupted)
    usage_error("--only %s leaves nothing of '%s'", options->only ? options->only : "", file->path);
  return !p.interrupted;
}
