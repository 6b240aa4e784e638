#include "runtime/barrier/young_barrier.h"
#include "tests/runtime/cmocka.h"

static void everything_pushed_comes_out_once(void **state) {
  (void)state;
  enum { COUNT = 5000 };
  static gc_field fields[COUNT];
  static unsigned seen[COUNT];
  struct ssb_set set;
  ssb_set_init(&set);
  struct ssb_buffer buffer = {.set = &set};
  for (unsigned i = 0; i < COUNT; i++)
    ssb_push(&buffer, &fields[i]);
  ssb_flush(&buffer);
  assert_null(buffer.segment);
  for (struct ssb_segment *segment; (segment = ssb_take(&set)); ssb_give_back(&set, segment))
    for (size_t i = 0; i < segment->count; i++)
      seen[segment->slots[i] - fields]++;
  for (unsigned i = 0; i < COUNT; i++)
    assert_int_equal(seen[i], 1);
  size_t bytes = ssb_bytes(&set);
  ssb_push(&buffer, &fields[0]);
  assert_int_equal(ssb_bytes(&set), bytes); /* segments are used again */
  ssb_flush(&buffer);
  ssb_set_fini(&set);
}

/* A range that stands for the young space, and addresses in and outside it. */
static void only_new_old_to_young_references_are_remembered(void **state) {
  (void)state;
  struct ssb_set set;
  ssb_set_init(&set);
  enum { YOUNG = 0x10000, BYTES = 0x1000, OLD = 0x90000 };
  struct young_barrier barrier = {YOUNG, BYTES, {.set = &set}};
  gc_field field = {0};
  gc_ref young = {YOUNG + 64}, old = {OLD};
  young_barrier_before_store(&barrier, young, &field, young);
  young_barrier_before_store(&barrier, young, &field, old);
  young_barrier_before_store(&barrier, old, &field, old);
  young_barrier_before_store(&barrier, old, &field, GC_NULL);
  assert_null(barrier.remembered.segment);
  young_barrier_before_store(&barrier, old, &field, young);
  assert_int_equal(barrier.remembered.segment->count, 1);
  field_set_bits(&field, young.bits);
  young_barrier_before_store(&barrier, old, &field, young); /* held a young one: remembered already */
  assert_int_equal(barrier.remembered.segment->count, 1);
  ssb_flush(&barrier.remembered);
  ssb_set_fini(&set);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(everything_pushed_comes_out_once),
                                     cmocka_unit_test(only_new_old_to_young_references_are_remembered)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
