#include "bench/gbench_shim.h"

#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "tests/runtime/cmocka.h"

/* Each test registers benchmarks, runs them with a reporter that writes JSON to a file, and reads that file. */

static char out_path[] = "/tmp/gbench_shim_XXXXXX";

/* The library's flags are kept from call to call: each call says all that the tests change. */
static void initialize(const char *format) {
  char out[64], out_format[64];
  snprintf(out, sizeof out, "--benchmark_out=%s", out_path);
  snprintf(out_format, sizeof out_format, "--benchmark_out_format=%s", format);
  char *argv[] = {"test", out, out_format, "--benchmark_filter=.", "--benchmark_min_time=0.001", NULL};
  int argc = 5;
  gbench_initialize(&argc, argv);
  assert_int_equal(argc, 1);
}

/* The array "benchmarks" of what a run writes. */
static json_t *run_all(void) {
  json_error_t error;
  initialize("json");
  assert_true(gbench_run_specified_benchmarks() > 0);
  gbench_clear_registered_benchmarks();
  json_t *document = json_load_file(out_path, 0, &error);
  if (!document)
    fail_msg("line %d of what the library wrote is no JSON: %s", error.line, error.text);
  json_t *benchmarks = json_incref(json_object_get(document, "benchmarks"));
  json_decref(document);
  assert_true(json_array_size(benchmarks) > 0);
  return benchmarks;
}

static double number(json_t *benchmarks, size_t index, const char *key) {
  json_t *value = json_object_get(json_array_get(benchmarks, index), key);
  assert_true(json_is_number(value));
  return json_number_value(value);
}

static const char *string(json_t *benchmarks, size_t index, const char *key) {
  return json_string_value(json_object_get(json_array_get(benchmarks, index), key));
}

static void assert_near(double value, double expected) {
  if (!(fabs(value - expected) <= 1e-9 * fabs(expected)))
    fail_msg("%.12g is not %.12g", value, expected);
}

/* ---- loops ---- */

static void count_single(struct gbench_state *state, void *user) {
  int64_t *count = user;
  for (*count = 0; gbench_keep_running(state);)
    ++*count;
  assert_int_equal(gbench_iteration_count(state), *count);
}

static void count_batches(struct gbench_state *state, void *user) {
  int64_t *count = user;
  for (*count = 0; gbench_keep_running_batch(state, 1000);)
    *count += 1000;
}

static void loops_run_as_often_as_is_reported(void **state) {
  (void)state;
  int64_t single, batches;
  gbench_iterations(gbench_register("single", count_single, &single), 777);
  gbench_iterations(gbench_register("batches", count_batches, &batches), 10 * 1000);
  json_t *benchmarks = run_all();
  assert_int_equal(single, 777);
  assert_int_equal(batches, 10 * 1000);
  assert_near(number(benchmarks, 0, "iterations"), 777);
  assert_near(number(benchmarks, 1, "iterations"), 10 * 1000);
  json_decref(benchmarks);
}

/* ---- what is reported ---- */

static void count_things(struct gbench_state *state, void *user) {
  (void)user;
  while (gbench_keep_running(state))
    gbench_set_iteration_time(state, 0.5);
  gbench_counter(state, "plain", 12, GBENCH_COUNTER_PLAIN);
  gbench_counter(state, "rate", 12, GBENCH_COUNTER_RATE);
  gbench_counter(state, "per_iteration", 12, GBENCH_COUNTER_AVG_ITERATIONS);
  gbench_counter(state, "invariant", 12, GBENCH_COUNTER_ITERATION_INVARIANT);
  gbench_counter(state, "seconds_each", 12, GBENCH_COUNTER_RATE | GBENCH_COUNTER_INVERT);
  gbench_set_items_processed(state, 8);
  gbench_set_label(state, "a \"label\"");
}

/* 4 iterations of half a second each, by the clock of the test: 2 s. */
static void counters_follow_their_flags_and_manual_time(void **state) {
  (void)state;
  struct gbench *b = gbench_register("manual", count_things, NULL);
  gbench_use_manual_time(b);
  gbench_iterations(b, 4);
  gbench_unit(b, GBENCH_MS);
  json_t *benchmarks = run_all();
  assert_near(number(benchmarks, 0, "real_time"), 500);
  assert_string_equal(string(benchmarks, 0, "time_unit"), "ms");
  assert_near(number(benchmarks, 0, "plain"), 12);
  assert_near(number(benchmarks, 0, "rate"), 6);
  assert_near(number(benchmarks, 0, "per_iteration"), 3);
  assert_near(number(benchmarks, 0, "invariant"), 48);
  assert_near(number(benchmarks, 0, "seconds_each"), 1.0 / 6);
  assert_near(number(benchmarks, 0, "items_per_second"), 4);
  assert_string_equal(string(benchmarks, 0, "label"), "a \"label\"");
  json_decref(benchmarks);
}

