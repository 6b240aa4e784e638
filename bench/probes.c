#include "bench/probes.h"

#include <ctype.h>
#include <dirent.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/env.h"
#include "runtime/os/clock.h"
#include "runtime/os/perf.h"
#include "runtime/os/topology.h"
#include "runtime/stats/tally.h"

enum { TEXT_BYTES = 256 };

/* ---- answers ---- */

static void fine(struct finding *f, const char *format, ...) GC_PRINTF(2, 3);
static void fine(struct finding *f, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(f->text, sizeof f->text, format, arguments);
  va_end(arguments);
}

static void warn(struct finding *f, const char *remedy, const char *format, ...) GC_PRINTF(3, 4);
static void warn(struct finding *f, const char *remedy, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(f->text, sizeof f->text, format, arguments);
  va_end(arguments);
  snprintf(f->remedy, sizeof f->remedy, "%s", remedy);
  f->warn = true;
}

/* ---- questions to files ---- */

static FILE *open_below(const char *root, const char *path) {
  char whole[TEXT_BYTES * 2];
  snprintf(whole, sizeof whole, "%s%s", root, path);
  return fopen(whole, "re");
}

/* The first line, without its end. */
static bool first_line(const char *root, const char *path, char line[TEXT_BYTES]) {
  FILE *file = open_below(root, path);
  bool found = file && fgets(line, TEXT_BYTES, file);
  if (file)
    fclose(file);
  if (found)
    line[strcspn(line, "\n")] = 0;
  return found;
}

static bool number_in(const char *root, const char *path, long long *number) {
  char line[TEXT_BYTES];
  return first_line(root, path, line) && sscanf(line, "%lld", number) == 1;
}

/* The number behind "name" at the beginning of a line. */
static bool number_named(const char *root, const char *path, const char *name, long long *number) {
  FILE *file = open_below(root, path);
  char line[TEXT_BYTES];
  size_t length = strlen(name);
  bool found = false;
  while (file && !found && fgets(line, sizeof line, file))
    found = strncmp(line, name, length) == 0 && sscanf(line + length, " %lld", number) == 1;
  if (file)
    fclose(file);
  return found;
}

static bool text_named(const char *root, const char *path, const char *name, char text[TEXT_BYTES]) {
  FILE *file = open_below(root, path);
  char line[4096];
  bool found = false;
  while (file && !found && fgets(line, sizeof line, file))
    if (strncmp(line, name, strlen(name)) == 0 && strchr(line, ':')) {
      snprintf(text, TEXT_BYTES, "%.*s", (int)strcspn(strchr(line, ':') + 2, "\n"), strchr(line, ':') + 2);
      found = true;
    }
  if (file)
    fclose(file);
  return found;
}

/* ---- the machine ---- */

static void ask_cpu(const char *root, struct finding *f) {
  char model[TEXT_BYTES];
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  if (!text_named(root, "/proc/cpuinfo", "model name", model))
    strcpy(model, "a processor without a name");
  if (cores < 4)
    warn(f, "keep -t and --gc-threads at 1 each, or count on both waiting for a core", "%ld core%s, %.90s", cores,
         cores == 1 ? "" : "s", model);
  else
    fine(f, "%ld cores, %.90s", cores, model);
}

static void ask_smt(const char *root, struct finding *f) {
  long long active;
  if (!number_in(root, "/sys/devices/system/cpu/smt/active", &active))
    fine(f, "the kernel does not tell; taken as off");
  else if (active)
    warn(f, "echo off > /sys/devices/system/cpu/smt/control", "on: two threads share the units of a core");
  else
    fine(f, "off");
}

static void ask_hypervisor(const char *root, struct finding *f) {
  FILE *file = open_below(root, "/proc/cpuinfo");
  char *line = NULL;
  size_t capacity = 0;
  bool is_virtual = false;
  while (file && !is_virtual && getline(&line, &capacity, file) > 0)
    is_virtual = strncmp(line, "flags", 5) == 0 && strstr(line, " hypervisor");
  free(line);
  if (file)
    fclose(file);
  if (is_virtual)
    warn(f, "more invocations, paired comparisons; or a machine of one's own", "a virtual machine: others share it");
  else
    fine(f, "none seen");
}

