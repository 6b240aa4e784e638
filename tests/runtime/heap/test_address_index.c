#include "runtime/heap/address_index.h"

#include "runtime/base/rng.h"
#include "tests/runtime/cmocka.h"

enum { ENTRIES = 500, KEYS = 40 };
static uintptr_t key_at[ENTRIES]; /* the table: 0 if the position is not entered */

static unsigned found(const struct address_index *index, uintptr_t key) {
  unsigned count = 0;
  for (uint32_t at = address_index_first(index, key); at; at = address_index_next(index, at - 1))
    count += key_at[at - 1] == key;
  return count;
}

static void every_entry_is_found_by_its_key(void **state) {
  (void)state;
  struct address_index index = {0};
  uint64_t random = rng_stream(unit_seed, 0);
  memset(key_at, 0, sizeof key_at);
  assert_true(address_index_begin(&index, ENTRIES));
  for (unsigned step = 0; step < 20000; step++) {
    size_t at = rng_below(&random, ENTRIES);
    if (key_at[at]) {
      address_index_remove(&index, key_at[at], at);
      key_at[at] = 0;
    } else {
      key_at[at] = (rng_below(&random, KEYS) + 1) * 16;
      address_index_add(&index, key_at[at], at);
    }
    uintptr_t key = (rng_below(&random, KEYS) + 1) * 16;
    unsigned expected = 0;
    for (size_t i = 0; i < ENTRIES; i++)
      expected += key_at[i] == key;
    assert_int_equal(found(&index, key), expected);
  }
  assert_true(index.built);
  address_index_fini(&index);
}

static void what_does_not_fit_ends_the_index(void **state) {
  (void)state;
  struct address_index index = {0};
  assert_true(address_index_begin(&index, 3));
  for (size_t at = 0; at < index.capacity; at++)
    address_index_add(&index, 16, at);
  assert_true(index.built);
  address_index_add(&index, 16, index.capacity);
  assert_false(index.built);
  address_index_add(&index, 16, 0); /* ignored */
  assert_true(address_index_begin(&index, 10 * index.capacity));
  assert_int_equal(address_index_first(&index, 16), 0);
  address_index_fini(&index);
}

int main(int argc, char **argv) {
  unit_take_seed(argc, argv, 77);
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_entry_is_found_by_its_key),
                                     cmocka_unit_test(what_does_not_fit_ends_the_index)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
