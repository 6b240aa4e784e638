#include "bench/invoke.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "bench/artifacts.h"
#include "bench/counters.h"
#include "bench/fault.h"
#include "bench/inspect.h"
#include "bench/instrumentation.h"
#include "bench/report.h"
#include "bench/samples.h"
#include "bench/subject.h"
#include "bench/trace.h"
#include "runtime/base/check.h"
#include "runtime/base/rng.h"
#include "runtime/base/schedule.h"
#include "runtime/harness.h"
#include "runtime/os/clock.h"
#include "runtime/os/thread.h"
#include "runtime/stats/events.h"

/* One mutator thread. */
struct lane {
  struct gc_work work; /* first: fail() finds its lane */
  struct invocation *invocation;
  struct gc_mutator *mutator;
  pthread_t thread;
  struct latency_log latency;
  uint64_t begin_ns, end_ns; /* of `run` in this iteration */
  uint64_t sum;
  int64_t migrations;
};

/* Written by thread 0 of the lanes, or by whoever ends the invocation; `lanes` each by its own thread. */
struct invocation {
  const struct options *options;
  const struct gc_workload *pair;
  const struct collector_choice *collector;
  const struct workload_choice *workload;
  struct gc_heap *heap;
  unsigned threads, warmup;
  struct lane *lanes;
  void *shared;
  _Atomic uint64_t ops;
  double figures[GC_FIGURES_MAX]; /* of this iteration; by lane 0 */
  pthread_barrier_t barrier;

  const char *phase;
  struct iteration now;
  struct measured measured;
  struct counters counters;
  struct samples samples;
  struct artifacts artifacts;
  struct inspection inspection;
  json_t *iterations;
  uint64_t checksum;
};

static struct invocation *ending; /* for out_of_memory, which gets the heap alone */
static atomic_flag ended = ATOMIC_FLAG_INIT;

/* ---- lines for the parent ---- */

static void write_line(const struct invocation *v, json_t *line) {
  char *text = json_dumps(line, JSON_COMPACT);
  size_t length = text ? strlen(text) : 0;
  if (text) {
    text[length++] = '\n'; /* in the place of its final zero */
    for (size_t done = 0; done < length;) {
      ssize_t written = write((int)v->options->record_fd.integer, text + done, length - done);
      if (written < 0 && errno != EINTR)
        break; /* the parent is gone */
      done += written > 0 ? (size_t)written : 0;
    }
  }
  free(text);
  json_decref(line);
}

static void enter_phase(struct invocation *v, const char *phase) {
  v->phase = phase;
  write_line(v, json_pack("{s{ss sI}}", "progress", "phase", phase, "iteration", (json_int_t)v->now.index));
}

static int64_t migrations(const struct invocation *v) {
  int64_t sum = 0;
  for (unsigned i = 0; i < v->threads; i++) {
    if (v->lanes[i].migrations < 0)
      return -1;
    sum += v->lanes[i].migrations;
  }
  return sum;
}

/* All that is known so far.  status NULL: not ended yet. */
static void write_report(struct invocation *v, const char *status, const char *reason) {
  json_t *line = json_pack("{sO so so so so so}", "iterations", v->iterations, "pauses", report_pauses(&v->measured),
                           "memory", report_memory(v->heap, &v->measured), "numa",
                           report_numa(v->heap, !v->options->no_pin), "quality",
                           report_quality(&v->measured, migrations(v)), "mmu", report_mmu(&v->measured));
  instrumentation_report(json_object_get(line, "quality"), v->heap, &v->measured, &v->samples,
                         v->options->has_schedule);
  json_object_set_new(line, "counters", counters_report(&v->counters, v->measured.stw_cpu_ns));
  if (v->options->has_schedule)
    json_object_set_new(line, "schedule", report_schedule(v->options));
  json_t *latency = requests_report(&v->measured.requests);
  json_object_set_new(line, "latency", latency ? latency : json_null());
  if (v->collector->collector->attrs.foreign)
    report_foreign(line);
  if (status) {
    char checksum[24];
    snprintf(checksum, sizeof checksum, "0x%016llx", (unsigned long long)v->checksum);
    bool ok = strcmp(status, "ok") == 0;
    json_object_set_new(
        line, "outcome",
        json_pack("{ss ss? ss?}", "status", status, "reason", reason, "checksum", ok ? checksum : NULL));
  }
  write_line(v, line);
}

