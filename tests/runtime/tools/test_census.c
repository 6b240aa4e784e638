#include "runtime/object/type.h"
#include "runtime/tools/census.h"
#include "tests/runtime/cmocka.h"

static struct census_row early_rows[] = {{16, 3, 48}, {17, 2, 64}, {19, 1, 16}};
static struct census_row late_rows[] = {{16, 3, 48}, {17, 1, 32}, {18, 4, 400}, {20, 2, 200}};
static const struct census early = {early_rows, 3}, late = {late_rows, 4};

static int register_types(void **state) {
  static const struct gc_type types[] = {{.name = "a", .size_bytes = 16}, {.name = "b", .size_bytes = 32},
                                         {.name = "c", .size_bytes = 100}, {.name = "d", .size_bytes = 16},
                                         {.name = "c", .size_bytes = 100}};
  (void)state;
  return type_table_register(types, 5) == NULL ? 0 : -1;
}

static void a_difference_holds_what_changed(void **state) {
  (void)state;
  struct census diff;
  assert_true(census_diff(&diff, &early, &late));
  assert_int_equal(diff.count, 4);
  static const struct {
    uint32_t type;
    int64_t objects, bytes;
  } expected[] = {{17, -1, -32}, {18, 4, 400}, {19, -1, -16}, {20, 2, 200}};
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(diff.rows[i].type, expected[i].type);
    assert_true((int64_t)diff.rows[i].objects == expected[i].objects);
    assert_true((int64_t)diff.rows[i].bytes == expected[i].bytes);
  }
  census_fini(&diff);
  assert_true(census_diff(&diff, &late, &late));
  assert_int_equal(diff.count, 0);
  census_fini(&diff);
}

static void rows_of_one_name_become_one_and_growth_comes_first(void **state) {
  (void)state;
  struct census diff;
  assert_true(census_diff(&diff, &early, &late));
  census_merge_names(&diff);
  assert_int_equal(diff.count, 3);
  assert_string_equal(gc_types[diff.rows[0].type].name, "c");
  assert_int_equal(diff.rows[0].bytes, 600);
  assert_int_equal(diff.rows[0].objects, 6);
  assert_string_equal(gc_types[diff.rows[1].type].name, "d");
  assert_string_equal(gc_types[diff.rows[2].type].name, "b");
  census_fini(&diff);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_difference_holds_what_changed),
      cmocka_unit_test(rows_of_one_name_become_one_and_growth_comes_first),
  };
  return cmocka_run_group_tests(tests, register_types, NULL);
}
