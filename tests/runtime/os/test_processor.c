#include "runtime/os/processor.h"

#include <time.h>

#include "tests/runtime/cmocka.h"

static void a_sleep_loses_it(void **state) {
  (void)state;
  for (unsigned i = 0; i < 100; i++) {
    uint64_t before = processor_losses();
    nanosleep(&(struct timespec){.tv_nsec = 1000}, NULL);
    assert_int_not_equal(processor_losses(), before);
  }
}

/* It may be lost between any two calls, but not between each two of so many. */
static void it_is_kept(void **state) {
  (void)state;
  unsigned kept = 0;
  for (unsigned i = 0; i < 1000; i++) {
    uint64_t before = processor_losses();
    kept += processor_losses() == before;
  }
  assert_int_not_equal(kept, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_sleep_loses_it), cmocka_unit_test(it_is_kept)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
