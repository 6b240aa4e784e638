#include "runtime/os/clock.h"
#include "runtime/os/run_delay.h"
#include "runtime/os/thread.h"
#include "tests/runtime/cmocka.h"

enum { RIVALS = 3, BUSY_NS = 40000000 };

struct rival {
  int number;
  uint64_t delay_ns, elapsed_ns;
};

static void *compete(void *argument) {
  struct rival *rival = argument;
  rival->number = run_delay_of_this_thread();
  uint64_t before_ns, after_ns, begin_ns = clock_now_ns();
  bool known = run_delay_read(rival->number, &before_ns);
  while (clock_thread_cpu_ns() < BUSY_NS)
    ;
  if (known && run_delay_read(rival->number, &after_ns))
    rival->delay_ns = after_ns - before_ns;
  rival->elapsed_ns = clock_now_ns() - begin_ns;
  return NULL;
}

/* Threads on one processor: while one computes, the others wait. */
static void threads_that_share_a_processor_wait_for_it(void **state) {
  (void)state;
  uint64_t delay_ns;
  if (!run_delay_read(run_delay_of_this_thread(), &delay_ns))
    skip(); /* this kernel does not tell */
  cpu_set_t here;
  CPU_ZERO(&here);
  CPU_SET(sched_getcpu(), &here);
  struct rival rivals[RIVALS] = {0};
  pthread_t threads[RIVALS];
  for (unsigned i = 0; i < RIVALS; i++) {
    assert_true(thread_start(&threads[i], "rival", compete, &rivals[i]));
    pthread_setaffinity_np(threads[i], sizeof here, &here);
  }
  uint64_t sum_ns = 0;
  for (unsigned i = 0; i < RIVALS; i++) {
    pthread_join(threads[i], NULL);
    assert_in_range(rivals[i].delay_ns, 0, rivals[i].elapsed_ns);
    sum_ns += rivals[i].delay_ns;
  }
  /* of three equals the last to end waited for the two others, and those for each other and some of it */
  assert_in_range(sum_ns, 2 * (uint64_t)BUSY_NS, UINT64_MAX);
}

static void a_thread_keeps_its_number(void **state) {
  (void)state;
  assert_int_equal(run_delay_of_this_thread(), run_delay_of_this_thread());
}

static void no_number_reads_nothing(void **state) {
  (void)state;
  uint64_t delay_ns = 77;
  assert_false(run_delay_read(-1, &delay_ns));
  assert_int_equal(delay_ns, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(threads_that_share_a_processor_wait_for_it),
      cmocka_unit_test(a_thread_keeps_its_number),
      cmocka_unit_test(no_number_reads_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
