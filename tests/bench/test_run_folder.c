#include "bench/run_folder.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/record.h"
#include "tests/runtime/cmocka.h"

/* ---- runs in a scratch folder, which is the working folder ---- */

static char scratch[] = "/tmp/gclab-run-folder-XXXXXX";

static int make_scratch(void **state) {
  (void)state;
  return mkdtemp(scratch) && chdir(scratch) == 0 && mkdir("results", 0777) == 0 ? 0 : -1;
}

static int remove_scratch(void **state) {
  (void)state;
  char command[128];
  snprintf(command, sizeof command, "rm -rf %s", scratch);
  return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

static void write_run(const char *folder, const char *text) {
  char path[256];
  mkdir(folder, 0777);
  snprintf(path, sizeof path, "%s/records.jsonl", folder);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  assert_int_equal(fclose(file), 0);
}

static const char *record_line(int schema, const char *collector, double heap_factor, int threads) {
  static char lines[8][512];
  static unsigned turn;
  char *line = lines[turn++ % 8];
  snprintf(
      line, sizeof lines[0],
      "{\"identity\":{\"schema\":%d},\"subject\":{\"collector\":{\"name\":\"%s\",\"params\":{\"alloc\":\"black\"}},"
      "\"collector_text\":\"%s,alloc=black\",\"workload\":{\"name\":\"gcbench\",\"params\":{\"depth\":18}},"
      "\"heap_bytes\":67108864,\"heap_factor\":%g,\"mutator_threads\":%d}}\n",
      schema, collector, collector, heap_factor, threads);
  return line;
}

static void write_three(const char *folder) {
  char text[2048];
  snprintf(text, sizeof text, "%s%s%s", record_line(RECORD_SCHEMA, "satb", 2, 1),
           record_line(RECORD_SCHEMA, "marksweep", 2, 1), record_line(RECORD_SCHEMA, "satb", 3, 4));
  write_run(folder, text);
}

/* ---- how a run is read ---- */

/* How many records pass, all lines being good. */
static size_t count(const char *name) {
  struct run_folder run;
  json_t *record;
  if (!run_folder_open(&run, name))
    fail_msg("%s: %s", name, run.message);
  enum run_line line;
  while ((line = run_folder_next(&run, &record)) == RUN_RECORD) {
    assert_true(json_is_object(record));
    json_decref(record);
  }
  assert_int_equal(line, RUN_END);
  size_t passed = run.passed;
  run_folder_close(&run);
  return passed;
}

/* The first line that is no record, and that its sentence holds `part`. */
static enum run_line first_bad(const char *name, const char *part) {
  struct run_folder run;
  json_t *record;
  assert_true(run_folder_open(&run, name));
  enum run_line line;
  while ((line = run_folder_next(&run, &record)) == RUN_RECORD)
    json_decref(record);
  assert_null(record);
  if (!strstr(run.message, part))
    fail_msg("'%s' does not say '%s'", run.message, part);
  run_folder_close(&run);
  return line;
}

static void expect_refusal(const char *name, const char *part) {
  struct run_folder run;
  if (run_folder_open(&run, name))
    fail_msg("'%s' was opened", name);
  if (!strstr(run.message, part))
    fail_msg("%s: '%s' does not say '%s'", name, run.message, part);
  assert_null(strchr(run.message, '\n'));
}

static void a_run_is_found_by_folder_name_or_file(void **state) {
  (void)state;
  write_three("results/run-20260102-030405");
  assert_int_equal(count("results/run-20260102-030405"), 3);
  assert_int_equal(count("results/run-20260102-030405/"), 3);
  assert_int_equal(count("run-20260102-030405"), 3);
  assert_int_equal(count("results/run-20260102-030405/records.jsonl"), 3);
}

static void files_are_relative_to_the_folder(void **state) {
  (void)state;
  struct run_folder run;
  write_three("results/files");
  assert_true(run_folder_open(&run, "results/files/records.jsonl:collector=satb"));
  assert_string_equal(run.folder, "results/files");
  run_folder_close(&run);
  assert_true(run_folder_open(&run, "files"));
  assert_string_equal(run.folder, "results/files");
  run_folder_close(&run);
}

static void filters_choose_records(void **state) {
  (void)state;
  write_three("results/filters");
  static const struct {
    const char *filter;
    size_t passed;
  } rows[] = {
      {"collector=satb", 2},
      {"collector=marksweep", 1},
      {"collector=satb,collector=marksweep", 3},
      {"collector=satb,heap_factor=2", 1},
      {"heap_factor=2x", 2},
      {"heap_factor=2.5", 0},
      {"heap_bytes=64M,threads=4", 1},
      {"workload=gcbench,workload.depth=18", 3},
      {"workload.depth=17", 0},
      {"collector.alloc=black", 3},
      {"collector.alloc=white", 0},
      {"collector.missing=white", 0},
      {"collector=sat", 0},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char name[128];
    snprintf(name, sizeof name, "results/filters:%s", rows[i].filter);
    if (count(name) != rows[i].passed)
      fail_msg("%s lets %zu pass, not %zu", name, count(name), rows[i].passed);
  }
}

static void a_filter_remembers_what_no_record_has(void **state) {
  (void)state;
  struct run_folder run;
  json_t *record;
  write_three("results/remembers");
  assert_true(run_folder_open(&run, "remembers:collector=marksweep,heap_factor=7"));
  assert_int_equal(run_folder_next(&run, &record), RUN_END);
  assert_true(run.filter.conditions[0].met);
  assert_false(run.filter.conditions[1].met);
  run_folder_close(&run);
}

static void a_path_may_hold_a_colon(void **state) {
  (void)state;
  write_three("results/a:b=c");
  assert_int_equal(count("results/a:b=c"), 3);
  assert_int_equal(count("results/a:b=c:collector=satb"), 2);
}

static void what_is_no_run_gets_one_sentence(void **state) {
  (void)state;
  write_three("results/quick-20260102");
  write_run("results/nothing", "");
  mkdir("results/bare", 0777);
  expect_refusal("results/quick-20260103", "did you mean 'results/quick-20260102'?");
  expect_refusal("quick-20260103", "did you mean 'results/quick-20260102'?");
  expect_refusal("nowhere/at/all/quite/long", "there is no run");
  expect_refusal("results/nothing", "is empty");
  expect_refusal("results/bare", "is not the folder of a run");
  expect_refusal("quick-20260102:colector=satb", "did you mean 'collector'?");
  expect_refusal("quick-20260102:zzzzzzzz=satb", "there are collector, checked, workload");
  expect_refusal("quick-20260102:satb", "write key=value");
  expect_refusal("quick-20260102:collector=", "write key=value");
  expect_refusal("quick-20260102:collector=satb,", "write key=value");
}

static void a_bad_line_is_named_by_file_and_number(void **state) {
  (void)state;
  char text[2048];
  const char *good = record_line(RECORD_SCHEMA, "satb", 2, 1);
  snprintf(text, sizeof text, "%s%.40s", good, good);
  write_run("results/cut", text);
  assert_int_equal(first_bad("cut", "results/cut/records.jsonl, line 2 is cut short"), RUN_CUT);
  snprintf(text, sizeof text, "%.40s\n%s", good, good);
  write_run("results/broken", text);
  assert_int_equal(first_bad("broken", "results/broken/records.jsonl, line 1 is no record"), RUN_BROKEN);
  write_run("results/array", "[1, 2]\n");
  assert_int_equal(first_bad("array", "it is no JSON object"), RUN_BROKEN);
  write_run("results/bare", "{\"identity\":{}}\n");
  assert_int_equal(first_bad("bare", "line 1 is no record: it has no identity.schema"), RUN_FOREIGN);
  snprintf(text, sizeof text, "%s%s", good, record_line(RECORD_SCHEMA + 1, "satb", 2, 1));
  write_run("results/later", text);
  assert_int_equal(first_bad("later", "line 2 is a record of schema"), RUN_FOREIGN);
}

static void reading_goes_on_after_a_bad_line(void **state) {
  (void)state;
  char text[2048];
  const char *good = record_line(RECORD_SCHEMA, "satb", 2, 1);
  snprintf(text, sizeof text, "{broken\n%s", good);
  write_run("results/on", text);
  struct run_folder run;
  json_t *record;
  assert_true(run_folder_open(&run, "on"));
  assert_int_equal(run_folder_next(&run, &record), RUN_BROKEN);
  assert_int_equal(run_folder_next(&run, &record), RUN_RECORD);
  assert_int_equal(run.line, 2);
  json_decref(record);
  assert_int_equal(run_folder_next(&run, &record), RUN_END);
  run_folder_close(&run);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_run_is_found_by_folder_name_or_file),
      cmocka_unit_test(files_are_relative_to_the_folder),
      cmocka_unit_test(filters_choose_records),
      cmocka_unit_test(a_filter_remembers_what_no_record_has),
      cmocka_unit_test(a_path_may_hold_a_colon),
      cmocka_unit_test(what_is_no_run_gets_one_sentence),
      cmocka_unit_test(a_bad_line_is_named_by_file_and_number),
      cmocka_unit_test(reading_goes_on_after_a_bad_line),
  };
  return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