static void skip_run(struct gbench_state *state, void *user) {
  (void)user;
  gbench_skip_with_error(state, "no memory");
  assert_true(gbench_error_occurred(state));
  assert_false(gbench_keep_running(state));
}

static void skipped_run_says_why(void **state) {
  (void)state;
  gbench_register("skipped", skip_run, NULL);
  json_t *benchmarks = run_all();
  assert_true(json_is_true(json_object_get(json_array_get(benchmarks, 0), "error_occurred")));
  assert_string_equal(string(benchmarks, 0, "error_message"), "no memory");
  json_decref(benchmarks);
}

static void count_nonsense(struct gbench_state *state, void *user) {
  (void)user;
  while (gbench_keep_running(state))
    ;
  gbench_counter(state, "not_a_number", NAN, GBENCH_COUNTER_PLAIN);
  gbench_counter(state, "most", INFINITY, GBENCH_COUNTER_PLAIN);
  gbench_counter(state, "least", -INFINITY, GBENCH_COUNTER_PLAIN);
  gbench_counter(state, "finite", -1, GBENCH_COUNTER_PLAIN);
  gbench_set_label(state, "NaN, -Infinity and \\\"NaN");
}

static void json_is_valid_where_values_are_not_finite(void **state) {
  (void)state;
  gbench_register("nonsense", count_nonsense, NULL);
  json_t *benchmarks = run_all(), *row = json_array_get(benchmarks, 0);
  assert_true(json_is_null(json_object_get(row, "not_a_number")));
  assert_true(json_is_null(json_object_get(row, "most")));
  assert_true(json_is_null(json_object_get(row, "least")));
  assert_near(number(benchmarks, 0, "finite"), -1);
  assert_string_equal(string(benchmarks, 0, "label"), "NaN, -Infinity and \\\"NaN");
  json_decref(benchmarks);
}

/* ---- arguments, set-up, statistics ---- */

struct seen {
  int setups, teardowns;
  int64_t sum;
};

static void add_arguments(struct gbench_state *state, void *user) {
  struct seen *seen = user;
  while (gbench_keep_running(state))
    seen->sum += 100 * gbench_argument(state, 0) + gbench_argument(state, 1);
}
static void set_up(const struct gbench_state *state, void *user) {
  (void)state;
  ((struct seen *)user)->setups++;
}
static void tear_down(const struct gbench_state *state, void *user) {
  (void)state;
  ((struct seen *)user)->teardowns++;
}

static void callbacks_get_their_own_user_pointer(void **state) {
  (void)state;
  static const int64_t hundreds[] = {1, 2}, ones[] = {3, 4, 5};
  struct seen seen[2] = {{0}};
  for (size_t i = 0; i < 2; i++) {
    struct gbench *b = gbench_register(i ? "b" : "a", add_arguments, &seen[i]);
    gbench_args_product(b, (const int64_t *const[]){hundreds, ones}, (const size_t[]){2, i ? 3 : 1}, 2);
    gbench_arg_names(b, (const char *const[]){"x", "y"}, 2);
    gbench_iterations(b, 1);
    gbench_setup(b, set_up, &seen[i]);
    gbench_teardown(b, tear_down, &seen[i]);
  }
  json_t *benchmarks = run_all();
  assert_int_equal(json_array_size(benchmarks), 2 + 6);
  assert_string_equal(string(benchmarks, 0, "name"), "a/x:1/y:3/iterations:1");
  assert_int_equal(seen[0].setups, 2);
  assert_int_equal(seen[0].teardowns, 2);
  assert_int_equal(seen[1].setups, 6);
  assert_int_equal(seen[0].sum, 103 + 203);
  assert_int_equal(seen[1].sum, 3 * (100 + 200) + 2 * (3 + 4 + 5));
  json_decref(benchmarks);
}

/* The Nth run takes N seconds. */
static void take_longer(struct gbench_state *state, void *user) {
  int *run = user;
  int64_t n = gbench_argument(state, 0);
  ++*run;
  while (gbench_keep_running(state))
    gbench_set_iteration_time(state, *run);
  gbench_set_complexity_n(state, n);
}
static double first_and_scaled(const double *values, size_t count, void *user) {
  return count == 3 ? values[0] * *(double *)user : -1;
}

static void statistics_see_all_repetitions(void **state) {
  (void)state;
  int run = 0;
  double ten = 10;
  struct gbench *b = gbench_register("repeated", take_longer, &run);
  gbench_arg(b, 1);
  gbench_use_manual_time(b);
  gbench_iterations(b, 1);
  gbench_repetitions(b, 3);
  gbench_unit(b, GBENCH_S);
  gbench_compute_statistics(b, "tenfold", first_and_scaled, &ten);
  json_t *benchmarks = run_all();
  size_t found = 0;
  for (size_t i = 0; i < json_array_size(benchmarks); i++) {
    const char *aggregate = string(benchmarks, i, "aggregate_name");
    if (aggregate && strcmp(aggregate, "mean") == 0 && ++found)
      assert_near(number(benchmarks, i, "real_time"), 2);
    if (aggregate && strcmp(aggregate, "tenfold") == 0 && ++found)
      assert_near(number(benchmarks, i, "real_time"), 10);
  }
  assert_int_equal(found, 2);
  json_decref(benchmarks);
}

