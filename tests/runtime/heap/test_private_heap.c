#include "runtime/heap/private_heap.h"

#include <string.h>

#include "runtime/base/rng.h"
#include "tests/runtime/cmocka.h"

enum { LIMIT_ARENAS = 8, BLOCKS_MAX = LIMIT_ARENAS * ARENA_POOLS * 1021 };

static struct heap_memory memory;
static struct private_heap heap;
static uintptr_t blocks[BLOCKS_MAX];

static int begin(bool poisons) {
  if (!memory_init(&memory, LIMIT_ARENAS * ARENA_BYTES, false, 0))
    return -1;
  memory.poisons = poisons;
  return private_heap_init(&heap, &memory) ? 0 : -1;
}
static int setup(void **state) {
  (void)state;
  return begin(false);
}
static int setup_poisoned(void **state) {
  (void)state;
  return begin(true);
}
static int teardown(void **state) {
  (void)state;
  private_heap_fini(&heap);
  memory_fini(&memory);
  return 0;
}

static uintptr_t take(size_t bytes) {
  uintptr_t block = private_heap_take(&heap, bytes);
  return block ? block : private_heap_take_slow(&heap, pool_class_of(bytes));
}

static size_t pools_free(void) {
  size_t count = 0;
  for (unsigned free = 1; free <= ARENA_POOLS; free++)
    for (const struct arena *arena = heap.with_free[free]; arena; arena = arena->next)
      count += free;
  return count;
}

static void add_one(void *context, uintptr_t block) {
  (void)block;
  ++*(size_t *)context;
}
static size_t blocks_in_use(void) {
  size_t count = 0;
  private_heap_for_blocks(&heap, &count, add_one);
  return count;
}

static void a_block_stays_unless_a_quarter_of_it_is_left_over(void **state) {
  (void)state;
  uintptr_t block = take(512);
  memset((void *)block, 7, 512);
  assert_int_equal(private_heap_resize(&heap, block, 512), block);
  assert_int_equal(private_heap_resize(&heap, block, 385), block);
  uintptr_t smaller = private_heap_resize(&heap, block, 384);
  assert_int_not_equal(smaller, block);
  assert_int_equal(pool_of(&heap, smaller)->class, pool_class_of(384));
  for (size_t i = 0; i < 384; i++)
    assert_int_equal(((unsigned char *)smaller)[i], 7);
  uintptr_t larger = private_heap_resize(&heap, smaller, 385);
  assert_int_equal(larger, block); /* it was given back, and is the first of its class */
  assert_int_equal(((unsigned char *)larger)[383], 7);
  assert_int_equal(blocks_in_use(), 1);
}

static void a_class_is_16_bytes_wide(void **state) {
  (void)state;
  for (size_t bytes = 1; bytes <= POOL_BLOCK_MAX_BYTES; bytes++) {
    size_t block_bytes = pool_class_bytes(pool_class_of(bytes));
    assert_true(block_bytes >= bytes && block_bytes < bytes + 16);
    assert_int_equal(block_bytes % 16, 0);
  }
}

static void a_pool_of_the_smallest_class_has_1021_blocks(void **state) {
  (void)state;
  for (size_t i = 0; i < 1021; i++)
    blocks[i] = take(16);
  assert_int_equal(pool_of(&heap, blocks[0]), pool_of(&heap, blocks[1020]));
  assert_int_equal(heap.pools_taken, 1);
  assert_int_not_equal(pool_of(&heap, take(16)), pool_of(&heap, blocks[0]));
  assert_int_equal(heap.pools_taken, 2);
}

static void the_block_freed_last_is_taken_first(void **state) {
  (void)state;
  for (size_t i = 0; i < 100; i++)
    blocks[i] = take(48);
  for (size_t i = 0; i < 100; i++)
    private_heap_give(&heap, blocks[i]);
  for (size_t i = 100; i-- > 1;)
    assert_int_equal(take(48), blocks[i]);
}

static void a_pool_that_was_full_serves_its_class_next(void **state) {
  (void)state;
  for (size_t i = 0; i < 40; i++)
    blocks[i] = take(512);
  assert_ptr_not_equal(pool_of(&heap, blocks[0]), pool_of(&heap, blocks[39]));
  private_heap_give(&heap, blocks[7]);
  assert_int_equal(take(512), blocks[7]);
  assert_ptr_equal(pool_of(&heap, take(512)), pool_of(&heap, blocks[39]));
  assert_int_equal(blocks_in_use(), 41);
}

static void an_empty_pool_serves_another_class(void **state) {
  (void)state;
  uintptr_t small = take(16);
  struct pool *pool = pool_of(&heap, small);
  private_heap_give(&heap, small);
  uintptr_t large = take(512);
  assert_ptr_equal(pool_of(&heap, large), pool);
  assert_int_equal(pool->class, pool_class_of(512));
  assert_int_equal(blocks_in_use(), 1);
}

static void an_empty_pool_finds_its_blocks_again(void **state) {
  (void)state;
  for (size_t i = 0; i < 300; i++)
    blocks[i] = take(16);
  for (size_t i = 0; i < 300; i++)
    private_heap_give(&heap, blocks[i]);
  assert_int_equal(blocks_in_use(), 0);
  for (size_t i = 300; i-- > 0;)
    assert_int_equal(take(16), blocks[i]);
  assert_int_equal(blocks_in_use(), 300);
}

static size_t fill(size_t bytes) {
  size_t count = 0;
  for (uintptr_t block; (block = take(bytes)); count++)
    blocks[count] = block;
  return count;
}

