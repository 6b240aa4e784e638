#include "bench/budget.h"
#include "tests/runtime/cmocka.h"

static void times_are_read_with_their_units(void **state) {
  static const struct {
    const char *text;
    double seconds;
  } rows[] = {{"90s", 90}, {"90", 90}, {"10m", 600}, {"1.5h", 5400}, {"0.5s", 0.5}};
  double seconds;
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    assert_true(budget_parse(rows[i].text, &seconds));
    assert_true(seconds == rows[i].seconds);
  }
}

static void what_is_no_time_is_refused(void **state) {
  static const char *const texts[] = {"", "soon", "-3m", "0", "10x", "10m5", "m", "nan", "1e300h"};
  double seconds;
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    assert_false(budget_parse(texts[i], &seconds));
}

static void never_more_than_fits_nor_than_was_asked(void **state) {
  (void)state;
  assert_int_equal(budget_invocations(1000, 10000, 100), 10);
  assert_int_equal(budget_invocations(1000, 10999, 100), 10);
  assert_int_equal(budget_invocations(1000, 10000, 7), 7);
  assert_int_equal(budget_invocations(1000, 999, 7), 0);
  assert_int_equal(budget_invocations(0, 0, 7), 7);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(times_are_read_with_their_units),
      cmocka_unit_test(what_is_no_time_is_refused),
      cmocka_unit_test(never_more_than_fits_nor_than_was_asked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
