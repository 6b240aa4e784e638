#include "runtime/heap/free_space.h"
#include "tests/runtime/cmocka.h"

static struct heap_memory memory;

static int setup(void **state) {
  (void)state;
  return memory_init(&memory, 64 * CHUNK_BYTES, false, 0) ? 0 : -1;
}
static int teardown(void **state) {
  (void)state;
  memory_fini(&memory);
  return 0;
}

static void expect(size_t free_bytes, size_t largest_run_bytes) {
  struct free_space found = free_space_survey(&memory);
  assert_int_equal(found.free_bytes, free_bytes);
  assert_int_equal(found.largest_run_bytes, largest_run_bytes);
}

static void a_heap_that_was_never_used_has_nothing_free(void **state) {
  (void)state;
  expect(0, 0);
}

static void blocks_between_used_ones_are_runs_of_their_own(void **state) {
  (void)state;
  struct block *blocks[CHUNK_BLOCKS];
  for (unsigned i = 0; i < CHUNK_BLOCKS; i++)
    blocks[i] = memory_take_block(&memory, SPACE_CELL, 0, MEMORY_WITHIN_LIMIT);
  expect(0, 0);
  memory_give_block(&memory, blocks[3]);
  memory_give_block(&memory, blocks[10]);
  memory_give_block(&memory, blocks[11]);
  expect(3 * BLOCK_BYTES, 2 * BLOCK_BYTES);
}

static void runs_of_pages_cross_chunks(void **state) {
  (void)state;
  bool zeroed;
  uintptr_t first = memory_take_pages(&memory, CHUNK_PAGES - 1, 0, &zeroed); /* all but the last page of a chunk */
  uintptr_t second = memory_take_pages(&memory, CHUNK_PAGES, 0, &zeroed);    /* a chunk of its own */
  expect(PAGE_BYTES, PAGE_BYTES);
  memory_give_pages(&memory, second, CHUNK_PAGES);
  expect(PAGE_BYTES + CHUNK_BYTES, PAGE_BYTES + CHUNK_BYTES);
  memory_give_pages(&memory, first, 1);
  expect(2 * PAGE_BYTES + CHUNK_BYTES, PAGE_BYTES + CHUNK_BYTES);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_heap_that_was_never_used_has_nothing_free, setup, teardown),
      cmocka_unit_test_setup_teardown(blocks_between_used_ones_are_runs_of_their_own, setup, teardown),
      cmocka_unit_test_setup_teardown(runs_of_pages_cross_chunks, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
