#include "runtime/trace/rc_buffer.h"

#include "runtime/base/rng.h"
#include "tests/runtime/cmocka.h"

static struct heap_memory memory;
static struct rc_pool pool;
static struct gc_mutator owner;

static int setup(void **state) {
  (void)state;
  memset(&owner, 0, sizeof owner);
  return memory_init(&memory, 8 * GC_MIB, false, 0) && rc_pool_init(&pool, &memory) ? 0 : -1;
}
static int teardown(void **state) {
  (void)state;
  bool all_back = rc_pool_bytes(&pool) == 0;
  rc_pool_fini(&pool);
  size_t metadata_bytes = atomic_load(&memory.metadata_bytes);
  memory_fini(&memory);
  return all_back && metadata_bytes == 0 ? 0 : -1;
}

static void items_come_back_last_first(void **state) {
  (void)state;
  struct rc_buffer buffer;
  rc_buffer_init(&buffer, &pool, NULL, 0);
  assert_true(rc_buffer_is_empty(&buffer));
  assert_int_equal(rc_buffer_pop(&buffer), 0);
  for (unsigned round = 0; round < 3; round++) {
    for (uintptr_t i = 1; i <= 3 * RC_CHUNK_ITEMS + 7; i++)
      assert_true(rc_buffer_push(&buffer, i));
    assert_int_equal(buffer.chunks, 4);
    for (uintptr_t i = 3 * RC_CHUNK_ITEMS + 7; i > 0; i--)
      assert_int_equal(rc_buffer_pop(&buffer), i);
    assert_int_equal(rc_buffer_pop(&buffer), 0);
    assert_true(rc_buffer_is_empty(&buffer));
  }
  rc_buffer_clear(&buffer);
}

static void a_full_buffer_asks_for_a_poll(void **state) {
  (void)state;
  struct rc_buffer buffer;
  rc_buffer_init(&buffer, &pool, &owner, 10);
  for (unsigned round = 0; round < 2; round++) {
    atomic_store(&owner.poll, 0);
    for (uintptr_t i = 1; i <= 10; i++)
      rc_buffer_push(&buffer, i);
    assert_false(mutator_poll_pending(&owner));
    rc_buffer_push(&buffer, 11);
    assert_int_equal(atomic_load(&owner.poll), POLL_PLAN);
    atomic_store(&owner.poll, 0);
    for (uintptr_t i = 12; i <= RC_CHUNK_ITEMS; i++)
      rc_buffer_push(&buffer, i);
    assert_false(mutator_poll_pending(&owner));
    rc_buffer_push(&buffer, RC_CHUNK_ITEMS + 1);
    assert_true(mutator_poll_pending(&owner));
    while (rc_buffer_pop(&buffer))
      ;
  }
  rc_buffer_clear(&buffer);
}

static void add(void *sum, uintptr_t item) { *(uint64_t *)sum += item; }

/* Pushes, pops and moves at random: no item is lost or doubled, and each is visited. */
static void moved_items_are_all_there(void **state) {
  (void)state;
  enum { BUFFERS = 3 };
  struct rc_buffer buffer[BUFFERS];
  uint64_t random = rng_stream(unit_seed, 0), sum = 0, count = 0;
  for (unsigned i = 0; i < BUFFERS; i++)
    rc_buffer_init(&buffer[i], &pool, i ? NULL : &owner, 64);
  for (unsigned step = 0; step < 20000; step++) {
    struct rc_buffer *one = &buffer[rng_below(&random, BUFFERS)], *other = &buffer[rng_below(&random, BUFFERS)];
    switch (rng_below(&random, 8)) {
    case 0:
      if (one != other) {
        rc_buffer_move(one, other);
        assert_true(rc_buffer_is_empty(other));
      }
      break;
    case 1: case 2: case 3:
      for (uint64_t n = rng_below(&random, 300); n > 0; n--) {
        uintptr_t item = rc_buffer_pop(one);
        sum -= item;
        count -= item != 0;
      }
      break;
    default:
      for (uint64_t n = rng_below(&random, 300); n > 0; n--) {
        uintptr_t item = rng_below(&random, 1000000) + 1;
        assert_true(rc_buffer_push(one, item));
        sum += item;
        count++;
      }
    }
    uint64_t visited = 0;
    for (unsigned i = 0; step % 100 == 0 && i < BUFFERS; i++)
      rc_buffer_for_items(&buffer[i], &visited, add);
    assert_true(step % 100 != 0 || visited == sum);
  }
  for (unsigned i = 0; i < BUFFERS; i++) {
    for (uintptr_t item; (item = rc_buffer_pop(&buffer[i])); count--)
      sum -= item;
    rc_buffer_clear(&buffer[i]);
  }
  assert_int_equal(sum, 0);
  assert_int_equal(count, 0);
}

int main(int argc, char **argv) {
  unit_take_seed(argc, argv, 4096);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(items_come_back_last_first, setup, teardown),
      cmocka_unit_test_setup_teardown(a_full_buffer_asks_for_a_poll, setup, teardown),
      cmocka_unit_test_setup_teardown(moved_items_are_all_there, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
