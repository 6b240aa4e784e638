/* workload.h -- what a workload is: types, parameters, and the work of one thread.
 *
 * The harness creates a heap, attaches `threads` mutators and calls, in each iteration,
 *     prepare (thread 0 alone)  →  run (every thread at once)  →  check (thread 0 alone).
 * The iteration's checksum is the sum of what every `run` returned and what `check` returned.
 *
 * The contract of a checksum: it is the same under every collector, schedule and interleaving of threads,
 * depends on the seed only where the work is random, and changes (or work_fail is called) when any one field
 * of an object that is live after `run` is corrupted.  So `run` leaves what it built in globals, and `check`
 * walks all of it.  At the start of prepare all globals are null. */
#ifndef GC_WORKLOAD_H
#define GC_WORKLOAD_H

#include "runtime/base/option.h"
#include "runtime/collector.h"
#include "runtime/object/type.h"

struct latency_log; /* runtime/stats/latency.h */

/* One thread's view of one iteration. */
struct gc_work {
  struct gc_heap *heap;
  unsigned thread, threads;
  uint64_t seed;
  const struct gc_value *params; /* indexed as gc_workload.params */
  void *shared;                  /* shared_bytes, zeroed before prepare; the same for all threads */
  struct latency_log *latency;   /* this thread's request latencies */
  _Atomic uint64_t *ops;         /* operations done in this iteration, all threads together; NULL: not counted */
  double *figures;               /* indexed as gc_workload.figures, NAN where none was found; NULL: nobody asks */
  /* Ends the run with outcome verify_failed.  Set by the harness; call work_fail. */
  void (*fail)(const struct gc_work *work, const char *message);
};

enum gc_sharing {
  GC_WORK_COPIES, /* -t n: n copies of the work */
  GC_WORK_SPLIT,  /* -t n: the work is divided by n */
};

struct gc_needs {
  bool cycles, weak, ephemerons, finalizers, frees; /* without the capability the pair is unsupported */
  bool control; /* collections that can be switched off (gc_control.h) */
  bool threads; /* it attaches mutators of its own beside those that it is given */
  unsigned least_threads;                           /* 0 or 1: any */
};

/* What a workload measures of itself, beside what is measured of every run.  Of thread 0's work. */
struct gc_figure {
  const char *name; /* ends in its unit, unless it is a number of things */
  const char *help; /* one line, no full stop */
};
enum { GC_FIGURES_MAX = 8 };

struct gc_workload {
  const char *name;
  const char *summary;  /* one line, no full stop */
  const char *stresses; /* what a collector shows here, one or two sentences */
  const char *operation; /* what work_add_ops counts, in the plural ("requests"); NULL: nothing */
  const char *source;   /* where the parameters are published, or that they are gclab's own */
  enum gc_sharing sharing;
  struct gc_needs needs;
  const struct gc_type *types;
  size_t type_count;
  const struct gc_option *params; /* ended by a NULL name; may be NULL */
  void (*require)(struct gc_needs *needs, const struct gc_value *params); /* adds what these values need; may be NULL */
  const struct gc_figure *figures; /* at most GC_FIGURES_MAX, ended by a NULL name; may be NULL */
  const char *small;    /* of those, "depth=8,array=100": some milliseconds with some collections in 1 MiB */
  size_t shared_bytes;
  void (*prepare)(struct gc_mutator *m, const struct gc_work *work); /* may be NULL */
  uint64_t (*run)(struct gc_mutator *m, const struct gc_work *work);
  uint64_t (*check)(struct gc_mutator *m, const struct gc_work *work); /* may be NULL */

  /* filled in by GC_WORKLOAD */
  const struct gc_collector *collector;
  bool checked;
  void (*clear_globals)(struct gc_mutator *m); /* nulls all globals, by the plan's store: the end of an iteration */
};

/* Ends the run: the program computed something wrong.  Any thread of the run.  Does not return. */
_Noreturn void work_fail(const struct gc_work *work, const char *format, ...) GC_PRINTF(2, 3);

/* Counts `count` of the workload's operations.
 * Any thread, a few times in an iteration; the harness divides by the iteration's wall time. */
static inline void work_add_ops(const struct gc_work *work, uint64_t count) {
  if (work->ops)
    atomic_fetch_add_explicit(work->ops, count, memory_order_relaxed); /* relaxed: read once the threads are joined */
}

/* Sets a figure of this iteration; what other threads find is not kept.  NAN: nobody can know. */
static inline void work_set_figure(const struct gc_work *work, unsigned figure, double value) {
  if (work->figures && work->thread == 0)
    work->figures[figure] = value;
}

/* Number of figures in a table; 0 for NULL. */
static inline size_t figure_count(const struct gc_figure *figures) {
  size_t count = 0;
  while (figures && figures[count].name)
    count++;
  return count;
}

static inline int64_t work_int(const struct gc_work *work, unsigned param) { return work->params[param].integer; }
static inline double work_real(const struct gc_work *work, unsigned param) { return work->params[param].real; }

/* GC_WORKLOAD(.name = "churn", …) at the end of the file defines the pair's object; the build passes
 * GC_WORKLOAD_SYMBOL (churn__marksweep, churn__checked_marksweep). */
#if defined(GC_PLAN)
extern const struct gc_collector GC_CONCAT(GC_PLAN, _collector);
#define GC_WORKLOAD(...)                                                                         \
  static void workload_clear_globals(struct gc_mutator *m) {                                     \
    for (unsigned i = 0; i < GC_GLOBALS_COUNT; i++)                                              \
      gc_global_store(m, i, GC_NULL);                                                            \
  }                                                                                              \
  const struct gc_workload GC_WORKLOAD_SYMBOL = {                                                \
      __VA_ARGS__, .collector = &GC_CONCAT(GC_PLAN, _collector), .checked = GC_CHECKED,          \
      .clear_globals = workload_clear_globals}
#endif

#endif
