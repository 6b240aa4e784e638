#include "runtime/heap/memory.h"
#include "tests/runtime/cmocka.h"

enum { LIMIT_BLOCKS = 64 };
static struct heap_memory memory;

static int setup(void **state) {
  (void)state;
  return memory_init(&memory, LIMIT_BLOCKS * BLOCK_BYTES, false, 0) ? 0 : -1;
}
static int teardown(void **state) {
  (void)state;
  memory_fini(&memory);
  return 0;
}

static struct block *take(void) { return memory_take_block(&memory, SPACE_CELL, 0, MEMORY_WITHIN_LIMIT); }

static void blocks_end_at_the_limit_and_come_back(void **state) {
  (void)state;
  struct block *blocks[LIMIT_BLOCKS];
  for (unsigned i = 0; i < LIMIT_BLOCKS; i++) {
    assert_non_null(blocks[i] = take());
    for (unsigned j = 0; j < i; j++)
      assert_ptr_not_equal(blocks[i], blocks[j]);
  }
  assert_null(take());
  assert_int_equal(memory_available(&memory), 0);
  memory_give_block(&memory, blocks[7]);
  assert_ptr_equal(take(), blocks[7]);
  for (unsigned i = 0; i < LIMIT_BLOCKS; i++)
    memory_give_block(&memory, blocks[i]);
  assert_int_equal(memory_available(&memory), LIMIT_BLOCKS * BLOCK_BYTES);
  assert_int_equal(memory.used_peak_bytes, LIMIT_BLOCKS * BLOCK_BYTES);
}

static void metadata_counts_against_the_limit(void **state) {
  (void)state;
  memory_add_metadata(&memory, (LIMIT_BLOCKS - 1) * (int64_t)BLOCK_BYTES);
  struct block *only = take();
  assert_non_null(only);
  assert_null(take());
  struct block *beyond = memory_take_block(&memory, SPACE_CELL, 0, MEMORY_BEYOND_LIMIT);
  assert_non_null(beyond);
  assert_true(memory_over_limit(&memory));
}

static void a_given_back_block_is_no_longer_fresh(void **state) {
  (void)state;
  struct block *block = take();
  assert_true(block->fresh);
  memory_give_block(&memory, block);
  assert_ptr_equal(take(), block);
  assert_false(block->fresh);
}

static void page_runs_do_not_overlap_and_are_found_again(void **state) {
  (void)state;
  bool zeroed;
  uintptr_t a = memory_take_pages(&memory, 100, 0, &zeroed);
  assert_true(a && zeroed);
  memset((void *)a, 1, 100 * PAGE_BYTES);
  uintptr_t b = memory_take_pages(&memory, 100, 0, &zeroed);
  assert_true(b && zeroed);
  assert_true(b >= a + 100 * PAGE_BYTES || a >= b + 100 * PAGE_BYTES);
  memory_give_pages(&memory, a, 100);
  uintptr_t c = memory_take_pages(&memory, 50, 0, &zeroed);
  assert_int_equal(c, a); /* first fit */
  assert_false(zeroed);
  memory_give_pages(&memory, b, 100);
  memory_give_pages(&memory, c, 50);
  assert_int_equal(memory.used_bytes, 0);
}

static void a_run_may_cross_chunks(void **state) {
  (void)state;
  struct heap_memory large;
  bool zeroed;
  assert_true(memory_init(&large, 16 * CHUNK_BYTES, false, 0));
  uintptr_t start = memory_take_pages(&large, 3 * CHUNK_PAGES / 2, 0, &zeroed);
  assert_true(start && zeroed);
  memset((void *)start, 1, 3 * CHUNK_BYTES / 2);
  assert_int_equal(memory_chunk_space(&large, memory_chunk_index(&large, start + CHUNK_BYTES)), SPACE_LARGE);
  memory_give_pages(&large, start, 3 * CHUNK_PAGES / 2);
  assert_int_equal(memory_chunk_space(&large, memory_chunk_index(&large, start)), SPACE_FREE);
  memory_fini(&large);
}

