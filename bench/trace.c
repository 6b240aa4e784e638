#include "bench/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/heap_size.h"
#include "bench/launch.h"
#include "bench/runner.h"
#include "bench/text.h"
#include "runtime/os/topology.h"
#include "runtime/stats/events.h"

static void settle(struct options *options) {
  if (options->collectors.count == 0)
    usage_error("which collector?  -c NAME");
  if (options->workloads.count == 0)
    usage_error("which workload?  -w NAME");
  if (!options->trace_file)
    options->trace_file = "trace.json";
  runner_settle(options);
}

/* The folder must take the file before the invocation's time is spent. */
static void require_writable(const char *path) {
  FILE *file = fopen(path, "a");
  if (!file)
    environment_error("cannot write %s: %m; -o FILE names another", path);
  fclose(file);
}

static int trace_one(struct options *options, struct subjects *subjects) {
  const struct collector_choice *collector = &subjects->collectors[0];
  struct workload_choice *workload = &subjects->workloads[0];
  size_t heap_bytes;
  double factor;
  struct minheap found = {0};
  if (subjects->collector_count > 1 || subjects->workload_count > 1)
    usage_error("a trace is of one collector with one workload");
  heap_size_read(options->heap, &heap_bytes, &factor);
  if (factor > 0) {
    if (!heap_size_find_least(&found, options, workload))
      return EXIT_INTERRUPTED;
    heap_bytes = (size_t)(factor * (double)found.bytes) & ~(size_t)4095;
  }
  require_writable(options->trace_file);
  struct launch_request request = {.options = options, .collector = collector, .workload = workload,
                                   .heap_bytes = heap_bytes, .timeout_s = options->timeout_s.real};
  struct launch_result result = launch(&request);
  const char *reason =
      json_string_value(json_object_get(json_object_get(result.report, "outcome"), "reason"));
  printf("%s, %s: %s%s%s, %.1f s\n%s: open it in https://ui.perfetto.dev or chrome://tracing\n",
         workload->workload->name, collector->text, outcome_names[result.outcome], reason ? ": " : "",
         reason ? reason : "", (double)result.elapsed_ns / 1e9, options->trace_file);
  json_decref(result.report);
  return launch_interrupted() ? EXIT_INTERRUPTED : result.outcome == OUTCOME_ok ? EXIT_OK : EXIT_RUNS_FAILED;
}

int command_trace(struct options *options) {
  struct subjects subjects;
  settle(options);
  subjects_read(&subjects, options);
  int code = trace_one(options, &subjects);
  subjects_free(&subjects);
  topology_fini();
  return code;
}

void trace_help_probes(void) {
  printf("gclab's probes\n  what a running gclab tells to whoever watches, as root: bpftrace -e 'PROGRAM'\n\n");
  text_wrap(stdout,
            "Each probe is one nop (USDT, provider gclab) with up to two arguments, arg0 and arg1.  In the programs "
            "below U stands for usdt:./build/gclab:gclab.  `gclab trace` records the same without bpftrace.",
            0, 0);
  for (size_t i = 0; i < EVENT_COUNT; i++) {
    const struct event_row *row = &event_rows[i];
    printf("\n  %s(%s%s%s)\n    ", row->name, row->a, *row->b ? ", " : "", row->b);
    text_wrap(stdout, row->about, 4, 4);
    printf("    ");
    text_wrap(stdout, row->script, 4, 6);
  }
}
