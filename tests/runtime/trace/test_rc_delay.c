#include "runtime/trace/rc_delay.h"

#include "tests/runtime/other_mutator.h"

static struct heap_memory memory;
static struct rc_pool pool;
static struct safepoint safepoint;
static struct gc_mutator *self;
static struct rc_delay delay;
static struct rc_buffer ready;

static struct other_mutator other;

static int setup(void **state) {
  (void)state;
  if (!memory_init(&memory, 8 * GC_MIB, false, 0) || !rc_pool_init(&pool, &memory))
    return -1;
  safepoint_init(&safepoint, NULL);
  safepoint.poll_plan = other_nothing;
  self = mutator_attach(&safepoint);
  rc_delay_init(&delay, &pool, self);
  rc_buffer_init(&ready, &pool, NULL, 0);
  return 0;
}
static int teardown(void **state) {
  (void)state;
  rc_delay_clear(&delay);
  rc_buffer_clear(&ready);
  mutator_detach(&safepoint, self);
  bool all_back = rc_pool_bytes(&pool) == 0;
  rc_pool_fini(&pool);
  safepoint_fini(&safepoint);
  memory_fini(&memory);
  return all_back ? 0 : -1;
}

static void push(uintptr_t first, uintptr_t count) {
  for (uintptr_t i = 0; i < count; i++)
    assert_true(rc_delay_push(&delay, first + i));
}

/* How many items are ready at a poll of this thread. */
static size_t poll_self(void) {
  size_t count = 0;
  rc_delay_poll(&delay, &safepoint, self, &ready);
  while (rc_buffer_pop(&ready))
    count++;
  return count;
}

static void alone_nothing_waits(void **state) {
  (void)state;
  assert_int_equal(poll_self(), 0);
  push(1, 3);
  assert_int_equal(poll_self(), 3);
  assert_int_equal(poll_self(), 0);
}

static void a_batch_waits_for_everybodys_poll(void **state) {
  (void)state;
  other_start(&other, &safepoint);
  push(1, 3);
  assert_int_equal(poll_self(), 0); /* too few to ask others to poll */
  push(4, RC_CHUNK_ITEMS);
  assert_int_equal(poll_self(), 0);
  assert_true(mutator_poll_pending(safepoint.mutators));
  assert_int_equal(poll_self(), 0);
  push(1000, 2 * RC_CHUNK_ITEMS); /* the next batch */
  other_tell(&other, OTHER_POLL);
  assert_int_equal(poll_self(), RC_CHUNK_ITEMS + 3);
  assert_int_equal(poll_self(), 0);
  other_tell(&other, OTHER_POLL);
  assert_int_equal(poll_self(), 2 * RC_CHUNK_ITEMS);
  other_tell(&other, OTHER_QUIT);
}

static void who_is_blocked_is_not_waited_for(void **state) {
  (void)state;
  other_start(&other, &safepoint);
  push(1, RC_CHUNK_ITEMS + 1);
  assert_int_equal(poll_self(), 0);
  other_tell(&other, OTHER_BLOCK);
  assert_int_equal(poll_self(), RC_CHUNK_ITEMS + 1);
  push(1, 1);
  assert_int_equal(poll_self(), 1);
  other_tell(&other, OTHER_UNBLOCK);
  push(1, RC_CHUNK_ITEMS + 1);
  assert_int_equal(poll_self(), 0);
  other_tell(&other, OTHER_QUIT);
  assert_int_equal(poll_self(), RC_CHUNK_ITEMS + 1);
}

static void a_stop_takes_everything(void **state) {
  (void)state;
  other_start(&other, &safepoint);
  push(1, RC_CHUNK_ITEMS + 1);
  assert_int_equal(poll_self(), 0);
  push(1, 5);
  rc_delay_take_all(&delay, &ready);
  size_t count = 0;
  while (rc_buffer_pop(&ready))
    count++;
  assert_int_equal(count, RC_CHUNK_ITEMS + 6);
  other_tell(&other, OTHER_QUIT);
}

#define DELAY_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void) {
  const struct CMUnitTest tests[] = {
      DELAY_TEST(alone_nothing_waits), DELAY_TEST(a_batch_waits_for_everybodys_poll),
      DELAY_TEST(who_is_blocked_is_not_waited_for), DELAY_TEST(a_stop_takes_everything)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
