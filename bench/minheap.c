#include "bench/minheap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/env.h"
#include "bench/launch.h"
#include "bench/minheap_cache.h"
#include "bench/progress.h"
#include "bench/results.h"
#include "bench/runner.h"
#include "bench/text.h"
#include "runtime/cycle/heap.h"
#include "runtime/os/clock.h"
#include "runtime/os/topology.h"

enum { PASSES_WITH_THREADS = 3, TEXT_BYTES = 1024 };
static const size_t first_bytes = 4 * GC_MIB, last_bytes = (size_t)1 << 40, precise_bytes = 256 * 1024;
static const double precise_ratio = 0.03;

/* One search. */
struct search {
  struct options options; /* the user's, but one plain iteration */
  const struct workload_choice *workload;
  double timeout_s; /* of a trial; shorter once a trial completed */
  unsigned trials;
  struct progress progress;
};

/* ---- trials ---- */

enum trial { TRIAL_PASSES, TRIAL_TOO_SMALL, TRIAL_BROKEN };

static enum trial try_once(struct search *search, const struct collector_choice *collector, size_t bytes) {
  struct launch_request request = {.options = &search->options,
                                   .collector = collector,
                                   .workload = search->workload,
                                   .heap_bytes = bytes,
                                   .timeout_s = search->timeout_s,
                                   .tick = progress_tick,
                                   .context = &search->progress};
  char text[32];
  text_format_bytes((double)bytes, text, sizeof text);
  progress_step(&search->progress, "smallest heap of %s: does %s complete in %s?", search->workload->text,
                collector->text, text);
  search->trials++;
  struct launch_result result = launch(&request);
  json_decref(result.report);
  switch (result.outcome) {
  case OUTCOME_ok: {
    /* from now on a trial that takes ten times as long thrashes, which counts as too small */
    double patient_s = 10 * (double)result.elapsed_ns / 1e9 + 2;
    search->timeout_s = patient_s < search->timeout_s ? patient_s : search->timeout_s;
    return TRIAL_PASSES;
  }
  case OUTCOME_oom:
  case OUTCOME_timeout: return TRIAL_TOO_SMALL;
  default: return TRIAL_BROKEN;
  }
}

/* Threads race for the last bytes: only a heap that is large enough several times is large enough. */
static enum trial try_size(struct search *search, const struct collector_choice *collector, size_t bytes) {
  unsigned passes = search->options.threads.integer > 1 ? PASSES_WITH_THREADS : 1;
  for (unsigned i = 0; i < passes; i++) {
    enum trial trial = try_once(search, collector, bytes);
    if (trial != TRIAL_PASSES)
      return trial;
  }
  return TRIAL_PASSES;
}

/* ---- the search ---- */

static size_t page_align(size_t bytes) { return bytes & ~(size_t)4095; }

/* Halves [failed, passed] until it is narrow; returns the upper end. */
static size_t bisect(struct search *search, const struct collector_choice *collector, size_t failed, size_t passed) {
  while (!launch_interrupted()) {
    size_t tolerance = (size_t)(precise_ratio * (double)passed);
    if (passed - failed <= (tolerance > precise_bytes ? tolerance : precise_bytes))
      break;
    size_t middle = page_align(failed + (passed - failed) / 2);
    switch (try_size(search, collector, middle)) {
    case TRIAL_PASSES: passed = middle; break;
    case TRIAL_TOO_SMALL: failed = middle; break;
    case TRIAL_BROKEN: return passed;
    }
  }
  return passed;
}

/* The smallest heap of one collector, or `known` if it cannot do with noticeably less (0: nothing is known yet). */
static size_t search_collector(struct search *search, const struct collector_choice *collector, size_t known) {
  size_t failed = heap_least_bytes(collector->collector);
  if (known) {
    size_t tolerance = (size_t)(precise_ratio * (double)known);
    size_t less = page_align(known - (tolerance > precise_bytes ? tolerance : precise_bytes));
    if (known <= precise_bytes || less <= failed || try_size(search, collector, less) != TRIAL_PASSES)
      return known;
    return bisect(search, collector, failed, less);
  }
  for (size_t bytes = first_bytes; bytes <= last_bytes && !launch_interrupted(); bytes *= 2) {
    enum trial trial = try_size(search, collector, bytes);
    if (trial == TRIAL_PASSES)
      return bisect(search, collector, failed, bytes);
    if (trial == TRIAL_BROKEN)
      return 0;
    failed = bytes;
  }
  return 0;
}

/* Simple collectors first: they are quick to fail, and what they need bounds the search for the others. */
static unsigned complexity(const struct gc_collector *collector) {
  const struct gc_attrs *a = &collector->attrs;
  return 4u * a->counts + 2u * a->concurrent + a->moves;
}

static int by_complexity(const void *a, const void *b) {
  return (int)complexity(*(const struct gc_collector *const *)a) -
         (int)complexity(*(const struct gc_collector *const *)b);
}

