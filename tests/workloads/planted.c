/* planted.c -- a collector that loses objects on purpose is noticed: by the workload, and by the verifier.
 *
 * Without its store barrier a concurrent marker misses what moves behind it.  When that happens is up to the
 * schedule, so several runs are made; were all of them fine, the other tests' good results would mean nothing. */
#include <stdio.h>
#include <string.h>

#include "runtime/verify/verify.h"
#include "tests/workloads/runner.h"
#include "tests/workloads/sizes.h"
#include "tests/workloads/tests.h"

enum { TRIES = 12, THREADS = 4, STRESS_EVERY = 150, HEAP_BYTES = 256 * 1024 * 1024, LIMIT_S = 60 };

/* Whether `words` occur in what the runs wrote. */
static bool said(FILE *text, const char *words) {
  char line[1024];
  rewind(text);
  while (fgets(line, sizeof line, text))
    if (strstr(line, words))
      return true;
  return false;
}

int planted_test(const char *workload, uint64_t seed) {
  const struct workload_size *size;
  workload_sizes(workload, &size);
  FILE *errors = tmpfile();
  struct run_spec spec = {.pair = registry_pair(workload, "satb", true), .params = size->params, .threads = THREADS,
                          .iterations = 1, .gc_threads = 1, .heap_bytes = HEAP_BYTES, .stress_every = STRESS_EVERY,
                          .limit_s = LIMIT_S, .errors = errors};
  if (!spec.pair || !errors) {
    printf("no checked form of %s under satb, or no temporary file\n", workload);
    return 1;
  }
  unsigned ended_badly = 0;
  for (unsigned i = 0; i < 2 * TRIES; i++) {
    struct run_result sound, unsound;
    spec.seed = seed + i / 2;
    spec.verify = i % 2 ? VERIFY(heap) : VERIFY_NONE;
    spec.options = "barrier=on";
    run_in_child(&spec, &sound);
    if (sound.status != RUN_OK) {
      printf("%s with the barrier on: %s\n", run_status_name(sound.status), sound.message);
      return 1;
    }
    spec.options = "barrier=off";
    run_in_child(&spec, &unsound);
    ended_badly += unsound.status != RUN_OK || unsound.checksum != sound.checksum;
  }
  bool verifier_noticed = said(errors, "verifier heap: ") && said(errors, "a lost mark");
  printf("%u of %u runs without a barrier ended badly; the verifier %s a lost mark\n", ended_badly, 2 * TRIES,
         verifier_noticed ? "found" : "never found");
  fclose(errors);
  return ended_badly == 0 || !verifier_noticed;
}
