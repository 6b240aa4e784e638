/* long_run.c -- a program that serves requests for long, each of which leaves a cycle behind, and collects when told.
 *
 *   automatic  the collector decides, as under every other workload
 *   periodic   a collection after every phase; no others, where they can be switched off
 *   never      none at all
 *   paused     none in critical phases; automatic in the others
 *
 * Requests come in phases of `phase` each, of which every second one is critical: there latency counts.  A request
 * makes two objects that refer to each other, with some data, and drops them.  Beside them some that are alike stay. */
#include <math.h>

#include "runtime/gc_usage.h"
#include "runtime/os/clock.h"
#include "workloads/lane.h"
#include "workloads/payload.h"

struct half {
  struct gc_header header;
  gc_field other, data; /* the second one has no data */
  uint64_t id;
};

/* What a thread keeps. */
struct session {
  struct gc_header header;
  gc_field pairs; /* array of first halves */
  uint64_t thread;
};

enum { TYPE_half = GC_TYPE_FIRST, TYPE_session };
static const struct gc_type types[] = {GC_TYPE(half, other, 2), GC_TYPE(session, pairs, 1)};

enum { P_COLLECT, P_REQUESTS, P_PHASE, P_LIVE, P_BYTES };
enum { AUTOMATIC, PERIODIC, NEVER, PAUSED };
static const char *const policies[] = {"automatic", "periodic", "never", "paused", NULL};
static const struct gc_option params[] = {
    {"collect", GC_OPTION_CHOICE, 0, 0, policies, "automatic",
     "when; never and paused need collections that can be switched off"},
    {"requests", GC_OPTION_INT, 1, 1e12, .fallback = "30000", .help = "of each thread"},
    {"phase", GC_OPTION_INT, 1, 1e12, .fallback = "1000", .help = "requests between two collections, if periodic"},
    {"live", GC_OPTION_INT, 1, 1e9, .fallback = "10000", .help = "pairs that stay, of each thread"},
    {"bytes", GC_OPTION_INT, PAYLOAD_LEAST_BYTES, 1e6, .fallback = "1024", .help = "data of a pair, in bytes"},
    {0}};

enum { F_PEAK, F_FINAL, F_COLLECTIONS, F_CRITICAL, F_SLOWEST };
static const struct gc_figure figures[] = {
    {"growth_peak_bytes", "held by the heap beyond what stays, at most"},
    {"growth_final_bytes", "held beyond it when the last request is done"},
    {"collections", "while requests came"},
    {"critical_collections", "of those, in critical phases"},
    {"critical_slowest_ns", "the longest request of a critical phase"},
    {0}};

/* Of thread 0, as it goes on. */
struct growth {
  double begin_bytes, peak_bytes, collections, critical_collections;
  uint64_t slowest_ns;
};

static void require(struct gc_needs *needs, const struct gc_value *values) {
  int64_t policy = values[P_COLLECT].integer;
  needs->control |= policy == NEVER || policy == PAUSED;
}

static uint64_t pair_id(const struct gc_work *work, unsigned thread, uint64_t index) {
  return 2 * (thread * (uint64_t)(work_int(work, P_LIVE) + work_int(work, P_REQUESTS)) + index) + 1;
}

/* ---- pairs ---- */

/* The second half has the next id. */
static gc_ref pair_new(struct gc_mutator *m, const struct gc_work *work, uint64_t id) {
  GC_ROOTS(m, r, data, first, second);
  gc_set(m, &r.data, payload_new(m, id, (uint64_t)work_int(work, P_BYTES)));
  gc_set(m, &r.first, GC_NEW(m, half));
  GC_STORE(m, gc_get(m, &r.first), half, data, gc_get(m, &r.data));
  GC_PUT(m, gc_get(m, &r.first), half, id, id);
  gc_set(m, &r.second, GC_NEW(m, half));
  GC_PUT(m, gc_get(m, &r.second), half, id, id + 1);
  GC_STORE(m, gc_get(m, &r.second), half, other, gc_get(m, &r.first));
  GC_STORE(m, gc_get(m, &r.first), half, other, gc_get(m, &r.second));
  gc_ref first = gc_get(m, &r.first);
  gc_frame_pop(m, &r.frame);
  return first;
}

static void pair_check(struct gc_mutator *m, const struct gc_work *work, gc_ref first, uint64_t id) {
  gc_ref second = gc_is_null(first) ? GC_NULL : GC_LOAD(m, first, half, other);
  if (gc_is_null(second) || GC_DEREF(m, half, first)->id != id || GC_DEREF(m, half, second)->id != id + 1 ||
      !gc_same(m, GC_LOAD(m, second, half, other), first) || !gc_is_null(GC_LOAD(m, second, half, data)))
    work_fail(work, "pair %llu has changed", (unsigned long long)id);
  payload_check(m, work, GC_LOAD(m, first, half, data), id, (uint64_t)work_int(work, P_BYTES));
}

/* ---- when to collect ---- */

static bool is_critical(const struct gc_work *work, uint64_t request) {
  return request / (uint64_t)work_int(work, P_PHASE) % 2 == 1;
}

