#include "runtime/heap/tlab.h"
#include "tests/runtime/cmocka.h"

enum { WINDOW_BYTES = 3 * TLAB_SLICE_BYTES + 512 };
static _Alignas(64) unsigned char memory[WINDOW_BYTES];

static void every_byte_handed_out_is_zero(void **state) {
  (void)state;
  memset(memory, 0xa5, sizeof memory);
  struct tlab tlab;
  tlab_set(&tlab, (uintptr_t)memory, (uintptr_t)memory + sizeof memory, false);
  size_t taken = 0;
  for (uintptr_t address; tlab_extend(&tlab, 24) && tlab_bump(&tlab, 24, &address); taken += 24)
    for (size_t i = 0; i < 24; i++)
      assert_int_equal(((unsigned char *)address)[i], 0);
  assert_int_equal(taken, sizeof memory / 24 * 24);
}

static void memory_beyond_the_watermark_is_left_alone(void **state) {
  (void)state;
  memset(memory, 0xa5, sizeof memory);
  struct tlab tlab;
  tlab_set(&tlab, (uintptr_t)memory, (uintptr_t)memory + sizeof memory, false);
  assert_true(tlab_extend(&tlab, 16));
  assert_int_equal(tlab.limit, (uintptr_t)memory + TLAB_SLICE_BYTES);
  assert_int_equal(memory[TLAB_SLICE_BYTES], 0xa5);
}

static void fresh_memory_is_not_zeroed_twice(void **state) {
  (void)state;
  memset(memory, 0xa5, sizeof memory);
  struct tlab tlab;
  tlab_set(&tlab, (uintptr_t)memory, (uintptr_t)memory + sizeof memory, true);
  assert_true(tlab_extend(&tlab, 16));
  assert_int_equal(memory[0], 0xa5);
}

static void a_large_object_gets_all_it_asks_for(void **state) {
  (void)state;
  struct tlab tlab;
  uintptr_t address;
  tlab_set(&tlab, (uintptr_t)memory, (uintptr_t)memory + sizeof memory, false);
  assert_true(tlab_extend(&tlab, 2 * TLAB_SLICE_BYTES));
  assert_true(tlab_bump(&tlab, 2 * TLAB_SLICE_BYTES, &address));
  assert_false(tlab_extend(&tlab, 2 * TLAB_SLICE_BYTES));
}

static void an_empty_window_refuses(void **state) {
  (void)state;
  struct tlab tlab;
  uintptr_t address;
  tlab_clear(&tlab);
  assert_false(tlab_bump(&tlab, 16, &address));
  assert_false(tlab_extend(&tlab, 16));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_byte_handed_out_is_zero), cmocka_unit_test(memory_beyond_the_watermark_is_left_alone),
      cmocka_unit_test(fresh_memory_is_not_zeroed_twice), cmocka_unit_test(a_large_object_gets_all_it_asks_for),
      cmocka_unit_test(an_empty_window_refuses)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
