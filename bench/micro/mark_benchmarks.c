/* mark_benchmarks.c -- how fast each plan marks the random graph of limit/mark_random: the rows of its table that mark,
 * not the rest of the collection.  One collector thread. */
#include <stdio.h>
#include <string.h>

#include "bench/gbench_shim.h"
#include "bench/micro/benchmarks.h"
#include "bench/micro/tap.h"
#include "bench/subject.h"

enum { COUNT = 1 << 20, COLLECTIONS = 5 };
static const size_t heap_bytes = 320 << 20;

/* The plan's defaults; a plan that may choose how to find garbage cycles is told to trace, as it would not mark. */
static bool choose_options(const struct gc_collector *collector, struct gc_value *values, char *message) {
  static const char trace[] = "cycles=trace";
  option_defaults(collector->options, values);
  for (size_t i = 0; i < option_count(collector->options); i++)
    if (strcmp(collector->options[i].name, "cycles") == 0)
      return option_set(collector->options, values, trace, strlen(trace), message, MICRO_MESSAGE_BYTES);
  return true;
}

static void run_mark(struct gbench_state *state, void *user) {
  const struct micro_plan *plan = user;
  struct micro_session session;
  struct tap tap;
  struct gc_heap_stats before, after;
  struct gc_value values[SUBJECT_OPTIONS_MAX];
  char message[MICRO_MESSAGE_BYTES];
  const struct gc_heap_config config = {.collector = &tap.collector, .options = values, .heap_bytes = heap_bytes};
  if (!tap_time(&tap, plan->collector)) {
    gbench_skip_with_error(state, "no row of its table marks");
    return;
  }
  if (!choose_options(plan->collector, values, message) ||
      !micro_session_begin(&session, plan, &config, message, sizeof message)) {
    gbench_skip_with_error(state, message);
    return;
  }
  plan->build_graph(session.m, COUNT, MICRO_SEED);
  cycle_run(session.heap, session.m, GC_REASON_EXPLICIT_FULL); /* warm-up; what is young grows old */
  heap_stats(session.heap, &before);
  while (gbench_keep_running(state)) {
    tap.mark_ns = 0;
    cycle_run(session.heap, session.m, GC_REASON_EXPLICIT_FULL);
    gbench_set_iteration_time(state, (double)tap.mark_ns * 1e-9);
  }
  heap_stats(session.heap, &after);
  uint64_t traced = after.objects_traced - before.objects_traced;
  if (traced < (uint64_t)(COUNT * gbench_iteration_count(state)))
    gbench_skip_with_error(state, "not all nodes were marked");
  gbench_set_items_processed(state, (int64_t)traced);
  micro_session_end(&session);
}

void micro_register_marking(const struct micro_plan *plan) {
  struct tap tap;
  char name[MICRO_NAME_BYTES];
  if (!tap_time(&tap, plan->collector))
    return;
  snprintf(name, sizeof name, "%s/mark_random/objects:%d", plan->collector->name, COUNT);
  struct gbench *b = gbench_register(name, run_mark, (void *)plan);
  gbench_use_manual_time(b);
  gbench_iterations(b, COLLECTIONS);
  gbench_unit(b, GBENCH_MS);
}
