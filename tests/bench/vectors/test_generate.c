#include "bench/vectors/generate.h"

#include <stdlib.h>
#include <string.h>

#include "bench/vectors/script.h"
#include "tests/runtime/cmocka.h"

enum { SCRIPTS = 400 };

static char *generate(uint64_t seed, uint64_t number) {
  char *text;
  size_t bytes;
  FILE *out = open_memstream(&text, &bytes);
  generate_script(seed, number, false, out);
  fclose(out);
  return text;
}

static struct script_file read_generated(uint64_t number) {
  struct script_file file;
  char message[256];
  char *text = generate(unit_seed, number);
  if (!script_read_text(&file, "generated", text, message, sizeof message))
    fail_msg("%s in:\n%s", message, text);
  free(text);
  return file;
}

static void require_all(const char *what, const unsigned *counts, size_t count, const char *(*name)(size_t)) {
  for (size_t i = 0; i < count; i++)
    if (counts[i] == 0)
      fail_msg("%s %s is in none of %d scripts", what, name(i), SCRIPTS);
}

static const char *op_name(size_t i) { return script_op_name((enum script_code)i); }
static const char *kind_name(size_t i) { return script_kind_name((enum script_kind)i); }
static const char *action_name(size_t i) {
  static const char *const names[] = {
#define SCRIPT_ACTION(action, arguments, form) #action,
#include "bench/vectors/actions.def"
#undef SCRIPT_ACTION
  };
  return names[i];
}

static void every_operation_kind_and_action_occurs(void **state) {
  unsigned ops[SCRIPT_OP_COUNT] = {0}, kinds[KIND_COUNT] = {0}, actions[ACTION_COUNT] = {0}, weak[3] = {0};
  (void)state;
  for (uint64_t number = 0; number < SCRIPTS; number++) {
    struct script_file file = read_generated(number);
    for (size_t i = 0; i < file.scripts[0].op_count; i++) {
      const struct script_op *op = &file.scripts[0].ops[i];
      ops[op->code]++;
      kinds[op->kind] += op->code == SCRIPT_new;
      weak[op->weak] += op->code == SCRIPT_weakref;
      for (unsigned a = 0; a < op->action_count; a++)
        actions[op->actions[a].code]++;
    }
    script_file_free(&file);
  }
  require_all("operation", ops, SCRIPT_OP_COUNT, op_name);
  require_all("kind", kinds, KIND_COUNT, kind_name);
  require_all("action", actions, ACTION_COUNT, action_name);
  assert_true(weak[WEAK_PLAIN] && weak[WEAK_CB] && weak[WEAK_CALL]);
}

/* The forms that an operation has. */
enum form { KEEP, TEMP, ON, SUM, UNTIL_0, UNTIL_1, UNTIL_2, ONE, TWO, THREE, SAVEALL, LEAK, NONE, ALONE, MANY, FORMS };
static const char *form_name(size_t i) {
  static const char *const names[] = {
      "autoalloc keep",    "autoalloc temp",    "autoalloc on", "autoalloc sum", "autoalloc until 0",
      "autoalloc until 1", "autoalloc until 2", "threshold a",  "threshold a b", "threshold a b c",
      "debug saveall",     "debug leak",        "debug none",   "append",        "append N"};
  return names[i];
}

static void count_forms(const struct script_op *op, unsigned forms[FORMS]) {
  switch (op->code) {
  case SCRIPT_autoalloc:
    forms[op->autoalloc.keep ? KEEP : TEMP]++;
    forms[ON] += op->autoalloc.on;
    forms[SUM] += op->autoalloc.sum;
    if (op->autoalloc.until >= 0)
      forms[UNTIL_0 + op->autoalloc.until]++;
    break;
  case SCRIPT_threshold: forms[ONE + op->number_count - 1]++; break;
  case SCRIPT_debug: forms[*op->debug == 's' ? SAVEALL : *op->debug == 'l' ? LEAK : NONE]++; break;
  case SCRIPT_append: forms[op->numbers[0] > 1 ? MANY : ALONE]++; break;
  default: break;
  }
}