/* Fills `found`; false if no collector completes the work. */
static bool search_all(struct search *search, struct minheap *found) {
  const struct gc_collector *collectors[registry_collector_count + 1];
  memcpy(collectors, registry_collectors, registry_collector_count * sizeof *collectors);
  qsort(collectors, registry_collector_count, sizeof *collectors, by_complexity);
  found->problem = "this build has no collector that reclaims and supports it";
  for (size_t i = 0; i < registry_collector_count && !launch_interrupted(); i++) {
    struct collector_choice choice;
    char message[256];
    if (!collectors[i]->attrs.reclaims ||
        !registry_pair(search->workload->workload->name, collectors[i]->name, false) ||
        registry_unsupported(search->workload->workload, search->workload->values, collectors[i], NULL,
                             (unsigned)search->options.threads.integer) ||
        !subject_read_collector(&choice, collectors[i]->name, message, sizeof message))
      continue;
    found->problem = "each collector that supports it fails or takes too long in every heap (--timeout)";
    size_t bytes = search_collector(search, &choice, found->bytes);
    if (bytes && (!found->bytes || bytes < found->bytes)) {
      found->bytes = bytes;
      found->collector = collectors[i]->name;
    }
  }
  return found->bytes && !launch_interrupted();
}

static void say_found(const struct search *search, const struct minheap *found, uint64_t begin_ns) {
  char text[32];
  text_format_bytes((double)found->bytes, text, sizeof text);
  fprintf(stderr,
          "smallest heap of %s, %lld thread%s: %s (%s), found in %.0f s and %u trials, kept in %s/minheap.yaml\n",
          search->workload->text, (long long)search->options.threads.integer,
          search->options.threads.integer == 1 ? "" : "s", text, found->collector,
          (double)(clock_now_ns() - begin_ns) / 1e9, search->trials, search->options.output);
}

bool minheap_find(struct minheap *found, const struct options *options, const struct workload_choice *workload) {
  char params[TEXT_BYTES], now[32];
  subject_format_values(workload->workload->params, workload->values, params, sizeof params);
  struct minheap_entry entry = {.workload = (char *)workload->workload->name,
                                .params = params,
                                .threads = (unsigned)options->threads.integer,
                                .pointer_bytes = sizeof(void *)};
  *found = (struct minheap){0};
  const struct minheap_entry *known = options->again ? NULL : minheap_cache_find(options->output, &entry);
  if (known) {
    found->bytes = known->minheap_bytes;
    found->collector = known->collector;
    return true;
  }
  uint64_t begin_ns = clock_now_ns();
  struct search search = {.options = *options, .workload = workload, .timeout_s = options->timeout_s.real};
  struct gc_value none = {0}, one = {1, 1};
  search.options.iterations = one;
  search.options.warmup = search.options.stress_every = search.options.refuse_chunk = none;
  search.options.stress_polls = false;
  search.options.verify = VERIFY_NONE;
  progress_begin(&search.progress, 0);
  bool whole = search_all(&search, found);
  progress_clear(&search.progress);
  if (!whole)
    return false;
  env_format_utc(now, sizeof now);
  entry.minheap_bytes = found->bytes;
  entry.collector = (char *)found->collector;
  entry.measured_utc = now;
  entry.build = (char *)env_build_id();
  minheap_cache_store(options->output, &entry);
  say_found(&search, found, begin_ns);
  return true;
}

/* ---- gclab minheap ---- */

static void print_found(const struct options *options, const struct workload_choice *workload,
                        const struct minheap *found) {
  char params[TEXT_BYTES], heap[32];
  subject_format_values(workload->workload->params, workload->values, params, sizeof params);
  if (options->json) {
    json_t *line =
        json_pack("{ss ss sI sI so? ss?}", "workload", workload->workload->name, "params", params, "threads",
                  (json_int_t)options->threads.integer, "pointer_bytes", (json_int_t)sizeof(void *), "minheap_bytes",
                  found->bytes ? json_integer((json_int_t)found->bytes) : json_null(), "collector", found->collector);
    json_dumpf(line, stdout, JSON_COMPACT);
    printf("\n");
    json_decref(line);
  } else if (found->bytes) {
    text_format_bytes((double)found->bytes, heap, sizeof heap);
    printf("%-13s %7s  %-13s %s\n", workload->workload->name, heap, found->collector, params);
  } else {
    printf("%-13s %7s  %s\n", workload->workload->name, "-", found->problem);
  }
  fflush(stdout);
}

int command_minheap(struct options *options) {
  struct subjects subjects;
  if (options->workloads.count == 0)
    usage_error("which workload?  -w NAME, or -w all");
  subjects_read(&subjects, options);
  runner_settle(options);
  results_require_folder(options->output);
  bool failed = false;
  for (size_t i = 0; i < subjects.workload_count; i++) {
    struct minheap found;
    failed |= !minheap_find(&found, options, &subjects.workloads[i]);
    if (launch_interrupted()) {
      fprintf(stderr, "gclab: interrupted: what was found before is kept in %s/minheap.yaml\n", options->output);
      return EXIT_INTERRUPTED;
    }
    print_found(options, &subjects.workloads[i], &found);
  }
  subjects_free(&subjects);
  topology_fini();
  return failed ? EXIT_RUNS_FAILED : EXIT_OK;
}
