/* record.h -- the record of one invocation: what was asked, on what, and what came of it.
 *
 * One JSON object with the groups identity, subject, machine, outcome, iterations, pauses, latency, memory, numa,
 * counters and quality; the parent adds the first three to what the invocation's process reported.  Parent only. */
#ifndef GC_BENCH_RECORD_H
#define GC_BENCH_RECORD_H

#include "bench/launch.h"
#include "bench/program.h"

enum { RECORD_SCHEMA = 1, RECORD_KEY_BYTES = 17 };

struct record_facts {
  const struct options *options;
  const struct collector_choice *collector;
  const struct workload_choice *workload;
  const struct program *program;
  const char *key; /* NULL: as record_key says */
  const char *run_id;
  unsigned sequence, invocation, attempt; /* among all in this run; of this key; from 1 */
  struct layout layout;
  size_t heap_bytes;
  double heap_factor;   /* 0: the heap was given as a size */
  size_t minheap_bytes; /* 0: not known */
  const char *minheap_from;
  const char *started_utc;
  bool has_order_seed; /* the order was drawn from a seed, not that of the command line */
  uint64_t order_seed;
};

/* The hash of what was asked and of the build, in hexadecimal: equal keys are the same experiment. */
void record_key(const struct record_facts *facts, char key[RECORD_KEY_BYTES]);

/* Takes over result->report. */
json_t *record_create(const struct record_facts *facts, struct launch_result *result);

#endif