/* Also while other threads still tell. */
static void write_trace(const struct invocation *v) {
  char title[1200];
  snprintf(title, sizeof title, "gclab: %s, %s", v->workload->text, v->collector->text);
  if (v->options->trace_file && !trace_write(v->options->trace_file, title))
    fprintf(stderr, "gclab: cannot write %s: %m\n", v->options->trace_file);
}

/* The iteration that ends, with what the workload measured of itself. */
static void add_iteration(struct invocation *v) {
  json_t *iteration = report_iteration(&v->now), *figures = json_object();
  for (size_t i = 0; i < figure_count(v->pair->figures); i++) {
    double value = v->figures[i];
    json_object_set_new(figures, v->pair->figures[i].name, isnan(value) ? json_null() : json_real(value));
  }
  json_object_set_new(iteration, "figures", figures);
  json_array_append_new(v->iterations, iteration);
}

/* ---- an early end ---- */

/* Ends the process with what was measured so far.  Any mutator; the first one to come.  `m` may be NULL. */
static _Noreturn void end_early(struct invocation *v, struct gc_mutator *m, const char *status, const char *reason,
                                int exit_status) {
  while (atomic_flag_test_and_set(&ended))
    pause(); /* another thread is ending the process */
  if (m)
    mutator_block(m); /* cycles that wait for this thread may finish */
  samples_stop(&v->samples);
  bool quiet = measure_quiesce(v->heap);
  if (strcmp(v->phase, "run") == 0) {
    uint64_t begin_ns = UINT64_MAX;
    for (unsigned i = 0; i < v->threads; i++)
      if (v->lanes[i].begin_ns && v->lanes[i].begin_ns < begin_ns)
        begin_ns = v->lanes[i].begin_ns;
    v->now.ops = atomic_load(&v->ops);
    measure_end(v->heap, &v->now, begin_ns, clock_now_ns(), &v->measured);
    if (!v->now.aside) {
      counters_end(&v->counters);
      artifacts_add(&v->artifacts, v->heap, &v->measured);
    }
    add_iteration(v);
  }
  write_report(v, status, reason);
  artifacts_close(&v->artifacts, v->heap, &v->measured);
  write_trace(v);
  measure_release(v->heap, quiet);
  _exit(exit_status);
}

static void format_mib(size_t bytes, char *text, size_t text_bytes) {
  snprintf(text, text_bytes, bytes < 10 << 20 ? "%.1f MiB" : "%.0f MiB", (double)bytes / (1 << 20));
}

static void out_of_memory(struct gc_heap *heap, struct gc_mutator *m, size_t bytes) {
  struct invocation *v = ending;
  char reason[SUBJECT_TEXT_BYTES + 160], limit[32];
  format_mib(heap->config.heap_bytes, limit, sizeof limit);
  snprintf(reason, sizeof reason, "%s found no room for %zu bytes in a heap of %s, in %s", v->collector->text, bytes,
           limit, v->phase);
  end_early(v, m, "oom", reason, INVOKE_OOM);
}

static void work_failed(const struct gc_work *work, const char *message) {
  const struct lane *lane = (const struct lane *)work;
  char reason[512];
  snprintf(reason, sizeof reason, "%s, thread %u, in %s: %s", lane->invocation->pair->name, work->thread,
           lane->invocation->phase, message);
  end_early(lane->invocation, lane->mutator, "verify_failed", reason, INVOKE_FAILED);
}

/* ---- an iteration ---- */

/* All lanes meet.  Cycles do not wait for who waits here. */
static void meet(struct lane *lane) {
  mutator_block(lane->mutator);
  pthread_barrier_wait(&lane->invocation->barrier);
  mutator_unblock(lane->mutator);
}

/* Of two iterations one, which of them by lot: what comes in every second iteration, as a collection of the whole heap,
 * is not always beside the same.  Seeds 2n and 2n + 1 draw opposite lots, for two processes side by side. */