/* Before the first request of a phase, and after the last one. */
static void begin_phase(struct gc_mutator *m, const struct gc_work *work, uint64_t request) {
  int64_t policy = work_int(work, P_COLLECT);
  if (policy != AUTOMATIC)
    gc_set_automatic(m, policy == PAUSED && !is_critical(work, request));
}
static void end_phase(struct gc_mutator *m, const struct gc_work *work) {
  if (work_int(work, P_COLLECT) == PERIODIC)
    gc_collect(m, 1);
}

/* ---- requests ---- */

static uint64_t serve(struct gc_mutator *m, const struct gc_work *work, uint64_t request) {
  uint64_t id = pair_id(work, work->thread, (uint64_t)work_int(work, P_LIVE) + request);
  gc_ref pair = pair_new(m, work, id);
  return GC_DEREF(m, half, pair)->id;
}

static uint64_t serve_measured(struct gc_mutator *m, const struct gc_work *work, uint64_t request,
                               struct growth *growth) {
  double before = gc_collection_count(m);
  uint64_t begin_ns = clock_now_ns(), sum = serve(m, work, request), took_ns = clock_now_ns() - begin_ns;
  double collections = gc_collection_count(m) - before, held_bytes = gc_held_bytes(m) - growth->begin_bytes;
  growth->peak_bytes = fmax(growth->peak_bytes, held_bytes);
  growth->collections += collections;
  if (is_critical(work, request)) {
    growth->critical_collections += collections;
    growth->slowest_ns = took_ns > growth->slowest_ns ? took_ns : growth->slowest_ns;
  }
  return sum;
}

static uint64_t serve_all(struct gc_mutator *m, const struct gc_work *work) {
  struct growth growth = {.begin_bytes = gc_held_bytes(m)};
  double before = gc_collection_count(m);
  uint64_t requests = (uint64_t)work_int(work, P_REQUESTS), phase = (uint64_t)work_int(work, P_PHASE), sum = 0;
  for (uint64_t request = 0; request < requests; request++) {
    gc_poll(m);
    if (request % phase == 0)
      begin_phase(m, work, request);
    sum += serve_measured(m, work, request, &growth);
    if (request % phase == phase - 1 || request == requests - 1)
      end_phase(m, work);
  }
  work_set_figure(work, F_PEAK, growth.peak_bytes);
  work_set_figure(work, F_FINAL, gc_held_bytes(m) - growth.begin_bytes);
  work_set_figure(work, F_COLLECTIONS, gc_collection_count(m) - before);
  work_set_figure(work, F_CRITICAL, growth.critical_collections);
  work_set_figure(work, F_SLOWEST, (double)growth.slowest_ns);
  return sum;
}

/* ---- the work ---- */

static void prepare(struct gc_mutator *m, const struct gc_work *work) { lanes_create(m, work); }

static uint64_t run(struct gc_mutator *m, const struct gc_work *work) {
  uint64_t live = (uint64_t)work_int(work, P_LIVE);
  GC_ROOTS(m, r, pairs);
  gc_set(m, &r.pairs, gc_alloc_array(m, live));
  for (uint64_t i = 0; i < live; i++) {
    gc_ref pair = pair_new(m, work, pair_id(work, work->thread, i));
    gc_array_store(m, gc_get(m, &r.pairs), i, pair);
  }
  gc_ref session = GC_NEW(m, session);
  GC_INIT(m, session, session, pairs, gc_get(m, &r.pairs));
  GC_PUT(m, session, session, thread, work->thread);
  lane_store(m, work, session);
  gc_collect(m, 1);
  uint64_t sum = serve_all(m, work);
  gc_set_automatic(m, true);
  gc_frame_pop(m, &r.frame);
  work_add_ops(work, (uint64_t)work_int(work, P_REQUESTS));
  return sum;
}

static uint64_t check(struct gc_mutator *m, const struct gc_work *work) {
  GC_ROOTS(m, r, pairs);
  for (unsigned thread = 0; thread < work->threads; thread++) {
    gc_ref session = lane_check(m, work, thread);
    if (GC_DEREF(m, session, session)->thread != thread)
      work_fail(work, "thread %u lost its session", thread);
    gc_set(m, &r.pairs, GC_LOAD(m, session, session, pairs));
    array_check(m, work, gc_get(m, &r.pairs), (uint64_t)work_int(work, P_LIVE));
    for (uint64_t i = 0; i < (uint64_t)work_int(work, P_LIVE); i++) {
      gc_poll(m);
      pair_check(m, work, gc_array_load(m, gc_get(m, &r.pairs), i), pair_id(work, thread, i));
    }
  }
  gc_frame_pop(m, &r.frame);
  return 1;
}

GC_WORKLOAD(.name = "long_run", .summary = "requests that leave cycles behind; collections automatic, periodic or off",
            .stresses = "What is won by collecting at a time of one's own choice, and what it costs in memory: growth "
                        "between collections, and pauses where latency counts.",
            .operation = "requests", .source = "gclab's own", .sharing = GC_WORK_COPIES, .needs = {.cycles = true},
            .types = types, .type_count = 2, .params = params, .require = require, .figures = figures,
            .small = "requests=1000,live=100,bytes=256", .prepare = prepare, .run = run, .check = check);
