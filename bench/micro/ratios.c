#include "bench/micro/ratios.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "bench/launch.h"
#include "bench/micro/limits.h"
#include "bench/micro/loops.h"
#include "bench/minheap.h"
#include "bench/options.h"
#include "runtime/os/clock.h"
#include "runtime/os/topology.h"

enum { ROUNDS_MAX = 1000, MESSAGE_BYTES = 512 };

/* What one measurement gives, for each operation.  The verdict goes by CPU time: everything is bound to one
 * processor and runs one thread at a time, so on a quiet machine that is wall time, and on a busy one it still is. */
struct figure {
  double cpu_ns, wall_ns;
};

enum compare {
  TIMES_SLOWER, /* ours / theirs, at most the bound */
  TIMES_FASTER, /* theirs / ours, at least the bound */
  DIFFERENCE,   /* ours - theirs, at most the bound */
};

struct promise {
  const char *ours, *theirs; /* as printed */
  enum compare compare;
  double bound;
  const char *unit; /* of the figures, printed with `scale` */
  double scale;
  struct side {
    bool (*measure)(const struct side *side, struct figure *figure, char *message);
    const char *plan, *loop;                        /* loops */
    const char *workload, *peer, *program, *params; /* processes */
    double heap_factor;                             /* times the smallest heap of the workload; or, if 0, */
    size_t heap_bytes;
    int iterations;
  } side[2]; /* ours, theirs */
};

/* ---- one process, one processor ---- */

/* Binds the process and, by inheritance, its children to the last processor it may use.  Returns its number. */
static int bind_to_one(void) {
  cpu_set_t allowed, one;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
    environment_error("micro: the system does not say which processors may be used");
  int last = -1;
  for (int i = 0; i < CPU_SETSIZE; i++)
    if (CPU_ISSET(i, &allowed))
      last = i;
  CPU_ZERO(&one);
  CPU_SET(last, &one);
  if (sched_setaffinity(0, sizeof one, &one) != 0)
    environment_error("micro: the system does not bind to processor %d", last);
  return last;
}

static struct figure stopwatch(void) { return (struct figure){(double)clock_process_cpu_ns(), (double)clock_now_ns()}; }

static struct figure elapsed(struct figure begin, double count) {
  struct figure end = stopwatch();
  return (struct figure){(end.cpu_ns - begin.cpu_ns) / count, (end.wall_ns - begin.wall_ns) / count};
}

/* ---- loops in this process ---- */

enum { LOOP_COUNT = 40 * 1000 * 1000, LOOP_WARMUP = LOOP_COUNT / 8 };
static const size_t loop_heap_bytes = 64 << 20;

/* The nursery of both sides: what the second-level cache holds, which is also generational's default. */
static size_t nursery_bytes(void) {
  size_t l2_bytes = topology_l2_bytes();
  return l2_bytes ? l2_bytes : 2 << 20;
}

/* The plan's defaults, with its nursery set to nursery_bytes() if it has one. */
static bool choose_options(const struct gc_collector *collector, struct gc_value *values, char *message) {
  char nursery[48];
  snprintf(nursery, sizeof nursery, "nursery=%zu", nursery_bytes());
  option_defaults(collector->options, values);
  for (size_t i = 0; i < option_count(collector->options); i++)
    if (strcmp(collector->options[i].name, "nursery") == 0)
      return option_set(collector->options, values, nursery, strlen(nursery), message, MESSAGE_BYTES);
  return true;
}

static bool measure_loop(const struct side *side, struct figure *figure, char *message) {
  const struct micro_plan *plan = micro_plan_find(side->plan);
  if (!plan) {
    snprintf(message, MESSAGE_BYTES, "this build has no %s", side->plan);
    return false;
  }
  const struct micro_loop *loop = micro_loop_find(plan, side->loop);
  struct gc_value values[SUBJECT_OPTIONS_MAX];
  struct micro_session session;
  if (!choose_options(plan->collector, values, message) ||
      !micro_session_begin(&session, plan, plan->collector, values, loop_heap_bytes, message, MESSAGE_BYTES))
    return false;
  loop->run(session.m, LOOP_WARMUP);
  struct figure begin = stopwatch();
  loop->run(session.m, LOOP_COUNT);
  *figure = elapsed(begin, LOOP_COUNT);
  micro_session_end(&session);
  return true;
}

