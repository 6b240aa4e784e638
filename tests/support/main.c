/* main.c -- the command line of a suite: one test by name, or every test in a child of its own. */
#include "tests/support/suite.h"

#include <errno.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/chaos.h"

extern const struct gc_collector PLAN_(collector);

struct suite suite = {.collector = &PLAN_(collector), .gc_threads = 2};

#define GC_SUITE_TEST(name) TEST(name);
#include GC_SUITE_LIST
#undef GC_SUITE_TEST

static const struct test {
  const char *name;
  void (*run)(void);
} tests[] = {
#define GC_SUITE_TEST(name) {#name, test_##name},
#include GC_SUITE_LIST
#undef GC_SUITE_TEST
};
enum { TEST_COUNT = sizeof tests / sizeof tests[0], CHAOS_PER_1024 = 64 };
static unsigned hangs_after_s = 250;

static void usage(const char *program) {
  fprintf(stderr,
          "usage: %s NAME|--all [--seed N] [--gc-threads N] [--stress-every N] [--stress-polls] [--seconds N]\n"
          "       [--hangs-after SECONDS] [--first-failure] [--options NAME=VALUE,...]\n"
          "--stress-every needs the checked form.  --first-failure ends --all there.  --options are the plan's.\n"
          "The tests:\n",
          program);
  for (size_t i = 0; i < TEST_COUNT; i++)
    fprintf(stderr, "  %s\n", tests[i].name);
  exit(2);
}

static void run_one(const struct test *test) {
  suite.test = test->name;
  printf("%s %s%s --seed %llu%s%s\n", suite.collector->name, GC_CHECKED ? "checked " : "", test->name,
         (unsigned long long)suite.seed, suite.options ? " --options " : "", suite.options ? suite.options : "");
  fflush(stdout);
  alarm(hangs_after_s + suite.seconds);
  chaos_set(suite.seed, GC_CHAOS_ENABLED ? CHAOS_PER_1024 : 0);
  test->run();
}

/* Returns how many failed. */
static int run_all(bool first_failure) {
  int failed = 0;
  for (size_t i = 0; i < TEST_COUNT && !(first_failure && failed); i++) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
      run_one(&tests[i]);
      exit(0);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child)
      status = 1;
    if (status != 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == SUITE_SKIPPED)) {
      printf("failed %s, wait status %x\n", tests[i].name, status);
      failed++;
    }
  }
  return failed;
}

static const struct test *find_test(const char *name) {
  for (size_t i = 0; i < TEST_COUNT; i++)
    if (strcmp(tests[i].name, name) == 0)
      return &tests[i];
  return NULL;
}

static uint64_t number_after(int count, char **arguments, int *i) {
  if (*i + 1 >= count)
    usage(arguments[0]);
  char *end;
  errno = 0;
  uint64_t number = strtoull(arguments[++*i], &end, 10);
  if (errno || *end || end == arguments[*i])
    usage(arguments[0]);
  return number;
}

int main(int count, char **arguments) {
  const struct test *test = NULL;
  bool all = false, first_failure = false;
  suite.seed = (uint64_t)time(NULL);
  for (int i = 1; i < count; i++) {
    const char *word = arguments[i];
    if (strcmp(word, "--all") == 0)
      all = true;
    else if (strcmp(word, "--seed") == 0)
      suite.seed = number_after(count, arguments, &i);
    else if (strcmp(word, "--gc-threads") == 0)
      suite.gc_threads = (unsigned)number_after(count, arguments, &i);
    else if (strcmp(word, "--stress-every") == 0)
      suite.stress_every = number_after(count, arguments, &i);
    else if (strcmp(word, "--stress-polls") == 0)
      suite.stress_polls = true;
    else if (strcmp(word, "--seconds") == 0)
      suite.seconds = (unsigned)number_after(count, arguments, &i);
    else if (strcmp(word, "--hangs-after") == 0)
      hangs_after_s = (unsigned)number_after(count, arguments, &i);
    else if (strcmp(word, "--first-failure") == 0)
      first_failure = true;
    else if (strcmp(word, "--options") == 0 && i + 1 < count)
      suite.options = arguments[++i];
    else if (!(test = find_test(word)))
      usage(arguments[0]);
  }
  if (all == (test != NULL) || (suite.stress_every && !GC_CHECKED))
    usage(arguments[0]);
  if (all)
    return run_all(first_failure) ? 1 : 0;
  run_one(test);
  return 0;
}
