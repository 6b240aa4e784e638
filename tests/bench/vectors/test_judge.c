#include "bench/vectors/judge.h"

#include <stdlib.h>
#include <string.h>

#include "tests/runtime/cmocka.h"

static struct script_file read(const char *text) {
  struct script_file file;
  char message[256] = "";
  if (!script_read_text(&file, "test", text, message, sizeof message))
    fail_msg("%s", message);
  return file;
}

/* Answers to the queries of a script, in their order. */
static struct answers answer(const struct script *script, const char *const *texts) {
  struct answers answers;
  answers_init(&answers, script->op_count);
  for (size_t i = 0; i < script->op_count; i++)
    if (script_op_is_query(script->ops[i].code) && *texts)
      answers_set(&answers, i, *texts++);
  return answers;
}

static struct verdict judge(const char *text, const char *const *texts, const char *problem) {
  struct script_file file = read(text);
  struct answers got = answer(&file.scripts[0], texts);
  struct verdict verdict;
  snprintf(got.problem, sizeof got.problem, "%s", problem);
  judge_exact(&file.scripts[0], NULL, &got, &verdict);
  verdict.query = verdict.query ? "some" : NULL; /* the file is gone */
  answers_fini(&got);
  script_file_free(&file);
  return verdict;
}

static void the_first_difference_is_told(void **state) {
  (void)state;
  static const char text[] = "vector 1 a\norder exact\nlive => a\nlog => x y\nlive => b\nend\n";
  struct verdict verdict = judge(text, (const char *const[]){"a", "y x", "c", NULL}, "");
  assert_int_equal(verdict.kind, VERDICT_fail);
  assert_int_equal(verdict.line, 4);
  assert_string_equal(verdict.expected, "x y");
  assert_string_equal(verdict.got, "y x");
  assert_int_equal(judge(text, (const char *const[]){"a", "x y", "b", NULL}, "").kind, VERDICT_pass);
  assert_int_equal(judge(text, (const char *const[]){"a", "x y", "b", NULL}, "").compared, 3);
}

static void the_order_of_a_log_counts_where_it_is_exact(void **state) {
  (void)state;
  static const char any[] = "vector 1 a\norder any\nlog => x y y\nend\n";
  assert_int_equal(judge(any, (const char *const[]){"y x y", NULL}, "").kind, VERDICT_pass);
  assert_int_equal(judge(any, (const char *const[]){"y x", NULL}, "").kind, VERDICT_fail);
  assert_int_equal(judge(any, (const char *const[]){"y x x", NULL}, "").kind, VERDICT_fail);
  assert_int_equal(judge(any, (const char *const[]){"y x y z", NULL}, "").kind, VERDICT_fail);
}

static void what_was_not_played_to_its_end_does_not_pass(void **state) {
  (void)state;
  static const char text[] = "vector 1 a\norder any\nlive => a\nlive => b\nend\n";
  static const char *const whole[] = {"a", "b", NULL}, *const half[] = {"a", NULL}, *const wrong[] = {"z", NULL};
  assert_int_equal(judge(text, half, "").kind, VERDICT_fail);
  assert_int_equal(judge(text, whole, "it crashed").kind, VERDICT_fail);
  assert_string_equal(judge(text, half, "it crashed").got, "it crashed");
  assert_int_equal(judge(text, half, "unsupported: debug").kind, VERDICT_unsupported);
  assert_string_equal(judge(text, half, "unsupported: debug").got, "debug");
  assert_string_equal(judge(text, wrong, "it crashed").got, "z");
}

static void collect_may_stand_without_a_result(void **state) {
  (void)state;
  static const char text[] = "vector 1 a\norder any\ncollect 2\ncollect 2 => 3\nend\n";
  assert_int_equal(judge(text, (const char *const[]){"7", "3", NULL}, "").kind, VERDICT_pass);
  assert_int_equal(judge(text, (const char *const[]){"3", "7", NULL}, "").kind, VERDICT_fail);
}

