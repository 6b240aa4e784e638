#include "runtime/trace/rc_grace.h"

#include <time.h>

#include "runtime/mutator/grace.h"
#include "tests/runtime/cmocka.h"

static struct heap_memory memory;
static struct rc_pool pool;
static struct safepoint safepoint;
static struct rc_grace grace;
static struct gc_mutator *self;

static _Atomic unsigned plan_polls;

static void nothing(struct gc_heap *heap, struct gc_mutator *m) { (void)heap, (void)m; }
static void count_poll(struct gc_heap *heap, struct gc_mutator *m) {
  (void)heap, (void)m;
  atomic_fetch_add(&plan_polls, 1);
}

static struct gc_mutator *attach(void) {
  size_t bytes = align_up(sizeof(struct gc_mutator), GC_CACHE_LINE_BYTES);
  struct gc_mutator *m = aligned_alloc(GC_CACHE_LINE_BYTES, bytes);
  memset(m, 0, bytes);
  safepoint_attach(&safepoint, m, nothing);
  return m;
}
static void detach(struct gc_mutator *m) {
  safepoint_detach(&safepoint, m, nothing);
  free(m);
}
static void poll(struct gc_mutator *m) {
  if (mutator_poll_pending(m))
    mutator_poll_slow(m);
}

static int setup(void **state) {
  (void)state;
  if (!memory_init(&memory, 8 * GC_MIB, false, 0) || !rc_pool_init(&pool, &memory))
    return -1;
  safepoint_init(&safepoint, NULL);
  safepoint.poll_plan = count_poll;
  rc_grace_init(&grace, &safepoint, &pool);
  self = attach();
  return 0;
}
static int teardown(void **state) {
  (void)state;
  detach(self);
  grace_barrier(&safepoint);
  rc_grace_fini(&grace);
  bool all_back = rc_pool_bytes(&pool) == 0;
  rc_pool_fini(&pool);
  safepoint_fini(&safepoint);
  memory_fini(&memory);
  return all_back ? 0 : -1;
}

static void sleep_briefly(void) { nanosleep(&(struct timespec){0, 1000000}, NULL); }

/* Another mutator, which polls only when told to. */
enum { STAY, POLL, QUIT };
static _Atomic int order;
static _Atomic bool attached;
static void *other_mutator(void *argument) {
  (void)argument;
  struct gc_mutator *m = attach();
  atomic_store(&attached, true);
  for (int now; (now = atomic_load(&order)) != QUIT; sleep_briefly())
    if (now == POLL) {
      safepoint_arm_quiesce(&safepoint);
      poll(m);
    }
  detach(m);
  return NULL;
}

static void defer_one(uintptr_t item) {
  struct rc_buffer buffer;
  rc_buffer_init(&buffer, &pool, NULL, 0);
  rc_buffer_push(&buffer, item);
  rc_grace_defer(&grace, &buffer);
  assert_true(rc_buffer_is_empty(&buffer));
  rc_buffer_clear(&buffer);
}

static uintptr_t take_one(void) {
  struct rc_buffer buffer;
  rc_buffer_init(&buffer, &pool, NULL, 0);
  rc_grace_take(&grace, &buffer);
  uintptr_t item = rc_buffer_pop(&buffer);
  assert_int_equal(rc_buffer_pop(&buffer), 0);
  rc_buffer_clear(&buffer);
  return item;
}

static void ready_only_after_everyone_polled(void **state) {
  (void)state;
  pthread_t thread;
  atomic_store(&order, STAY);
  atomic_store(&attached, false);
  assert_int_equal(pthread_create(&thread, NULL, other_mutator, NULL), 0);
  while (!atomic_load(&attached))
    sleep_briefly();
  defer_one(7);
  for (unsigned i = 0; i < 50; i++) {
    poll(self);
    sleep_briefly();
    assert_false(rc_grace_any_ready(&grace));
  }
  atomic_store(&order, POLL);
  while (!rc_grace_any_ready(&grace)) {
    safepoint_arm_quiesce(&safepoint);
    poll(self);
    sleep_briefly();
  }
  assert_int_equal(take_one(), 7);
  assert_false(rc_grace_any_ready(&grace));
  while (atomic_load(&plan_polls) == 0) { /* the plan is asked to look, just after things became ready */
    poll(self);
    sleep_briefly();
  }
  atomic_store(&order, QUIT);
  pthread_join(thread, NULL);
}

static void a_stop_takes_everything_at_once(void **state) {
  (void)state;
  struct rc_buffer buffer;
  rc_buffer_init(&buffer, &pool, NULL, 0);
  for (uintptr_t i = 1; i <= 5; i++)
    defer_one(i);
  rc_grace_take_all_stw(&grace, &buffer); /* the only mutator is this thread */
  uintptr_t sum = 0;
  for (uintptr_t item; (item = rc_buffer_pop(&buffer));)
    sum += item;
  assert_int_equal(sum, 15);
  rc_buffer_clear(&buffer);
  mutator_block(self);
  grace_barrier(&safepoint);
  mutator_unblock(self);
  assert_false(rc_grace_any_ready(&grace));
  assert_int_equal(take_one(), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(ready_only_after_everyone_polled, setup, teardown),
                                     cmocka_unit_test_setup_teardown(a_stop_takes_everything_at_once, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
