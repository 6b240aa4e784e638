#include "runtime/stats/thread_log.h"

#include <stdatomic.h>

#include "tests/runtime/cmocka.h"

enum { EVENTS = 20000 };

static _Atomic bool done;

static void *record(void *argument) {
  for (uint64_t i = 1; i <= EVENTS; i++)
    thread_log_record(argument, (struct thread_event){.begin_ns = 10 * i, .duration_ns = i, .kind = i % 2});
  atomic_store(&done, true);
  return NULL;
}

/* Both ways: while the owner records, and what it left. */
static void nothing_is_lost_or_counted_twice_beside_the_owner(void **state) {
  (void)state;
  struct thread_log log, all;
  pthread_t owner;
  thread_log_init(&log);
  thread_log_init(&all);
  atomic_store(&done, false);
  assert_int_equal(pthread_create(&owner, NULL, record, &log), 0);
  while (!atomic_load(&done))
    thread_log_move(&all, &log);
  pthread_join(owner, NULL);
  thread_log_move(&all, &log);
  assert_int_equal(all.count, EVENTS);
  for (uint64_t i = 0; i < EVENTS; i++)
    assert_int_equal(all.events[i].duration_ns, i + 1);
  assert_int_equal(all.durations[0].count, EVENTS / 2);
  assert_int_equal(all.durations[0].max, EVENTS);
  assert_int_equal(all.durations[0].sum + all.durations[1].sum, (uint64_t)EVENTS * (EVENTS + 1) / 2);
  assert_int_equal(all.durations[0].max_at_ns, 10 * EVENTS);
  assert_int_equal(all.durations[1].max_at_ns, 10 * (EVENTS - 1));
  assert_int_equal(log.count + log.durations[0].count + log.durations[1].count, 0);
  thread_log_fini(&log);
  thread_log_fini(&all);
}

static void what_finds_no_room_is_counted_and_in_the_distribution(void **state) {
  (void)state;
  struct thread_log log, all;
  thread_log_init(&log);
  thread_log_init(&all);
  for (unsigned i = 0; i < THREAD_EVENTS_MAX + 5; i++)
    thread_log_record(&log, (struct thread_event){.duration_ns = i, .kind = THREAD_STALL});
  assert_int_equal(log.count, THREAD_EVENTS_MAX);
  assert_int_equal(log.dropped, 5);
  thread_log_move(&all, &log);
  assert_int_equal(all.dropped, 5);
  assert_int_equal(all.durations[THREAD_STALL].count, THREAD_EVENTS_MAX + 5);
  assert_int_equal(all.durations[THREAD_STALL].max, THREAD_EVENTS_MAX + 4);
  thread_log_record(&log, (struct thread_event){.duration_ns = 1, .kind = THREAD_STALL});
  thread_log_move(NULL, &log);
  assert_int_equal(log.count + log.dropped + log.durations[THREAD_STALL].count, 0);
  thread_log_fini(&log);
  thread_log_fini(&all);
}

int main(int argc, char **argv) {
  unit_take_seed(argc, argv, 20261121);
  const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_lost_or_counted_twice_beside_the_owner),
                                     cmocka_unit_test(what_finds_no_room_is_counted_and_in_the_distribution)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
