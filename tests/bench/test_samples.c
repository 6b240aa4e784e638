#include <unistd.h>

#include "bench/samples.h"
#include "runtime/os/clock.h"
#include "runtime/registry.h"
#include "tests/runtime/cmocka.h"

enum { CYCLES = 3 };

static struct gc_heap *heap;
static struct samples samples;
static char path[] = "/tmp/gclab-samples-XXXXXX";

static int setup(void **state) {
  (void)state;
  char message[256];
  close(mkstemp(path));
  heap = heap_create(&(struct gc_heap_config){.collector = registry_collectors[0], .heap_bytes = 4 * GC_MIB}, message,
                     sizeof message);
  return heap ? 0 : -1;
}
static int teardown(void **state) {
  (void)state;
  heap_destroy(heap);
  return unlink(path);
}

static void rows_are_in_order_and_hold_every_cycle(void **state) {
  (void)state;
  assert_true(samples_start(&samples, heap, path));
  for (unsigned i = 0; i < CYCLES; i++)
    memory_log_record(&heap->memory_log, (struct memory_sample){clock_now_ns(), 1000 + i, 2000, 3000, 0});
  samples_stop(&samples);

  FILE *file = fopen(path, "r");
  char line[256];
  assert_non_null(fgets(line, sizeof line, file));
  assert_string_equal(line, "t_ns,rss_bytes,committed_bytes,used_bytes,side_metadata_bytes\r\n");
  unsigned long long at_ns, rss, committed, used, metadata, last_ns = 0;
  unsigned cycles = 0, looks = 0;
  while (fgets(line, sizeof line, file)) {
    if (sscanf(line, "%llu,,%llu,%llu,%llu\r\n", &at_ns, &committed, &used, &metadata) == 4) {
      assert_int_equal(used, 1000 + cycles++);
      assert_int_equal(committed, 2000);
      assert_int_equal(metadata, 3000);
    } else {
      assert_int_equal(sscanf(line, "%llu,%llu,%llu,%llu,%llu\r\n", &at_ns, &rss, &committed, &used, &metadata), 5);
      assert_true(rss > 0 && committed >= used + metadata);
      looks++;
    }
    assert_true(at_ns >= last_ns);
    last_ns = at_ns;
  }
  fclose(file);
  assert_int_equal(cycles, CYCLES);
  assert_in_range(looks, 2, 1000); /* when it starts, and when it stops */
}

static void a_refused_file_is_no_sampler(void **state) {
  (void)state;
  assert_false(samples_start(&samples, heap, "/nowhere/samples.csv"));
  samples_stop(&samples); /* nothing to stop */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_are_in_order_and_hold_every_cycle),
      cmocka_unit_test(a_refused_file_is_no_sampler),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
