/* side_processes.c -- sides that are iterations of another process: a workload under a collector, a peer's program. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "bench/launch.h"
#include "bench/micro/sides.h"
#include "bench/minheap.h"
#include "bench/options.h"

enum { ITERATIONS_MAX = 16 };

int side_compare_doubles(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double side_quantile(const double *sorted, size_t count, double q) {
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
    snprintf(message, SIDE_MESSAGE_BYTES, "it reported no iterations");
    return false;
  }
  qsort(cpu_ns, count, sizeof *cpu_ns, side_compare_doubles);
  qsort(wall_ns, count, sizeof *wall_ns, side_compare_doubles);
  *figure = (struct figure){side_quantile(cpu_ns, count, 0.5), side_quantile(wall_ns, count, 0.5)};
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
  if (!subject_read_workload(workload, side->workload, message, SIDE_MESSAGE_BYTES))
    return false;
  *heap_bytes = side->heap_bytes;
  if (side->heap_factor == 0)
    return true;
  if (!minheap_find(&found, options, workload)) {
    snprintf(message, SIDE_MESSAGE_BYTES, "%s", found.problem ? found.problem : "interrupted");
    return false;
  }
  *heap_bytes = (size_t)(side->heap_factor * (double)found.bytes);
  return true;
}

bool side_workload(const struct side *side, struct figure *figure, char *message) {
  struct options options;
  struct workload_choice workload;
  struct collector_choice collector;
  struct launch_request request = {
      .options = &options, .collector = &collector, .workload = &workload, .timeout_s = 300};
  if (!choose_heap(side, &options, &workload, &request.heap_bytes, message) ||
      !subject_read_collector(&collector, side->plan, message, SIDE_MESSAGE_BYTES))
    return false;
  struct launch_result result = launch(&request);
  const char *reason = json_string_value(json_object_get(json_object_get(result.report, "outcome"), "reason"));
  bool ok = result.outcome == OUTCOME_ok;
  if (ok)
    ok = read_iterations(json_object_get(result.report, "iterations"), figure, message);
  else
    snprintf(message, SIDE_MESSAGE_BYTES, "%s under %s ended with %s: %s", side->workload, side->plan,
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

struct peer_words {
  char iterations[16], heap[32]; /* heap: empty where the peer has no limit */
};

static bool choose_peer_words(const struct side *side, struct peer_words *words, char *message) {
  struct options options;
  struct workload_choice workload;
  size_t heap_bytes;
  snprintf(words->iterations, sizeof words->iterations, "-i%d", side->iterations);
  words->heap[0] = 0;
  if (!side->workload)
    return true;
  if (!choose_heap(side, &options, &workload, &heap_bytes, message))
    return false;
  snprintf(words->heap, sizeof words->heap, "--heap=%zu", heap_bytes);
  return true;
}

bool side_peer(const struct side *side, struct figure *figure, char *message) {
  struct peer_words words;
  char path[PATH_MAX + 64], *argv[8];
  size_t count = 0;
  if (!choose_peer_words(side, &words, message))
    return false;
  peer_path(side->peer, path, sizeof path);
  if (access(path, X_OK) != 0) {
    snprintf(message, SIDE_MESSAGE_BYTES,
             "%s has not been built: bench/packages.sh peers && cmake --build build --target peers", side->peer);
    return false;
  }
  argv[count++] = path;
  argv[count++] = words.iterations;
  if (*words.heap) {
    argv[count++] = words.heap;
    argv[count++] = "--gc-threads=1";
  }
  argv[count++] = (char *)side->program;
  for (size_t i = 0; i < 2 && side->params[i]; i++)
    argv[count++] = (char *)side->params[i];
  argv[count] = NULL;
  json_t *record = run_peer(argv);
  const char *status = json_string_value(json_object_get(record, "status"));
  bool ok = status && strcmp(status, "ok") == 0;
  if (ok)
    ok = read_iterations(json_object_get(record, "iterations"), figure, message);
  else
    snprintf(message, SIDE_MESSAGE_BYTES, "%s %s ended with %s", side->peer, side->program,
             status ? status : "an error");
  json_decref(record);
  return ok;
}
