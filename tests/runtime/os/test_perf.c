#include <sys/mman.h>
#include <unistd.h>

#include "runtime/os/clock.h"
#include "runtime/os/perf.h"
#include "runtime/os/thread.h"
#include "tests/runtime/cmocka.h"

enum { THREADS = 3, BUSY_NS = 5000000, PAGES = 300 };

static struct perf_set set;

static int setup(void **state) {
  (void)state;
  perf_open(&set);
  return 0;
}
static int teardown(void **state) {
  (void)state;
  perf_close(&set);
  return 0;
}

/* A kernel may refuse everything; then there is nothing to hold it to but the reason. */
static bool read_or_skip(enum perf_event event, struct perf_value *value) {
  if (perf_read(&set, event, value))
    return true;
  printf("%s: %s\n", perf_names[event], set.counters[event].why_not);
  assert_true(set.counters[event].why_not[0]);
  return false;
}

static void *spin(void *argument) {
  (void)argument;
  while (clock_thread_cpu_ns() < BUSY_NS)
    ;
  return NULL;
}

static void counts_threads_that_start_later_also_when_they_are_gone(void **state) {
  (void)state;
  struct perf_value before, after;
  if (!read_or_skip(PERF_task_clock_ns, &before))
    skip();
  pthread_t threads[THREADS];
  for (unsigned i = 0; i < THREADS; i++)
    assert_true(thread_start(&threads[i], "spin", spin, NULL));
  for (unsigned i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  assert_true(perf_read(&set, PERF_task_clock_ns, &after));
  assert_in_range(after.value - before.value, THREADS * (uint64_t)BUSY_NS * 9 / 10, UINT64_MAX);
  assert_int_equal(after.enabled_ns, after.running_ns); /* software counters are never shared out */
}

static void counts_the_pages_that_are_touched(void **state) {
  (void)state;
  struct perf_value before, after;
  if (!read_or_skip(PERF_page_faults, &before))
    skip();
  size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
  char *pages = mmap(NULL, PAGES * page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert_ptr_not_equal(pages, MAP_FAILED);
  madvise(pages, PAGES * page_bytes, MADV_NOHUGEPAGE);
  for (unsigned i = 0; i < PAGES; i++)
    pages[i * page_bytes] = 1;
  assert_true(perf_read(&set, PERF_page_faults, &after));
  assert_in_range(after.value - before.value, PAGES, 10 * PAGES); /* a sanitizer touches some for each */
  munmap(pages, PAGES * page_bytes);
}

static void each_counter_is_open_or_says_why_not(void **state) {
  (void)state;
  for (unsigned i = 0; i < PERF_EVENT_COUNT; i++) {
    struct perf_value value;
    assert_true(perf_names[i][0]);
    assert_int_equal(perf_read(&set, (enum perf_event)i, &value), set.counters[i].fd >= 0);
    assert_int_equal(set.counters[i].why_not[0] != 0, set.counters[i].fd < 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(counts_threads_that_start_later_also_when_they_are_gone, setup, teardown),
      cmocka_unit_test_setup_teardown(counts_the_pages_that_are_touched, setup, teardown),
      cmocka_unit_test_setup_teardown(each_counter_is_open_or_says_why_not, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
