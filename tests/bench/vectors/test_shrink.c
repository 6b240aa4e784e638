#include "bench/vectors/shrink.h"

#include <stdlib.h>
#include <string.h>

#include "bench/vectors/generate.h"
#include "tests/runtime/cmocka.h"

/* Fails if it holds both an operation of code `first` and, later, one of code `then`. */
struct planted {
  enum script_code first, then;
  unsigned asked;
};

static bool holds_both(void *context, const struct script *script) {
  struct planted *planted = context;
  bool seen = false;
  planted->asked++;
  for (size_t i = 0; i < script->op_count; i++) {
    if (seen && script->ops[i].code == planted->then)
      return true;
    seen |= script->ops[i].code == planted->first;
  }
  return false;
}

static struct script_file generate(uint64_t number) {
  struct script_file file;
  char *text, message[256];
  size_t bytes;
  FILE *out = open_memstream(&text, &bytes);
  generate_script(1, number, false, out);
  fclose(out);
  assert_true(script_read_text(&file, "generated", text, message, sizeof message));
  free(text);
  return file;
}

static void only_what_the_failure_needs_is_left(void **state) {
  (void)state;
  unsigned shrunk = 0;
  for (uint64_t number = 0; number < 50; number++) {
    struct script_file file = generate(number);
    struct planted planted = {SCRIPT_set, SCRIPT_collect, 0};
    if (holds_both(&planted, &file.scripts[0])) {
      planted.asked = 0;
      unsigned asked = shrink(&file.scripts[0], holds_both, &planted);
      assert_int_equal(asked, planted.asked);
      assert_int_equal(file.scripts[0].op_count, 2);
      assert_int_equal(file.scripts[0].ops[0].code, SCRIPT_set);
      assert_int_equal(file.scripts[0].ops[1].code, SCRIPT_collect);
      shrunk++;
    }
    script_file_free(&file);
  }
  assert_true(shrunk > 10);
}

static bool needs_everything(void *context, const struct script *script) {
  return script->op_count == *(size_t *)context;
}

static void what_is_short_already_stays(void **state) {
  (void)state;
  struct script_file file = generate(2);
  size_t count = file.scripts[0].op_count;
  shrink(&file.scripts[0], needs_everything, &count);
  assert_int_equal(file.scripts[0].op_count, count);
  script_file_free(&file);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_what_the_failure_needs_is_left),
      cmocka_unit_test(what_is_short_already_stays),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
