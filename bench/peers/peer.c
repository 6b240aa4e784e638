/* peer.c -- the main program of every peer: options, threads, clocks, and one line of JSON.
 *
 * An iteration is timed as gclab times its own: prepare on one thread, then run on all threads at once; wall_ns is
 * from the moment when all threads are ready until the last has finished.  The process is in no way prepared
 * otherwise: pin it with taskset. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench/peers/peer.h"
#include "runtime/base/bits.h"
#include "runtime/os/clock.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const struct peer_program *const programs[] = {PEER_PROGRAMS, NULL};

struct iteration {
  uint64_t prepare_ns, wall_ns, task_clock_ns, sum, ops, collections;
};

/* ---- errors ---- */

static const char *program_name = "peer";

static _Noreturn void usage_error(const char *format, ...) GC_PRINTF(1, 2);
static _Noreturn void usage_error(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "%s: ", program_name);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(EXIT_USAGE);
}

void peer_fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "%s: wrong result: ", program_name);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  printf("{\"system\": \"%s\", \"status\": \"verify_failed\"}\n", memory_system);
  fflush(stdout);
  _exit(EXIT_FAILED); /* other threads may be running */
}

void peer_out_of_memory(void) {
  fprintf(stderr, "%s: the heap is full\n", program_name);
  printf("{\"system\": \"%s\", \"status\": \"oom\"}\n", memory_system);
  fflush(stdout);
  _exit(EXIT_FAILED);
}

/* ---- the command line ---- */

static uint64_t parse_count(const char *option, const char *text, double min, double max) {
  char *end;
  errno = 0;
  unsigned long long value = strtoull(text, &end, 10);
  if (errno || *end || end == text || *text == '-' || (double)value < min || (double)value > max)
    usage_error("%s takes a whole number from %.0f to %.0f, not '%s'", option, min, max, text);
  return value;
}

static size_t parse_heap(const char *text) {
  double bytes;
  if (!option_parse_bytes(text, &bytes) || bytes < 1)
    usage_error("--heap takes a size like 64M, not '%s'", text);
  return (size_t)bytes;
}

static const struct peer_program *find_program(const char *name) {
  for (size_t i = 0; programs[i]; i++)
    if (name && strcmp(programs[i]->name, name) == 0)
      return programs[i];
  fprintf(stderr, "%s: %s is no program of this peer; there are", program_name, name ? name : "(none)");
  for (size_t i = 0; programs[i]; i++)
    fprintf(stderr, " %s", programs[i]->name);
  fputc('\n', stderr);
  exit(EXIT_USAGE);
}

static void parse_options(int argc, char **argv, struct peer_run *run) {
  enum { HEAP = 256, GC_THREADS_OPTION, SEED };
  static const struct option options[] = {{"heap", required_argument, NULL, HEAP},
                                          {"gc-threads", required_argument, NULL, GC_THREADS_OPTION},
                                          {"seed", required_argument, NULL, SEED},
                                          {0}};
  for (int letter; (letter = getopt_long(argc, argv, "t:i:", options, NULL)) != -1;)
    switch (letter) {
    case 't': run->threads = (unsigned)parse_count("-t", optarg, 1, 1024); break;
    case 'i': run->iterations = (unsigned)parse_count("-i", optarg, 1, 100000); break;
    case HEAP: run->heap_bytes = parse_heap(optarg); break;
    case GC_THREADS_OPTION: run->gc_threads = (unsigned)parse_count("--gc-threads", optarg, 1, 1024); break;
    case SEED: run->seed = parse_count("--seed", optarg, 0, (double)ULLONG_MAX); break;
    default: exit(EXIT_USAGE); /* getopt_long has said why */
    }
}

static const struct gc_value *parse_params(const struct gc_option *table, char **words) {
  struct gc_value *params = calloc(option_count(table) + 1, sizeof *params);
  if (!params)
    peer_out_of_memory();
  option_defaults(table, params);
  for (char message[256]; *words; words++)
    if (!option_set(table, params, *words, strlen(*words), message, sizeof message))
      usage_error("%s", message);
  return params;
}

