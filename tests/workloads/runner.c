#include "tests/workloads/runner.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/chaos.h"
#include "runtime/cycle/heap.h"
#include "runtime/harness.h"
#include "runtime/os/thread.h"
#include "runtime/stats/latency.h"
#include "runtime/verify/verify.h"

enum { CHAOS_PER_1024 = 16 };

#if GC_TSAN
/* A run that ends early leaves its threads as they are.  (The other is that of mutator/grace.c.) */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void) { return "report_thread_leaks=0:atexit_sleep_ms=0"; }
#endif

struct lane {
  struct gc_work work; /* first: fail() finds its lane */
  struct run *run;
  struct gc_mutator *m;
  pthread_t thread;
  struct latency_log latency;
  uint64_t sum; /* of its last `run` */
};

/* Written by lane 0, but for `lanes`, each of which its own thread writes. */
struct run {
  const struct run_spec *spec;
  struct run_result *result;
  struct gc_heap *heap;
  struct lane lanes[RUN_THREADS_MAX];
  struct gc_value params[RUN_OPTIONS_MAX], options[RUN_OPTIONS_MAX];
  void *shared;
  _Atomic uint64_t ops;
  pthread_barrier_t barrier;
  uint64_t check_sum;
};

static struct run run; /* of this process: out_of_memory gets the heap alone */

/* ---- early ends ---- */

/* Ends the process.  Any thread; the first message is kept. */
static _Noreturn void end_with(enum run_status status, const char *message) {
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&lock); /* for good */
  run.result->status = status;
  snprintf(run.result->message, sizeof run.result->message, "%s", message);
  _exit(0);
}

static void out_of_memory(struct gc_heap *heap, struct gc_mutator *m, size_t bytes) {
  (void)m;
  char message[128];
  snprintf(message, sizeof message, "no room for %zu bytes in a heap of %zu", bytes, heap->config.heap_bytes);
  end_with(RUN_OOM, message);
}

static void work_failed(const struct gc_work *work, const char *message) {
  (void)work;
  end_with(RUN_FAILED, message);
}

/* ---- threads ---- */

/* All lanes meet.  Cycles do not wait for who waits here. */
static void meet(struct lane *lane) {
  mutator_block(lane->m);
  pthread_barrier_wait(&lane->run->barrier);
  mutator_unblock(lane->m);
}

static void work_through(struct lane *lane) {
  meet(lane);
  lane->sum = run.spec->pair->run(lane->m, &lane->work);
}

static void attach(struct lane *lane) {
  lane->m = gc_attach(run.heap);
  if (!lane->m)
    end_with(RUN_REFUSED, "no memory for a mutator");
}

/* Lanes above 0.  In the last iteration they leave before the check, in others they wait for it. */
static void *lane_body(void *argument) {
  struct lane *lane = argument;
  attach(lane);
  for (unsigned i = 0; i < run.spec->iterations; i++) {
    work_through(lane);
    if (i + 1 < run.spec->iterations)
      meet(lane);
  }
  gc_detach(lane->m);
  return NULL;
}

static void join_others(struct lane *first) {
  mutator_block(first->m);
  for (unsigned i = 1; i < run.spec->threads; i++)
    pthread_join(run.lanes[i].thread, NULL);
  mutator_unblock(first->m);
}

/* ---- iterations: lane 0 ---- */

static void iterate(struct lane *lane, unsigned index) {
  const struct gc_workload *pair = run.spec->pair;
  if (index > 0)
    pair->clear_globals(lane->m);
  if (pair->shared_bytes)
    memset(run.shared, 0, pair->shared_bytes);
  for (unsigned i = 0; i < GC_FIGURES_MAX; i++)
    run.result->figures[i] = NAN;
  if (pair->prepare)
    pair->prepare(lane->m, &lane->work);
  work_through(lane);
  if (index + 1 < run.spec->iterations)
    meet(lane);
  else
    join_others(lane);
  uint64_t sum = run.check_sum = pair->check ? pair->check(lane->m, &lane->work) : 0;
  for (unsigned i = 0; i < run.spec->threads; i++)
    sum += run.lanes[i].sum;
  if (index > 0 && sum != run.result->checksum)
    end_with(RUN_FAILED, "two iterations have different checksums");
  run.result->checksum = sum;
}

/* ---- creation ---- */

/* NULL, or what is wrong with `text`. */
static const char *read_options(const struct gc_option *table, const char *text, struct gc_value *values,
                                char *message, size_t message_bytes) {
  if (option_count(table) > RUN_OPTIONS_MAX)
    return "too many options";
  option_defaults(table, values);
  while (text && *text) {
    size_t length = strcspn(text, ",");
    if (!option_set(table, values, text, length, message, message_bytes))
      return message;
    text += length + (text[length] == ',');
  }
  return NULL;
}

