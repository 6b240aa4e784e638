#include "runtime/heap/young_space.h"
#include "tests/runtime/cmocka.h"

static struct heap_memory memory;
static struct young_space young;

static int setup(void **state) {
  (void)state;
  return memory_init(&memory, 16 * GC_MIB, false, 0) && !young_space_init(&young, &memory, 16 * BLOCK_BYTES) ? 0 : -1;
}
static int teardown(void **state) {
  (void)state;
  young_space_fini(&young);
  memory_fini(&memory);
  return 0;
}

static unsigned take_all(bool survivor) {
  struct tlab window;
  unsigned taken = 0;
  while (young_space_take(&young, &window, survivor))
    taken++;
  return taken;
}

static void mutators_stop_at_the_limit_and_survivors_go_beyond(void **state) {
  (void)state;
  young_space_resize(&young, 8 * BLOCK_BYTES);
  assert_int_equal(memory.used_bytes, 8 * BLOCK_BYTES);
  assert_int_equal(take_all(false), 8);
  assert_int_equal(take_all(true), 8);
}

static void a_cycle_frees_what_was_used_before_it(void **state) {
  (void)state;
  young_space_resize(&young, 8 * BLOCK_BYTES);
  take_all(false);
  young_space_begin_cycle(&young);
  struct tlab survivors;
  assert_true(young_space_take(&young, &survivors, true));
  assert_int_equal(young_state_of(&young, survivors.cursor), YOUNG_USED);
  assert_int_equal(young_state_of(&young, young.base), YOUNG_FROM);
  young_space_end_cycle(&young);
  assert_int_equal(young_space_used_bytes(&young), BLOCK_BYTES);
  assert_int_equal(young_state_of(&young, young.base), YOUNG_FREE);
  assert_int_equal(take_all(false), 7);
}

static void a_pinned_block_stays_until_its_pin_is_gone(void **state) {
  (void)state;
  young_space_resize(&young, 4 * BLOCK_BYTES);
  take_all(false);
  for (unsigned cycle = 0; cycle < 2; cycle++) {
    young_space_begin_cycle(&young);
    young_space_keep(&young, young.base + BLOCK_BYTES + 64);
    young_space_end_cycle(&young);
    assert_int_equal(young_state_of(&young, young.base + BLOCK_BYTES), YOUNG_USED);
    assert_int_equal(young_space_used_bytes(&young), BLOCK_BYTES);
  }
  young_space_begin_cycle(&young);
  young_space_end_cycle(&young);
  assert_int_equal(young_space_used_bytes(&young), 0);
}

static void a_smaller_nursery_gives_memory_back(void **state) {
  (void)state;
  young_space_fini(&young);
  assert_null(young_space_init(&young, &memory, 4 * CHUNK_BYTES));
  young_space_resize(&young, 4 * CHUNK_BYTES);
  take_all(false);
  for (size_t chunk = 0; chunk < 4; chunk++)
    *(uint64_t *)(young.base + chunk * CHUNK_BYTES) = 1;
  young_space_begin_cycle(&young);
  young_space_keep(&young, young.base + CHUNK_BYTES); /* what is in use stays, and so does what lies below */
  young_space_end_cycle(&young);
  young_space_resize(&young, BLOCK_BYTES);
  for (size_t chunk = 0; chunk < 4; chunk++)
    assert_int_equal(*(uint64_t *)(young.base + chunk * CHUNK_BYTES), chunk < 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(mutators_stop_at_the_limit_and_survivors_go_beyond, setup, teardown),
      cmocka_unit_test_setup_teardown(a_cycle_frees_what_was_used_before_it, setup, teardown),
      cmocka_unit_test_setup_teardown(a_pinned_block_stays_until_its_pin_is_gone, setup, teardown),
      cmocka_unit_test_setup_teardown(a_smaller_nursery_gives_memory_back, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
