#include "bench/pace.h"
#include "tests/runtime/cmocka.h"

static void a_median_is_expected_else_an_estimate_else_the_mean_of_others(void **state) {
  struct pace pace;
  (void)state;
  assert_true(pace_init(&pace, 3));
  assert_int_equal(pace_expect(&pace, 0), 0);
  pace.cases[1].estimate_ns = 70;
  pace_add(&pace, 0, 900);
  pace_add(&pace, 0, 10);
  pace_add(&pace, 0, 20);
  assert_int_equal(pace_expect(&pace, 0), 20);
  assert_int_equal(pace_expect(&pace, 1), 70);
  assert_int_equal(pace_expect(&pace, 2), 310);
  pace_add(&pace, 0, 40);
  assert_int_equal(pace_expect(&pace, 0), 30);
  for (unsigned i = 0; i < 100; i++)
    pace_add(&pace, 1, 5);
  assert_int_equal(pace_expect(&pace, 1), 5);
  pace_fini(&pace);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_median_is_expected_else_an_estimate_else_the_mean_of_others),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
