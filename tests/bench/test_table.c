#include "bench/table.h"

#include <string.h>

#include "tests/runtime/cmocka.h"

enum { COLUMNS = 80 };

/* A record of one invocation that took `wall_s`, stopped `pauses` times, and held a gigabyte. */
static json_t *record(const char *workload, const char *collector, double wall_s, double pauses, double pause_ms) {
  return json_pack("{s{ss ss sf si} s{ss} s[{sb sf sf sf}] s{s{sf sf sf}} s{sf}}", "subject", "workload_text", workload,
                   "collector_text", collector, "heap_bytes", 1048064.0 * 1024, "mutator_threads", 1, "outcome",
                   "status", "ok", "iterations", "warmup", 0, "wall_ns", wall_s * 1e9, "task_clock_ns", wall_s * 1e9,
                   "gc_cpu_ns", wall_s * 1e9, "pauses", "stw_total", "n", pauses, "p50_ns", pause_ms * 1e6, "max_ns",
                   pause_ms * 1e6, "memory", "peak_rss_bytes", 1048064.0 * 1024);
}

static void add(struct table *table, json_t *made) {
  assert_non_null(made);
  table_add(table, made);
  json_decref(made);
}

/* Good until the next call. */
static const char *print(struct table *table) {
  static char text[4096];
  FILE *out = fmemopen(text, sizeof text, "w");
  assert_non_null(out);
  table_print(table, out);
  fclose(out);
  table_free(table);
  return text;
}

static size_t widest_line(const char *text) {
  size_t widest = 0;
  for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
    size_t width = strcspn(line, "\n");
    widest = width > widest ? width : widest;
  }
  return widest;
}

static void the_widest_numbers_fit_into_80_columns(void **state) {
  struct table table = {0};
  (void)state;
  for (int i = 0; i < 3; i++)
    add(&table, record("binary_trees", "generational", 100000 * (i + 1), 1234567, 123456));
  const char *text = print(&table);
  if (widest_line(text) != COLUMNS)
    fail_msg("%zu columns:\n%s", widest_line(text), text);
  assert_non_null(strstr(text, " 100% "));
}

static void long_names_and_reasons_are_wrapped(void **state) {
  struct table table = {0};
  (void)state;
  json_t *failed = record("graph_mutate,anchors=1024,steps=8000", "generational,nursery=4M,age=3", 1, 1, 1);
  json_object_set_new(failed, "outcome", json_pack("{ss ss}", "status", "oom", "reason",
                                                   "no room for 32 bytes was found in a heap of 16M, of which "
                                                   "15.9M are held by objects that are alive"));
  add(&table, failed);
  const char *text = print(&table);
  if (widest_line(text) > COLUMNS)
    fail_msg("%zu columns:\n%s", widest_line(text), text);
  assert_non_null(strstr(text, "alive"));
}

/* Each column of the heading ends where its numbers end. */
static void numbers_stand_under_their_headings(void **state) {
  static const char *const headings[] = {"heap", "wall s", "+-%", "gc", "pauses", "p50 ms", "max ms", "rss"};
  struct table table = {0};
  (void)state;
  for (int i = 0; i < 3; i++)
    add(&table, record("list", "satb", 1 + i, 12, 3));
  const char *text = print(&table), *row = strchr(text, '\n') + 1;
  for (size_t i = 0; i < sizeof headings / sizeof headings[0]; i++) {
    size_t end = (size_t)(strstr(text, headings[i]) - text) + strlen(headings[i]);
    if (row[end - 1] == ' ' || (row[end] != ' ' && row[end] != '\n'))
      fail_msg("%s ends elsewhere:\n%s", headings[i], text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_widest_numbers_fit_into_80_columns),
      cmocka_unit_test(long_names_and_reasons_are_wrapped),
      cmocka_unit_test(numbers_stand_under_their_headings),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