static void create(const struct run_spec *spec) {
  char message[256];
  const char *problem = type_table_register(spec->pair->types, spec->pair->type_count);
  if (problem)
    end_with(RUN_REFUSED, problem);
  problem = read_options(spec->pair->params, spec->params, run.params, message, sizeof message);
  if (!problem)
    problem = read_options(spec->pair->collector->options, spec->options, run.options, message, sizeof message);
  if (problem)
    end_with(RUN_REFUSED, problem);
  struct gc_heap_config config = {.collector = spec->pair->collector, .options = run.options,
                                  .heap_bytes = spec->heap_bytes, .gc_threads = spec->gc_threads,
                                  .verify = spec->verify, .stress_every = spec->stress_every,
                                  .refuse_chunk = spec->refuse_chunk, .seed = spec->seed,
                                  .out_of_memory = out_of_memory};
  run.heap = heap_create(&config, message, sizeof message);
  if (!run.heap)
    end_with(RUN_REFUSED, message);
  run.shared = calloc(1, spec->pair->shared_bytes + 1);
  if (!run.shared || spec->threads > RUN_THREADS_MAX || pthread_barrier_init(&run.barrier, NULL, spec->threads) != 0)
    end_with(RUN_REFUSED, "no memory for the threads");
  for (unsigned i = 0; i < spec->threads; i++) {
    struct lane *lane = &run.lanes[i];
    lane->run = &run;
    lane->work = (struct gc_work){.heap = run.heap, .thread = i, .threads = spec->threads, .seed = spec->seed,
                                  .params = run.params, .shared = run.shared, .latency = &lane->latency,
                                  .ops = &run.ops, .figures = run.result->figures, .fail = work_failed};
  }
}

/* Waits for a cycle that is under way: statistics are consistent while none is. */
static void take_totals(struct lane *first) {
  struct gc_heap_stats stats;
  mutator_block(first->m);
  pthread_mutex_lock(&run.heap->driver.running);
  heap_stats(run.heap, &stats);
  pthread_mutex_unlock(&run.heap->driver.running);
  mutator_unblock(first->m);
  for (unsigned kind = 0; kind < GC_CYCLE_KINDS; kind++)
    run.result->cycles += stats.cycles[kind];
  run.result->alloc_bytes = stats.alloc_bytes;
}

static bool add_bytes(void *context, gc_ref object) {
  *(uint64_t *)context += object_bytes(object);
  return true;
}

void run_here(const struct run_spec *spec, struct run_result *result, void (*at_end)(void *, struct run_end *),
              void *context) {
  struct lane *first = &run.lanes[0];
  run.spec = spec;
  run.result = result;
  *result = (struct run_result){.status = RUN_CRASHED}; /* until it ends */
  chaos_set(spec->seed, GC_CHAOS_ENABLED ? CHAOS_PER_1024 : 0);
  create(spec);
  attach(first);
  for (unsigned i = 1; i < spec->threads; i++)
    if (!thread_start(&run.lanes[i].thread, "mutator", lane_body, &run.lanes[i]))
      end_with(RUN_REFUSED, "the system refused a thread");
  for (unsigned i = 0; i < spec->iterations; i++)
    iterate(first, i);
  take_totals(first);
  if (at_end)
    at_end(context, &(struct run_end){spec->pair, first->m, &first->work, run.check_sum});
  gc_detach(first->m);
  const struct gc_attrs *attrs = &spec->pair->collector->attrs;
  if (!attrs->concurrent && !attrs->foreign) /* else a cycle may be under way, or there is no heap to walk */
    verify_for_reachable(run.heap, &result->live_bytes, add_bytes);
  heap_destroy(run.heap);
  result->status = RUN_OK;
  _exit(0);
}

/* ---- the parent ---- */

void *shared_memory(size_t bytes) {
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    perror("test_workloads: no shared memory");
    exit(1);
  }
  return memory;
}

void run_in_child(const struct run_spec *spec, struct run_result *result) {
  static struct run_result *shared;
  if (!shared)
    shared = shared_memory(sizeof *shared);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    alarm(spec->limit_s);
    if (spec->errors)
      dup2(fileno(spec->errors), STDERR_FILENO);
    run_here(spec, shared, NULL, NULL);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) {
    perror("test_workloads: no child");
    exit(1);
  }
  *result = *shared;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
    return;
  bool hung = WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM;
  result->status = hung ? RUN_HUNG : RUN_CRASHED;
  if (hung)
    snprintf(result->message, sizeof result->message, "still running after %u s", spec->limit_s);
  else
    snprintf(result->message, sizeof result->message, "%s %d", WIFSIGNALED(status) ? "signal" : "exit status",
             WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

const char *run_unsupported(const struct gc_workload *pair, const char *params, unsigned threads) {
  struct gc_value values[RUN_OPTIONS_MAX];
  char message[256];
  const char *problem = read_options(pair->params, params, values, message, sizeof message);
  if (problem) {
    fprintf(stderr, "test_workloads: %s: %s\n", pair->name, problem);
    exit(1);
  }
  return registry_unsupported(pair, values, pair->collector, NULL, threads);
}

const char *run_status_name(enum run_status status) {
  static const char *const names[] = {"ok", "oom", "refused", "failed", "crashed", "hung"};
  return names[status];
}

void run_format(const struct run_spec *spec, char *text, size_t text_bytes) {
  char verifiers[64];
  verify_format(spec->verify, verifiers, sizeof verifiers);
  snprintf(text, text_bytes,
           "run %s --params '%s' --collector %s%s --options '%s' --threads %u --iterations %u --heap %zu "
           "--gc-threads %u --verify %s --stress-every %llu --refuse-chunk %llu --seed %llu",
           spec->pair->name, spec->params, spec->pair->collector->name, spec->pair->checked ? " --checked" : "",
           spec->options, spec->threads, spec->iterations, spec->heap_bytes, spec->gc_threads, verifiers,
           (unsigned long long)spec->stress_every, (unsigned long long)spec->refuse_chunk,
           (unsigned long long)spec->seed);
}
