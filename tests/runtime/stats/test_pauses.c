#include "runtime/stats/pauses.h"

#include "runtime/base/rng.h"
#include "tests/runtime/cmocka.h"

enum { EVENTS = 3000 };

static void every_pause_is_split_at_the_stop(void **state) {
  (void)state;
  struct pause_log log;
  assert_true(pause_log_init(&log));
  uint64_t random = rng_stream(unit_seed, 0), now_ns = 1000, total_ns = 0, ttsp_ns = 0, longest_ns = 0;
  for (unsigned i = 0; i < EVENTS; i++) {
    uint64_t ttsp = rng_below(&random, 50000), operation = rng_below(&random, 5000000);
    struct pause_event event = {.request_ns = now_ns,
                                .stopped_ns = now_ns + ttsp,
                                .resumed_ns = now_ns + ttsp + operation,
                                .cycle_kind = i % 4,
                                .mutators = i % 7};
    pause_record(&log, event);
    assert_int_equal(log.count, i + 1);
    assert_memory_equal(&log.events[i], &event, sizeof event);
    now_ns = event.resumed_ns + rng_below(&random, 1000000);
    total_ns += ttsp + operation;
    ttsp_ns += ttsp;
    longest_ns = ttsp + operation > longest_ns ? ttsp + operation : longest_ns;
  }
  assert_int_equal(log.dropped, 0);
  assert_int_equal(log.pauses, EVENTS);
  assert_int_equal(log.total_ns, total_ns);
  assert_int_equal(log.ttsp_ns, ttsp_ns);
  assert_int_equal(log.longest_ns, longest_ns);
  assert_int_not_equal(log.total.count, 0); /* few wait */
  pause_log_settle(&log);
  pause_log_settle(&log); /* each is added once */
  assert_int_equal(log.total.count, EVENTS);
  assert_int_equal(log.ttsp.count, EVENTS);
  assert_int_equal(log.operation.count, EVENTS);
  assert_int_equal(log.handshake.count, 0);
  assert_int_equal(log.total.sum, total_ns);
  assert_int_equal(log.ttsp.sum, ttsp_ns);
  assert_int_equal(log.operation.sum, total_ns - ttsp_ns);
  assert_int_equal(log.total.max, longest_ns);
  pause_log_fini(&log);
}

static void the_log_begins_again_after_a_reset(void **state) {
  (void)state;
  struct pause_log log;
  assert_true(pause_log_init(&log));
  for (unsigned i = 0; i < EVENTS; i++)
    pause_record(&log, (struct pause_event){i, i + 1, i + 3, .mutators = 1});
  histogram_record(&log.handshake, 77);
  pause_log_reset(&log);
  assert_int_equal(log.count, 0);
  assert_int_equal(log.total.count + log.ttsp.count + log.operation.count + log.handshake.count, 0);
  pause_record(&log, (struct pause_event){10, 20, 50, .mutators = 4});
  assert_int_equal(log.count, 1);
  assert_int_equal(log.longest_ns, 40);
  pause_log_settle(&log);
  assert_int_equal(log.total.max, 40);
  assert_int_equal(log.ttsp.max, 10);
  assert_int_equal(log.operation.max, 30);
  pause_log_fini(&log);
  assert_null(log.events);
}

static void lost_time_is_taken_out_where_it_is_known(void **state) {
  (void)state;
  struct pause_log log;
  assert_true(pause_log_init(&log));
  pause_record(&log, (struct pause_event){.request_ns = 100, .stopped_ns = 110, .resumed_ns = 200}); /* not known */
  pause_record(&log, (struct pause_event){.request_ns = 300, .stopped_ns = 310, .resumed_ns = 400, .lost_known = true});
  pause_record(&log, (struct pause_event){300, 310, 400, .lost_known = true, .lost_ns = 30});
  pause_record(&log, (struct pause_event){300, 310, 400, .lost_known = true, .lost_ns = 500}); /* never below 0 */
  pause_log_settle(&log);
  assert_int_equal(log.total.sum, 400);
  assert_int_equal(log.total_net.count, 3);
  assert_int_equal(log.total_net.sum, 100 + 70 + 0);
  assert_int_equal(log.lost.count, 3);
  assert_int_equal(log.lost.sum, 0 + 30 + 100);
  pause_log_reset(&log);
  assert_int_equal(log.total_net.count + log.lost.count, 0);
  pause_log_fini(&log);
}

int main(int argc, char **argv) {
  unit_take_seed(argc, argv, 20261121);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lost_time_is_taken_out_where_it_is_known), cmocka_unit_test(every_pause_is_split_at_the_stop),
      cmocka_unit_test(the_log_begins_again_after_a_reset)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
