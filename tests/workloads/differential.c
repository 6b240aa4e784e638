/* differential.c -- one workload computes the same under every collector, form, number of threads and heap.
 *
 * The sum to compare with is that of a run in a roomy heap under marksweep (or whatever collector supports the
 * workload), with one collector thread and nothing disturbed.  Heaps:
 *   roomy    nothing needs to be collected; checked forms collect at every Nth allocation nevertheless
 *   tight    TIGHT times the bytes alive at most, and for each thread, of the collector too, what its windows hold:
 *            every collector that reclaims must finish
 *   cramped  hardly more than what is alive: a run may end as oom, but in no other way
 *   refused  roomy, but the system refuses memory from some chunk on: the same
 * A seed chooses the collector's options, its threads and how often it verifies. */
#include <stdio.h>
#include <string.h>

#include "runtime/base/bits.h"
#include "runtime/base/rng.h"
#include "runtime/cycle/heap.h"
#include "tests/workloads/runner.h"
#include "tests/workloads/sizes.h"
#include "tests/workloads/tests.h"

enum mode { MODE_ROOMY, MODE_TIGHT, MODE_CRAMPED, MODE_REFUSED, MODES };
static const char *const mode_names[] = {"roomy", "tight", "cramped", "refused"};

enum { TIGHT = 3, ROOMY_BYTES = 256 * 1024 * 1024, TIGHT_THREAD_BYTES = 512 * 1024, LIMIT_S = 60 };
enum { STRESSED_CYCLES = 40, OBJECT_BYTES = 48, CHUNKS_MOST = 6 };

struct comparison {
  const struct workload_size *size;
  unsigned threads;
  uint64_t seed, random;
  struct run_result expected;
  int runs, ran_out, failures;
  uint64_t cycles;
};

/* ---- one run ---- */

/* Options that make a collector unsound on purpose: planted_test's. */
static bool is_unsound(const struct gc_option *option) { return strcmp(option->name, "barrier") == 0; }

/* A random word for each choice, and a small number for each count, of the collector's options. */
static void choose_options(const struct gc_option *table, uint64_t *random, char *text, size_t text_bytes) {
  size_t used = 0;
  text[0] = '\0';
  for (const struct gc_option *option = table; option && option->name; option++) {
    if (is_unsound(option))
      continue;
    struct gc_value value = {0};
    if (option->kind == GC_OPTION_CHOICE) {
      size_t count = 0;
      while (option->choices[count])
        count++;
      value.integer = (int64_t)rng_below(random, count);
    } else if (option->kind == GC_OPTION_INT && option->max <= 16) {
      value.integer = (int64_t)option->min + (int64_t)rng_below(random, (uint64_t)(option->max - option->min) + 1);
    } else {
      continue;
    }
    char word[64];
    option_format(option, value, word, sizeof word);
    used += (size_t)snprintf(text + used, text_bytes - used, "%s%s=%s", used ? "," : "", option->name, word);
  }
}

static size_t heap_bytes_of(const struct comparison *c, enum mode mode, unsigned gc_threads) {
  double live_bytes = (double)c->expected.live_bytes * c->size->peak;
  if (mode == MODE_ROOMY || mode == MODE_REFUSED)
    return ROOMY_BYTES;
  size_t bytes = mode == MODE_TIGHT ? (size_t)(live_bytes * TIGHT) + (c->threads + gc_threads) * TIGHT_THREAD_BYTES
                                    : (size_t)(live_bytes * 1.2) + c->threads * TIGHT_THREAD_BYTES / 8;
  return size_max(align_up(bytes, PAGE_BYTES), 1 * GC_MIB);
}

static struct run_spec spec_of(struct comparison *c, const struct gc_workload *pair, enum mode mode,
                               const char *options) {
  unsigned gc_threads = 1 + (unsigned)rng_below(&c->random, 3);
  struct run_spec spec = {.pair = pair, .params = c->size->params, .options = options, .threads = c->threads,
                          .iterations = 2, .gc_threads = gc_threads, .seed = c->seed,
                          .heap_bytes = heap_bytes_of(c, mode, gc_threads), .limit_s = LIMIT_S};
  if (mode == MODE_TIGHT || rng_below(&c->random, 2))
    spec.verify = VERIFY_ALL;
  if (mode == MODE_ROOMY && pair->checked)
    spec.stress_every = c->expected.alloc_bytes / OBJECT_BYTES / c->threads / STRESSED_CYCLES + 1;
  if (mode == MODE_REFUSED)
    spec.refuse_chunk = 1 + rng_below(&c->random, CHUNKS_MOST);
  return spec;
}