static bool is_instrumented(const struct invocation *v) {
  uint64_t seed = (uint64_t)v->options->seed.integer;
  return (v->now.index ^ rng_stream(seed / 2, v->now.index / 2) ^ seed) & 1;
}

/* While no cycle runs.  Everything that measures stops, so that one layout of memory serves both kinds of iteration. */
static void instrument(struct invocation *v, bool on) {
  heap_measure(v->heap, on);
  counters_run(&v->counters, on);
  samples_run(&v->samples, on);
}

static void prepare(struct invocation *v, struct lane *lane) {
  enter_phase(v, "prepare");
  if (v->pair->shared_bytes)
    memset(v->shared, 0, v->pair->shared_bytes);
  atomic_store(&v->ops, 0);
  for (unsigned i = 0; i < GC_FIGURES_MAX; i++)
    v->figures[i] = NAN;
  for (unsigned i = 0; i < v->threads; i++) {
    latency_reset(&v->lanes[i].latency);
    v->lanes[i].begin_ns = 0;
  }
  uint64_t begin_ns = clock_now_ns();
  if (v->pair->prepare)
    v->pair->prepare(lane->mutator, &lane->work);
  v->now.prepare_ns = clock_now_ns() - begin_ns;

  bool alternate = v->options->instrumentation.integer == INSTRUMENTATION_ALTERNATE;
  if (alternate) /* each begins with as much of the heap taken, so that iterations differ in nothing else */
    cycle_run(v->heap, lane->mutator, GC_REASON_EXPLICIT_FULL);
  mutator_block(lane->mutator);
  bool quiet = measure_quiesce(v->heap);
  if (alternate) {
    bool on = is_instrumented(v);
    instrument(v, on);
    v->now.aside |= !on;
  }
  counters_begin(&v->counters);
  measure_begin(v->heap, &v->now);
  measure_release(v->heap, quiet);
  mutator_unblock(lane->mutator);
  enter_phase(v, "run");
}

/* After the last lane left `run`. */
static void take_measures(struct invocation *v, struct lane *lane) {
  uint64_t begin_ns = UINT64_MAX, end_ns = 0;
  for (unsigned i = 0; i < v->threads; i++) {
    begin_ns = v->lanes[i].begin_ns < begin_ns ? v->lanes[i].begin_ns : begin_ns;
    end_ns = v->lanes[i].end_ns > end_ns ? v->lanes[i].end_ns : end_ns;
    v->now.checksum += v->lanes[i].sum;
  }
  v->now.ops = atomic_load(&v->ops);
  mutator_block(lane->mutator);
  bool quiet = measure_quiesce(v->heap);
  measure_end(v->heap, &v->now, begin_ns, end_ns, &v->measured);
  if (!v->now.aside) {
    counters_end(&v->counters);
    artifacts_add(&v->artifacts, v->heap, &v->measured);
  }
  measure_release(v->heap, quiet);
  mutator_unblock(lane->mutator);
  if (v->now.aside)
    return;
  struct latency_log *logs[v->threads];
  for (unsigned i = 0; i < v->threads; i++)
    logs[i] = &v->lanes[i].latency;
  requests_add(&v->measured.requests, logs, v->threads);
}

static void check(struct invocation *v, struct lane *lane) {
  take_measures(v, lane);
  enter_phase(v, "check");
  inspect_iteration(&v->inspection, lane->mutator, v->now.index);
  uint64_t begin_ns = clock_now_ns();
  if (v->pair->check)
    v->now.checksum += v->pair->check(lane->mutator, &lane->work);
  v->now.check_ns = clock_now_ns() - begin_ns;
  v->now.complete = true;
  add_iteration(v);
  if (v->now.index > 0 && v->now.checksum != v->checksum) {
    char reason[160];
    snprintf(reason, sizeof reason, "iteration %u has checksum 0x%016llx, those before 0x%016llx", v->now.index,
             (unsigned long long)v->now.checksum, (unsigned long long)v->checksum);
    end_early(v, lane->mutator, "verify_failed", reason, INVOKE_FAILED);
  }
  v->checksum = v->now.checksum;
  v->pair->clear_globals(lane->mutator);
}