/* ---- threads ---- */

static void half_a_second_each(struct gbench_state *state, void *user) {
  atomic_fetch_add((_Atomic int *)user, 1);
  assert_int_equal(gbench_thread_count(state), 4);
  while (gbench_keep_running(state))
    gbench_set_iteration_time(state, 0.5);
}

/* Four threads of one iteration each, half a second long: left alone the library says 125 ms. */
static void times_of_threads_are_multiplied_back(void **state) {
  (void)state;
  _Atomic int threads = 0;
  struct gbench *b = gbench_register("threads", half_a_second_each, &threads);
  gbench_threads(b, 4);
  gbench_use_manual_time(b);
  gbench_iterations(b, 1);
  gbench_repetitions(b, 2);
  gbench_unit(b, GBENCH_MS);
  json_t *benchmarks = run_all();
  assert_int_equal(threads, 2 * 4);
  for (size_t i = 0; i < json_array_size(benchmarks); i++) {
    const char *aggregate = string(benchmarks, i, "aggregate_name");
    if (!aggregate || strcmp(aggregate, "mean") == 0)
      assert_near(number(benchmarks, i, "real_time"), 500);
  }
  json_decref(benchmarks);
}

/* ---- names ---- */

static void never(struct gbench_state *state, void *user) {
  (void)state, (void)user;
  fail_msg("a benchmark ran that was only to be named");
}
static void append(const char *name, void *user) {
  char *names = user;
  strcat(strcat(names, name), " ");
}

static void names_are_given_without_a_run(void **state) {
  (void)state;
  char names[256] = "";
  initialize("json");
  gbench_arg(gbench_register("plan/load", never, NULL), 7);
  gbench_register("plan/store", never, NULL);
  assert_int_equal(gbench_for_names("plan", append, names), 2);
  assert_string_equal(names, "plan/load/7 plan/store ");
  assert_int_equal(gbench_for_names("store$", NULL, NULL), 1);
  assert_int_equal(gbench_for_names("stroe", append, names), 0);
  assert_int_equal(gbench_for_names("(", append, names), 0);
  gbench_clear_registered_benchmarks();
}

/* ---- the border ---- */

/* Whether `body` ends its process by abort, with `words` on stderr. */
static bool aborts_with(void (*body)(void), const char *words) {
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  pid_t child = fork();
  if (child == 0) {
    signal(SIGABRT, SIG_DFL);
    dup2(ends[1], STDERR_FILENO);
    body();
    _exit(0);
  }
  close(ends[1]);
  char text[1024] = "";
  size_t length = 0;
  for (ssize_t got; (got = read(ends[0], text + length, sizeof text - 1 - length)) > 0;)
    length += (size_t)got;
  close(ends[0]);
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && strstr(text, words);
}

/* What C++ makes of a string that is none: an exception, also where an allocation that is refused ends the process. */
static void give_no_name(void) { gbench_arg_name(gbench_register("args", never, NULL), NULL); }
static void exhaust_callbacks(void) {
  struct gbench *b = gbench_register("callbacks", never, NULL);
  for (int i = 0; i <= GBENCH_CALLBACKS; i++)
    gbench_setup(b, set_up, NULL);
}

static void exceptions_end_at_the_border(void **state) {
  (void)state;
  assert_true(aborts_with(give_no_name, "gbench_shim: Google Benchmark failed: "));
  assert_true(aborts_with(exhaust_callbacks, "GBENCH_CALLBACKS"));
}

static int make_file(void **state) {
  (void)state;
  int fd = mkstemp(out_path);
  return fd < 0 ? -1 : close(fd);
}
static int remove_file(void **state) {
  (void)state;
  return unlink(out_path);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_are_given_without_a_run), /* first: the others see that runs run again */
      cmocka_unit_test(loops_run_as_often_as_is_reported),
      cmocka_unit_test(counters_follow_their_flags_and_manual_time),
      cmocka_unit_test(skipped_run_says_why),
      cmocka_unit_test(json_is_valid_where_values_are_not_finite),
      cmocka_unit_test(callbacks_get_their_own_user_pointer),
      cmocka_unit_test(statistics_see_all_repetitions),
      cmocka_unit_test(times_of_threads_are_multiplied_back),
      cmocka_unit_test(exceptions_end_at_the_border),
  };
  return cmocka_run_group_tests(tests, make_file, remove_file);
}
