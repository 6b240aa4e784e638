#include "bench/watchdog.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/os/clock.h"

/* Signals and how long each may take. */
static const struct {
  int number;
  uint64_t patience_ns;
} steps[] = {{SIGQUIT, 1000000000}, {SIGTERM, 1000000000}, {SIGKILL, UINT64_MAX}};
enum { STEP_COUNT = sizeof steps / sizeof steps[0], LINE_BYTES = 512 };

static bool read_line(const char *path, char line[LINE_BYTES]) {
  FILE *file = fopen(path, "r");
  bool found = file && fgets(line, LINE_BYTES, file);
  if (file)
    fclose(file);
  if (found)
    line[strcspn(line, "\n")] = 0;
  return found;
}

/* State and CPU time of a process or a thread, from its `stat`; its name in parentheses may hold anything. */
static bool read_stat(const char *path, char *state, uint64_t *cpu_ticks) {
  char line[LINE_BYTES];
  unsigned long user, system;
  const char *rest = read_line(path, line) ? strrchr(line, ')') : NULL;
  if (!rest || sscanf(rest, ") %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", state, &user, &system) != 3)
    return false;
  *cpu_ticks = user + system;
  return true;
}

/* [{"name": "mutator 0", "state": "S", "waits_in": "futex_wait_queue"}, …] */
static json_t *describe_threads(pid_t pid) {
  char path[320], name[LINE_BYTES], wait[LINE_BYTES], state;
  json_t *threads = json_array();
  snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
  DIR *tasks = opendir(path);
  for (struct dirent *entry; tasks && (entry = readdir(tasks));) {
    uint64_t cpu_ticks;
    if (*entry->d_name == '.')
      continue;
    snprintf(path, sizeof path, "/proc/%d/task/%.32s/stat", (int)pid, entry->d_name);
    if (!read_stat(path, &state, &cpu_ticks))
      continue;
    snprintf(path, sizeof path, "/proc/%d/task/%.32s/comm", (int)pid, entry->d_name);
    bool has_name = read_line(path, name);
    snprintf(path, sizeof path, "/proc/%d/task/%.32s/wchan", (int)pid, entry->d_name);
    bool waits = read_line(path, wait) && strcmp(wait, "0") != 0;
    json_array_append_new(threads, json_pack("{ss? ss# ss?}", "name", has_name ? name : NULL, "state", &state, 1,
                                             "waits_in", waits ? wait : NULL));
  }
  if (tasks)
    closedir(tasks);
  return threads;
}

void watchdog_begin(struct watchdog *dog, pid_t pid, double timeout_s, double stalled_s) {
  uint64_t now_ns = clock_now_ns();
  *dog = (struct watchdog){.pid = pid,
                           .deadline_ns = now_ns + (uint64_t)(timeout_s * 1e9),
                           .stalled_ns = (uint64_t)(stalled_s * 1e9),
                           .active_ns = now_ns};
}

void watchdog_feed(struct watchdog *dog) { dog->active_ns = clock_now_ns(); }

static enum watchdog_verdict judge(struct watchdog *dog, uint64_t now_ns) {
  char path[64], state;
  uint64_t cpu_ticks;
  if (now_ns >= dog->deadline_ns)
    return WATCHDOG_TOO_LONG;
  snprintf(path, sizeof path, "/proc/%d/stat", (int)dog->pid);
  if (read_stat(path, &state, &cpu_ticks) && cpu_ticks != dog->cpu_ticks) {
    dog->cpu_ticks = cpu_ticks;
    dog->active_ns = now_ns;
  }
  return now_ns - dog->active_ns >= dog->stalled_ns ? WATCHDOG_STALLED : WATCHDOG_FINE;
}

void watchdog_look(struct watchdog *dog) {
  uint64_t now_ns = clock_now_ns();
  if (dog->verdict == WATCHDOG_FINE) {
    dog->verdict = judge(dog, now_ns);
    if (dog->verdict == WATCHDOG_FINE)
      return;
    dog->threads = describe_threads(dog->pid);
    dog->next_signal_ns = now_ns;
  }
  if (now_ns < dog->next_signal_ns || dog->signals_sent == STEP_COUNT)
    return;
  kill(-dog->pid, steps[dog->signals_sent].number);
  dog->next_signal_ns = now_ns + steps[dog->signals_sent++].patience_ns;
}
