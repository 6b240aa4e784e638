#include "runtime/base/option.h"

#include <math.h>

#include "runtime/base/rng.h"
#include "tests/runtime/cmocka.h"

static const char *const colours[] = {"white", "grey", "black", NULL};
enum { DEPTH, SHARE, LIVE, COLOUR, OPTIONS };
static const struct gc_option table[] = {
    {"depth", GC_OPTION_INT, 1, 26, .fallback = "16", .help = "edges"},
    {"share", GC_OPTION_REAL, 0, 100, .fallback = "12.5", .help = "percent"},
    {"live", GC_OPTION_BYTES, 4096, 1e12, .fallback = "20M", .help = "bytes"},
    {"colour", GC_OPTION_CHOICE, .choices = colours, .fallback = "grey", .help = "of new objects"},
    {0}};

static struct gc_value values[OPTIONS];
static char message[512];

static bool set(const char *text) {
  *message = 0;
  return option_set(table, values, text, strlen(text), message, sizeof message);
}

/* The option is refused, nothing has changed, and the sentence holds `part`. */
static void assert_refused(const char *text, const char *part) {
  struct gc_value before[OPTIONS];
  memcpy(before, values, sizeof values);
  assert_false(set(text));
  assert_memory_equal(before, values, sizeof values);
  if (!strstr(message, part))
    fail_msg("'%s' was refused with: %s", text, message);
}

static void defaults_are_the_fallbacks(void **state) {
  (void)state;
  assert_int_equal(option_count(table), OPTIONS);
  assert_int_equal(option_count(NULL), 0);
  option_defaults(table, values);
  assert_int_equal(values[DEPTH].integer, 16);
  assert_true(values[SHARE].real == 12.5);
  assert_int_equal(values[LIVE].integer, 20 << 20);
  assert_int_equal(values[COLOUR].integer, 1);
}

static void limits_are_inclusive_and_named(void **state) {
  (void)state;
  option_defaults(table, values);
  assert_true(set("depth=1") && values[DEPTH].integer == 1);
  assert_true(set("depth=26") && values[DEPTH].integer == 26);
  assert_true(set("colour=black") && values[COLOUR].integer == 2);
  assert_refused("depth=0", "a whole number from 1 to 26");
  assert_refused("depth=27", "from 1 to 26");
  assert_refused("share=100.5", "a number from 0 to 100");
  assert_refused("live=1K", "from 4K to");
  assert_refused("colour=blue", "white, grey or black");
}

static void nothing_is_half_read(void **state) {
  (void)state;
  const char *const bad[] = {"depth=",     "depth=8x",  "depth= 8",    "depth=+8",
                             "depth=8.0",  "depth=0x8", "depth=1e1",   "depth=99999999999999999999",
                             "share=nan",  "share=inf", "share=1,5",   "live=-1",
                             "live=5MB",   "live=.5G",  "live=4096.5", "live=inf",
                             "live=1e400", "colour=",   "colour=Black"};
  option_defaults(table, values);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    assert_refused(bad[i], "cannot be");
  assert_refused("depth", "name=value");
  assert_refused("=5", "name=value");
  assert_refused("", "name=value");
}

static void only_the_given_length_is_read(void **state) {
  (void)state;
  option_defaults(table, values);
  assert_true(option_set(table, values, "depth=12,share=9", 8, message, sizeof message));
  assert_int_equal(values[DEPTH].integer, 12);
  assert_true(values[SHARE].real == 12.5);
}

static void a_wrong_name_suggests_the_nearest(void **state) {
  (void)state;
  option_defaults(table, values);
  assert_refused("dpeth=3", "did you mean 'depth'?");
  assert_refused("color=black", "did you mean 'colour'?");
  assert_refused("nursery=3", "there are depth, share, live, colour");
  char text[] = "x=1";
  assert_false(option_set(NULL, NULL, text, strlen(text), message, sizeof message));
  assert_non_null(strstr(message, "it takes none"));

  static const char *const names[] = {"epsilon", "marksweep", "refcount", "generational", "satb"};
  assert_string_equal(option_nearest("marksweeep", names, 5), "marksweep");
  assert_string_equal(option_nearest("stab", names, 5), "satb");
  assert_string_equal(option_nearest("gen", names, 5), "generational");
  assert_null(option_nearest("zgc", names, 5));
  assert_null(option_nearest("", names, 5));
}

