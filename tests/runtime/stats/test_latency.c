#include "runtime/stats/latency.h"

#include "runtime/base/rng.h"
#include "tests/runtime/cmocka.h"

enum { REQUESTS = 1000 };
static const uint64_t millisecond_ns = 1000000;

/* One client asks as soon as it is answered: 1 ms of service each, and once the server stops for 100 ms. */
static void stop_once(struct latency_request requests[REQUESTS]) {
  uint64_t now_ns = 7 * millisecond_ns;
  for (unsigned i = 0; i < REQUESTS; i++) {
    requests[i].start_ns = now_ns;
    now_ns += millisecond_ns + (i == REQUESTS / 2 ? 100 * millisecond_ns : 0);
    requests[i].end_ns = now_ns;
  }
}

static double p90_ms(const struct latency_request *requests, uint64_t window_ns) {
  struct histogram h = {0};
  latency_meter(requests, REQUESTS, window_ns, &h);
  double p90 = (double)histogram_quantile(&h, 0.9) / (double)millisecond_ns;
  histogram_fini(&h);
  return p90;
}

/* The published figures: 1 ms up to W = 200 ms, 68 ms at 400 ms, 41 ms over the whole run. */
static void metered_p90_of_one_stop_depends_on_the_window(void **state) {
  (void)state;
  struct latency_request requests[REQUESTS];
  stop_once(requests);
  assert_float_equal(p90_ms(requests, 100 * millisecond_ns), 1, 0.5);
  assert_float_equal(p90_ms(requests, 200 * millisecond_ns), 1, 0.5);
  assert_float_equal(p90_ms(requests, 400 * millisecond_ns), 68, 1);
  assert_float_equal(p90_ms(requests, UINT64_MAX), 41, 1);
}

/* Each request by the definition, with a search of its own. */
static uint64_t defined(const struct latency_request *r, size_t count, size_t i, uint64_t window_ns) {
  size_t s = 0, e = 0;
  while (r[s].start_ns + window_ns / 2 < r[i].start_ns)
    s++;
  while (e < count - 1 && r[e].start_ns < r[i].start_ns + window_ns / 2)
    e++;
  uint64_t smoothed_ns = r[i].start_ns;
  if (e > s)
    smoothed_ns = r[s].start_ns + (i - s) * (r[e].start_ns - r[s].start_ns) / (e - s);
  return r[i].end_ns - (smoothed_ns < r[i].start_ns ? smoothed_ns : r[i].start_ns);
}

static void metered_is_the_definition_for_each_request(void **state) {
  (void)state;
  uint64_t random = rng_stream(unit_seed, 0);
  for (unsigned round = 0; round < 50; round++) {
    struct latency_request requests[REQUESTS];
    size_t count = 1 + rng_below(&random, REQUESTS);
    for (size_t i = 0; i < count; i++) {
      requests[i].start_ns = 1000 + rng_below(&random, 100000); /* several begin at once, in no order */
      requests[i].end_ns = requests[i].start_ns + rng_below(&random, 3000);
    }
    latency_sort(requests, count);
    uint64_t window_ns = rng_below(&random, 200000), sum = 0, max = 0;
    for (size_t i = 0; i < count; i++) {
      uint64_t latency_ns = defined(requests, count, i, window_ns);
      sum += latency_ns;
      max = latency_ns > max ? latency_ns : max;
    }
    struct histogram h = {0};
    latency_meter(requests, count, window_ns, &h);
    assert_int_equal(h.count, count);
    assert_int_equal(h.sum, sum);
    assert_int_equal(h.max, max);
    histogram_fini(&h);
  }
}

static void what_finds_no_room_is_counted_and_in_the_distribution(void **state) {
  (void)state;
  struct latency_request room[3];
  struct latency_log log = {.requests = room, .capacity = 3};
  for (uint64_t i = 0; i < 5; i++)
    latency_record(&log, 100 * i, 100 * i + 10 + i);
  assert_int_equal(log.count, 3);
  assert_int_equal(log.truncated, 2);
  assert_int_equal(log.latency.count, 5);
  assert_int_equal(log.latency.max, 14);
  assert_int_equal(log.first_ns, 0);
  assert_int_equal(log.last_start_ns, 400);
  assert_int_equal(log.last_ns, 414);
  latency_reset(&log);
  assert_int_equal(log.count + log.truncated + log.latency.count, 0);
  assert_int_equal(log.capacity, 3);
  histogram_fini(&log.latency);
}

int main(int argc, char **argv) {
  unit_take_seed(argc, argv, 20261121);
  const struct CMUnitTest tests[] = {cmocka_unit_test(metered_p90_of_one_stop_depends_on_the_window),
                                     cmocka_unit_test(metered_is_the_definition_for_each_request),
                                     cmocka_unit_test(what_finds_no_room_is_counted_and_in_the_distribution)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
