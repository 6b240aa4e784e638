#include "runtime/stats/mmu.h"

#include <string.h>

#include "runtime/base/rng.h"
#include "tests/runtime/cmocka.h"

enum { SCHEDULES = 1000, END_MAX = 200, PAUSES_MAX = 30 };

/* A run of up to END_MAX ns: pauses of any length at any place, also at both ends and touching each other. */
struct random_run {
  struct mmu_pause pauses[PAUSES_MAX];
  size_t count;
  uint64_t end_ns;
  bool paused[END_MAX]; /* each nanosecond */
};

static void make_run(struct random_run *run, uint64_t *random) {
  *run = (struct random_run){.end_ns = 1 + rng_below(random, END_MAX)};
  uint64_t longest = 1 + rng_below(random, 20), gap = 1 + rng_below(random, 20);
  for (uint64_t at = rng_below(random, gap); at < run->end_ns && run->count < PAUSES_MAX;) {
    uint64_t end_ns = at + 1 + rng_below(random, longest);
    end_ns = end_ns < run->end_ns ? end_ns : run->end_ns;
    run->pauses[run->count++] = (struct mmu_pause){at, end_ns};
    memset(run->paused + at, true, end_ns - at);
    at = end_ns + rng_below(random, gap);
  }
}

static uint64_t paused_in(const struct random_run *run, uint64_t begin_ns, uint64_t w_ns) {
  uint64_t sum = 0;
  for (uint64_t t = begin_ns; t < begin_ns + w_ns; t++)
    sum += run->paused[t];
  return sum;
}

/* The definition; what overlaps one of the `count` windows is passed over. */
static uint64_t most_paused(const struct random_run *run, uint64_t w_ns, const struct mmu_window *taken, size_t count) {
  uint64_t most = 0;
  for (uint64_t t = 0; t + w_ns <= run->end_ns; t++) {
    bool free = true;
    for (size_t i = 0; i < count; i++)
      free = free && (t + w_ns <= taken[i].begin_ns || taken[i].begin_ns + w_ns <= t);
    uint64_t paused_ns = free ? paused_in(run, t, w_ns) : 0;
    most = paused_ns > most ? paused_ns : most;
  }
  return most;
}

static void mmu_is_that_of_brute_force(void **state) {
  (void)state;
  uint64_t random = rng_stream(unit_seed, 0);
  for (unsigned n = 0; n < SCHEDULES; n++) {
    struct random_run run;
    struct mmu_schedule schedule;
    make_run(&run, &random);
    assert_true(mmu_init(&schedule, run.pauses, run.count, run.end_ns));
    for (uint64_t w_ns = 1; w_ns <= run.end_ns; w_ns++) {
      struct mmu_window worst = mmu_worst(&schedule, w_ns);
      assert_int_equal(worst.paused_ns, most_paused(&run, w_ns, NULL, 0));
      assert_true(worst.begin_ns + w_ns <= run.end_ns);
      assert_int_equal(worst.paused_ns, paused_in(&run, worst.begin_ns, w_ns));
    }
    mmu_fini(&schedule);
  }
}

static void worst_windows_are_disjoint_and_each_the_worst_left(void **state) {
  (void)state;
  enum { MOST = 4 };
  uint64_t random = rng_stream(unit_seed, 1);
  for (unsigned n = 0; n < SCHEDULES; n++) {
    struct random_run run;
    struct mmu_schedule schedule;
    struct mmu_window windows[MOST];
    make_run(&run, &random);
    assert_true(mmu_init(&schedule, run.pauses, run.count, run.end_ns));
    uint64_t w_ns = 1 + rng_below(&random, run.end_ns);
    size_t count = mmu_worst_disjoint(&schedule, w_ns, windows, MOST);
    for (size_t i = 0; i < count; i++) {
      assert_int_equal(windows[i].paused_ns, paused_in(&run, windows[i].begin_ns, w_ns));
      assert_int_equal(windows[i].paused_ns, most_paused(&run, w_ns, windows, i));
    }
    if (count < MOST)
      assert_int_equal(most_paused(&run, w_ns, windows, count), 0);
    mmu_fini(&schedule);
  }
}

/* Pauses [0,1) and [10,11) of 20: the published example of a curve that falls. */
static void mmu_is_not_monotone(void **state) {
  (void)state;
  const struct mmu_pause pauses[] = {{0, 1}, {10, 11}};
  struct mmu_schedule schedule;
  assert_true(mmu_init(&schedule, pauses, 2, 20));
  assert_float_equal(mmu_utilisation(mmu_worst(&schedule, 10)), 0.900, 0.0005);
  assert_float_equal(mmu_utilisation(mmu_worst(&schedule, 11)), 0.818, 0.0005);
  assert_float_equal(mmu_utilisation(mmu_worst(&schedule, 1)), 0, 0);
  mmu_fini(&schedule);
}

static void windows_go_in_steps_up_to_the_whole_run(void **state) {
  (void)state;
  const uint64_t expected[] = {100000, 200000, 500000, 1000000, 2000000, 3000000};
  uint64_t w_ns[MMU_WINDOWS_MAX];
  assert_int_equal(mmu_window_sizes(3000000, w_ns), 6);
  assert_memory_equal(w_ns, expected, sizeof expected);
  assert_int_equal(mmu_window_sizes(2000000, w_ns), 5);
  assert_int_equal(mmu_window_sizes(70, w_ns), 1);
  assert_int_equal(w_ns[0], 70);
  assert_int_equal(mmu_window_sizes(0, w_ns), 0);
  assert_true(mmu_window_sizes(UINT64_C(1) << 62, w_ns) < MMU_WINDOWS_MAX);
}

int main(int argc, char **argv) {
  unit_take_seed(argc, argv, 20261121);
  const struct CMUnitTest tests[] = {cmocka_unit_test(mmu_is_that_of_brute_force),
                                     cmocka_unit_test(worst_windows_are_disjoint_and_each_the_worst_left),
                                     cmocka_unit_test(mmu_is_not_monotone),
                                     cmocka_unit_test(windows_go_in_steps_up_to_the_whole_run)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