/* ---- one iteration ---- */

struct start {
  pthread_barrier_t ready;
  uint64_t start_ns; /* written by the main thread before the second wait */
};

struct body {
  struct peer_thread *thread;
  struct start *start;
};

static void *thread_body(void *argument) {
  struct body *body = argument;
  pthread_barrier_wait(&body->start->ready); /* everybody is here */
  pthread_barrier_wait(&body->start->ready); /* the clock runs */
  body->thread->start_ns = body->start->start_ns;
  body->thread->run->program->run(body->thread);
  return NULL;
}

/* What thread 0 does alone runs on a thread as well: the main thread never holds an object, so a conservative
 * collector finds none on its stack. */
static void *prepare_body(void *argument) {
  struct peer_run *run = argument;
  if (run->program->prepare)
    run->program->prepare(&run->thread[0]);
  return NULL;
}

static void *check_body(void *argument) {
  struct peer_run *run = argument;
  run->program->check(run);
  for (unsigned i = 0; i < run->threads && !MEMORY_COLLECTS; i++)
    run->program->drop(&run->thread[i]);
  return NULL;
}

static void on_a_thread(void *(*body)(void *), struct peer_run *run) {
  pthread_t id;
  if (pthread_create(&id, NULL, body, run) != 0)
    usage_error("the system refuses a thread");
  pthread_join(id, NULL);
}

/* Returns the wall time of `run` on all threads, from ready to finished. */
static uint64_t run_threads(struct peer_run *run) {
  struct start start;
  struct body body[run->threads];
  pthread_t id[run->threads];
  pthread_barrier_init(&start.ready, NULL, run->threads + 1);
  for (unsigned i = 0; i < run->threads; i++) {
    body[i] = (struct body){&run->thread[i], &start};
    if (pthread_create(&id[i], NULL, thread_body, &body[i]) != 0)
      usage_error("the system refuses thread %u", i);
  }
  pthread_barrier_wait(&start.ready);
  start.start_ns = clock_now_ns();
  pthread_barrier_wait(&start.ready);
  for (unsigned i = 0; i < run->threads; i++)
    pthread_join(id[i], NULL);
  uint64_t wall_ns = clock_now_ns() - start.start_ns;
  pthread_barrier_destroy(&start.ready);
  return wall_ns;
}

static struct iteration iterate(struct peer_run *run) {
  for (unsigned i = 0; i < run->threads; i++) {
    struct peer_thread *thread = &run->thread[i];
    thread->sum = thread->ops = 0;
    histogram_reset(&thread->latency);
  }
  struct iteration it = {.collections = memory_collections()};
  uint64_t begin_ns = clock_now_ns();
  on_a_thread(prepare_body, run);
  it.prepare_ns = clock_now_ns() - begin_ns;
  uint64_t begin_cpu_ns = clock_process_cpu_ns();
  it.wall_ns = run_threads(run);
  it.task_clock_ns = clock_process_cpu_ns() - begin_cpu_ns;
  it.collections = memory_collections() - it.collections;
  on_a_thread(check_body, run);
  for (unsigned i = 0; i < run->threads; i++) {
    struct peer_thread *thread = &run->thread[i];
    it.sum += thread->sum;
    it.ops += thread->ops;
    memset(thread->kept, 0, sizeof thread->kept);
  }
  return it;
}

/* ---- the line ---- */

