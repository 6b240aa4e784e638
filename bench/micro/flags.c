#include "bench/micro/flags.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/options.h"

enum kind { BOOLEAN, COUNT, NUMBER, FORMAT, TEXT, FILE_NAME };

/* Google Benchmark 1.7.1. */
static const struct flag {
  const char *name;
  enum kind kind;
} flags[] = {{"--benchmark_list_tests", BOOLEAN},
             {"--benchmark_filter", TEXT},
             {"--benchmark_min_time", NUMBER},
             {"--benchmark_min_warmup_time", NUMBER},
             {"--benchmark_repetitions", COUNT},
             {"--benchmark_enable_random_interleaving", BOOLEAN},
             {"--benchmark_report_aggregates_only", BOOLEAN},
             {"--benchmark_display_aggregates_only", BOOLEAN},
             {"--benchmark_format", FORMAT},
             {"--benchmark_out", FILE_NAME},
             {"--benchmark_out_format", FORMAT},
             {"--benchmark_color", TEXT},
             {"--benchmark_counters_tabular", BOOLEAN},
             {"--benchmark_perf_counters", TEXT},
             {"--benchmark_context", TEXT},
             {"--benchmark_time_unit", TEXT},
             {"--v", COUNT}};
enum { FLAG_COUNT = sizeof flags / sizeof *flags };

static bool is_one_of(const char *text, const char *const *words) {
  while (*words && strcmp(text, *words) != 0)
    words++;
  return *words != NULL;
}

/* NULL, or what the value has to be. */
static const char *objection(enum kind kind, const char *value) {
  static const char *const formats[] = {"console", "json", "csv", NULL};
  char *end;
  switch (kind) {
  case COUNT:
    return strtol(value, &end, 10) >= 0 && end != value && !*end ? NULL : "a whole number";
  case NUMBER:
    return strtod(value, &end) >= 0 && end != value && !*end ? NULL : "a plain number of seconds, without a unit";
  case FORMAT: return is_one_of(value, formats) ? NULL : "console, json or csv";
  case FILE_NAME: return *value ? NULL : "the name of a file";
  case BOOLEAN:
  case TEXT: break;
  }
  return NULL;
}

static const struct flag *find_flag(const char *name) {
  for (size_t i = 0; i < FLAG_COUNT; i++)
    if (strcmp(flags[i].name, name) == 0)
      return &flags[i];
  return NULL;
}

static _Noreturn void unknown(const char *name) {
  const char *names[FLAG_COUNT + 1] = {"--ratios"};
  for (size_t i = 0; i < FLAG_COUNT; i++)
    names[i + 1] = flags[i].name;
  const char *nearest = option_nearest(name, names, FLAG_COUNT + 1);
  if (nearest)
    usage_error("micro has no option '%s'; did you mean '%s'?", name, nearest);
  usage_error("micro has no option '%s'", name);
}

static void check_file(const char *path) {
  FILE *file = fopen(path, "a");
  if (!file)
    environment_error("micro: %s cannot be written: choose another file for --benchmark_out", path);
  fclose(file);
}

void micro_check_flags(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    if (argv[i][0] != '-')
      usage_error("micro takes no words, and got '%s'; to select by name: --benchmark_filter=%s", argv[i], argv[i]);
    char name[strlen(argv[i]) + 1];
    strcpy(name, argv[i]);
    char *equals = strchr(name, '=');
    if (equals)
      *equals = 0;
    const struct flag *flag = find_flag(name);
    if (!flag)
      unknown(name);
    if (!equals && flag->kind != BOOLEAN)
      usage_error("micro: %s wants a value: %s=…", name, name);
    const char *wanted = equals ? objection(flag->kind, equals + 1) : NULL;
    if (wanted)
      usage_error("micro: %s cannot be '%s': it is %s", name, equals + 1, wanted);
    if (flag->kind == FILE_NAME)
      check_file(equals + 1);
  }
}

/* ---- the nearest name ---- */

const char *micro_nearest(const char *word, const char *const *names, size_t count) {
  const char *whole = option_nearest(word, names, count);
  if (whole)
    return whole;
  enum { PART_BYTES = 64 };
  char(*parts)[PART_BYTES] = NULL;
  const char **list = NULL;
  static char found[PART_BYTES];
  size_t used = 0, slashes = 0;
  for (size_t i = 0; i < count; i++)
    for (const char *at = names[i]; at; at = strchr(at + 1, '/'))
      slashes++;
  parts = malloc(slashes * sizeof *parts);
  list = malloc(slashes * sizeof *list);
  for (size_t i = 0; parts && list && i < count; i++)
    for (const char *at = names[i]; *at;) {
      size_t length = strcspn(at, "/");
      snprintf(parts[used], PART_BYTES, "%.*s", (int)length, at);
      list[used] = parts[used];
      used++;
      at += length + (at[length] == '/');
    }
  const char *part = option_nearest(word, list, used);
  if (part)
    snprintf(found, sizeof found, "%s", part);
  free(parts);
  free(list);
  return part ? found : NULL;
}
