#include "bench/env.h"

#include <elf.h>
#include <gnu/libc-version.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "bench/report.h"
#include "runtime/base/chaos.h"
#include "runtime/base/check.h"
#include "runtime/stats/tally.h"

void env_format_utc(char *text, size_t text_bytes) {
  time_t now = time(NULL);
  struct tm utc;
  gmtime_r(&now, &utc);
  strftime(text, text_bytes, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

/* ---- the build ---- */

/* Looks for the note NT_GNU_BUILD_ID in the first object, which is the program. */
static int find_build_id(struct dl_phdr_info *info, size_t size, void *context) {
  char *text = context;
  (void)size;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
    if (segment->p_type != PT_NOTE)
      continue;
    const char *at = (const char *)(info->dlpi_addr + segment->p_vaddr), *end = at + segment->p_memsz;
    while (at + sizeof(ElfW(Nhdr)) <= end) {
      const ElfW(Nhdr) *note = (const void *)at;
      const unsigned char *name = (const unsigned char *)(note + 1);
      const unsigned char *content = name + ((note->n_namesz + 3) & ~3u);
      if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && memcmp(name, "GNU", 4) == 0) {
        for (unsigned j = 0; j < note->n_descsz && j < 32; j++)
          sprintf(text + 2 * j, "%02x", content[j]);
        return 1;
      }
      at = (const char *)content + ((note->n_descsz + 3) & ~3u);
    }
  }
  return 1;
}

const char *env_build_id(void) {
  static char text[65];
  if (!*text)
    dl_iterate_phdr(find_build_id, text);
  return text;
}

json_t *env_build(void) {
  json_t *group = json_object();
  if (*build_git)
    json_object_set_new(group, "git", json_string(build_git));
  else
    report_null(group, "git", "not built in a git working tree");
  json_object_set_new(group, "dirty", build_dirty < 0 ? json_null() : json_boolean(build_dirty));
  json_object_set_new(group, "cc", json_string(build_compiler));
  json_object_set_new(group, "cflags", json_string(build_flags));
  json_object_set_new(group, "link_seed", json_integer(build_link_seed));
  json_object_set_new(group, "features",
                      json_pack("{si sb sb}", "check_level", GC_CHECK_LEVEL, "chaos", GC_CHAOS_ENABLED, "counting",
                                GC_COUNTING));
  if (*env_build_id())
    json_object_set_new(group, "build_id", json_string(env_build_id()));
  else
    report_null(group, "build_id", "the linker wrote none");
  return group;
}

/* ---- the machine ---- */

/* The first line of a small file, without its end.  False if there is none. */
static bool read_line(const char *path, char *line, int line_bytes) {
  FILE *file = fopen(path, "r");
  bool found = file && fgets(line, line_bytes, file);
  if (file)
    fclose(file);
  if (found)
    line[strcspn(line, "\n")] = 0;
  return found;
}

static void set_file(json_t *group, const char *name, const char *path, const char *why_not) {
  char line[256];
  if (read_line(path, line, sizeof line))
    json_object_set_new(group, name, json_string(line));
  else
    report_null(group, name, why_not);
}

/* The word in brackets: "always [madvise] never". */
static void set_bracketed(json_t *group, const char *name, const char *path, const char *why_not) {
  char line[256], word[64];
  const char *open = read_line(path, line, sizeof line) ? strchr(line, '[') : NULL;
  if (open && sscanf(open, "[%63[^]]]", word) == 1)
    json_object_set_new(group, name, json_string(word));
  else
    report_null(group, name, why_not);
}

static void set_cpu_model(json_t *group) {
  FILE *file = fopen("/proc/cpuinfo", "r");
  char line[256], model[200];
  bool found = false;
  while (file && !found && fgets(line, sizeof line, file))
    found = sscanf(line, "model name : %199[^\n]", model) == 1;
  if (file)
    fclose(file);
  if (found)
    json_object_set_new(group, "cpu", json_string(model));
  else
    report_null(group, "cpu", "/proc/cpuinfo names no model");
}

json_t *env_machine(void) {
  json_t *group = json_object();
  struct utsname system;
  set_cpu_model(group);
  json_object_set_new(group, "cores", json_integer(sysconf(_SC_NPROCESSORS_ONLN)));
  json_object_set_new(group, "topology", json_string(topology_describe()));
  json_object_set_new(group, "l2_bytes",
                      topology_l2_bytes() ? json_integer((json_int_t)topology_l2_bytes()) : json_null());
  struct sysinfo memory;
  if (sysinfo(&memory) == 0) {
    json_object_set_new(group, "memory_bytes", json_integer((json_int_t)memory.totalram * memory.mem_unit));
    json_object_set_new(group, "swap_bytes", json_integer((json_int_t)memory.totalswap * memory.mem_unit));
    json_object_set_new(group, "load_1min", json_real((double)memory.loads[0] / (1 << SI_LOAD_SHIFT)));
  }
  if (uname(&system) == 0) {
    json_object_set_new(group, "kernel", json_string(system.release));
    json_object_set_new(group, "architecture", json_string(system.machine));
  }
  json_object_set_new(group, "libc", json_string(gnu_get_libc_version()));
  set_bracketed(group, "thp", "/sys/kernel/mm/transparent_hugepage/enabled", "this kernel has no huge pages by itself");
  set_file(group, "aslr", "/proc/sys/kernel/randomize_va_space", "not readable");
  set_file(group, "governor", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "no cpufreq on this machine");
  set_file(group, "boost", "/sys/devices/system/cpu/cpufreq/boost", "no cpufreq on this machine");
  set_file(group, "numa_balancing", "/proc/sys/kernel/numa_balancing", "this kernel does not balance");
  set_file(group, "clocksource", "/sys/devices/system/clocksource/clocksource0/current_clocksource", "not readable");
  return group;
}