static void ask_numa(const char *root, struct finding *f) {
  (void)root;
  unsigned nodes = topology_node_count();
  if (nodes < 2)
    warn(f, "gclab run --topology 2x4 tries placement, but its times mean nothing", "1 node: placement cannot show");
  else
    fine(f, "%u nodes", nodes);
}

static void ask_memory(const char *root, struct finding *f) {
  long long total_kb = 0, available_kb = 0;
  if (!number_named(root, "/proc/meminfo", "MemTotal:", &total_kb) ||
      !number_named(root, "/proc/meminfo", "MemAvailable:", &available_kb))
    fine(f, "the kernel does not tell");
  else if (available_kb < total_kb / 4)
    warn(f, "end what holds memory, or keep heaps small", "%lld of %lld MB available", available_kb / 1024,
         total_kb / 1024);
  else
    fine(f, "%lld of %lld MB available", available_kb / 1024, total_kb / 1024);
}

static void ask_swap(const char *root, struct finding *f) {
  long long total_kb = 0;
  if (number_named(root, "/proc/meminfo", "SwapTotal:", &total_kb) && total_kb > 0)
    warn(f, "swapoff -a", "%lld MB: a page that is swapped out looks like a pause", total_kb / 1024);
  else
    fine(f, "off");
}

/* ---- frequency and pages ---- */

