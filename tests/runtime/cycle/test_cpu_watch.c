#include "runtime/cycle/cpu_watch.h"

#include "runtime/os/clock.h"
#include "tests/runtime/cmocka.h"

enum { BUSY_NS = 20 * 1000 * 1000 };

/* A gang of the driver alone. */
static struct gang gang = {.count = 1};

static void work(uint64_t cpu_ns) {
  uint64_t begin_ns = clock_thread_cpu_ns();
  while (clock_thread_cpu_ns() - begin_ns < cpu_ns)
    ;
}

static void edges_side_by_side_share_a_reading(void **state) {
  (void)state;
  uint64_t shared = 0;
  for (unsigned attempt = 0; attempt < 1000 && !shared; attempt++) { /* the processor may be lost between the two */
    struct cpu_watch watch = {0};
    cpu_watch_read(&watch, &gang);
    cpu_watch_read(&watch, &gang);
    shared += watch.readings == 1;
  }
  assert_int_equal(shared, 1);
}

static void edges_apart_do_not(void **state) {
  (void)state;
  struct cpu_watch watch = {0};
  cpu_watch_read(&watch, &gang);
  uint64_t begin_ns = watch.driver_ns;
  work(BUSY_NS);
  cpu_watch_read(&watch, &gang);
  assert_int_equal(watch.readings, 2);
  assert_true(watch.driver_ns - begin_ns >= BUSY_NS);
  assert_int_equal(watch.collector_ns, watch.driver_ns);
}

static void another_driver_reads_its_own_time(void **state) {
  (void)state;
  struct cpu_watch watch = {0};
  cpu_watch_read(&watch, &gang);
  cpu_watch_restart(&watch);
  cpu_watch_read(&watch, &gang);
  assert_int_equal(watch.readings, 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(edges_side_by_side_share_a_reading),
                                     cmocka_unit_test(edges_apart_do_not),
                                     cmocka_unit_test(another_driver_reads_its_own_time)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
