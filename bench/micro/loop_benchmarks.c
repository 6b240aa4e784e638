/* loop_benchmarks.c -- the loops that are compiled for each plan, as benchmarks. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/gbench_shim.h"
#include "bench/micro/benchmarks.h"
#include "bench/micro/tap.h"
#include "bench/options.h"

/* A plan that never reclaims gets as much as its allocations take, and a fixed number of them. */
static const size_t heap_bytes = 64 << 20, unreclaimed_heap_bytes = (size_t)2 << 30, unreclaimed_bytes = 512 << 20;
enum { UNRECLAIMED_COUNT = 1 << 21 };

struct loop_benchmark {
  const struct micro_plan *plan;
  const struct micro_loop *loop;
};

/* As many as MICRO_BATCH, of large objects as many as fit half a heap. */
static uint64_t batch_of(const struct micro_loop *loop) {
  uint64_t fit = loop->bytes ? heap_bytes / 2 / loop->bytes : MICRO_BATCH;
  return fit < MICRO_BATCH ? fit : MICRO_BATCH;
}

/* What is done before a batch is not timed; where `tap` is not NULL a cycle is about to mark while the batch runs. */
static void run_batches(struct gbench_state *state, const struct micro_loop *loop, struct gc_mutator *m,
                        struct tap *tap) {
  uint64_t batch = batch_of(loop);
  bool each = loop->before != NULL;
  if (tap && !each)
    tap_begin(tap, m);
  while (gbench_keep_running_batch(state, (int64_t)batch)) {
    if (each) {
      gbench_pause_timing(state);
      loop->before(m);
      if (tap)
        tap_begin(tap, m);
      gbench_resume_timing(state);
    }
    loop->run(m, batch);
    if (each && tap) {
      gbench_pause_timing(state);
      tap_end(tap, m);
      gbench_resume_timing(state);
    }
  }
  if (tap && !each)
    tap_end(tap, m);
}

static void run_loop(struct gbench_state *state, void *user) {
  const struct loop_benchmark *benchmark = user;
  const struct micro_loop *loop = benchmark->loop;
  const struct gc_collector *collector = benchmark->plan->collector;
  struct micro_session session;
  struct tap tap;
  char message[MICRO_MESSAGE_BYTES];
  bool marking = loop->when == MICRO_MARKING;
  if (marking && !tap_hold(&tap, collector)) {
    gbench_skip_with_error(state, "no row of its table marks beside mutators");
    return;
  }
  const struct gc_heap_config config = {.collector = marking ? &tap.collector : collector,
                                        .heap_bytes = collector->attrs.reclaims ? heap_bytes : unreclaimed_heap_bytes};
  if (!micro_session_begin(&session, benchmark->plan, &config, message, sizeof message)) {
    gbench_skip_with_error(state, message);
    return;
  }
  if (loop->prepare)
    loop->prepare(session.m);
  run_batches(state, loop, session.m, marking ? &tap : NULL);
  micro_session_end(&session);
}

static bool applies(const struct micro_loop *loop, const struct gc_attrs *attrs) {
  switch (loop->when) {
  case MICRO_IDLE: break;
  case MICRO_MARKING: return attrs->concurrent;
  case MICRO_GENERATIONAL: return attrs->generational;
  }
  return true;
}

static void register_table(const struct micro_plan *plan, const struct micro_loop *loop) {
  for (; loop->name; loop++) {
    if (!applies(loop, &plan->collector->attrs))
      continue;
    char name[MICRO_NAME_BYTES];
    snprintf(name, sizeof name, "%s/%s", plan->collector->name, loop->name);
    struct loop_benchmark *benchmark = malloc(sizeof *benchmark);
    if (!benchmark)
      environment_error("micro: no memory for %s", name);
    *benchmark = (struct loop_benchmark){plan, loop};
    struct gbench *b = gbench_register(name, run_loop, benchmark);
    if (loop->bytes && !plan->collector->attrs.reclaims) {
      size_t fit = unreclaimed_bytes / loop->bytes;
      gbench_iterations(b, (int64_t)(fit < UNRECLAIMED_COUNT ? fit : UNRECLAIMED_COUNT));
    }
  }
}

void micro_register_loops(const struct micro_plan *plan) {
  register_table(plan, plan->loops);
  register_table(plan, plan->barriers);
}
