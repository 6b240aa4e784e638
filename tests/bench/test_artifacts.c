#include "bench/artifacts.h"

#include <string.h>

#include "tests/runtime/cmocka.h"

enum { ORIGIN = 1000 };

/* What only its logs are looked at of. */
static struct gc_heap *heap_with_logs(void) {
  struct gc_heap *heap = aligned_alloc(GC_CACHE_LINE_BYTES, align_up(sizeof *heap, GC_CACHE_LINE_BYTES));
  assert_non_null(heap);
  memset(heap, 0, sizeof *heap);
  heap->seconds_origin_ns = ORIGIN;
  assert_true(pause_log_init(&heap->pauses));
  return heap;
}

static void free_heap(struct gc_heap *heap) {
  pause_log_fini(&heap->pauses);
  cycle_log_fini(&heap->cycle_log);
  free(heap);
}

static void assert_file_is(const char *folder, const char *name, const char *expected) {
  char path[256], text[2048];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  text[fread(text, 1, sizeof text - 1, file)] = 0;
  fclose(file);
  remove(path);
  assert_string_equal(text, expected);
}

static const struct measured nothing;

static void assert_hlogs_are(const char *folder, bool pauses, bool latency) {
  char path[256];
  snprintf(path, sizeof path, "%s/pauses.hlog", folder);
  assert_int_equal(remove(path) == 0, pauses);
  snprintf(path, sizeof path, "%s/latency.hlog", folder);
  assert_int_equal(remove(path) == 0, latency);
}

static void every_cycle_and_every_pause_has_its_rows(void **state) {
  (void)state;
  char folder[] = "/tmp/test_artifacts.XXXXXX";
  assert_non_null(mkdtemp(folder));
  struct gc_heap *heap = heap_with_logs();
  cycle_log_record(&heap->cycle_log, &(struct cycle_event){.id = 7,
                                                           .kind = GC_CYCLE_MAJOR,
                                                           .reason = GC_REASON_PACING,
                                                           .begin_ns = ORIGIN + 5,
                                                           .end_ns = ORIGIN + 95,
                                                           .pauses = 1,
                                                           .stw_ns = 30,
                                                           .cpu_ns = 80,
                                                           .used_before_bytes = 4096,
                                                           .used_after_bytes = 2048,
                                                           .metadata_bytes = 64});
  pause_record(&heap->pauses, (struct pause_event){.request_ns = ORIGIN + 10,
                                                   .stopped_ns = ORIGIN + 14,
                                                   .resumed_ns = ORIGIN + 40,
                                                   .cycle = 7,
                                                   .lost_known = true,
                                                   .lost_ns = 3});
  struct artifacts artifacts;
  assert_true(artifacts_open(&artifacts, folder));
  struct thread_event stall = {
      .begin_ns = ORIGIN + 20, .duration_ns = 9, .cycle = 7, .thread = 3, .kind = THREAD_STALL};
  struct measured threads = {.threads = {.events = &stall, .count = 1}};
  artifacts_add(&artifacts, heap, &threads);
  artifacts_close(&artifacts, heap, &nothing);
  assert_hlogs_are(folder, true, false);
  assert_file_is(folder, "gc.csv",
                 "gc_id,kind,reason,begin_ns,end_ns,pauses,stw_ns,cpu_ns,used_before_bytes,used_after_bytes,"
                 "side_metadata_bytes\r\n"
                 "7,major,pacing,5,95,1,30,80,4096,2048,64\r\n");
  assert_file_is(folder, "pauses.csv",
                 "kind,gc_id,thread,begin_ns,duration_ns,run_delay_ns\r\n"
                 "stw_total,7,,10,30,3\r\n"
                 "ttsp,7,,10,4,\r\n"
                 "stw_op,7,,14,26,\r\n"
                 "stall,7,3,20,9,\r\n");
  remove(folder);
  free_heap(heap);
}

static void without_a_folder_nothing_is_written(void **state) {
  (void)state;
  struct artifacts artifacts;
  assert_true(artifacts_open(&artifacts, NULL));
  artifacts_add(&artifacts, NULL, NULL);
  artifacts_close(&artifacts, NULL, NULL);
}

static void a_folder_that_is_not_there_is_refused(void **state) {
  (void)state;
  struct artifacts artifacts;
  assert_false(artifacts_open(&artifacts, "/nonexistent/folder"));
  assert_null(artifacts.folder);
}

int main(int argc, char **argv) {
  unit_take_seed(argc, argv, 20261121);
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_cycle_and_every_pause_has_its_rows),
                                     cmocka_unit_test(without_a_folder_nothing_is_written),
                                     cmocka_unit_test(a_folder_that_is_not_there_is_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
