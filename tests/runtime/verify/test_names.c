/* test_names.c -- sets of verifiers as users write them. */
#include "runtime/verify/verify.h"

#include <stdio.h>

#include "tests/runtime/cmocka.h"

static char message[256];

static unsigned parse(const char *text) {
  unsigned set = 12345;
  if (!verify_parse(text, &set, message, sizeof message))
    fail_msg("'%s' was refused with: %s", text, message);
  return set;
}

static void assert_refused(const char *text, const char *part) {
  unsigned set = 12345;
  assert_false(verify_parse(text, &set, message, sizeof message));
  assert_int_equal(set, 12345);
  if (!strstr(message, part))
    fail_msg("'%s' was refused with: %s", text, message);
}

static void names_make_sets(void **state) {
  (void)state;
  assert_int_equal(parse("heap"), VERIFY(heap));
  assert_int_equal(parse("heap,free,remset"), VERIFY(heap) | VERIFY(free) | VERIFY(remset));
  assert_int_equal(parse("all"), VERIFY_ALL);
  assert_int_equal(parse("none"), VERIFY_NONE);
  assert_int_equal(parse("counts,slow"), VERIFY(counts) | VERIFY_SLOW);
}

static void slow_alone_slows_all(void **state) {
  (void)state;
  assert_int_equal(parse("slow"), VERIFY_ALL | VERIFY_SLOW);
}

static void levels_are_understood(void **state) {
  (void)state;
  assert_int_equal(parse("0"), VERIFY_NONE);
  assert_int_equal(parse("3"), VERIFY_ALL);
}

static void wrong_names_are_refused(void **state) {
  (void)state;
  assert_refused("shadwo", "did you mean 'shadow'?");
  assert_refused("heap,remsett", "did you mean 'remset'?");
  assert_refused("everything-there-is-to-verify-in-here", "write all, none, or some of");
  assert_refused("", "there is no verifier ''");
  assert_refused("heap,", "there is no verifier ''");
  assert_refused("2", "there is no verifier '2'");
}

static void what_is_formatted_can_be_parsed(void **state) {
  (void)state;
  for (unsigned set = 0; set <= (VERIFY_ALL | VERIFY_SLOW); set++) {
    char text[64];
    verify_format(set, text, sizeof text);
    if (set != VERIFY_SLOW) /* which says how, and not what: it is read as all */
      assert_int_equal(parse(text), set);
  }
}

static void the_sentence_names_every_verifier(void **state) {
  (void)state;
  assert_refused("qqqqqqqqqqqq", "write all");
  for (unsigned i = 0; i < VERIFIER_COUNT; i++)
    assert_non_null(strstr(message, verifier_names[i]));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_make_sets),           cmocka_unit_test(slow_alone_slows_all),
      cmocka_unit_test(levels_are_understood),     cmocka_unit_test(wrong_names_are_refused),
      cmocka_unit_test(what_is_formatted_can_be_parsed), cmocka_unit_test(the_sentence_names_every_verifier),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
