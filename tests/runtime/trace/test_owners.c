#include "runtime/trace/owners.h"

#include "tests/runtime/cmocka.h"

static struct heap_memory memory;
static struct rc_pool pool;
static struct owners owners;
static struct rc_buffer drops;
static struct gc_mutator *first, *second; /* never attached to a safepoint: numbers and queues need none */

static _Alignas(16) _Atomic uint64_t cell[4];
static gc_ref object(void) { return (gc_ref){(uintptr_t)(cell + 1)}; }
static void reset(uint32_t number, uint32_t local) {
  atomic_store(&cell[0], 0);
  atomic_store(&cell[1], header_make(GC_TYPE_ID_MAX, biased_owner(number) | local));
}

static struct gc_mutator *mutator_new(void) {
  size_t bytes = align_up(sizeof(struct gc_mutator), GC_CACHE_LINE_BYTES);
  return memset(aligned_alloc(GC_CACHE_LINE_BYTES, bytes), 0, bytes);
}

static int setup(void **state) {
  (void)state;
  if (!memory_init(&memory, 8 * GC_MIB, false, 0) || !rc_pool_init(&pool, &memory))
    return -1;
  owners_init(&owners, &pool);
  rc_buffer_init(&drops, &pool, NULL, 0);
  first = mutator_new();
  second = mutator_new();
  return 0;
}
static int teardown(void **state) {
  (void)state;
  rc_buffer_clear(&drops);
  owners_fini(&owners);
  bool all_back = rc_pool_bytes(&pool) == 0;
  rc_pool_fini(&pool);
  memory_fini(&memory);
  free(first);
  free(second);
  return all_back ? 0 : -1;
}

static void numbers_are_inherited(void **state) {
  (void)state;
  assert_int_equal(owners_attach(&owners, first), 1);
  assert_int_equal(owners_attach(&owners, second), 2);
  owners_detach(&owners, 1, &drops);
  assert_int_equal(owners_attach(&owners, first), 1);
  owners_detach(&owners, 2, &drops);
  owners_detach(&owners, 1, &drops);
  assert_int_equal(owners_attach(&owners, second), 1);
  owners_detach(&owners, 1, &drops);
}

static void there_are_not_more_than_the_word_holds(void **state) {
  (void)state;
  for (uint32_t number = 1; number < BIASED_OWNER_LIMIT; number++)
    assert_int_equal(owners_attach(&owners, first), number);
  assert_int_equal(owners_attach(&owners, first), 0);
  owners_detach(&owners, 77, &drops);
  assert_int_equal(owners_attach(&owners, first), 77);
}

static void an_owner_is_asked_to_poll_and_finds_the_object(void **state) {
  (void)state;
  uint32_t number = owners_attach(&owners, first);
  reset(number, 2);
  owners_take(&owners, number, &drops);
  assert_true(rc_buffer_is_empty(&drops));
  assert_int_equal(biased_drop(object(), biased_owner(number + 1)), BIASED_FOR_OWNER);
  assert_int_equal(owners_hand_over(&owners, object()), BIASED_IN_USE);
  assert_true(mutator_poll_pending(first));
  assert_int_equal(biased_owner_of(object()), biased_owner(number)); /* until it polls */
  owners_take(&owners, number, &drops);
  assert_int_equal(biased_owner_of(object()), 0);
  assert_int_equal(rc_buffer_pop(&drops), object().bits);
  assert_int_equal(rc_buffer_pop(&drops), 0);
  assert_int_equal(biased_drop(object(), biased_owner(number)), BIASED_IN_USE);
  assert_int_equal(biased_drop(object(), biased_owner(number)), BIASED_DEAD);
  owners_detach(&owners, number, &drops);
}

static void who_comes_acts_for_a_departed_owner(void **state) {
  (void)state;
  uint32_t number = owners_attach(&owners, first);
  owners_detach(&owners, number, &drops);
  reset(number, 1);
  assert_int_equal(biased_drop(object(), biased_owner(number + 1)), BIASED_FOR_OWNER);
  assert_int_equal(owners_hand_over(&owners, object()), BIASED_DEAD);
  reset(number, 2);
  assert_int_equal(biased_drop(object(), biased_owner(number + 1)), BIASED_FOR_OWNER);
  assert_int_equal(owners_hand_over(&owners, object()), BIASED_IN_USE);
  assert_int_equal(biased_count(object()), 1);
}

static void what_its_owner_gave_up_meanwhile_is_dropped(void **state) {
  (void)state;
  uint32_t number = owners_attach(&owners, first);
  reset(number, 1);
  assert_int_equal(biased_drop(object(), biased_owner(number + 1)), BIASED_FOR_OWNER);
  biased_merge(object());
  assert_int_equal(owners_hand_over(&owners, object()), BIASED_DEAD);
  owners_detach(&owners, number, &drops);
}

static void who_leaves_leaves_its_queue(void **state) {
  (void)state;
  uint32_t number = owners_attach(&owners, first);
  for (unsigned stopped = 0; stopped < 2; stopped++) {
    reset(number, 1);
    assert_int_equal(biased_drop(object(), biased_owner(number + 1)), BIASED_FOR_OWNER);
    owners_hand_over(&owners, object());
    if (stopped)
      owners_take_all_stw(&owners, &drops);
    else
      owners_detach(&owners, number, &drops);
    assert_int_equal(rc_buffer_pop(&drops), object().bits);
    assert_int_equal(biased_drop(object(), 0), BIASED_DEAD);
    if (!stopped)
      assert_int_equal(owners_attach(&owners, first), number);
  }
  owners_detach(&owners, number, &drops);
}

#define OWNERS_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void) {
  const struct CMUnitTest tests[] = {OWNERS_TEST(numbers_are_inherited),
                                     OWNERS_TEST(there_are_not_more_than_the_word_holds),
                                     OWNERS_TEST(an_owner_is_asked_to_poll_and_finds_the_object),
                                     OWNERS_TEST(who_comes_acts_for_a_departed_owner),
                                     OWNERS_TEST(what_its_owner_gave_up_meanwhile_is_dropped),
                                     OWNERS_TEST(who_leaves_leaves_its_queue)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