static void every_form_of_an_operation_occurs(void **state) {
  unsigned forms[FORMS] = {0};
  (void)state;
  for (uint64_t number = 0; number < SCRIPTS; number++) {
    struct script_file file = read_generated(number);
    for (size_t i = 0; i < file.scripts[0].op_count; i++)
      count_forms(&file.scripts[0].ops[i], forms);
    script_file_free(&file);
  }
  require_all("form", forms, FORMS, form_name);
}

static void the_same_seed_and_number_make_the_same_script(void **state) {
  (void)state;
  char *first = generate(7, 3), *again = generate(7, 3), *next = generate(7, 4), *other = generate(8, 3);
  assert_string_equal(first, again);
  assert_string_not_equal(strchr(first, '\n'), strchr(next, '\n'));
  assert_string_not_equal(strchr(first, '\n'), strchr(other, '\n'));
  free(first);
  free(again);
  free(next);
  free(other);
}

/* What the generator promises of autoalloc, so that the quarter rule sees only the script's objects. */
static void automatic_collection_is_for_autoalloc_alone(void **state) {
  (void)state;
  for (uint64_t number = 0; number < SCRIPTS; number++) {
    struct script_file file = read_generated(number);
    bool enabled = false, foreign = false;
    for (size_t i = 0; i < file.scripts[0].op_count; i++) {
      const struct script_op *op = &file.scripts[0].ops[i];
      bool harmless = op->code == SCRIPT_autoalloc || op->code == SCRIPT_disable || op->code == SCRIPT_isenabled ||
                      op->code == SCRIPT_enable;
      assert_true(!enabled || harmless);
      assert_true(op->code != SCRIPT_autoalloc || (op->autoalloc.fresh && !foreign));
      foreign |= op->code == SCRIPT_wvd || op->code == SCRIPT_wkd || op->code == SCRIPT_unfreeze;
      enabled |= op->code == SCRIPT_enable || (op->code == SCRIPT_autoalloc && op->autoalloc.on);
      enabled &= op->code != SCRIPT_disable;
    }
    assert_false(enabled);
    script_file_free(&file);
  }
}

/* What any collector can be asked: no death has a time or an order. */
static void scripts_of_the_graph_alone_have_no_actions(void **state) {
  unsigned finalizers = 0, tables = 0;
  (void)state;
  for (uint64_t number = 0; number < SCRIPTS; number++) {
    struct script_file file;
    char *text, message[256];
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    generate_script(unit_seed, number, true, out);
    fclose(out);
    if (!script_read_text(&file, "generated", text, message, sizeof message))
      fail_msg("%s in:\n%s", message, text);
    for (size_t i = 0; i < file.scripts[0].op_count; i++) {
      const struct script_op *op = &file.scripts[0].ops[i];
      assert_true(op->code != SCRIPT_act || op->actions[0].code == ACTION_quiet);
      assert_true(op->code != SCRIPT_weakref || op->weak == WEAK_PLAIN);
      assert_true(op->code != SCRIPT_new || op->kind != KIND_lnode);
      assert_true(op->code != SCRIPT_autoalloc && op->code != SCRIPT_freeze && op->code != SCRIPT_debug);
      finalizers += op->code == SCRIPT_new && op->kind == KIND_fnode;
      tables += op->code == SCRIPT_wvd || op->code == SCRIPT_wkd;
    }
    script_file_free(&file);
    free(text);
  }
  assert_true(finalizers && tables);
}

int main(int argc, char **argv) {
  unit_take_seed(argc, argv, 1);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_operation_kind_and_action_occurs),
      cmocka_unit_test(every_form_of_an_operation_occurs),
      cmocka_unit_test(the_same_seed_and_number_make_the_same_script),
      cmocka_unit_test(automatic_collection_is_for_autoalloc_alone),
      cmocka_unit_test(scripts_of_the_graph_alone_have_no_actions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
