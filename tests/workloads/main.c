/* main.c -- the command line of test_workloads: one test of one workload, or one run of it again. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/verify/verify.h"
#include "tests/workloads/runner.h"
#include "tests/workloads/tests.h"

static _Noreturn void usage(void) {
  fprintf(stderr, "usage: test_workloads differential|corruption|planted|figures WORKLOAD [--seed N]\n"
                  "       test_workloads run WORKLOAD --params TEXT --collector NAME [--checked] --options TEXT\n"
                  "         --threads N --iterations N --heap BYTES --gc-threads N --verify NAMES --stress-every N\n"
                  "         --refuse-chunk N --seed N [--times N]\n");
  exit(2);
}

static uint64_t number(const char *text) {
  char *end;
  errno = 0;
  uint64_t value = strtoull(text, &end, 10);
  if (errno || *end || end == text)
    usage();
  return value;
}

static unsigned verifiers(const char *text) {
  char message[256];
  unsigned set;
  if (!verify_parse(text, &set, message, sizeof message)) {
    fprintf(stderr, "%s\n", message);
    usage();
  }
  return set;
}

/* The words after `run WORKLOAD`. */
static int repeat(const char *workload, int count, char **words) {
  struct run_spec spec = {.params = "", .options = "", .threads = 1, .iterations = 1, .gc_threads = 1,
                          .heap_bytes = 1 << 28, .limit_s = 600};
  const char *collector = NULL;
  bool checked = false;
  uint64_t times = 1;
  for (int i = 0; i < count; i++) {
    const char *name = words[i];
    if (strcmp(name, "--checked") == 0) {
      checked = true;
      continue;
    }
    if (++i == count)
      usage();
    if (strcmp(name, "--params") == 0)
      spec.params = words[i];
    else if (strcmp(name, "--options") == 0)
      spec.options = words[i];
    else if (strcmp(name, "--collector") == 0)
      collector = words[i];
    else if (strcmp(name, "--threads") == 0)
      spec.threads = (unsigned)number(words[i]);
    else if (strcmp(name, "--iterations") == 0)
      spec.iterations = (unsigned)number(words[i]);
    else if (strcmp(name, "--heap") == 0)
      spec.heap_bytes = number(words[i]);
    else if (strcmp(name, "--gc-threads") == 0)
      spec.gc_threads = (unsigned)number(words[i]);
    else if (strcmp(name, "--verify") == 0)
      spec.verify = verifiers(words[i]);
    else if (strcmp(name, "--stress-every") == 0)
      spec.stress_every = number(words[i]);
    else if (strcmp(name, "--refuse-chunk") == 0)
      spec.refuse_chunk = number(words[i]);
    else if (strcmp(name, "--seed") == 0)
      spec.seed = number(words[i]);
    else if (strcmp(name, "--times") == 0)
      times = number(words[i]);
    else
      usage();
  }
  spec.pair = collector ? registry_pair(workload, collector, checked) : NULL;
  if (!spec.pair)
    usage();
  struct run_result result = {0};
  for (uint64_t i = 0; i < times; i++) {
    run_in_child(&spec, &result);
    printf("%s, checksum %llx, %llu cycles, %llu bytes allocated, %llu alive. %s\n", run_status_name(result.status),
           (unsigned long long)result.checksum, (unsigned long long)result.cycles,
           (unsigned long long)result.alloc_bytes, (unsigned long long)result.live_bytes, result.message);
    if (result.status != RUN_OK)
      return 1;
  }
  return 0;
}

static bool is_workload(const char *name) {
  for (size_t i = 0; i < registry_pair_count; i++)
    if (strcmp(registry_pairs[i]->name, name) == 0)
      return true;
  return false;
}

int main(int count, char **words) {
  if (count < 3 || !is_workload(words[2]))
    usage();
  const char *test = words[1], *workload = words[2];
  if (strcmp(test, "run") == 0)
    return repeat(workload, count - 3, words + 3);
  uint64_t seed = (uint64_t)time(NULL);
  if (count == 5 && strcmp(words[3], "--seed") == 0)
    seed = number(words[4]);
  else if (count != 3)
    usage();
  printf("%s %s --seed %llu\n", test, workload, (unsigned long long)seed);
  int failures = -1;
  if (strcmp(test, "differential") == 0)
    failures = differential_test(workload, seed);
  else if (strcmp(test, "corruption") == 0)
    failures = corruption_test(workload, seed);
  else if (strcmp(test, "planted") == 0)
    failures = planted_test(workload, seed);
  else if (strcmp(test, "figures") == 0)
    failures = figures_test(workload, seed);
  if (failures < 0)
    usage();
  return failures ? 1 : 0;
}
