#include "runtime/cycle/nursery_sizer.h"

#include "tests/runtime/cmocka.h"

enum { KIB = 1024, LEAST = 2048 * KIB };

static void much_survival_doubles_up_to_eight_times_the_least(void **state) {
  (void)state;
  assert_int_equal(nursery_next_bytes(LEAST, LEAST, LEAST, LEAST / 8 + 1), 2 * LEAST);
  assert_int_equal(nursery_next_bytes(LEAST, LEAST, LEAST, 2 * LEAST), 2 * LEAST); /* copied twice and more */
  assert_int_equal(nursery_next_bytes(8 * LEAST, LEAST, 8 * LEAST, 8 * LEAST), 8 * LEAST);
}

static void little_survival_halves_down_to_the_least(void **state) {
  (void)state;
  assert_int_equal(nursery_next_bytes(8 * LEAST, LEAST, 8 * LEAST, 0), 4 * LEAST);
  assert_int_equal(nursery_next_bytes(LEAST, LEAST, LEAST, 0), LEAST);
}

static void in_between_the_size_stays(void **state) {
  (void)state;
  assert_int_equal(nursery_next_bytes(4 * LEAST, LEAST, 4 * LEAST, 4 * LEAST / 8), 4 * LEAST);
  assert_int_equal(nursery_next_bytes(4 * LEAST, LEAST, 4 * LEAST, 4 * LEAST / 32), 4 * LEAST);
}

static void a_cycle_that_came_early_decides_nothing(void **state) {
  (void)state;
  assert_int_equal(nursery_next_bytes(2 * LEAST, LEAST, 32 * KIB, 32 * KIB), 2 * LEAST);
  assert_int_equal(nursery_next_bytes(2 * LEAST, LEAST, 32 * KIB, 0), 2 * LEAST);
}

/* Objects that all live for `lifetime` bytes of allocation: the part of a nursery allocated last survives. */
static void a_constant_lifetime_settles(void **state) {
  (void)state;
  for (size_t lifetime = 16 * KIB; lifetime <= 16 * LEAST; lifetime *= 2) {
    size_t bytes = LEAST, before = 0;
    for (int cycle = 0; cycle < 16; cycle++) {
      before = bytes;
      bytes = nursery_next_bytes(bytes, LEAST, bytes, size_min(lifetime, bytes));
    }
    assert_int_equal(bytes, before);
    assert_true(bytes == 8 * LEAST || lifetime <= bytes / 8);
    assert_true(bytes == LEAST || lifetime >= bytes / 32);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(much_survival_doubles_up_to_eight_times_the_least),
      cmocka_unit_test(little_survival_halves_down_to_the_least),
      cmocka_unit_test(in_between_the_size_stays),
      cmocka_unit_test(a_cycle_that_came_early_decides_nothing),
      cmocka_unit_test(a_constant_lifetime_settles),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
