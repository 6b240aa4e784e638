/* Plans: rounds, orders drawn from a seed, binaries in turn, and a file from which the same plan is read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/plan.h"
#include "tests/runtime/cmocka.h"

enum { CASES = 6, ROUNDS = 5 };

/* Cases that differ in their heaps; each program is this one. */
static void make_plan(struct plan *plan, uint64_t seed, size_t programs) {
  struct collector_choice collector;
  struct workload_choice workload;
  const struct gc_workload *any;
  char message[256];
  registry_workloads(&any, 1);
  assert_true(subject_read_collector(&collector, registry_collectors[0]->name, message, sizeof message));
  assert_true(subject_read_workload(&workload, any->name, message, sizeof message));
  *plan = (struct plan){.order_seed = seed, .invocations = ROUNDS, .program_count = programs};
  plan->programs = calloc(programs, sizeof *plan->programs);
  for (size_t i = 0; i < programs; i++)
    plan->programs[i].build = json_pack("{s:i,s:s}", "link_seed", (int)i, "build_id", i ? "b" : "a");
  struct run_case added = {.collector = &collector, .workload = &workload};
  added.options.threads.integer = added.options.gc_threads.integer = added.options.iterations.integer = 1;
  for (unsigned i = 0; i < CASES; i++) {
    added.heap_bytes = (size_t)(i + 1) << 24;
    plan_add(plan, &added);
    plan_add(plan, &added); /* the same once more */
  }
}

static void equal_cases_are_planned_once(void **state) {
  struct plan plan;
  (void)state;
  make_plan(&plan, 1, 2);
  assert_int_equal(plan.case_count, 2 * CASES);
  plan_free(&plan);
}

static void each_round_holds_each_case_once(void **state) {
  struct plan plan;
  (void)state;
  make_plan(&plan, 1, 1);
  plan_order(&plan, 4096, PLAN_ASLR_RANDOM);
  assert_int_equal(plan.step_count, CASES * ROUNDS);
  for (size_t i = 0; i < plan.step_count; i++) {
    assert_int_equal(plan.steps[i].sequence, i);
    assert_int_equal(plan.steps[i].invocation, i / CASES);
    for (size_t j = i / CASES * CASES; j < i; j++)
      assert_ptr_not_equal(plan.steps[i].run_case, plan.steps[j].run_case);
  }
  plan_free(&plan);
}

static bool same_order(const struct plan *a, const struct plan *b) {
  for (size_t i = 0; i < a->step_count; i++)
    if (strcmp(a->steps[i].run_case->key, b->steps[i].run_case->key) != 0 ||
        memcmp(&a->steps[i].layout, &b->steps[i].layout, sizeof(struct layout)) != 0)
      return false;
  return true;
}

static void a_seed_draws_the_same_order_and_another_one_another(void **state) {
  struct plan a, b, c;
  (void)state;
  make_plan(&a, 7, 1);
  make_plan(&b, 7, 1);
  make_plan(&c, 8, 1);
  plan_order(&a, 4096, PLAN_ASLR_RANDOM);
  plan_order(&b, 4096, PLAN_ASLR_RANDOM);
  plan_order(&c, 4096, PLAN_ASLR_RANDOM);
  assert_true(same_order(&a, &b));
  assert_false(same_order(&a, &c));
  plan_free(&a);
  plan_free(&b);
  plan_free(&c);
}

static void layouts_are_drawn_within_their_bounds(void **state) {
  struct plan plan;
  unsigned fixed = 0, paddings = 0;
  (void)state;
  make_plan(&plan, 3, 1);
  plan_order(&plan, 100, PLAN_ASLR_RANDOM);
  for (size_t i = 0; i < plan.step_count; i++) {
    assert_true(plan.steps[i].layout.env_padding_bytes <= 100);
    paddings += plan.steps[i].layout.env_padding_bytes != plan.steps[0].layout.env_padding_bytes;
    fixed += plan.steps[i].layout.fixed_addresses;
  }
  assert_true(paddings > 0 && fixed > 0 && fixed < plan.step_count);
  plan_clear(&plan);
  plan_free(&plan);
  make_plan(&plan, 3, 1);
  plan_order(&plan, 0, PLAN_ASLR_OFF);
  for (size_t i = 0; i < plan.step_count; i++)
    assert_true(plan.steps[i].layout.fixed_addresses && plan.steps[i].layout.env_padding_bytes == 0);
  plan_free(&plan);
}

static void binaries_take_turns(void **state) {
  struct plan plan;
  (void)state;
  make_plan(&plan, 1, 2);
  plan_order(&plan, 0, PLAN_ASLR_ON);
  assert_int_equal(plan.step_count, CASES * ROUNDS);
  for (size_t i = 0; i < plan.step_count; i++)
    assert_ptr_equal(plan.steps[i].run_case->program, &plan.programs[plan.steps[i].invocation % 2]);
  plan_free(&plan);
}

static void a_plan_is_read_as_it_was_written(void **state) {
  char folder[] = "/tmp/gclab-plan-XXXXXX", path[64];
  struct plan written, read;
  struct options options = {.heap = "2x"};
  (void)state;
  assert_non_null(mkdtemp(folder));
  make_plan(&written, 5, 1);
  program_fini(&written.programs[0]);
  program_self(&written.programs[0]);
  plan_order(&written, 4096, PLAN_ASLR_RANDOM);
  assert_true(plan_write(&written, folder));
  plan_load(&read, folder, &options, false);
  assert_int_equal(read.order_seed, 5);
  assert_int_equal(read.step_count, written.step_count);
  assert_int_equal(read.case_count, written.case_count);
  assert_true(same_order(&written, &read));
  for (size_t i = 0; i < read.step_count; i++) {
    assert_int_equal(read.steps[i].invocation, written.steps[i].invocation);
    assert_int_equal(read.steps[i].run_case->heap_bytes, written.steps[i].run_case->heap_bytes);
  }
  plan_free(&written);
  plan_free(&read);
  snprintf(path, sizeof path, "%s/plan.jsonl", folder);
  remove(path);
  remove(folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equal_cases_are_planned_once),
      cmocka_unit_test(each_round_holds_each_case_once),
      cmocka_unit_test(a_seed_draws_the_same_order_and_another_one_another),
      cmocka_unit_test(layouts_are_drawn_within_their_bounds),
      cmocka_unit_test(binaries_take_turns),
      cmocka_unit_test(a_plan_is_read_as_it_was_written),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
