/* gbench_shim.h -- Google Benchmark 1.7.1 for C: register a function with a user pointer, run it, read JSON.
 *
 * Used by bench/micro only.  Every function forwards to the C++ one of the same name; what that does is in the
 * library's user guide.  No C++ exception crosses: one that reaches this border is printed and ends the process.
 *
 * What is different here, and what to beware of in 1.7.1:
 *  - Callbacks take a user pointer, also where the library takes bare function pointers (set-up, statistics,
 *    complexity); of those there are at most GBENCH_CALLBACKS of a kind in a process.
 *  - JSON output is always valid: the library writes a bare NaN or Infinity, this writes null.
 *  - gbench_threads(n): the library divides real, manual and process CPU time by n (2.08 ms become 0.52 ms for 4);
 *    reports multiply them back.  Rates (items, bytes, counters) are as the library has them.
 *  - gbench_keep_running costs 1 ns an iteration, more than what is measured here: use
 *    gbench_keep_running_batch with 1024 or more for short things (0.25 ns / batch).
 *  - --benchmark_min_time takes a plain number, without "s".  Debian's library says it is a debug build; it is not. */
#ifndef GC_BENCH_GBENCH_SHIM_H
#define GC_BENCH_GBENCH_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { GBENCH_CALLBACKS = 64 };

struct gbench;       /* a registered benchmark, to be configured; the library owns it */
struct gbench_state; /* one run of it, on the thread that runs it */

/* Keeps the compiler from dropping the computation of `value`, a scalar. */
#define GBENCH_USE(value) __asm__ volatile("" : : "r,m"(value) : "memory")

/* ---- the process ---- */

/* Takes the --benchmark_… arguments out of argv; a wrong one, and --help, end the process as the library decides. */
void gbench_initialize(int *argc, char **argv);
void gbench_shutdown(void);
/* Prints what is left of argv; returns whether there was anything. */
bool gbench_report_unrecognized_arguments(int argc, char **argv);
/* Runs what --benchmark_filter selects and reports it; returns how many matched. */
size_t gbench_run_specified_benchmarks(void);
/* Not in the library: calls `visit` (unless NULL) with the full name of each benchmark that `filter` selects, runs none
 * of them, and returns how many there are; 0, too, if the filter is no regular expression.  Prints nothing. */
size_t gbench_for_names(const char *filter, void (*visit)(const char *name, void *user), void *user);
/* The filter, valid until the next call from any thread. */
const char *gbench_get_benchmark_filter(void);
void gbench_set_benchmark_filter(const char *filter);
void gbench_add_custom_context(const char *key, const char *value);
void gbench_clear_registered_benchmarks(void);

enum gbench_unit { GBENCH_NS, GBENCH_US, GBENCH_MS, GBENCH_S };
void gbench_set_default_time_unit(enum gbench_unit unit);

struct gbench_memory {
  int64_t allocs, max_bytes_used;
  int64_t total_allocated_bytes, net_heap_growth; /* GBENCH_MEMORY_UNKNOWN: not known */
};
#define GBENCH_MEMORY_UNKNOWN INT64_MAX
/* Measures memory in up to 16 extra iterations after each benchmark.  NULL callbacks: no more. */
void gbench_register_memory_manager(void (*start)(void *user), void (*stop)(void *user, struct gbench_memory *result),
                                    void *user);

/* ---- one benchmark ---- */

typedef void gbench_body(struct gbench_state *state, void *user);
typedef void gbench_callback(const struct gbench_state *state, void *user);

struct gbench *gbench_register(const char *name, gbench_body *body, void *user);

