#include "bench/page/verdict.h"

#include <math.h>

#include "runtime/registry.h"
#include "tests/runtime/cmocka.h"

/* ---- cases by hand: three collectors, three invocations each ---- */

enum { INVOCATIONS = 3 };
static struct page_case cases[3];
static struct gathered gathered = {.cases = cases};
static double values[3][METRIC_COUNT][INVOCATIONS];

static void set(unsigned at, enum page_metric metric, double first, double second, double third) {
  double *samples = values[at][metric];
  samples[0] = first;
  samples[1] = second;
  samples[2] = third;
  cases[at].metrics[metric] = (struct sample){samples, INVOCATIONS, INVOCATIONS};
}

static void begin(unsigned at, const char *collector) {
  cases[at] = (struct page_case){.collector = (char *)collector,
                                 .collector_name = (char *)collector,
                                 .workload = "w",
                                 .machine = "m",
                                 .placement = "local",
                                 .heap_factor = 2,
                                 .threads = 1};
  cases[at].outcomes[OUTCOME_ok] = INVOCATIONS;
  gathered.case_count = at + 1;
}

static void expect_sentence(const char *part) {
  struct groups groups;
  groups_make(&groups, &gathered);
  assert_int_equal(groups.count, 1);
  char *sentence = verdict_sentence(&groups.items[0]);
  if (!strstr(sentence, part))
    fail_msg("'%s' does not say '%s'", sentence, part);
  free(sentence);
  groups_free(&groups);
}

/* ---- sentences ---- */

static void a_difference_is_named(void **state) {
  (void)state;
  begin(0, "slow");
  set(0, METRIC_wall, 1.50e9, 1.51e9, 1.52e9);
  set(0, METRIC_pause_max, 1e5, 1.1e5, 1.2e5);
  begin(1, "fast");
  set(1, METRIC_wall, 1.00e9, 1.01e9, 1.02e9);
  set(1, METRIC_pause_max, 4.9e7, 5e7, 5.1e7);
  expect_sentence("use `fast` for throughput (1.01 s); use `slow` for response: its longest pause is 110 µs against "
                  "50.0 ms, for 1.495 times (95 % interval 1.4");
}

static void no_difference_is_claimed_where_none_is_shown(void **state) {
  (void)state;
  begin(0, "one");
  set(0, METRIC_wall, 1.0e9, 1.2e9, 0.9e9);
  begin(1, "other");
  set(1, METRIC_wall, 1.05e9, 1.2e9, 0.95e9);
  expect_sentence("`one` takes the least time (1.03 s), but no difference is shown to `other`.");
}

static void requests_count_before_pauses(void **state) {
  (void)state;
  a_difference_is_named(state);
  set(0, METRIC_latency_metered, 9e6, 9.1e6, 9.2e6);
  set(1, METRIC_latency_metered, 2e6, 2.1e6, 2.2e6);
  expect_sentence("none responds better: 99.9 % of its requests (metered) end within 2.10 ms");
}

static void the_only_one_is_compared_with_nothing(void **state) {
  (void)state;
  begin(0, "fallen");
  cases[0].outcomes[OUTCOME_ok] = 0;
  cases[0].outcomes[OUTCOME_oom] = INVOCATIONS;
  expect_sentence("no collector that frees memory completed it");
  begin(1, "alone");
  set(1, METRIC_wall, 1e9, 1e9, 1e9);
  expect_sentence("only `alone` completed it (1.00 s)");
}

static void what_never_frees_is_not_recommended(void **state) {
  (void)state;
  if (!registry_collector("epsilon"))
    skip();
  begin(0, "epsilon");
  set(0, METRIC_wall, 1e8, 1e8, 1e8);
  begin(1, "alone");
  set(1, METRIC_wall, 1e9, 1e9, 1e9);
  expect_sentence("only `alone` completed it");
}

/* ---- overhead ---- */

/* The worked example of Cai et al. 2022, in units of 10^9 cycles. */
static void overheads_are_the_published_ones(void **state) {
  (void)state;
  static const struct {
    const char *name;
    double total, cost, overhead;
  } rows[] = {{"parallel", 108.33, 4.46, 1.043}, {"serial", 108.12, 2.75, 1.041}, {"shenandoah", 218.72, 0.03, 2.106}};
  for (unsigned i = 0; i < 3; i++) {
    begin(i, rows[i].name);
    set(i, METRIC_wall, rows[i].total, rows[i].total, rows[i].total);
    set(i, METRIC_stw, rows[i].cost, rows[i].cost, rows[i].cost);
  }
  for (unsigned i = 0; i < 3; i++)
    assert_true(fabs(verdict_overhead(&gathered, &cases[i], METRIC_wall).value - rows[i].overhead) < 0.0005);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_difference_is_named),
      cmocka_unit_test(no_difference_is_claimed_where_none_is_shown),
      cmocka_unit_test(requests_count_before_pauses),
      cmocka_unit_test(the_only_one_is_compared_with_nothing),
      cmocka_unit_test(what_never_frees_is_not_recommended),
      cmocka_unit_test(overheads_are_the_published_ones),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
