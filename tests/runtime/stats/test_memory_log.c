#include "runtime/os/thread.h"
#include "runtime/stats/memory_log.h"
#include "tests/runtime/cmocka.h"

enum { SAMPLES = 200000 };

static struct memory_log memory_log;

static int setup(void **state) {
  (void)state;
  memory_log = (struct memory_log){0};
  return 0;
}
static int teardown(void **state) {
  (void)state;
  memory_log_fini(&memory_log);
  return 0;
}

static void record(uint64_t number) {
  memory_log_record(&memory_log, (struct memory_sample){number, number, 2 * number, 3 * number, 0});
}

static void a_full_ring_drops_the_newest_and_counts_them(void **state) {
  (void)state;
  for (uint64_t i = 0; i < MEMORY_LOG_SAMPLES + 5; i++)
    record(i);
  struct memory_sample sample;
  for (uint64_t i = 0; i < MEMORY_LOG_SAMPLES; i++) {
    assert_true(memory_log_take(&memory_log, &sample));
    assert_int_equal(sample.at_ns, i);
  }
  assert_false(memory_log_take(&memory_log, &sample));
  assert_int_equal(memory_log.dropped, 5);
  memory_log_settle(&memory_log);
  assert_int_equal(memory_log.post_gc.count, MEMORY_LOG_SAMPLES + 5); /* the distribution has them all */
  record(7);
  assert_true(memory_log_take(&memory_log, &sample));
}

static void *write_all(void *argument) {
  (void)argument;
  for (uint64_t i = 1; i <= SAMPLES; i++)
    record(i);
  return NULL;
}

static void samples_are_whole_and_in_order_while_both_threads_run(void **state) {
  (void)state;
  pthread_t writer;
  assert_true(thread_start(&writer, "writer", write_all, NULL));
  uint64_t seen = 0, last = 0;
  struct memory_sample sample;
  while (seen + memory_log.dropped < SAMPLES || memory_log.written > memory_log.taken)
    if (memory_log_take(&memory_log, &sample)) {
      assert_true(sample.at_ns > last);
      assert_int_equal(sample.metadata_bytes, 3 * sample.at_ns);
      assert_int_equal(sample.committed_bytes, 2 * sample.used_bytes);
      last = sample.at_ns;
      seen++;
    }
  pthread_join(writer, NULL);
  assert_int_equal(seen + memory_log.dropped, SAMPLES);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_full_ring_drops_the_newest_and_counts_them, setup, teardown),
      cmocka_unit_test_setup_teardown(samples_are_whole_and_in_order_while_both_threads_run, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