void gbench_name(struct gbench *b, const char *name);
void gbench_arg(struct gbench *b, int64_t value);
void gbench_args(struct gbench *b, const int64_t *values, size_t count);
void gbench_range(struct gbench *b, int64_t start, int64_t limit);
void gbench_dense_range(struct gbench *b, int64_t start, int64_t limit, int step);
/* The product of `count` ranges. */
void gbench_ranges(struct gbench *b, const int64_t (*start_and_limit)[2], size_t count);
/* The product of `count` lists; list i has lengths[i] values. */
void gbench_args_product(struct gbench *b, const int64_t *const *lists, const size_t *lengths, size_t count);
void gbench_arg_name(struct gbench *b, const char *name);
void gbench_arg_names(struct gbench *b, const char *const *names, size_t count);
void gbench_range_multiplier(struct gbench *b, int multiplier);
void gbench_unit(struct gbench *b, enum gbench_unit unit);
void gbench_min_time(struct gbench *b, double seconds);
void gbench_min_warm_up_time(struct gbench *b, double seconds);
void gbench_iterations(struct gbench *b, int64_t count);
void gbench_repetitions(struct gbench *b, int count);
void gbench_report_aggregates_only(struct gbench *b, bool value);
void gbench_display_aggregates_only(struct gbench *b, bool value);
void gbench_measure_process_cpu_time(struct gbench *b);
void gbench_use_real_time(struct gbench *b);
void gbench_use_manual_time(struct gbench *b); /* each iteration calls gbench_set_iteration_time */
void gbench_threads(struct gbench *b, int count);
void gbench_thread_range(struct gbench *b, int min, int max);
void gbench_dense_thread_range(struct gbench *b, int min, int max, int stride);
void gbench_thread_per_cpu(struct gbench *b);
/* Before and after each run of the benchmark, once for all its threads. */
void gbench_setup(struct gbench *b, gbench_callback *callback, void *user);
void gbench_teardown(struct gbench *b, gbench_callback *callback, void *user);

enum gbench_complexity {
  GBENCH_O_NONE,
  GBENCH_O_1,
  GBENCH_O_N,
  GBENCH_O_N_SQUARED,
  GBENCH_O_N_CUBED,
  GBENCH_O_LOG_N,
  GBENCH_O_N_LOG_N,
  GBENCH_O_AUTO
};
void gbench_complexity(struct gbench *b, enum gbench_complexity complexity);
/* A complexity of one's own: what f(n) is proportional to. */
void gbench_complexity_function(struct gbench *b, double (*f)(int64_t n, void *user), void *user);
/* One more aggregate over the repetitions, beside mean, median, stddev and cv. */
void gbench_compute_statistics(struct gbench *b, const char *name,
                               double (*f)(const double *values, size_t count, void *user), void *user);

/* ---- one run ---- */

bool gbench_keep_running(struct gbench_state *state);
bool gbench_keep_running_batch(struct gbench_state *state, int64_t count);
void gbench_pause_timing(struct gbench_state *state);
void gbench_resume_timing(struct gbench_state *state);
void gbench_set_iteration_time(struct gbench_state *state, double seconds);
void gbench_skip_with_error(struct gbench_state *state, const char *message);
bool gbench_error_occurred(const struct gbench_state *state);
/* The argument at `index`.  Named after State::range, but gbench_range registers a range. */
int64_t gbench_argument(const struct gbench_state *state, size_t index);
int gbench_thread_count(const struct gbench_state *state);
int gbench_thread_index(const struct gbench_state *state);
int64_t gbench_iteration_count(const struct gbench_state *state);
void gbench_set_label(struct gbench_state *state, const char *label);
void gbench_set_items_processed(struct gbench_state *state, int64_t items);
void gbench_set_bytes_processed(struct gbench_state *state, int64_t bytes);
void gbench_set_complexity_n(struct gbench_state *state, int64_t n);

enum gbench_counter_flags {
  GBENCH_COUNTER_PLAIN = 0,
  GBENCH_COUNTER_RATE = 1 << 0,
  GBENCH_COUNTER_AVG_THREADS = 1 << 1,
  GBENCH_COUNTER_ITERATION_INVARIANT = 1 << 2,
  GBENCH_COUNTER_AVG_ITERATIONS = 1 << 3,
  GBENCH_COUNTER_INVERT = 1 << 4, /* the library's is the sign bit, which is no C enumerator */
  GBENCH_COUNTER_1024 = 1 << 5,   /* print in units of 1024 */
};
void gbench_counter(struct gbench_state *state, const char *name, double value, unsigned flags);

#ifdef __cplusplus
}
#endif

#endif