static void iterate(struct lane *lane, unsigned index) {
  struct invocation *v = lane->invocation;
  meet(lane);
  if (lane->work.thread == 0) {
    bool warmup = index < v->warmup;
    v->now = (struct iteration){.index = index, .warmup = warmup, .aside = warmup};
    prepare(v, lane);
  }
  meet(lane);
  if (lane->work.thread == 0)
    GC_EVENT(iteration_begin, index, 0);
  lane->begin_ns = clock_now_ns();
  if (lane->work.thread == 0)
    fault_commit(v->options->fault);
  lane->sum = fault_checksum(v->options->fault, v->pair->run(lane->mutator, &lane->work));
  lane->end_ns = clock_now_ns();
  meet(lane);
  if (lane->work.thread == 0) {
    GC_EVENT(iteration_end, index, 0);
    check(v, lane);
  }
}

/* How often the scheduler moved the calling thread to another core; -1 if the kernel does not tell. */
static int64_t thread_migrations(void) {
  FILE *file = fopen("/proc/thread-self/sched", "r");
  char line[256];
  long long count = -1;
  while (file && fgets(line, sizeof line, file))
    if (sscanf(line, "se.nr_migrations : %lld", &count) == 1)
      break;
  if (file)
    fclose(file);
  return count;
}

static void *lane_body(void *argument) {
  struct lane *lane = argument;
  struct invocation *v = lane->invocation;
  topology_bind_thread(lane->work.thread, !v->options->no_pin);
  lane->mutator = gc_attach(v->heap);
  if (!lane->mutator)
    end_early(v, NULL, "harness_error", "the system refused memory for a mutator thread", INVOKE_FAILED);
  for (unsigned i = 0; i < (unsigned)v->options->iterations.integer; i++)
    iterate(lane, i);
  lane->migrations = thread_migrations();
  gc_detach(lane->mutator);
  return NULL;
}

/* ---- the invocation ---- */

static int fail(struct invocation *v, const char *status, const char *reason) {
  write_line(v, json_pack("{s{ss ss}}", "outcome", "status", status, "reason", reason));
  return strcmp(status, "oom") == 0 ? INVOKE_OOM : INVOKE_FAILED;
}

static bool create_heap(struct invocation *v, char *message, size_t message_bytes) {
  const struct options *options = v->options;
  double heap_bytes = 0;
  option_parse_bytes(options->heap, &heap_bytes);
  struct gc_heap_config config = {
      .collector = v->pair->collector,
      .options = v->collector->values,
      .heap_bytes = (size_t)heap_bytes,
      .gc_threads = (unsigned)options->gc_threads.integer,
      .verify = options->verify,
      .stress_every = (uint64_t)options->stress_every.integer,
      .stress_polls = options->stress_polls,
      .refuse_chunk = (uint64_t)options->refuse_chunk.integer,
      .seed = (uint64_t)options->seed.integer,
      .placement = placements[options->placement.integer],
      .out_of_memory = out_of_memory,
      .unmeasured = options->instrumentation.integer == INSTRUMENTATION_OFF,
      .watch = inspect_watch(&v->inspection),
  };
  v->heap = heap_create(&config, message, message_bytes);
  return v->heap != NULL;
}

/* None where nothing is kept, or where the schedule decides who runs. */
static bool start_sampler(struct invocation *v) {
  const struct options *options = v->options;
  if (!options->artifacts || options->instrumentation.integer == INSTRUMENTATION_OFF || options->has_schedule)
    return true;
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/samples.csv", options->artifacts);
  return samples_start(&v->samples, v->heap, path);
}

static bool create_lanes(struct invocation *v) {
  v->lanes = calloc(v->threads, sizeof *v->lanes);
  v->shared = calloc(1, v->pair->shared_bytes + 1);
  if (!v->lanes || !v->shared || pthread_barrier_init(&v->barrier, NULL, v->threads) != 0)
    return false;
  for (unsigned i = 0; i < v->threads; i++) {
    struct lane *lane = &v->lanes[i];
    lane->invocation = v;
    requests_make_room(&lane->latency);
    lane->work = (struct gc_work){.heap = v->heap,
                                  .thread = i,
                                  .threads = v->threads,
                                  .seed = (uint64_t)v->options->seed.integer,
                                  .params = v->workload->values,
                                  .shared = v->shared,
                                  .latency = &lane->latency,
                                  .ops = &v->ops,
                                  .figures = v->figures,
                                  .fail = work_failed};
  }
  return true;
}

