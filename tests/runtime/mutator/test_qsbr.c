#include "runtime/mutator/qsbr.h"

#include "tests/runtime/other_mutator.h"

static struct safepoint safepoint;
static struct gc_mutator *self;
static struct other_mutator other;

static int setup(void **state) {
  (void)state;
  safepoint_init(&safepoint, NULL);
  safepoint.poll_plan = other_nothing;
  self = mutator_attach(&safepoint);
  return 0;
}
static int teardown(void **state) {
  (void)state;
  mutator_detach(&safepoint, self);
  safepoint_fini(&safepoint);
  return 0;
}

static void a_goal_waits_for_everybodys_poll(void **state) {
  (void)state;
  other_start(&other, &safepoint);
  uint64_t goal = qsbr_goal(&safepoint);
  assert_false(qsbr_reached(&safepoint, self, goal));
  other_tell(&other, OTHER_POLL); /* nobody asked for it: a fast one, which says nothing */
  assert_false(qsbr_reached(&safepoint, self, goal));
  safepoint_arm_quiesce(&safepoint);
  assert_false(qsbr_reached(&safepoint, self, goal));
  other_tell(&other, OTHER_POLL);
  assert_true(qsbr_reached(&safepoint, self, goal));
  assert_false(qsbr_reached(&safepoint, self, qsbr_goal(&safepoint)));
  other_tell(&other, OTHER_QUIT);
}

static void who_is_blocked_is_not_waited_for(void **state) {
  (void)state;
  other_start(&other, &safepoint);
  uint64_t first = qsbr_goal(&safepoint);
  other_tell(&other, OTHER_BLOCK);
  assert_true(qsbr_reached(&safepoint, self, first));
  assert_true(qsbr_alone(&safepoint, self));
  uint64_t second = qsbr_goal(&safepoint);
  other_tell(&other, OTHER_UNBLOCK);
  assert_true(qsbr_reached(&safepoint, self, second)); /* it came back without a reference */
  assert_false(qsbr_alone(&safepoint, self));
  assert_false(qsbr_reached(&safepoint, self, qsbr_goal(&safepoint)));
  other_tell(&other, OTHER_QUIT);
  assert_true(qsbr_alone(&safepoint, self));
}

static void who_comes_later_is_not_waited_for(void **state) {
  (void)state;
  uint64_t goal = qsbr_goal(&safepoint);
  other_start(&other, &safepoint);
  assert_true(qsbr_reached(&safepoint, self, goal));
  assert_false(qsbr_reached(&safepoint, self, qsbr_goal(&safepoint)));
  other_tell(&other, OTHER_QUIT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_goal_waits_for_everybodys_poll, setup, teardown),
      cmocka_unit_test_setup_teardown(who_is_blocked_is_not_waited_for, setup, teardown),
      cmocka_unit_test_setup_teardown(who_comes_later_is_not_waited_for, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
