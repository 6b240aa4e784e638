#include "runtime/trace/gang.h"

#include "runtime/base/chaos.h"
#include "tests/runtime/cmocka.h"

static struct heap_memory memory;
static struct gang gang;

static void start(unsigned workers) {
  assert_true(memory_init(&memory, GC_MIB, false, 0));
  assert_true(gang_init(&gang, NULL, &memory, workers));
}
static void stop(void) {
  gang_fini(&gang);
  memory_fini(&memory);
}

/* A tree of work without memory: an item of depth d makes two of depth d - 1. */
static _Atomic uint64_t items, helped;

static void tree_job(struct gc_worker *worker) {
  if (worker->index == 0)
    worker_push(worker, (uint64_t)(uintptr_t)gang.argument);
  do
    for (uint64_t depth; (depth = worker_pop(worker));) {
      atomic_fetch_add_explicit(&items, 1, memory_order_relaxed);
      if (worker->index != 0)
        atomic_fetch_add_explicit(&helped, 1, memory_order_relaxed);
      if (depth > 1) {
        worker_push(worker, depth - 1);
        worker_push(worker, depth - 1);
      }
      if (--worker->share_countdown == 0)
        worker_share(worker);
      gang_yield(worker);
    }
  while (worker_refill(worker));
}

static void all_work_is_done_when_a_job_returns(void **state) {
  (void)state;
  chaos_set(unit_seed, 5);
  for (unsigned workers = 1; workers <= 4; workers++) {
    start(workers);
    for (unsigned round = 0; round < 30; round++) {
      unsigned depth = 1 + round % 15;
      atomic_store(&items, 0);
      gang_run(&gang, round % 2 ? GANG_WAKE : GANG_LAZY, tree_job, (void *)(uintptr_t)depth);
      assert_int_equal(items, ((uint64_t)1 << depth) - 1);
    }
    stop();
  }
  chaos_set(0, 0);
}

static void helpers_take_part(void **state) {
  (void)state;
  start(2);
  atomic_store(&helped, 0);
  for (unsigned round = 0; round < 5000 && atomic_load(&helped) == 0; round++) /* on busy processors it takes a while */
    gang_run(&gang, GANG_WAKE, tree_job, (void *)(uintptr_t)18);
  assert_true(atomic_load(&helped) > 0);
  stop();
}

static void more_than_a_stack_of_work_spills(void **state) {
  (void)state;
  start(1);
  struct gc_worker *worker = gang_driver(&gang);
  for (uint64_t i = 1; i <= 3 * WORKER_STACK_ITEMS; i++)
    worker_push(worker, i);
  uint64_t sum = 0, count = 0;
  do
    for (uint64_t item; (item = worker_pop(worker)); count++)
      sum += item;
  while (worker_refill_alone(worker));
  assert_int_equal(count, 3 * WORKER_STACK_ITEMS);
  assert_int_equal(sum, count * (count + 1) / 2);
  stop();
}

/* A job inside a yield sees none of the outer job's work, and the outer one loses none. */
static unsigned nested_runs;
static void nested_job(struct gc_worker *worker) {
  assert_ptr_equal(worker, gang.solo);
  assert_int_equal(worker->stack_count, 0);
  assert_int_equal(atomic_load(&gang.next_share), 0);
  worker_push(worker, 1);
  worker_pop(worker);
}
static bool run_nested(struct gc_heap *heap) {
  (void)heap;
  nested_runs++;
  gang_run(&gang, GANG_LAZY, nested_job, NULL);
  atomic_store(&gang.yield_wanted, 0);
  return true;
}

/* The next request comes as soon as one has ended. */
static unsigned requests_left;
static bool run_nested_and_ask_again(struct gc_heap *heap) {
  run_nested(heap);
  atomic_store(&gang.yield_wanted, --requests_left > 0);
  return true;
}

static void a_yield_runs_something_else_in_between(void **state) {
  (void)state;
  for (unsigned workers = 1; workers <= 3; workers++) {
    start(workers);
    gang.yield = run_nested;
    nested_runs = 0;
    for (unsigned round = 0; round < 20; round++) {
      atomic_store(&items, 0);
      atomic_store(&gang.yield_wanted, 1);
      gang_run(&gang, GANG_WAKE, tree_job, (void *)(uintptr_t)12);
      assert_int_equal(items, 4095);
    }
    assert_int_equal(nested_runs, 20);
    stop();
  }
}

static void a_request_is_not_lost_in_the_end_of_another(void **state) {
  (void)state;
  for (unsigned workers = 1; workers <= 3; workers++) {
    start(workers);
    gang.yield = run_nested_and_ask_again;
    for (unsigned round = 0; round < 20; round++) {
      nested_runs = 0;
      requests_left = 5;
      atomic_store(&items, 0);
      atomic_store(&gang.yield_wanted, 1);
      gang_run(&gang, GANG_WAKE, tree_job, (void *)(uintptr_t)12);
      assert_int_equal(items, 4095);
      assert_int_equal(nested_runs, 5);
    }
    stop();
  }
}

int main(int argc, char **argv) {
  unit_take_seed(argc, argv, 20261121);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_work_is_done_when_a_job_returns), cmocka_unit_test(helpers_take_part),
      cmocka_unit_test(more_than_a_stack_of_work_spills), cmocka_unit_test(a_yield_runs_something_else_in_between),
      cmocka_unit_test(a_request_is_not_lost_in_the_end_of_another)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