static bool run_lanes(struct invocation *v) {
  for (unsigned i = 0; i < v->threads; i++) {
    char name[24]; /* at most "mutator 1023": names have 15 letters */
    snprintf(name, sizeof name, "mutator %u", i);
    if (!thread_start(&v->lanes[i].thread, name, lane_body, &v->lanes[i]))
      return false;
  }
  for (unsigned i = 0; i < v->threads; i++)
    pthread_join(v->lanes[i].thread, NULL);
  return true;
}

/* From here on this thread, and all that it starts, run one at a time.  `gclab run` has refused it in other builds. */
static void begin_schedule(const struct options *options) {
#if GC_CHAOS_ENABLED
  thread_stay_here(); /* a baton is passed faster within one processor */
  schedule_begin(&(struct schedule_options){.seed = (uint64_t)options->schedule.integer,
                                            .steps = (uint64_t)options->schedule_steps.integer,
                                            .depth = (unsigned)options->schedule_depth.integer,
                                            .log = options->schedule_log});
#else
  (void)options;
#endif
}

int invoke(const struct options *options) {
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* no invocation outlives the one who wants its record */
  struct subjects subjects;
  subjects_read(&subjects, options);
  GC_CHECK(0, subjects.collector_count == 1 && subjects.workload_count == 1, "an invocation has one subject");
  struct invocation v = {.options = options,
                         .collector = subjects.collectors,
                         .workload = subjects.workloads,
                         .threads = (unsigned)options->threads.integer,
                         .warmup = (unsigned)options->warmup.integer,
                         .phase = "create",
                         .iterations = json_array()};
  ending = &v;
  if (options->trace_file)
    events_begin();
  if (options->instrumentation.integer != INSTRUMENTATION_OFF)
    counters_open(&v.counters); /* while this is the only thread */
  if (options->has_schedule)
    begin_schedule(options);
  v.pair = registry_pair(v.workload->workload->name, v.collector->collector->name, v.collector->checked);
  if (!v.pair)
    return fail(&v, "harness_error", "this build has no such pair");
  const char *problem = topology_init(options->topology);
  if (!problem)
    problem = type_table_register(v.pair->types, v.pair->type_count);
  if (problem)
    return fail(&v, "harness_error", problem);
  if (!inspect_begin(&v.inspection, options, v.collector->checked))
    return fail(&v, "harness_error", "the system refused memory for the profile");
  char message[256];
  if (!create_heap(&v, message, sizeof message)) /* another size may do, so it is an outcome like any other */
    return fail(&v, "oom", message);
  if (!start_sampler(&v))
    return fail(&v, "harness_error", "the file samples.csv could not be made, or the system refused a thread");
  bool kept = options->instrumentation.integer != INSTRUMENTATION_OFF;
  if (!artifacts_open(&v.artifacts, kept ? options->artifacts : NULL))
    return fail(&v, "harness_error", "a file in the invocation's folder could not be made");
  if (!create_lanes(&v))
    return fail(&v, "harness_error", "the system refused memory for the mutator threads");
  if (!run_lanes(&v))
    return fail(&v, "harness_error", "the system refused a mutator thread");
  if (options->instrumentation.integer == INSTRUMENTATION_ALTERNATE)
    instrument(&v, true); /* the record is of the iterations that were */
  samples_stop(&v.samples);
  artifacts_close(&v.artifacts, v.heap, &v.measured);
  v.phase = "end";
  write_report(&v, "ok", NULL);
  heap_destroy(v.heap);
  inspect_end(&v.inspection);
  write_trace(&v);
  events_end();
  for (unsigned i = 0; i < v.threads; i++)
    requests_free_room(&v.lanes[i].latency);
  free(v.lanes);
  free(v.shared);
  json_decref(v.iterations);
  subjects_free(&subjects);
  topology_fini();
  return INVOKE_OK;
}
