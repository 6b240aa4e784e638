#include "runtime/os/cpu_clock.h"

#include <time.h>

#include "runtime/os/clock.h"
#include "tests/runtime/cmocka.h"

enum { BUSY_NS = 2 * 1000 * 1000, SLEEP_NS = 20 * 1000 * 1000 };

static void work(uint64_t cpu_ns) {
  uint64_t begin_ns = clock_thread_cpu_ns();
  while (clock_thread_cpu_ns() - begin_ns < cpu_ns)
    ;
}

static void readings_side_by_side_ask_once(void **state) {
  (void)state;
  uint64_t least = 2;
  for (unsigned attempt = 0; attempt < 1000 && least > 1; attempt++) { /* the processor may be lost between the two */
    uint64_t asked = 0;
    nanosleep(&(struct timespec){.tv_nsec = 1000}, NULL);
    cpu_clock_ns(&asked);
    cpu_clock_ns(&asked);
    assert_true(asked >= 1); /* it slept */
    least = asked < least ? asked : least;
  }
  assert_int_equal(least, 1);
}

/* Nearly: the kernel's clock and the wall's are not the same. */
static void work_counts(void **state) {
  (void)state;
  uint64_t asked = 0;
  uint64_t begin_ns = cpu_clock_ns(&asked);
  work(BUSY_NS);
  assert_true(cpu_clock_ns(&asked) - begin_ns >= BUSY_NS * 9 / 10);
}

static void sleep_does_not(void **state) {
  (void)state;
  uint64_t asked = 0;
  uint64_t outer_ns = clock_thread_cpu_ns();
  uint64_t begin_ns = cpu_clock_ns(&asked);
  nanosleep(&(struct timespec){.tv_nsec = SLEEP_NS}, NULL);
  asked = 0;
  uint64_t end_ns = cpu_clock_ns(&asked);
  assert_int_equal(asked, 1);
  assert_true(end_ns - begin_ns <= clock_thread_cpu_ns() - outer_ns + CPU_CLOCK_TRUST_NS);
  assert_true(end_ns - begin_ns < SLEEP_NS);
}

static void what_is_skipped_does_not(void **state) {
  (void)state;
  bool skipped = false;
  for (unsigned attempt = 0; attempt < 100 && !skipped; attempt++) { /* the kernel, once asked, counts it */
    uint64_t asked = 0;
    uint64_t begin_ns = cpu_clock_ns(&asked);
    work(BUSY_NS);
    cpu_clock_skip();
    asked = 0;
    skipped = cpu_clock_ns(&asked) - begin_ns < BUSY_NS && asked == 0;
  }
  assert_true(skipped);
}

static void readings_never_fall(void **state) {
  (void)state;
  uint64_t asked = 0, last_ns = cpu_clock_ns(&asked);
  for (unsigned i = 0; i < 20000; i++) {
    if (i % 1000 == 0)
      nanosleep(&(struct timespec){.tv_nsec = 1000}, NULL);
    uint64_t now_ns = cpu_clock_ns(&asked);
    assert_true(now_ns >= last_ns);
    last_ns = now_ns;
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(readings_side_by_side_ask_once), cmocka_unit_test(work_counts),
      cmocka_unit_test(sleep_does_not), cmocka_unit_test(what_is_skipped_does_not),
      cmocka_unit_test(readings_never_fall)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