static void the_nth_chunk_is_refused(void **state) {
  (void)state;
  struct heap_memory refusing;
  bool zeroed;
  assert_true(memory_init(&refusing, 16 * CHUNK_BYTES, false, 2));
  assert_non_null(memory_take_block(&refusing, SPACE_CELL, 0, MEMORY_WITHIN_LIMIT)); /* chunk 1 */
  assert_int_equal(memory_take_pages(&refusing, 1, 0, &zeroed), 0);                  /* chunk 2 */
  for (unsigned i = 1; i < CHUNK_BLOCKS; i++)
    assert_non_null(memory_take_block(&refusing, SPACE_CELL, 0, MEMORY_WITHIN_LIMIT));
  assert_null(memory_take_block(&refusing, SPACE_CELL, 0, MEMORY_WITHIN_LIMIT));
  assert_int_equal(refusing.used_bytes, CHUNK_BYTES);
  memory_fini(&refusing);
}

static void count_block(void *context, struct block *block) {
  (void)block;
  ++*(unsigned *)context;
}

static void blocks_of_a_space_are_visited_once(void **state) {
  (void)state;
  for (unsigned i = 0; i < 10; i++)
    take();
  memory_give_block(&memory, memory_block_of(&memory, memory.base + 3 * BLOCK_BYTES));
  unsigned seen = 0;
  _Atomic size_t next = 0;
  memory_for_blocks(&memory, SPACE_CELL, &next, &seen, count_block);
  assert_int_equal(seen, 9);
}

static void committed_memory_stays_until_it_is_given_back(void **state) {
  (void)state;
  size_t before = memory_committed(&memory);
  struct block *block = take();
  bool zeroed;
  uintptr_t pages = memory_take_pages(&memory, 3, 0, &zeroed);
  assert_int_equal(memory_committed(&memory), before + BLOCK_BYTES + 3 * PAGE_BYTES);
  memory_give_block(&memory, block); /* free, but the system does not have it */
  assert_int_equal(memory_committed(&memory), before + BLOCK_BYTES + 3 * PAGE_BYTES);
  assert_ptr_equal(take(), block); /* the same memory again, not more */
  assert_int_equal(memory_committed(&memory), before + BLOCK_BYTES + 3 * PAGE_BYTES);
  uintptr_t more = memory_take_pages(&memory, 2, 0, &zeroed);
  memory_give_pages(&memory, more, 2);
  assert_int_equal(memory_committed(&memory), before + BLOCK_BYTES + 5 * PAGE_BYTES);
  memory_give_pages(&memory, pages, 3); /* the last of their chunk: the chunk goes back */
  assert_int_equal(memory_committed(&memory), before + BLOCK_BYTES);
  assert_int_equal(memory.committed_peak_bytes, before + BLOCK_BYTES + 5 * PAGE_BYTES);
}

static void a_given_back_region_is_taken_again_and_is_zero(void **state) {
  (void)state;
  uintptr_t region = memory_take_region(&memory, 2 * CHUNK_BYTES, SPACE_REGION, 0);
  uintptr_t neighbour = memory_take_region(&memory, CHUNK_BYTES, SPACE_REGION, 0);
  *(char *)region = *(char *)(region + CHUNK_BYTES) = *(char *)neighbour = 1;
  memory_give_region(&memory, region, 2 * CHUNK_BYTES);
  assert_int_equal(memory_take_region(&memory, 2 * CHUNK_BYTES, SPACE_REGION, 0), region);
  assert_int_equal(*(char *)region, 0);
  assert_int_equal(*(char *)(region + CHUNK_BYTES), 0);
  assert_int_equal(*(char *)neighbour, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(blocks_end_at_the_limit_and_come_back, setup, teardown),
      cmocka_unit_test_setup_teardown(metadata_counts_against_the_limit, setup, teardown),
      cmocka_unit_test_setup_teardown(a_given_back_block_is_no_longer_fresh, setup, teardown),
      cmocka_unit_test_setup_teardown(page_runs_do_not_overlap_and_are_found_again, setup, teardown),
      cmocka_unit_test_setup_teardown(a_given_back_region_is_taken_again_and_is_zero, setup, teardown),
      cmocka_unit_test_setup_teardown(committed_memory_stays_until_it_is_given_back, setup, teardown),
      cmocka_unit_test(a_run_may_cross_chunks),
      cmocka_unit_test(the_nth_chunk_is_refused),
      cmocka_unit_test_setup_teardown(blocks_of_a_space_are_visited_once, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
