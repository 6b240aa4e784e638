/* gather.h -- the records of several runs, taken apart into cases: what a report compares.
 *
 * A case is one collector on one workload, heap, number of threads and placement, from one build on one machine; its
 * invocations may come from several runs.  Of a record only the metrics of the table below stay in memory, and the
 * paths of its files.  One thread. */
#ifndef GC_PAGE_GATHER_H
#define GC_PAGE_GATHER_H

#include <jansson.h>
#include <stdbool.h>

#include "bench/launch.h"
#include "bench/stats/estimate.h"
#include "bench/stats/sample.h"

/* One sample an invocation.  Rows: name, unit, where in the record.  "x" is the mean of x over the measured
 * iterations; a metric that a record lacks has no sample. */
#define PAGE_METRICS(X)                               \
  X(wall, "wall_ns")                                  \
  X(task_clock, "task_clock_ns")                      \
  X(mutator_cpu, "mutator_cpu_ns")                    \
  X(stw, "stw_ns")                                    \
  X(gc_cpu, "gc_cpu_ns")                              \
  X(gc_stw_cpu, "gc_stw_cpu_ns")                      \
  X(gc_concurrent_cpu, "gc_concurrent_cpu_ns")        \
  X(assist, "assist_ns")                              \
  X(stall, "stall_ns")                                \
  X(alloc, "alloc_bytes")                             \
  X(ops_per_s, "ops_per_s")                           \
  X(pause_p99, "pauses.stw_total.p99_ns")             \
  X(pause_p99_9, "pauses.stw_total.p99_9_ns")         \
  X(pause_max, "pauses.stw_total.max_ns")             \
  X(latency_planned, "latency.planned.p99_9_ns")      \
  X(latency_metered, "latency.metered_full.p99_9_ns") \
  X(latency_simple, "latency.simple.p99_9_ns")        \
  X(peak_rss, "memory.peak_rss_bytes")                \
  X(peak_used, "memory.peak_used_bytes")              \
  X(peak_metadata, "memory.peak_side_metadata_bytes")
enum page_metric {
#define PAGE_METRIC_ENUM(name, metric) METRIC_##name,
  PAGE_METRICS(PAGE_METRIC_ENUM) METRIC_COUNT
#undef PAGE_METRIC_ENUM
};
extern const char *const metric_names[METRIC_COUNT];

/* What one ok invocation wrote, by path; NULL if it did not. */
struct invocation_files {
  char *gc, *pauses, *samples, *profile; /* profile: its stacks */
};

struct page_case {
  char *collector, *workload, *collector_name; /* the first two with their options */
  char *build, *machine, *placement;
  char *source;       /* path of the first record's file */
  double heap_factor; /* 0: the heap was given as a size */
  uint64_t heap_bytes;
  unsigned threads, gc_threads;
  bool split;     /* threads share the work; else each has a copy of it */
  bool foreign;   /* its objects lie outside the heap */
  bool warmed_up; /* some iterations were marked warm-up */
  unsigned outcomes[OUTCOME_COUNT], inferred;
  char *failure; /* why the first of those that failed did, or NULL */
  struct sample metrics[METRIC_COUNT];
  struct invocation_files *files;
  size_t file_count, file_capacity;
  /* The groups that charts read, of each ok invocation: {"pauses": [...], "latency": [...], "mmu": [...],
   * "numa": [...], "iterations": [[...]], "figures": [...]}, the last of each measured iteration; of at most
   * PAGE_GROUPS_MAX invocations, so that memory stays bounded. */
  json_t *groups;
};
enum { PAGE_GROUPS_MAX = 64 };

struct page_run {
  char *id, *folder, *path;
  size_t records, planned; /* planned: invocations of its plan.jsonl; 0: it has none */
  char *first_utc, *last_utc;
};

struct gathered {
  struct page_case *cases;
  size_t case_count, case_capacity;
  struct page_run *runs;
  size_t run_count, run_capacity;
  json_t *index; /* text of a case's identity → its place in `cases` */
};

/* Adds the records of a run as the user names it (bench/run_folder.h); exits with one sentence if they cannot be read.
 */
void gather_run(struct gathered *gathered, const char *name);
/* Names the build with the collector, "satb @1234567", where cases of several builds were gathered. */
void gather_tell_builds_apart(struct gathered *gathered);
void gather_free(struct gathered *gathered);

unsigned case_ok(const struct page_case *c);
unsigned case_failed(const struct page_case *c);
struct estimate case_estimate(const struct page_case *c, enum page_metric metric);

#endif
