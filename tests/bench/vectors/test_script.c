#include "bench/vectors/script.h"

#include <stdlib.h>
#include <string.h>

#include "tests/runtime/cmocka.h"

#define SCRIPT(lines) "vector 001 one\norder exact\n" lines "end\n"

static struct script_file read(const char *text) {
  struct script_file file;
  char message[256] = "";
  if (!script_read_text(&file, "test", text, message, sizeof message))
    fail_msg("%s", message);
  return file;
}

static void a_script_is_read_into_its_parts(void **state) {
  (void)state;
  struct script_file file = read("# first\nvector 012 name\ntags stats threshold\norder exact\n\n"
                                 "new a fnode\nset a.3.next b.key\nappend l a 7\nappend l a\nlog => -\nend\n"
                                 "vector 2 b\norder any\nend\n");
  assert_int_equal(file.count, 2);
  const struct script *script = &file.scripts[0];
  assert_string_equal(script->number, "012");
  assert_string_equal(script->name, "name");
  assert_true(script->exact);
  assert_int_equal(script->tags, TAG_stats | TAG_threshold);
  assert_int_equal(script->op_count, 5);
  const struct script_op *op = script->ops;
  assert_int_equal(op[0].code, SCRIPT_new);
  assert_int_equal(op[0].kind, KIND_fnode);
  assert_int_equal(op[0].line, 6);
  assert_string_equal(op[1].paths[0].root, "a");
  assert_int_equal(op[1].paths[0].step_count, 2);
  assert_int_equal(op[1].paths[0].steps[0].index, 3);
  assert_string_equal(script_fields[op[1].paths[0].steps[1].field], "next");
  assert_int_equal(op[1].paths[1].steps[0].field, -1);
  assert_string_equal(op[1].paths[1].steps[0].word, "key");
  assert_int_equal(op[2].numbers[0], 7);
  assert_int_equal(op[3].numbers[0], 1);
  assert_string_equal(op[4].expected, "-");
  assert_string_equal(op[4].text, "log");
  assert_null(op[0].expected);
  assert_false(file.scripts[1].exact);
  script_file_free(&file);
}

static void words_of_special_operations_are_read(void **state) {
  (void)state;
  struct script_file file = read(SCRIPT("weakref w a call c.f\nweakref v a\nact a drop x; take w r ; raise;quiet\n"
                                        "autoalloc keep 60 fresh until 2 sum => none\nthreshold 4 5\n"));
  const struct script_op *op = file.scripts[0].ops;
  assert_int_equal(op[0].weak, WEAK_CALL);
  assert_string_equal(op[0].paths[1].root, "c");
  assert_int_equal(op[1].weak, WEAK_PLAIN);
  assert_int_equal(op[2].action_count, 4);
  assert_int_equal(op[2].actions[1].code, ACTION_take);
  assert_string_equal(op[2].actions[1].root, "r");
  assert_int_equal(op[2].actions[3].code, ACTION_quiet);
  assert_true(op[3].autoalloc.keep && op[3].autoalloc.fresh && op[3].autoalloc.sum && !op[3].autoalloc.on);
  assert_int_equal(op[3].autoalloc.until, 2);
  assert_int_equal(op[4].number_count, 2);
  script_file_free(&file);
}

static void what_is_wrong_is_said_with_its_line(void **state) {
  (void)state;
  static const struct {
    const char *text, *said;
  } rows[] = {
      {SCRIPT("nwe a node\n"), "test:3: there is no operation 'nwe'; did you mean 'new'?"},
      {SCRIPT("new a nod\n"), "test:3: there is no kind 'nod'; did you mean 'node'?"},
      {SCRIPT("new a\n"), "test:3: a kind is missing"},
      {SCRIPT("new a node b\n"), "test:3: 'b' is too much: new ID KIND"},
      {SCRIPT("new 7a node\n"), "test:3: a name is a letter"},
      {SCRIPT("set a b\n"), "'a' is a root"},
      {SCRIPT("set a.0 b\n"), "an element of a list is not set"},
      {SCRIPT("drop a.f\n"), "only a root can be dropped"},
      {SCRIPT("drop\n"), "a root is missing"},
      {SCRIPT("drop a => 3\n"), "answers nothing"},
      {SCRIPT("\nlive\n"), "test:4: live is a query"},
      {SCRIPT("live =>\n"), "the result is missing"},
      {SCRIPT("gen 3 => -\n"), "from 0 to 2, not '3'"},
      {SCRIPT("act a drp x\n"), "there is no action 'drp'; did you mean 'drop'?"},
      {SCRIPT("act a quiet x\n"), "'x' is too much"},
      {SCRIPT("act a see x\n"), "there is no field 'x'"},
      {SCRIPT("act a\n"), "an action is missing"},
      {SCRIPT("autoalloc keep 3 frsh => none\n"), "did you mean 'fresh'?"},
      {SCRIPT("new a node\nset a.f.f.f.f.f.f.f.f.f a\n"), "test:4: a path has at most 8 steps"},
      {"vector 1 a\norder some\nend\n", "test:2: there is no order 'some'"},
      {"vector 1 a\nlog => -\n", "vector 1 has no `end`"},
      {"vector 1 a\nvector 2 b\nend\n", "test:2: vector 1 has no `end`"},
      {"vector 1 a\ntags stat\nend\n", "did you mean 'stats'?"},
      {"vector 1\nend\n", "test:1: the vector's name is missing"},
      {"new a node\n", "test:1: a script begins with a line such as"},
      {"# nothing\n", "there is no vector in it"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct script_file file;
    char message[256] = "";
    assert_false(script_read_text(&file, "test", rows[i].text, message, sizeof message));
    if (!strstr(message, rows[i].said))
      fail_msg("'%s' says: %s", rows[i].text, message);
  }
}

static void what_is_written_is_read_again(void **state) {
  (void)state;
  static const char text[] = "vector 012 name\ntags generation stats\norder any\nnew a node\ncollect 2 => 0\n"
                             "collect 1\nact a see f; quiet\nend\n";
  struct script_file file = read(text);
  char *written;
  size_t bytes;
  FILE *out = open_memstream(&written, &bytes);
  script_write(&file.scripts[0], true, out);
  fclose(out);
  assert_string_equal(written, text);
  free(written);
  script_file_free(&file);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_script_is_read_into_its_parts),
      cmocka_unit_test(words_of_special_operations_are_read),
      cmocka_unit_test(what_is_wrong_is_said_with_its_line),
      cmocka_unit_test(what_is_written_is_read_again),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