static bool measure_limit_alloc32(const struct side *side, struct figure *figure, char *message) {
  (void)side;
  struct limit_nursery nursery;
  if (!limit_nursery_init(&nursery, nursery_bytes())) {
    snprintf(message, MESSAGE_BYTES, "the system refuses memory for the nursery");
    return false;
  }
  limit_alloc(&nursery, 32, LOOP_WARMUP);
  struct figure begin = stopwatch();
  limit_alloc(&nursery, 32, LOOP_COUNT);
  *figure = elapsed(begin, LOOP_COUNT);
  limit_nursery_fini(&nursery);
  return true;
}

/* ---- iterations of another process ---- */

enum { ITERATIONS_MAX = 16, GCBENCH_ITERATIONS = 8 };

static int compare_doubles(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The quantile of sorted values, interpolated. */
static double quantile(const double *sorted, size_t count, double q) {
  double at = q * (double)(count - 1);
  size_t below = (size_t)at;
  double above = sorted[below + 1 < count ? below + 1 : below];
  return sorted[below] + (at - (double)below) * (above - sorted[below]);
}

/* The median over the later half of the iterations, for each operation if they are counted. */
static bool read_iterations(json_t *iterations, struct figure *figure, char *message) {
  size_t length = json_array_size(iterations), count = 0;
  double cpu_ns[ITERATIONS_MAX], wall_ns[ITERATIONS_MAX];
  for (size_t i = length / 2; i < length && count < ITERATIONS_MAX; i++) {
    json_t *iteration = json_array_get(iterations, i);
    double ops = json_number_value(json_object_get(iteration, "ops"));
    ops = ops > 0 ? ops : 1;
    cpu_ns[count] = json_number_value(json_object_get(iteration, "task_clock_ns")) / ops;
    wall_ns[count++] = json_number_value(json_object_get(iteration, "wall_ns")) / ops;
  }
  if (count == 0) {
    snprintf(message, MESSAGE_BYTES, "it reported no iterations");
    return false;
  }
  qsort(cpu_ns, count, sizeof *cpu_ns, compare_doubles);
  qsort(wall_ns, count, sizeof *wall_ns, compare_doubles);
  *figure = (struct figure){quantile(cpu_ns, count, 0.5), quantile(wall_ns, count, 0.5)};
  return true;
}

/* The options that `gclab run` would have; read once, as the parser of the command line is used up then. */
static const struct options *default_options(void) {
  static struct options options;
  static bool read;
  if (!read) {
    char *argv[] = {"gclab", "run", "--warmup=0", "--gc-threads=1", NULL};
    options_read(&options, sizeof argv / sizeof *argv - 1, argv);
    read = true;
  }
  return &options;
}

/* The heap, the same for both sides; heap_factor as in `gclab run --heap Kx`. */
static bool choose_heap(const struct side *side, struct options *options, struct workload_choice *workload,
                        size_t *heap_bytes, char *message) {
  struct minheap found = {0};
  *options = *default_options();
  options->iterations = (struct gc_value){side->iterations, side->iterations};
  if (!subject_read_workload(workload, side->workload, message, MESSAGE_BYTES))
    return false;
  *heap_bytes = side->heap_bytes;
  if (side->heap_factor == 0)
    return true;
  if (!minheap_find(&found, options, workload)) {
    snprintf(message, MESSAGE_BYTES, "%s", found.problem ? found.problem : "interrupted");
    return false;
  }
  *heap_bytes = (size_t)(side->heap_factor * (double)found.bytes);
  return true;
}

static bool measure_workload(const struct side *side, struct figure *figure, char *message) {
  struct options options;
  struct workload_choice workload;
  struct collector_choice collector;
  struct launch_request request = {
      .options = &options, .collector = &collector, .workload = &workload, .timeout_s = 300};
  if (!choose_heap(side, &options, &workload, &request.heap_bytes, message) ||
      !subject_read_collector(&collector, side->plan, message, MESSAGE_BYTES))
    return false;
  struct launch_result result = launch(&request);
  const char *reason = json_string_value(json_object_get(json_object_get(result.report, "outcome"), "reason"));
  bool ok = result.outcome == OUTCOME_ok;
  if (ok)
    ok = read_iterations(json_object_get(result.report, "iterations"), figure, message);
  else
    snprintf(message, MESSAGE_BYTES, "%s under %s ended with %s: %s", side->workload, side->plan,
             outcome_names[result.outcome], reason ? reason : "no reason given");
  json_decref(result.report);
  return ok;
}

/* <folder of this binary>/peers/<name> */
static void peer_path(const char *name, char *path, size_t path_bytes) {
  char self[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  self[length > 0 ? length : 0] = 0;
  snprintf(path, path_bytes, "%s/peers/%s", dirname(self), name);
}

/* Runs a command and parses the one line of JSON that it prints.  NULL if there is none. */
static json_t *run_peer(char **argv) {
  int pipe_fd[2];
  if (pipe2(pipe_fd, O_CLOEXEC) != 0)
    return NULL;
  pid_t child = fork();
  if (child == 0) {
    dup2(pipe_fd[1], STDOUT_FILENO);
    execv(argv[0], argv);
    _exit(127);
  }
  close(pipe_fd[1]);
  FILE *out = fdopen(pipe_fd[0], "r");
  json_t *record = child > 0 && out ? json_loadf(out, JSON_DISABLE_EOF_CHECK, NULL) : NULL;
  if (out)
    fclose(out);
  while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
    ;
  return record;
}

static bool measure_peer(const struct side *side, struct figure *figure, char *message) {
  struct options options;
  struct workload_choice workload;
  size_t heap_bytes;
  if (!choose_heap(side, &options, &workload, &heap_bytes, message))
    return false;
  char path[PATH_MAX + 64], heap[32], iterations[16];
  peer_path(side->peer, path, sizeof path);
  if (access(path, X_OK) != 0) {
    snprintf(message, MESSAGE_BYTES, "%s has not been built: cmake --build build --target peers", side->peer);
    return false;
  }
  snprintf(heap, sizeof heap, "--heap=%zu", heap_bytes);
  snprintf(iterations, sizeof iterations, "-i%d", side->iterations);
  char *argv[] = {path, iterations, heap, "--gc-threads=1", (char *)side->program, (char *)side->params, NULL};
  json_t *record = run_peer(argv);
  const char *status = json_string_value(json_object_get(record, "status"));
  bool ok = status && strcmp(status, "ok") == 0;
  if (ok)
    ok = read_iterations(json_object_get(record, "iterations"), figure, message);
  else
    snprintf(message, MESSAGE_BYTES, "%s %s ended with %s", side->peer, side->program, status ? status : "an error");
  json_decref(record);
  return ok;
}

/* ---- the promises ---- */

#define LOOP(plan_name, loop_name) \
  { .measure = measure_loop, .plan = plan_name, .loop = loop_name }
#define GCBENCH_UNDER(plan_name)                                                             \
  {                                                                                          \
    .measure = measure_workload, .plan = plan_name, .workload = "gcbench", .heap_factor = 3, \
    .iterations = GCBENCH_ITERATIONS                                                         \
  }
#define GCBENCH_ON(peer_name)                                                                                  \
  {                                                                                                            \
    .measure = measure_peer, .peer = peer_name, .program = "gcbench", .workload = "gcbench", .heap_factor = 3, \
    .iterations = GCBENCH_ITERATIONS                                                                           \
  }

/* Three collections after one that warms up, of 256 MB in a heap that holds them and the array of the building. */
enum { MARK_HEAP_BYTES = 768 << 20 };
#define MARK_OBJECTS "objects=4194304"

/* bdwgc as most programs call it, and with its free lists inlined, as a language runtime would: no slower than that. */
static const struct promise promises[] = {
    {"alloc 32 B, generational",
     "limit: bump and zero",
     TIMES_SLOWER,
     1.5,
     "ns",
     1,
     {LOOP("generational", "alloc32"), {.measure = measure_limit_alloc32}}},
    {"loop with a poll, marksweep",
     "the same without",
     DIFFERENCE,
     0.15,
     "ns",
     1,
     {LOOP("marksweep", "loop_work_poll"), LOOP("marksweep", "loop_work")}},
    {"empty loop with a poll",
     "the same without",
     DIFFERENCE,
     0.15,
     "ns",
     1,
     {LOOP("marksweep", "loop_empty_poll"), LOOP("marksweep", "loop_empty")}},
    {"gcbench 3x, generational",
     "bdwgc",
     TIMES_FASTER,
     2,
     "ms",
     1e-6,
     {GCBENCH_UNDER("generational"), GCBENCH_ON("bdwgc")}},
    {"gcbench 3x, generational",
     "bdwgc-inline",
     TIMES_FASTER,
     1,
     "ms",
     1e-6,
     {GCBENCH_UNDER("generational"), GCBENCH_ON("bdwgc-inline")}},
    {"gcbench 3x, marksweep", "bdwgc", TIMES_FASTER, 1, "ms", 1e-6, {GCBENCH_UNDER("marksweep"), GCBENCH_ON("bdwgc")}},
    {"gcbench 3x, marksweep",
     "bdwgc-inline",
     TIMES_FASTER,
     1,
     "ms",
     1e-6,
     {GCBENCH_UNDER("marksweep"), GCBENCH_ON("bdwgc-inline")}},
    {"mark random, marksweep",
     "bdwgc",
     TIMES_FASTER,
     2,
     "ns/object",
     1,
     {{.measure = measure_workload,
       .plan = "marksweep",
       .workload = "mark," MARK_OBJECTS,
       .iterations = 1,
       .heap_bytes = MARK_HEAP_BYTES},
      {.measure = measure_peer,
       .peer = "bdwgc",
       .program = "mark",
       .params = MARK_OBJECTS,
       .iterations = 1,
       .workload = "mark",
       .heap_bytes = MARK_HEAP_BYTES}}},
};
enum { PROMISE_COUNT = sizeof promises / sizeof *promises };

/* ---- rounds ---- */

struct rounds {
  unsigned count;
  double outcome[ROUNDS_MAX], ours_ns[ROUNDS_MAX], theirs_ns[ROUNDS_MAX], wall_outcome[ROUNDS_MAX];
};

static double outcome_of(const struct promise *promise, double ours_ns, double theirs_ns) {
  switch (promise->compare) {
  case TIMES_SLOWER: return ours_ns / theirs_ns;
  case TIMES_FASTER: return theirs_ns / ours_ns;
  case DIFFERENCE: break;
  }
  return ours_ns - theirs_ns;
}

/* Measures both sides `count` times, the one that comes first changing from round to round. */
static bool run_rounds(const struct promise *promise, struct rounds *rounds, unsigned count, char *message) {
  for (rounds->count = 0; rounds->count < count; rounds->count++) {
    unsigned round = rounds->count;
    struct figure figure[2];
    for (unsigned turn = 0; turn < 2; turn++) {
      unsigned which = (round + turn) % 2;
      const struct side *side = &promise->side[which];
      if (!side->measure(side, &figure[which], message))
        return false;
    }
    rounds->ours_ns[round] = figure[0].cpu_ns;
    rounds->theirs_ns[round] = figure[1].cpu_ns;
    rounds->outcome[round] = outcome_of(promise, figure[0].cpu_ns, figure[1].cpu_ns);
    rounds->wall_outcome[round] = outcome_of(promise, figure[0].wall_ns, figure[1].wall_ns);
  }
  qsort(rounds->ours_ns, count, sizeof(double), compare_doubles);
  qsort(rounds->theirs_ns, count, sizeof(double), compare_doubles);
  qsort(rounds->outcome, count, sizeof(double), compare_doubles);
  qsort(rounds->wall_outcome, count, sizeof(double), compare_doubles);
  return true;
}

static bool within(const struct promise *promise, double outcome) {
  return promise->compare == TIMES_FASTER ? outcome >= promise->bound : outcome <= promise->bound;
}

/* "unclear": the quartiles lie on both sides of the bound. */
static const char *verdict(const struct promise *promise, const struct rounds *rounds) {
  bool low = within(promise, quantile(rounds->outcome, rounds->count, 0.25));
  bool high = within(promise, quantile(rounds->outcome, rounds->count, 0.75));
  return low != high ? "unclear" : low ? "holds" : "FAILS";
}

static void print_row(const struct promise *promise, const struct rounds *rounds) {
  unsigned count = rounds->count;
  char bound[32];
  snprintf(bound, sizeof bound, "%s %.4g%s", promise->compare == TIMES_FASTER ? ">=" : "<=", promise->bound,
           promise->compare == DIFFERENCE ? " ns" : "x");
  printf("%-28s %10.3f  %-21s %10.3f %-9s  %7.3f  [%.3f, %.3f]  %7.3f  %-10s %s\n", promise->ours,
         quantile(rounds->ours_ns, count, 0.5) * promise->scale, promise->theirs,
         quantile(rounds->theirs_ns, count, 0.5) * promise->scale, promise->unit, quantile(rounds->outcome, count, 0.5),
         quantile(rounds->outcome, count, 0.25), quantile(rounds->outcome, count, 0.75),
         quantile(rounds->wall_outcome, count, 0.5), bound, verdict(promise, rounds));
  fflush(stdout);
}

/* ---- the command ---- */

static unsigned parse_rounds(const char *text) {
  char *end;
  unsigned long count = strtoul(text, &end, 10);
  if (end == text || *end || count < 1 || count > ROUNDS_MAX)
    usage_error("--rounds takes a whole number from 1 to %d, not '%s'", ROUNDS_MAX, text);
  return (unsigned)count;
}

int ratios_main(int argc, char **argv) {
  unsigned count = 7;
  const char *word = "";
  for (int i = 1; i < argc; i++)
    if (strncmp(argv[i], "--rounds=", 9) == 0)
      count = parse_rounds(argv[i] + 9);
    else if (argv[i][0] != '-')
      word = argv[i];
    else if (strcmp(argv[i], "--ratios") != 0)
      usage_error("micro --ratios knows --rounds=N and a word to select promises by, not '%s'", argv[i]);

  int processor = bind_to_one();
  launch_catch_signals();
  printf("processor %d, %u rounds, nursery %zu KiB; medians of CPU time, [quartiles] of the ratio, its median by wall "
         "time\n",
         processor, count, nursery_bytes() >> 10);
  printf("%-28s %10s  %-21s %10s %-9s  %7s  %-15s %8s  %-10s\n", "ours", "", "against", "", "", "ratio", "spread",
         "by wall", "promise");
  static struct rounds rounds;
  int exit_code = EXIT_OK;
  for (size_t i = 0; i < PROMISE_COUNT && !launch_interrupted(); i++) {
    const struct promise *promise = &promises[i];
    char message[MESSAGE_BYTES];
    if (!strstr(promise->ours, word) && !strstr(promise->theirs, word))
      continue;
    bool measured = run_rounds(promise, &rounds, count, message);
    if (measured)
      print_row(promise, &rounds);
    else
      printf("%-28s %10s  %-21s not measured: %s\n", promise->ours, "", promise->theirs, message);
    if (!measured || strcmp(verdict(promise, &rounds), "FAILS") == 0)
      exit_code = EXIT_RUNS_FAILED;
  }
  return launch_interrupted() ? EXIT_INTERRUPTED : exit_code;
}