static void a_short_message_is_cut_not_overrun(void **state) {
  (void)state;
  char small[8 + 1];
  for (size_t bytes = 1; bytes <= 8; bytes++) {
    memset(small, '#', sizeof small);
    assert_false(option_set(table, values, "nursery=3", 9, small, bytes));
    assert_true(strlen(small) < bytes);
    assert_int_equal(small[bytes], '#');
  }
}

static void sizes_have_units_of_1024(void **state) {
  (void)state;
  static const struct {
    const char *text;
    double bytes;
  } good[] = {{"4096", 4096}, {"64M", 64.0 * (1 << 20)}, {"1.5G", 1.5 * (1 << 30)}, {"2k", 2048}, {"1T", 0x1p40},
              {"0", 0}};
  double bytes;
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
    assert_true(option_parse_bytes(good[i].text, &bytes) && bytes == good[i].bytes);
  static const char *const bad[] = {"", "M", "-1", "+1", " 1", "1 M", "1MM", "64MB", "nan", "inf", "1e999"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    assert_false(option_parse_bytes(bad[i], &bytes));
}

/* Whatever value is in range: its text reads back as the same value. */
static void what_is_formatted_reads_back(void **state) {
  (void)state;
  uint64_t random = rng_stream(unit_seed, 0);
  for (unsigned round = 0; round < 20000; round++) {
    unsigned option = (unsigned)rng_below(&random, OPTIONS);
    struct gc_value value = {0};
    switch (option) {
    case DEPTH: value.integer = 1 + (int64_t)rng_below(&random, 26); break;
    case SHARE: value.real = 100 * rng_unit(&random); break;
    case LIVE: value.integer = (4096 + (int64_t)rng_below(&random, 1 << 29)) >> rng_below(&random, 10) << 10; break;
    case COLOUR: value.integer = (int64_t)rng_below(&random, 3); break;
    }
    if (option == LIVE && value.integer < 4096)
      value.integer = 4096;
    char text[64], assignment[96];
    option_format(&table[option], value, text, sizeof text);
    snprintf(assignment, sizeof assignment, "%s=%s", table[option].name, text);
    if (!set(assignment))
      fail_msg("%s: %s", assignment, message);
    if (option == SHARE)
      assert_true(values[option].real == value.real);
    else
      assert_int_equal(values[option].integer, value.integer);
  }
}

/* One, two or three random changes never make another name the nearest, if names differ by much. */
static void a_misspelt_name_is_found_again(void **state) {
  (void)state;
  static const char *const names[] = {"binary_trees", "graph_mutate", "mt_gcbench", "weak_cache"};
  uint64_t random = rng_stream(unit_seed, 1);
  for (unsigned round = 0; round < 5000; round++) {
    const char *name = names[rng_below(&random, 4)];
    char word[32];
    strcpy(word, name);
    for (unsigned changes = 1 + (unsigned)rng_below(&random, 3); changes > 0; changes--) {
      size_t at = rng_below(&random, strlen(word));
      if (rng_below(&random, 2))
        word[at] = (char)('a' + rng_below(&random, 26));
      else
        memmove(word + at, word + at + 1, strlen(word + at));
    }
    const char *nearest = option_nearest(word, names, 4);
    if (!nearest || strcmp(nearest, name) != 0)
      fail_msg("'%s', made from '%s', is nearest to '%s'", word, name, nearest ? nearest : "nothing");
  }
}

int main(int argc, char **argv) {
  unit_take_seed(argc, argv, 20261121);
  const struct CMUnitTest tests[] = {cmocka_unit_test(defaults_are_the_fallbacks),
                                     cmocka_unit_test(limits_are_inclusive_and_named),
                                     cmocka_unit_test(nothing_is_half_read),
                                     cmocka_unit_test(only_the_given_length_is_read),
                                     cmocka_unit_test(a_wrong_name_suggests_the_nearest),
                                     cmocka_unit_test(a_short_message_is_cut_not_overrun),
                                     cmocka_unit_test(sizes_have_units_of_1024),
                                     cmocka_unit_test(what_is_formatted_reads_back),
                                     cmocka_unit_test(a_misspelt_name_is_found_again)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