static void relaxed_scripts_collect_before_they_look(void **state) {
  (void)state;
  struct script_file file = read("vector 1 a\norder exact\nnew a node\nrefcount a => 1\nlive => a\nwr w => dead\n"
                                 "gen 0 => a\nlog => -\ncollect 1 => 0\nsame a b => true\ntracked a => true\nend\n");
  static const enum script_code codes[] = {SCRIPT_new, SCRIPT_collect, SCRIPT_live, SCRIPT_collect, SCRIPT_wr,
                                           SCRIPT_log, SCRIPT_collect, SCRIPT_same, SCRIPT_collect, SCRIPT_logset};
  struct script relaxed;
  assert_true(script_relax(&file.scripts[0], &relaxed));
  assert_int_equal(relaxed.op_count, sizeof codes / sizeof codes[0]);
  for (size_t i = 0; i < relaxed.op_count; i++)
    assert_int_equal(relaxed.ops[i].code, codes[i]);
  assert_int_equal(relaxed.ops[1].numbers[0], 2);
  assert_int_equal(relaxed.ops[6].numbers[0], 1);
  free(relaxed.ops);
  file.scripts[0].tags = TAG_longlived;
  assert_false(script_relax(&file.scripts[0], &relaxed));
  free(relaxed.ops);
  script_file_free(&file);
}

static void full_scripts_collect_all_and_ask_for_no_generations(void **state) {
  (void)state;
  struct script_file file = read("vector 1 a\norder exact\ntags generation\nnew a fnode\n"
                                 "act a collect 0; see f; collect 1\ngetthreshold => 1 2 3\ncollect 0 => 7\n"
                                 "enable\nautoalloc keep 9 => none\nrefcount a => 1\nend\n");
  static const enum script_code codes[] = {SCRIPT_new, SCRIPT_act, SCRIPT_collect, SCRIPT_refcount};
  struct script full;
  script_make_full(&file.scripts[0], &full);
  assert_int_equal(full.op_count, sizeof codes / sizeof codes[0]);
  for (size_t i = 0; i < full.op_count; i++)
    assert_int_equal(full.ops[i].code, codes[i]);
  assert_string_equal(full.ops[1].text, "act a collect 2; see f; collect 2");
  assert_int_equal(full.ops[1].actions[0].number, 2);
  assert_int_equal(full.ops[1].actions[2].number, 2);
  assert_string_equal(full.ops[2].text, "collect 2");
  assert_int_equal(full.ops[2].numbers[0], 2);
  assert_int_equal(file.scripts[0].ops[1].actions[0].number, 0); /* the script itself is as it was */
  assert_string_equal(file.scripts[0].ops[3].text, "collect 0");
  free(full.ops);
  script_file_free(&file);
}

/* The verdict on answers to a relaxed script whose CPython answers are `expected`. */
static enum verdict_kind judge_both(const char *const *expected, const char *const *got) {
  struct script_file file = read("vector 1 a\norder exact\nlog => -\ncollect 2 => 0\nlive => -\nlog => -\nend\n");
  struct script relaxed;
  struct verdict verdict;
  script_relax(&file.scripts[0], &relaxed);
  struct answers want = answer(&relaxed, expected), have = answer(&relaxed, got);
  judge_relaxed(&relaxed, &want, &have, &verdict);
  answers_fini(&want);
  answers_fini(&have);
  free(relaxed.ops);
  script_file_free(&file);
  return verdict.kind;
}

static void relaxed_logs_are_one_set_and_returns_do_not_count(void **state) {
  (void)state;
  /* log, collect, collect, live, log, collect, logset */
  static const char *const cpython[] = {"fin:a", "2", "0", "a b", "cb:w collect=3", "0", "-", NULL};
  assert_int_equal(judge_both(cpython, (const char *const[]){"-", "9", "9", "a b", "-", "9", "cb:w fin:a", NULL}),
                   VERDICT_pass);
  assert_int_equal(judge_both(cpython, (const char *const[]){"-", "9", "9", "a", "-", "9", "cb:w fin:a", NULL}),
                   VERDICT_fail);
  assert_int_equal(judge_both(cpython, (const char *const[]){"-", "9", "9", "a b", "-", "9", "fin:a", NULL}),
                   VERDICT_fail);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_first_difference_is_told),
      cmocka_unit_test(the_order_of_a_log_counts_where_it_is_exact),
      cmocka_unit_test(what_was_not_played_to_its_end_does_not_pass),
      cmocka_unit_test(collect_may_stand_without_a_result),
      cmocka_unit_test(relaxed_scripts_collect_before_they_look),
      cmocka_unit_test(full_scripts_collect_all_and_ask_for_no_generations),
      cmocka_unit_test(relaxed_logs_are_one_set_and_returns_do_not_count),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
