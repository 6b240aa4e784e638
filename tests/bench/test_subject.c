#include "bench/subject.h"

#include <string.h>

#include "tests/runtime/cmocka.h"

static struct collector_choice choice;
static char message[1024];

static bool read_as(const char *text) {
  *message = '\0';
  return subject_read_collector(&choice, text, message, sizeof message);
}

static void expect(const char *text, const char *name, bool checked, int64_t first_option) {
  if (!read_as(text))
    fail_msg("%s: %s", text, message);
  assert_string_equal(choice.collector->name, name);
  assert_string_equal(choice.text, text);
  assert_int_equal(choice.checked, checked);
  assert_int_equal(choice.values[0].integer, first_option);
}

static void an_option_may_choose_another_collector(void **state) {
  (void)state;
  if (!registry_collector("python_free_threaded") || !registry_collector("python"))
    skip();
  expect("python_free_threaded", "python_free_threaded", false, 2000);
  expect("python,gc=free_threaded", "python_free_threaded", false, 2000);
  expect("python,gc=free_threaded,threshold=7", "python_free_threaded", false, 7);
  expect("python,threshold=7,gc=free_threaded", "python_free_threaded", false, 7);
  if (registry_pair("gcbench", "python_free_threaded", true)) /* a sanitizer's build has no checked forms */
    expect("checked,of=python,gc=free_threaded,threshold=7", "python_free_threaded", true, 7);
  expect("python,gc=generational", "python", false, 0);
  assert_ptr_equal(registry_collector("python,gc=free_threaded"), registry_collector("python_free_threaded"));
  assert_null(registry_collector("python,gc=free"));
}

static void a_wrong_option_names_what_there_is(void **state) {
  (void)state;
  if (!registry_collector("python_free_threaded") || !registry_collector("python"))
    skip();
  assert_false(read_as("python,gc=free_thread"));
  assert_non_null(strstr(message, "gc cannot be 'free_thread'"));
  assert_non_null(strstr(message, "there is python,gc=free_threaded, too"));
  assert_false(read_as("python,gc=free_threaded,gc=generational"));
  assert_non_null(strstr(message, "python_free_threaded: there is no option 'gc'"));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(an_option_may_choose_another_collector),
                                     cmocka_unit_test(a_wrong_option_names_what_there_is)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