/* Counting alone, which an option may ask for, never frees a cycle. */
static bool may_run_out(const struct run_spec *spec, enum mode mode) {
  bool reclaims = spec->pair->collector->attrs.reclaims &&
                  !(spec->pair->needs.cycles && strstr(spec->options, "cycles=none"));
  return mode == MODE_CRAMPED || mode == MODE_REFUSED || (mode == MODE_TIGHT && !reclaims);
}

static void report(struct comparison *c, const struct run_spec *spec, const struct run_result *result,
                   const char *mode) {
  char text[512];
  run_format(spec, text, sizeof text);
  c->failures++;
  if (result->status == RUN_OK)
    printf("checksum %llx, not %llx, in a %s heap: %s\n", (unsigned long long)result->checksum,
           (unsigned long long)c->expected.checksum, mode, text);
  else
    printf("%s in a %s heap (%s): %s\n", run_status_name(result->status), mode, result->message, text);
  fflush(stdout);
}

static void compare(struct comparison *c, const struct gc_workload *pair, enum mode mode) {
  char options[256];
  if (pair->collector->attrs.foreign && mode != MODE_ROOMY)
    return; /* it has no limit that could be reached */
  choose_options(pair->collector->options, &c->random, options, sizeof options);
  struct run_spec spec = spec_of(c, pair, mode, options);
  struct run_result result;
  run_in_child(&spec, &result);
  c->runs++;
  c->cycles += result.cycles;
  bool ran_out = result.status == RUN_OOM || (mode == MODE_REFUSED && result.status == RUN_REFUSED);
  if (ran_out && may_run_out(&spec, mode))
    c->ran_out++;
  else if (result.status != RUN_OK || result.checksum != c->expected.checksum)
    report(c, &spec, &result, mode_names[mode]);
}

/* ---- all runs ---- */

static const struct gc_workload *reference_of(const char *workload, const char *params, unsigned threads) {
  const struct gc_workload *pair = registry_pair(workload, "marksweep", false);
  if (pair && run_unsupported(pair, params, threads))
    pair = NULL;
  for (size_t i = 0; !pair && i < registry_pair_count; i++)
    if (strcmp(registry_pairs[i]->name, workload) == 0 && !registry_pairs[i]->checked &&
        !run_unsupported(registry_pairs[i], params, threads))
      pair = registry_pairs[i];
  return pair;
}

/* False if nothing can be compared. */
static bool measure_expected(struct comparison *c, const char *workload) {
  struct run_spec spec = {.pair = reference_of(workload, c->size->params, c->threads),
                          .params = c->size->params, .options = "", .threads = c->threads, .iterations = 1,
                          .gc_threads = 1, .heap_bytes = ROOMY_BYTES, .seed = c->seed, .limit_s = LIMIT_S};
  if (!spec.pair || run_unsupported(spec.pair, c->size->params, c->threads))
    return false;
  run_in_child(&spec, &c->expected);
  if (c->expected.status != RUN_OK)
    report(c, &spec, &c->expected, "roomy");
  return c->expected.status == RUN_OK;
}

static void compare_all(struct comparison *c, const char *workload, enum mode first, enum mode last) {
  if (!measure_expected(c, workload))
    return;
  for (size_t i = 0; i < registry_pair_count; i++) {
    const struct gc_workload *pair = registry_pairs[i];
    if (strcmp(pair->name, workload) != 0 || run_unsupported(pair, c->size->params, c->threads))
      continue;
    for (enum mode mode = first; mode <= last; mode++)
      if (mode != MODE_TIGHT || c->size->peak > 0)
        if (mode < MODE_CRAMPED || !pair->checked)
          compare(c, pair, mode);
  }
}

int differential_test(const char *workload, uint64_t seed) {
  static const unsigned threads_full[] = {1, 2, 4, 0}, threads_sanitized[] = {2, 4, 0};
  const unsigned *threads = SANITIZED ? threads_sanitized : threads_full;
  const struct workload_size *sizes;
  size_t size_count = workload_sizes(workload, &sizes);
  struct comparison c = {0};
  for (size_t i = 0; i < size_count; i++)
    for (const unsigned *count = threads; *count; count++) {
      c.size = &sizes[i];
      c.threads = *count;
      c.seed = seed + i;
      c.random = rng_stream(c.seed, c.threads);
      if (SANITIZED)
        compare_all(&c, workload, MODE_TIGHT, MODE_TIGHT);
      else
        compare_all(&c, workload, MODE_ROOMY, MODE_REFUSED);
    }
  printf("%d runs with %llu collections, of which %d ran out of memory as they may; %d failures\n", c.runs,
         (unsigned long long)c.cycles, c.ran_out, c.failures);
  return c.runs ? c.failures : 1;
}
