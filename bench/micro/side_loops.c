/* side_loops.c -- sides that are loops in this process: the plans', the limits', the private heap's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/micro/blocks.h"
#include "bench/micro/limits.h"
#include "bench/micro/loops.h"
#include "bench/micro/sides.h"
#include "bench/subject.h"
#include "runtime/os/clock.h"
#include "runtime/os/topology.h"

static struct figure stopwatch(void) { return (struct figure){(double)clock_process_cpu_ns(), (double)clock_now_ns()}; }

static struct figure elapsed(struct figure start, double count) {
  struct figure end = stopwatch();
  return (struct figure){(end.cpu_ns - start.cpu_ns) / count, (end.wall_ns - start.wall_ns) / count};
}

enum { LOOP_COUNT = 40 * 1000 * 1000, LISTS_COLLECTIONS = 5, BLOCKS_ROUNDS = 8000 };
static const size_t loop_heap_bytes = 64 << 20;

size_t side_nursery_bytes(void) {
  size_t l2_bytes = topology_l2_bytes();
  return l2_bytes ? l2_bytes : 2 << 20;
}

/* The plan's defaults, with its nursery set to side_nursery_bytes() if it has one. */
static bool choose_options(const struct gc_collector *collector, struct gc_value *values, char *message) {
  char nursery[48];
  snprintf(nursery, sizeof nursery, "nursery=%zu", side_nursery_bytes());
  option_defaults(collector->options, values);
  for (size_t i = 0; i < option_count(collector->options); i++)
    if (strcmp(collector->options[i].name, "nursery") == 0)
      return option_set(collector->options, values, nursery, strlen(nursery), message, SIDE_MESSAGE_BYTES);
  return true;
}

static bool begin(const struct side *side, const struct micro_plan **plan, struct micro_session *session,
                  char *message) {
  struct gc_value values[SUBJECT_OPTIONS_MAX];
  *plan = micro_plan_find(side->plan);
  if (!*plan) {
    snprintf(message, SIDE_MESSAGE_BYTES, "this build has no %s", side->plan);
    return false;
  }
  const struct gc_heap_config config = {.collector = (*plan)->collector,
                                        .options = values,
                                        .heap_bytes = side->heap_bytes ? side->heap_bytes : loop_heap_bytes,
                                        .unmeasured = side->unmeasured};
  return choose_options((*plan)->collector, values, message) &&
         micro_session_begin(session, *plan, &config, message, SIDE_MESSAGE_BYTES);
}

bool side_loop(const struct side *side, struct figure *figure, char *message) {
  const struct micro_plan *plan;
  struct micro_session session;
  if (!begin(side, &plan, &session, message))
    return false;
  const struct micro_loop *loop = micro_loop_find(plan, side->loop);
  uint64_t count = side->count ? side->count : LOOP_COUNT;
  loop->run(session.m, count / 8);
  struct figure start = stopwatch();
  loop->run(session.m, count);
  *figure = elapsed(start, (double)count);
  micro_session_end(&session);
  return true;
}

bool side_collect_lists(const struct side *side, struct figure *figure, char *message) {
  const struct micro_plan *plan;
  struct micro_session session;
  if (!begin(side, &plan, &session, message))
    return false;
  plan->build_lists(session.m, LISTS_COUNT);
  cycle_run(session.heap, session.m, GC_REASON_EXPLICIT_FULL); /* what is young grows old */
  struct figure start = stopwatch();
  for (int i = 0; i < LISTS_COLLECTIONS; i++)
    cycle_run(session.heap, session.m, GC_REASON_EXPLICIT_FULL);
  *figure = elapsed(start, (double)LISTS_COLLECTIONS * LISTS_COUNT);
  micro_session_end(&session);
  return true;
}

bool side_blocks(const struct side *side, struct figure *figure, char *message) {
  static struct blocks blocks;
  if (!blocks_init(&blocks, side->block_bytes, side->mixed)) {
    snprintf(message, SIDE_MESSAGE_BYTES, "the system refuses memory for a private heap");
    return false;
  }
  bool ran = blocks_run(&blocks, BLOCKS_ROUNDS / 8);
  struct figure start = stopwatch();
  ran = ran && blocks_run(&blocks, BLOCKS_ROUNDS);
  *figure = elapsed(start, (double)BLOCKS_ROUNDS * BLOCK_ROUND);
  blocks_fini(&blocks);
  if (!ran)
    snprintf(message, SIDE_MESSAGE_BYTES, "the private heap has no room");
  return ran;
}

bool side_limit_alloc32(const struct side *side, struct figure *figure, char *message) {
  (void)side;
  struct limit_nursery nursery;
  if (!limit_nursery_init(&nursery, side_nursery_bytes())) {
    snprintf(message, SIDE_MESSAGE_BYTES, "the system refuses memory for the nursery");
    return false;
  }
  limit_alloc(&nursery, 32, LOOP_COUNT / 8);
  struct figure start = stopwatch();
  limit_alloc(&nursery, 32, LOOP_COUNT);
  *figure = elapsed(start, LOOP_COUNT);
  limit_nursery_fini(&nursery);
  return true;
}

