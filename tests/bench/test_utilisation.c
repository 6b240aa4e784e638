#include "bench/utilisation.h"

#include "tests/runtime/cmocka.h"

enum { MS = 1000000 };

static struct gc_heap heap;

/* What one iteration of 0 to 100 ms with these events of threads, and no pause of the world, leaves of windows. */
static json_t *report(struct thread_event *events, size_t count) {
  struct utilisations utilisations = {0};
  struct thread_log threads = {.events = events, .count = count, .dropped = 3};
  utilisation_add(&utilisations, &heap, &threads, 0, 100 * MS);
  return utilisation_report(&utilisations, &threads);
}

static double mmu_at(const json_t *group, int w_ms) {
  size_t i;
  json_t *point;
  json_array_foreach(json_object_get(group, "points"), i,
                     point) if (json_integer_value(json_object_get(point, "w_ns")) ==
                                w_ms * MS) return json_real_value(json_object_get(point, "mmu"));
  fail_msg("there is no window of %d ms", w_ms);
  return 0;
}

static void a_stalled_thread_has_no_time_though_the_world_runs(void **state) {
  (void)state;
  struct thread_event events[] = {{.thread = 1, .kind = THREAD_STALL, .begin_ns = 10 * MS, .duration_ns = 20 * MS}};
  json_t *group = report(events, 1), *thread = json_object_get(group, "thread");
  assert_float_equal(mmu_at(group, 20), 1, 0);
  assert_float_equal(mmu_at(thread, 20), 0, 0);
  assert_float_equal(mmu_at(thread, 50), 0.6, 1e-9);
  assert_float_equal(mmu_at(thread, 100), 0.8, 1e-9);
  assert_int_equal(json_integer_value(json_object_get(thread, "events_dropped")), 3);
  json_decref(group);
}

/* Threads one after the other would be worse than the worst of them: their events are not added up. */
static void of_threads_the_worst_counts(void **state) {
  (void)state;
  struct thread_event events[] = {{.thread = 2, .kind = THREAD_PAUSE, .begin_ns = 50 * MS, .duration_ns = 5 * MS},
                                  {.thread = 1, .kind = THREAD_ASSIST, .begin_ns = 40 * MS, .duration_ns = 10 * MS}};
  json_t *group = report(events, 2), *thread = json_object_get(group, "thread");
  assert_float_equal(mmu_at(thread, 20), 0.5, 1e-9);
  json_decref(group);
}

static void what_overlaps_counts_once_and_answering_late_not_at_all(void **state) {
  (void)state;
  struct thread_event events[] = {{.thread = 1, .kind = THREAD_HANDSHAKE, .begin_ns = 0, .duration_ns = 90 * MS},
                                  {.thread = 1, .kind = THREAD_STALL, .begin_ns = 20 * MS, .duration_ns = 10 * MS},
                                  {.thread = 1, .kind = THREAD_ASSIST, .begin_ns = 22 * MS, .duration_ns = 3 * MS},
                                  {.thread = 1, .kind = THREAD_PAUSE, .begin_ns = 28 * MS, .duration_ns = 4 * MS},
                                  {.thread = 1, .kind = THREAD_PAUSE, .begin_ns = 99 * MS, .duration_ns = 50 * MS}};
  json_t *group = report(events, 5), *thread = json_object_get(group, "thread");
  assert_float_equal(mmu_at(thread, 20), 0.4, 1e-9);
  assert_float_equal(mmu_at(thread, 100), 0.87, 1e-9);
  json_decref(group);
}

static void threads_without_events_have_all_their_time(void **state) {
  (void)state;
  json_t *group = report(NULL, 0);
  assert_float_equal(mmu_at(json_object_get(group, "thread"), 1), 1, 0);
  json_decref(group);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_stalled_thread_has_no_time_though_the_world_runs),
      cmocka_unit_test(of_threads_the_worst_counts),
      cmocka_unit_test(what_overlaps_counts_once_and_answering_late_not_at_all),
      cmocka_unit_test(threads_without_events_have_all_their_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
