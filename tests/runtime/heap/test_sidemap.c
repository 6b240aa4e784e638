#include "runtime/heap/sidemap.h"
#include "tests/runtime/cmocka.h"

static struct heap_memory memory;
static struct sidemap map;

static int setup(void **state) {
  (void)state;
  return memory_init(&memory, GC_MIB, false, 0) && sidemap_init(&map, &memory) ? 0 : -1;
}
static int teardown(void **state) {
  (void)state;
  sidemap_fini(&map);
  memory_fini(&memory);
  return 0;
}

static void objects_16_bytes_apart_have_bits_of_their_own(void **state) {
  (void)state;
  for (unsigned phase = 0; phase < 16; phase += 8) { /* 8-byte alignment: both halves of a granule */
    for (unsigned i = 0; i < 1000; i += 2)
      assert_true(sidemap_set_alone(&map, memory.base + phase + 16 * i));
    for (unsigned i = 0; i < 1000; i++)
      assert_int_equal(sidemap_test(&map, memory.base + phase + 16 * i), i % 2 == 0);
    sidemap_clear_range(&map, memory.base, 16384);
  }
}

static void a_bit_is_set_by_exactly_one(void **state) {
  (void)state;
  uintptr_t address = memory.base + 12345 * 16;
  assert_true(sidemap_set_par(&map, address));
  assert_false(sidemap_set_par(&map, address));
  assert_false(sidemap_set_alone(&map, address));
  sidemap_clear_par(&map, address);
  assert_true(sidemap_set_alone(&map, address));
}

static void ranges_are_counted_and_cleared(void **state) {
  (void)state;
  sidemap_set_alone(&map, memory.base + 1008);
  sidemap_set_alone(&map, memory.base + 1024);
  sidemap_set_alone(&map, memory.base + 2032);
  sidemap_set_alone(&map, memory.base + 2048);
  assert_int_equal(sidemap_count(&map, memory.base + 1024, 1024), 2);
  sidemap_clear_range(&map, memory.base + 1024, 1024);
  assert_int_equal(sidemap_count(&map, memory.base, 4096), 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(objects_16_bytes_apart_have_bits_of_their_own, setup, teardown),
      cmocka_unit_test_setup_teardown(a_bit_is_set_by_exactly_one, setup, teardown),
      cmocka_unit_test_setup_teardown(ranges_are_counted_and_cleared, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