static void all_but_one_empty_arena_go_back(void **state) {
  (void)state;
  size_t count = fill(512);
  assert_true(heap.arena_count >= LIMIT_ARENAS - 2);
  for (size_t i = 0; i < count; i++)
    private_heap_give(&heap, blocks[i]);
  assert_int_equal(heap.arena_count, 1);
  assert_int_equal(pools_free(), ARENA_POOLS);
  assert_true(heap.arena_peak_count > 1);
}

static void one_block_keeps_its_arena(void **state) {
  (void)state;
  size_t count = fill(512);
  for (size_t i = 1; i < count; i++)
    private_heap_give(&heap, blocks[i]);
  assert_null(private_heap_problem(&heap, blocks[0]));
  assert_int_equal(heap.arena_count, 1);
  assert_int_equal(blocks_in_use(), 1);
}

static void held_arenas_stay_until_let_go(void **state) {
  (void)state;
  size_t count = fill(256), arenas = heap.arena_count;
  private_heap_hold(&heap);
  for (size_t i = 0; i < count; i++) {
    *(uint64_t *)blocks[i] = i;
    private_heap_give(&heap, blocks[i]);
  }
  for (size_t i = 0; i < count; i++)
    assert_int_equal(*(uint64_t *)blocks[i], i);
  assert_int_equal(heap.arena_count, arenas);
  private_heap_let_go(&heap);
  assert_int_equal(heap.arena_count, 1);
}

static void a_full_heap_is_used_again_after_a_trim(void **state) {
  (void)state;
  size_t small = fill(16);
  for (size_t i = 0; i < small; i++)
    private_heap_give(&heap, blocks[i]);
  size_t used_bytes = memory.used_bytes;
  private_heap_trim(&heap);
  assert_true(memory.used_bytes < used_bytes);
  assert_int_equal(fill(16), small);
}

static void a_wrong_address_is_told(void **state) {
  (void)state;
  uintptr_t block = take(64), freed = take(64);
  private_heap_give(&heap, freed);
  assert_null(private_heap_problem(&heap, block));
  assert_string_equal(private_heap_problem(&heap, freed), "was freed");
  assert_string_equal(private_heap_problem(&heap, block + 16), "is not the start of a block");
  assert_string_equal(private_heap_problem(&heap, block + POOL_BYTES), "lies in a free pool");
  assert_string_equal(private_heap_problem(&heap, block + ARENA_BYTES), "lies in no arena");
}

/* Blocks of all sizes, taken and freed at random: no two of them overlap, and what is in use is known. */
static void blocks_do_not_overlap(void **state) {
  enum { LIVE = 2000, STEPS = 200000 };
  static uint32_t bytes[LIVE];
  size_t used_bytes = 0, used = 0;
  uint64_t random = rng_stream(unit_seed, 0);
  (void)state;
  memset(blocks, 0, sizeof blocks);
  for (size_t step = 0; step < STEPS; step++) {
    size_t i = rng_below(&random, LIVE);
    if (blocks[i]) {
      for (size_t at = 0; at < bytes[i]; at++)
        assert_int_equal(((unsigned char *)blocks[i])[at], i % 251);
      private_heap_give(&heap, blocks[i]);
      used_bytes -= pool_class_bytes(pool_class_of(bytes[i]));
      used--;
      blocks[i] = 0;
      continue;
    }
    bytes[i] = (uint32_t)(1 + rng_below(&random, POOL_BLOCK_MAX_BYTES));
    blocks[i] = take(bytes[i]);
    assert_int_not_equal(blocks[i], 0);
    memset((void *)blocks[i], (int)(i % 251), bytes[i]);
    used_bytes += pool_class_bytes(pool_class_of(bytes[i]));
    used++;
  }
  assert_int_equal(private_heap_used_bytes(&heap), used_bytes);
  assert_int_equal(blocks_in_use(), used);
}

int main(int argc, char **argv) {
  unit_take_seed(argc, argv, 20261121);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_class_is_16_bytes_wide),
      cmocka_unit_test_setup_teardown(a_block_stays_unless_a_quarter_of_it_is_left_over, setup, teardown),
      cmocka_unit_test_setup_teardown(a_pool_of_the_smallest_class_has_1021_blocks, setup, teardown),
      cmocka_unit_test_setup_teardown(the_block_freed_last_is_taken_first, setup, teardown),
      cmocka_unit_test_setup_teardown(a_pool_that_was_full_serves_its_class_next, setup, teardown),
      cmocka_unit_test_setup_teardown(an_empty_pool_serves_another_class, setup, teardown),
      cmocka_unit_test_setup_teardown(an_empty_pool_finds_its_blocks_again, setup, teardown),
      cmocka_unit_test_setup_teardown(all_but_one_empty_arena_go_back, setup, teardown),
      cmocka_unit_test_setup_teardown(one_block_keeps_its_arena, setup, teardown),
      cmocka_unit_test_setup_teardown(held_arenas_stay_until_let_go, setup, teardown),
      cmocka_unit_test_setup_teardown(a_full_heap_is_used_again_after_a_trim, setup, teardown),
      cmocka_unit_test_setup_teardown(a_wrong_address_is_told, setup, teardown),
      cmocka_unit_test_setup_teardown(blocks_do_not_overlap, setup, teardown),
      cmocka_unit_test_setup_teardown(blocks_do_not_overlap, setup_poisoned, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
