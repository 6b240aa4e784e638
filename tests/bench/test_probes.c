/* The doctor's questions, asked of a planted machine: what is bad there is said, and what is good is not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/probes.h"
#include "bench/results.h"
#include "tests/runtime/cmocka.h"

static char root[] = "/tmp/gclab-probes-XXXXXX";

static void plant(const char *path, const char *text) {
  char whole[512];
  snprintf(whole, sizeof whole, "%s%s", root, path);
  *strrchr(whole, '/') = 0;
  assert_true(results_make_folder(whole));
  snprintf(whole, sizeof whole, "%s%s", root, path);
  FILE *file = fopen(whole, "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

static struct finding ask(const char *name) {
  struct finding finding = {.warn = false};
  for (size_t i = 0; i < probe_count; i++)
    if (strcmp(probes[i].name, name) == 0)
      probes[i].ask(root, &finding);
  assert_true(*finding.text);
  return finding;
}

/* One row: a file whose content is bad, and one whose content is good. */
static void bad_and_good(const char *name, const char *path, const char *bad, const char *good) {
  plant(path, bad);
  struct finding finding = ask(name);
  if (!finding.warn)
    fail_msg("%s: nothing is said of '%s'", name, bad);
  assert_true(*finding.remedy);
  plant(path, good);
  finding = ask(name);
  if (finding.warn)
    fail_msg("%s: '%s' is said of '%s'", name, finding.text, good);
}

static void what_is_bad_is_said_and_what_is_good_is_not(void **state) {
  (void)state;
  bad_and_good("smt", "/sys/devices/system/cpu/smt/active", "1\n", "0\n");
  bad_and_good("hypervisor", "/proc/cpuinfo", "flags\t: fpu hypervisor lm\n", "flags\t: fpu lm\n");
  bad_and_good("governor", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n", "performance\n");
  bad_and_good("boost", "/sys/devices/system/cpu/cpufreq/boost", "1\n", "0\n");
  bad_and_good("thp", "/sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never\n",
               "always [madvise] never\n");
  bad_and_good("aslr", "/proc/sys/kernel/randomize_va_space", "0\n", "2\n");
  bad_and_good("numa_balancing", "/proc/sys/kernel/numa_balancing", "1\n", "0\n");
  bad_and_good("perf_events", "/proc/sys/kernel/perf_event_paranoid", "3\n", "1\n");
  bad_and_good("clocksource", "/sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet\n", "tsc\n");
  bad_and_good("memory", "/proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 100 kB\n",
               "MemTotal: 1000 kB\nMemAvailable: 900 kB\n");
  bad_and_good("swap", "/proc/meminfo", "SwapTotal: 4096 kB\n", "SwapTotal: 0 kB\n");
  bad_and_good("load", "/proc/loadavg", "3.50 2 1 1/99 123\n", "0.02 2 1 1/99 123\n");
  bad_and_good("steal", "/proc/stat", "cpu 100 0 100 900 0 0 0 50 0 0\n", "cpu 100 0 100 900 0 0 0 0 0 0\n");
  bad_and_good("cgroup", "/sys/fs/cgroup/cpu.max", "50000 100000\n", "max 100000\n");
  bad_and_good("interrupts", "/sys/devices/system/cpu/isolated", "\n", "2-3\n");
  bad_and_good("cores", "/proc/sys/kernel/core_pattern", "|/usr/bin/handler %p\n", "core\n");
}

static void inverted_turbo_is_understood(void **state) {
  (void)state;
  bad_and_good("boost", "/sys/devices/system/cpu/intel_pstate/no_turbo", "0\n", "1\n");
}

static void a_rationed_cgroup_of_the_first_version_is_seen(void **state) {
  char path[512];
  (void)state;
  snprintf(path, sizeof path, "%s/sys/fs/cgroup/cpu.max", root);
  unlink(path);
  bad_and_good("cgroup", "/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "50000\n", "-1\n");
}

static int make_root(void **state) {
  (void)state;
  return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state) {
  char command[128];
  (void)state;
  snprintf(command, sizeof command, "rm -rf '%s'", root);
  return system(command);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_bad_is_said_and_what_is_good_is_not),
      cmocka_unit_test(inverted_turbo_is_understood),
      cmocka_unit_test(a_rationed_cgroup_of_the_first_version_is_seen),
  };
  return cmocka_run_group_tests(tests, make_root, remove_root);
}
