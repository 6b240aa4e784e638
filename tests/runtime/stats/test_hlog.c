#include "runtime/stats/hlog.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/rng.h"
#include "tests/runtime/cmocka.h"

/* HdrHistogram's own reader decodes what was written.  Debian packages: libhdrhistogram-java, default-jre-headless. */
static const char jar[] = "/usr/share/java/hdrhistogram.jar";
enum { HISTOGRAMS = 24, VALUES_MAX = 20000 };
static const double quantiles[] = {0.5, 0.9, 0.99, 0.999, 0.9999, 1};
enum { QUANTILES = sizeof quantiles / sizeof quantiles[0] };

/* Some dense, some with one value, of every magnitude; counts that need more than one byte. */
static void fill(struct histogram *h, unsigned number, uint64_t *random) {
  unsigned bits = 1 + (unsigned)rng_below(random, HISTOGRAM_VALUE_BITS - 1);
  size_t count = number % 4 == 0 ? 1 : 1 + rng_below(random, VALUES_MAX);
  for (size_t i = 0; i < count; i++)
    histogram_record(h, rng_xorshift64(random) >> (64 - bits));
}

static void expect_line(const char *line, const char *tag, const struct histogram *h) {
  char read_tag[32];
  unsigned long long count, max, values[QUANTILES];
  int fields = sscanf(line, "%31s %llu %llu %llu %llu %llu %llu %llu %llu", read_tag, &count, &max, &values[0],
                      &values[1], &values[2], &values[3], &values[4], &values[5]);
  assert_int_equal(fields, 3 + QUANTILES);
  assert_string_equal(read_tag, tag);
  assert_int_equal(count, h->count);
  assert_int_equal(histogram_bucket_of(max), histogram_bucket_of(h->max));
  for (unsigned i = 0; i < QUANTILES; i++) { /* the reader gives the end of a bucket, ours at most the maximum */
    uint64_t ours = histogram_quantile(h, quantiles[i]);
    if (histogram_bucket_of(values[i]) != histogram_bucket_of(ours))
      fail_msg("%s at %g: %llu read, %llu written", tag, quantiles[i], values[i], (unsigned long long)ours);
  }
}

static void hdrhistogram_reads_the_same_quantiles(void **state) {
  (void)state;
  if (access(jar, R_OK) != 0 || system("java -version >/dev/null 2>&1") != 0) {
    printf("skipped: needs java and %s; apt-get install libhdrhistogram-java default-jre-headless\n", jar);
    skip();
  }
  char path[] = "/tmp/test_hlog.XXXXXX", command[512], line[512];
  FILE *file = fdopen(mkstemp(path), "w");
  assert_non_null(file);
  struct histogram histograms[HISTOGRAMS] = {{0}};
  uint64_t random = rng_stream(unit_seed, 0);
  hlog_begin(file, 1441812279.474);
  for (unsigned i = 0; i < HISTOGRAMS; i++) {
    char tag[32];
    snprintf(tag, sizeof tag, "pause.%u", i);
    fill(&histograms[i], i, &random);
    assert_true(hlog_add(file, tag, i, i + 1, &histograms[i]));
  }
  assert_int_equal(fclose(file), 0);
  snprintf(command, sizeof command, "java -cp %s %s %s", jar, HLOG_DECODER, path);
  FILE *decoded = popen(command, "r");
  assert_non_null(decoded);
  for (unsigned i = 0; i < HISTOGRAMS; i++) {
    char tag[32];
    snprintf(tag, sizeof tag, "pause.%u", i);
    assert_non_null(fgets(line, sizeof line, decoded));
    expect_line(line, tag, &histograms[i]);
    histogram_fini(&histograms[i]);
  }
  assert_null(fgets(line, sizeof line, decoded));
  assert_int_equal(pclose(decoded), 0);
  unlink(path);
}

static void an_empty_histogram_has_no_line(void **state) {
  (void)state;
  char *text = NULL;
  size_t bytes = 0;
  FILE *file = open_memstream(&text, &bytes);
  struct histogram empty = {0};
  assert_true(hlog_add(file, "pause.none", 0, 1, &empty));
  fclose(file);
  assert_int_equal(bytes, 0);
  free(text);
}

int main(int argc, char **argv) {
  unit_take_seed(argc, argv, 20261121);
  const struct CMUnitTest tests[] = {cmocka_unit_test(hdrhistogram_reads_the_same_quantiles),
                                     cmocka_unit_test(an_empty_histogram_has_no_line)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