static int compare_wall(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

/* The median wall time of the later half of the iterations. */
static double warm_seconds(const struct iteration *iterations, unsigned count) {
  unsigned first = count / 2, length = count - first;
  uint64_t wall_ns[length];
  for (unsigned i = 0; i < length; i++)
    wall_ns[i] = iterations[first + i].wall_ns;
  qsort(wall_ns, length, sizeof *wall_ns, compare_wall);
  return ((double)wall_ns[(length - 1) / 2] + (double)wall_ns[length / 2]) / 2e9;
}

static void print_params(const struct peer_run *run) {
  const struct gc_option *table = run->program->params;
  printf("\"params\": {");
  for (size_t i = 0; table[i].name; i++) {
    char text[64];
    option_format(&table[i], run->params[i], text, sizeof text);
    printf("%s\"%s\": \"%s\"", i ? ", " : "", table[i].name, text);
  }
  printf("}, ");
}

static void print_latency(const struct peer_run *run) {
  struct histogram all = {0};
  for (unsigned i = 0; i < run->threads; i++)
    histogram_merge(&all, &run->thread[i].latency);
  if (all.count)
    printf("\"latency\": {\"count\": %llu, \"p50_ns\": %llu, \"p99_ns\": %llu, \"p99_9_ns\": %llu, "
           "\"p99_99_ns\": %llu, \"max_ns\": %llu}, ",
           (unsigned long long)all.count, (unsigned long long)histogram_quantile(&all, 0.5),
           (unsigned long long)histogram_quantile(&all, 0.99), (unsigned long long)histogram_quantile(&all, 0.999),
           (unsigned long long)histogram_quantile(&all, 0.9999), (unsigned long long)all.max);
  histogram_fini(&all);
}

static void print_iterations(const struct iteration *iterations, unsigned count) {
  printf("\"iterations\": [");
  for (unsigned i = 0; i < count; i++) {
    const struct iteration *it = &iterations[i];
    printf("%s{\"prepare_ns\": %llu, \"wall_ns\": %llu, \"task_clock_ns\": %llu, \"collections\": %llu, \"sum\": %llu, "
           "\"ops\": %llu, \"ops_per_s\": %.0f}",
           i ? ", " : "", (unsigned long long)it->prepare_ns, (unsigned long long)it->wall_ns,
           (unsigned long long)it->task_clock_ns, (unsigned long long)it->collections, (unsigned long long)it->sum,
           (unsigned long long)it->ops, (double)it->ops * 1e9 / (double)(it->wall_ns + !it->wall_ns));
  }
  printf("]");
}

static void print_record(const struct peer_run *run, const struct iteration *iterations) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("{\"system\": \"%s\", \"program\": \"%s\", ", memory_system, run->program->name);
  print_params(run);
  printf("\"threads\": %u, \"gc_threads\": %u, \"seed\": %llu, \"heap_limit_bytes\": %zu, \"status\": \"ok\", "
         "\"first_s\": %.6f, \"warm_s\": %.6f, \"heap_bytes\": %zu, \"peak_rss_bytes\": %llu, ",
         run->threads, run->gc_threads, (unsigned long long)run->seed, run->heap_bytes,
         (double)iterations[0].wall_ns / 1e9, warm_seconds(iterations, run->iterations), memory_heap_bytes(),
         (unsigned long long)usage.ru_maxrss * 1024);
  print_latency(run);
  print_iterations(iterations, run->iterations);
  printf("}\n");
}

int main(int argc, char **argv) {
  program_name = argv[0];
  struct peer_run run = {.threads = 1, .iterations = 1, .seed = 42};
  parse_options(argc, argv, &run); /* moves the program's name and parameters behind the options */
  run.program = find_program(argv[optind]);
  run.params = parse_params(run.program->params, argv + optind + 1);
  const char *refusal = memory_init(run.heap_bytes, run.gc_threads);
  if (refusal)
    usage_error("%s", refusal);

  struct iteration *iterations = calloc(run.iterations, sizeof *iterations);
  void *roots = memory_roots(run.threads * sizeof *run.thread + GC_CACHE_LINE_BYTES);
  if (!iterations || !roots)
    peer_out_of_memory();
  run.thread = (struct peer_thread *)align_up((uintptr_t)roots, GC_CACHE_LINE_BYTES);
  for (unsigned i = 0; i < run.threads; i++)
    run.thread[i].run = &run, run.thread[i].index = i;

  for (unsigned i = 0; i < run.iterations; i++)
    iterations[i] = iterate(&run);
  print_record(&run, iterations);
  return 0;
}
