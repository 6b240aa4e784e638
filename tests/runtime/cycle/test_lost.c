#include "runtime/cycle/lost.h"
#include "runtime/os/clock.h"
#include "runtime/os/run_delay.h"
#include "runtime/os/thread.h"
#include "tests/runtime/cmocka.h"

enum { BUSY_NS = 40000000, UNIT_NS = 1000000 };

static struct heap_memory memory;
static struct gang gang;
static cpu_set_t here;
static _Atomic bool quit;
static pthread_t rival;

static void be_busy(uint64_t cpu_ns) {
  uint64_t begin_ns = clock_thread_cpu_ns();
  while (clock_thread_cpu_ns() - begin_ns < cpu_ns)
    ;
}

static void *compete(void *argument) {
  (void)argument;
  pthread_setaffinity_np(pthread_self(), sizeof here, &here);
  while (!atomic_load(&quit))
    be_busy(UNIT_NS);
  return NULL;
}

/* A rival computes on the processor that the caller is on. */
static int setup(void **state) {
  (void)state;
  uint64_t delay_ns;
  CPU_ZERO(&here);
  CPU_SET(sched_getcpu(), &here);
  atomic_store(&quit, false);
  if (!run_delay_read(run_delay_of_this_thread(), &delay_ns))
    return -1;
  return memory_init(&memory, GC_MIB, false, 0) && gang_init(&gang, NULL, &memory, 2) &&
                 thread_start(&rival, "rival", compete, NULL)
             ? 0
             : -1;
}
static int teardown(void **state) {
  (void)state;
  atomic_store(&quit, true);
  pthread_join(rival, NULL);
  gang_fini(&gang);
  memory_fini(&memory);
  return 0;
}

static void the_drivers_wait_is_lost(void **state) {
  (void)state;
  cpu_set_t before;
  pthread_getaffinity_np(pthread_self(), sizeof before, &before);
  pthread_setaffinity_np(pthread_self(), sizeof here, &here);
  struct lost_watch watch = {0};
  uint64_t lost_ns, begin_ns = clock_now_ns();
  lost_begin(&watch, &gang);
  be_busy(BUSY_NS);
  assert_true(lost_end(&watch, &gang, &lost_ns));
  assert_in_range(lost_ns, 1, clock_now_ns() - begin_ns);
  pthread_setaffinity_np(pthread_self(), sizeof before, &before);
}

static _Atomic bool helper_done;

static void helper_is_busy(struct gc_worker *worker) {
  if (worker->index == 0) {
    while (!atomic_load(&helper_done))
      sched_yield();
    return;
  }
  pthread_setaffinity_np(pthread_self(), sizeof here, &here);
  be_busy(BUSY_NS);
  atomic_store(&helper_done, true);
}

static void a_helpers_wait_is_lost(void **state) {
  (void)state;
  while (atomic_load(&gang.workers[1]->run_delay) == -1)
    sched_yield();
  uint64_t begin_ns = clock_now_ns();
  gang_begin_run_delays(&gang);
  gang_run(&gang, GANG_WAKE, helper_is_busy, NULL);
  assert_in_range(gang_longest_run_delay(&gang), 1, clock_now_ns() - begin_ns);
}

/* A gang of the driver alone has no helper to be asked for. */
static void without_helpers_each_pause_is_known(void **state) {
  (void)state;
  struct gang alone = {.count = 1};
  struct lost_watch watch = {0};
  for (unsigned i = 0; i < 100; i++) {
    uint64_t lost_ns, begin_ns = clock_now_ns();
    lost_begin(&watch, &alone);
    be_busy(UNIT_NS);
    assert_true(lost_end(&watch, &alone, &lost_ns));
    assert_in_range(lost_ns, 0, clock_now_ns() - begin_ns);
  }
}

static void readings_of_helpers_keep_a_distance(void **state) {
  (void)state;
  struct lost_watch watch = {0};
  uint64_t lost_ns;
  lost_begin(&watch, &gang);
  assert_true(lost_end(&watch, &gang, &lost_ns));
  uint64_t due_ns = watch.helpers_due_ns;
  assert_true(due_ns > clock_now_ns()); /* a pair of readings takes longer than 1/LOST_BREAK of itself */
  lost_begin(&watch, &gang);
  assert_false(lost_end(&watch, &gang, &lost_ns));
  assert_int_equal(watch.helpers_due_ns, due_ns);
  while (clock_now_ns() < due_ns)
    ;
  lost_begin(&watch, &gang);
  assert_true(lost_end(&watch, &gang, &lost_ns));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(the_drivers_wait_is_lost, setup, teardown),
      cmocka_unit_test_setup_teardown(a_helpers_wait_is_lost, setup, teardown),
      cmocka_unit_test_setup_teardown(without_helpers_each_pause_is_known, setup, teardown),
      cmocka_unit_test_setup_teardown(readings_of_helpers_keep_a_distance, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