static void ask_governor(const char *root, struct finding *f) {
  char governor[TEXT_BYTES];
  if (!first_line(root, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", governor))
    warn(f, "nothing here; on the host: cpupower frequency-set -g performance",
         "none exposed: the frequency is set elsewhere");
  else if (strcmp(governor, "performance") != 0)
    warn(f, "cpupower frequency-set -g performance", "%.60s: the frequency follows the load", governor);
  else
    fine(f, "performance");
}

static void ask_boost(const char *root, struct finding *f) {
  long long boost, no_turbo;
  if (number_in(root, "/sys/devices/system/cpu/intel_pstate/no_turbo", &no_turbo))
    boost = !no_turbo;
  else if (!number_in(root, "/sys/devices/system/cpu/cpufreq/boost", &boost)) {
    fine(f, "none exposed");
    return;
  }
  if (boost)
    warn(f, "echo 0 > /sys/devices/system/cpu/cpufreq/boost (or 1 > intel_pstate/no_turbo)",
         "on: the frequency depends on heat and on how many cores are busy");
  else
    fine(f, "off");
}

static void ask_thp(const char *root, struct finding *f) {
  char line[TEXT_BYTES];
  if (!first_line(root, "/sys/kernel/mm/transparent_hugepage/enabled", line))
    fine(f, "this kernel has no huge pages by itself");
  else if (strstr(line, "[always]"))
    warn(f, "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled",
         "always: the kernel merges pages when it pleases");
  else
    fine(f, "%s", strstr(line, "[never]") ? "never" : "madvise");
}

static void ask_aslr(const char *root, struct finding *f) {
  long long mode = 2;
  number_in(root, "/proc/sys/kernel/randomize_va_space", &mode);
  if (mode < 2)
    warn(f, "sysctl kernel.randomize_va_space=2; suites turn it off where they want",
         "%lld: all invocations have much the same addresses", mode);
  else
    fine(f, "2: addresses are drawn for each invocation");
}

static void ask_numa_balancing(const char *root, struct finding *f) {
  long long on;
  if (number_in(root, "/proc/sys/kernel/numa_balancing", &on) && on)
    warn(f, "sysctl kernel.numa_balancing=0", "on: the kernel moves pages between nodes");
  else
    fine(f, "off");
}

/* ---- counters and clocks ---- */

static void ask_pmu(const char *root, struct finding *f) {
  struct perf_set set;
  (void)root;
  perf_open(&set);
  if (set.counters[PERF_cycles].fd < 0)
    warn(f, "nothing here; a machine of one's own has them", "cycles and cache misses will be null: %.90s",
         set.counters[PERF_cycles].why_not);
  else
    fine(f, "cycles can be counted");
  perf_close(&set);
}

static void ask_paranoid(const char *root, struct finding *f) {
  long long level;
  if (!number_in(root, "/proc/sys/kernel/perf_event_paranoid", &level))
    warn(f, "a kernel with CONFIG_PERF_EVENTS", "this kernel has no perf events");
  else if (level > 1)
    warn(f, "sysctl kernel.perf_event_paranoid=1", "%lld: what the kernel does for us is not counted", level);
  else
    fine(f, "%lld", level);
}

static void ask_timer(const char *root, struct finding *f) {
  enum { READS = 20000 };
  (void)root;
  uint64_t begin_ns = clock_now_ns();
  for (unsigned i = 1; i < READS; i++)
    clock_now_ns();
  uint64_t cost_ns = (clock_now_ns() - begin_ns) / READS;
  if (cost_ns > 100)
    warn(f, "see clocksource", "reading the clock takes %llu ns", (unsigned long long)cost_ns);
  else
    fine(f, "reading the clock takes %llu ns", (unsigned long long)cost_ns);
}

static void ask_clocksource(const char *root, struct finding *f) {
  static const char *const slow[] = {"hpet", "acpi_pm", "jiffies", "refined-jiffies", "xen"};
  char name[TEXT_BYTES];
  if (!first_line(root, "/sys/devices/system/clocksource/clocksource0/current_clocksource", name)) {
    fine(f, "the kernel does not tell");
    return;
  }
  fine(f, "%.60s", name);
  for (size_t i = 0; i < sizeof slow / sizeof slow[0]; i++)
    if (strcmp(name, slow[i]) == 0)
      warn(f, "echo tsc > /sys/devices/system/clocksource/clocksource0/current_clocksource",
           "%.60s: each reading enters the kernel", name);
}

/* ---- who else is there ---- */

static void ask_load(const char *root, struct finding *f) {
  char line[TEXT_BYTES];
  double load = 0;
  if (!first_line(root, "/proc/loadavg", line) || sscanf(line, "%lf", &load) != 1)
    fine(f, "the kernel does not tell");
  else if (load > 0.5)
    warn(f, "wait until the machine is quiet", "%.2f threads were running in the last minute", load);
  else
    fine(f, "%.2f threads in the last minute", load);
}

/* Ticks of CPU time of a process, and its name. */
static bool process_ticks(const char *root, const char *pid, char name[32], uint64_t *ticks) {
  char path[TEXT_BYTES], line[TEXT_BYTES];
  unsigned long user, system;
  snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
  if (!first_line(root, path, line))
    return false;
  const char *open = strchr(line, '('), *rest = strrchr(line, ')');
  if (!open || !rest || sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
    return false;
  snprintf(name, 32, "%.*s", (int)(rest - open - 1), open + 1);
  *ticks = user + system;
  return true;
}

/* Looks at all processes twice, a moment apart; names the busiest one but us. */
static void ask_processes(const char *root, struct finding *f) {
  enum { PROCESSES_MAX = 4096, MOMENT_MS = 400 };
  static struct {
    long pid;
    uint64_t ticks;
  } before[PROCESSES_MAX];
  char path[TEXT_BYTES], name[32], busiest[32] = "";
  uint64_t most = 0;
  unsigned count = 0, busy = 0;
  snprintf(path, sizeof path, "%s/proc", root);
  for (unsigned look = 0; look < 2; look++) {
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
      uint64_t ticks;
      long pid = atol(entry->d_name);
      if (!isdigit((unsigned char)*entry->d_name) || pid == getpid() ||
          !process_ticks(root, entry->d_name, name, &ticks))
        continue;
      if (look == 0 && count < PROCESSES_MAX) {
        before[count].pid = pid;
        before[count++].ticks = ticks;
        continue;
      }
      for (unsigned i = 0; look == 1 && i < count; i++) {
        uint64_t used = ticks - before[i].ticks;
        if (before[i].pid != pid || used * 1000 < (uint64_t)sysconf(_SC_CLK_TCK) * MOMENT_MS / 2)
          continue;
        busy++;
        if (used > most) {
          most = used;
          strcpy(busiest, name);
        }
      }
    }
    if (folder)
      closedir(folder);
    if (look == 0)
      nanosleep(&(struct timespec){0, MOMENT_MS * 1000000L}, NULL);
  }
  if (busy)
    warn(f, "end them, or wait", "%u other process%s above half a core: %s", busy, busy == 1 ? "" : "es", busiest);
  else
    fine(f, "none above half a core");
}

/* Time that a hypervisor gave to others while we wanted to run, since the machine started. */
static void ask_steal(const char *root, struct finding *f) {
  char line[TEXT_BYTES];
  unsigned long long t[8] = {0};
  if (!first_line(root, "/proc/stat", line) || sscanf(line, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &t[0], &t[1],
                                                      &t[2], &t[3], &t[4], &t[5], &t[6], &t[7]) != 8) {
    fine(f, "the kernel does not tell");
    return;
  }
  double busy = (double)(t[0] + t[1] + t[2] + t[5] + t[6] + t[7]), percent = busy > 0 ? 100 * (double)t[7] / busy : 0;
  if (percent > 0.5)
    warn(f, "another host, or another hour", "%.1f %% of busy time went to other machines of this host", percent);
  else
    fine(f, "%.1f %% of busy time", percent);
}

static void ask_cgroup(const char *root, struct finding *f) {
  char line[TEXT_BYTES];
  long long quota_us = -1, throttled = 0;
  if (first_line(root, "/sys/fs/cgroup/cpu.max", line)) {
    if (sscanf(line, "%lld", &quota_us) != 1)
      quota_us = -1; /* "max" */
    number_named(root, "/sys/fs/cgroup/cpu.stat", "nr_throttled", &throttled);
  } else {
    number_in(root, "/sys/fs/cgroup/cpu/cpu.cfs_quota_us", &quota_us);
    number_named(root, "/sys/fs/cgroup/cpu/cpu.stat", "nr_throttled", &throttled);
  }
  if (quota_us > 0)
    warn(f, "run outside of the container, or without --cpus", "CPU time is rationed; %lld times it ran out",
         throttled);
  else
    fine(f, "CPU time is not rationed");
}

static void ask_affinity(const char *root, struct finding *f) {
  cpu_set_t allowed;
  (void)root;
  int online = (int)sysconf(_SC_NPROCESSORS_ONLN);
  int count = sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : online;
  if (count < online)
    warn(f, "taskset -p all, or mean it", "only %d of %d cores may be used", count, online);
  else
    fine(f, "all %d cores may be used", online);
}

static void ask_irq(const char *root, struct finding *f) {
  char isolated[TEXT_BYTES] = "";
  first_line(root, "/sys/devices/system/cpu/isolated", isolated);
  if (*isolated)
    fine(f, "cores %.60s are isolated from others", isolated);
  else
    warn(f, "boot with isolcpus=, or move interrupts: /proc/irq/*/smp_affinity",
         "no core is isolated: interrupts come to those that are measured");
}

/* ---- what crashes and builds cost ---- */

static void ask_core(const char *root, struct finding *f) {
  char pattern[TEXT_BYTES] = "";
  first_line(root, "/proc/sys/kernel/core_pattern", pattern);
  if (*pattern == '|')
    warn(f, "sysctl kernel.core_pattern=core", "a crash starts a program, whatever our limit: %.80s", pattern + 1);
  else
    fine(f, "a crash writes no core: invocations set the limit to 0");
}

static void ask_build(const char *root, struct finding *f) {
  (void)root;
  if (GC_CHECK_LEVEL > 0 || GC_CHAOS_ENABLED || GC_COUNTING)
    warn(f, "make build, then ./build/gclab", "this binary has %s: its times are of no use",
         GC_COUNTING ? "counters" : "checks");
  else if (build_dirty > 0)
    warn(f, "commit first: a record names the commit", "built from a working tree with changes");
  else
    fine(f, "checks off, from %s", *build_git ? build_git : "no git tree");
}

const struct probe probes[] = {
    {"cpu", ask_cpu},
    {"smt", ask_smt},
    {"hypervisor", ask_hypervisor},
    {"steal", ask_steal},
    {"numa", ask_numa},
    {"numa_balancing", ask_numa_balancing},
    {"pmu", ask_pmu},
    {"perf_events", ask_paranoid},
    {"timer", ask_timer},
    {"clocksource", ask_clocksource},
    {"governor", ask_governor},
    {"boost", ask_boost},
    {"thp", ask_thp},
    {"aslr", ask_aslr},
    {"memory", ask_memory},
    {"swap", ask_swap},
    {"load", ask_load},
    {"processes", ask_processes},
    {"cgroup", ask_cgroup},
    {"affinity", ask_affinity},
    {"interrupts", ask_irq},
    {"cores", ask_core},
    {"build", ask_build},
};
const size_t probe_count = sizeof probes / sizeof probes[0];
