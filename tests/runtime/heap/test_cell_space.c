#include "runtime/heap/cell_space.h"

#include "runtime/base/rng.h"
#include "runtime/object/object.h"
#include "tests/runtime/cmocka.h"

static struct heap_memory memory;
static struct cell_space space;
static struct cell_cache cache;

static int setup(void **state) {
  (void)state;
  memset(&cache, 0, sizeof cache);
  return memory_init(&memory, 8 * GC_MIB, false, 0) && cell_space_init(&space, &memory) ? 0 : -1;
}
static int teardown(void **state) {
  (void)state;
  cell_space_fini(&space);
  memory_fini(&memory);
  return 0;
}

static uintptr_t alloc(size_t bytes) {
  uintptr_t address;
  size_t window_bytes;
  if (cell_bump(&cache, bytes, &address))
    return address;
  return cell_alloc_slow(&space, &cache, bytes, 0, MEMORY_WITHIN_LIMIT, &window_bytes);
}

static void sweep(void) {
  _Atomic size_t next = 0;
  cell_cache_retire(&space, &cache);
  cell_space_flip_stw(&space);
  cell_space_sweep_par(&space, &next);
}
static void clear_marks(void) {
  _Atomic size_t next = 0;
  cell_space_clear_marks_par(&space, &next);
}

static void classes_hold_their_sizes_with_little_waste(void **state) {
  (void)state;
  for (size_t bytes = 1; bytes <= CELL_MAX_BYTES; bytes++) {
    unsigned class = cell_class_of(bytes);
    assert_true(class < CELL_CLASSES);
    assert_true(cell_class_bytes(class) >= bytes);
    assert_true(class == 0 || cell_class_bytes(class - 1) < bytes);
    assert_int_equal(cell_class_bytes(class) % 8, 0);
    if (bytes > 64)
      assert_true(cell_class_bytes(class) * 4 <= bytes * 5 + 4); /* at most a quarter more */
  }
}

static void cells_are_zeroed_and_disjoint(void **state) {
  (void)state;
  static const size_t sizes[] = {16, 24, 40, 64, 72, 200, 1000, 8192};
  for (unsigned s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    uintptr_t last = 0;
    for (unsigned i = 0; i < 3000 && i * sizes[s] < 300000; i++) {
      uintptr_t address = alloc(sizes[s]);
      assert_true(address != 0 && address != last);
      for (size_t offset = 0; offset < sizes[s]; offset += 8)
        assert_int_equal(*(uint64_t *)(address + offset), 0);
      memset((void *)address, 0x5a, sizes[s]);
      last = address;
    }
  }
}

/* The heart of lazy sweeping: after a flip exactly the unmarked cells come again, zeroed, whatever the pattern. */
static void exactly_the_unmarked_cells_come_again(void **state) {
  (void)state;
  uint64_t random = rng_stream(unit_seed, 1);
  for (unsigned round = 0; round < 40; round++) {
    static uintptr_t cells[20000];
    static bool kept[20000];
    size_t bytes = 16 + 8 * rng_below(&random, 20), count = 2000 + rng_below(&random, 4000), live = 0;
    for (size_t i = 0; i < count; i++) {
      assert_true((cells[i] = alloc(bytes)) != 0);
      memset((void *)cells[i], 0x5a, bytes);
    }
    clear_marks();
    uint64_t density = rng_below(&random, 1025);
    for (size_t i = 0; i < count; i++) {
      kept[i] = rng_below(&random, 1024) < density;
      if (kept[i])
        sidemap_set_alone(&space.marks, cells[i]);
      live += kept[i];
    }
    sweep();
    assert_int_equal(space.live_bytes, live * cell_class_bytes(cell_class_of(bytes)));
    for (size_t i = 0; i < count - live; i++) { /* fill the holes */
      uintptr_t address = alloc(bytes);
      assert_true(address != 0);
      assert_int_equal(*(uint64_t *)address, 0);
      memset((void *)address, 0xa5, bytes);
    }
    for (size_t i = 0; i < count; i++)
      if (kept[i])
        assert_int_equal(*(unsigned char *)cells[i], 0x5a);
    clear_marks();
    sweep(); /* nothing is live: all blocks go back */
    assert_int_equal(memory.used_bytes, 0);
  }
}

static void windows_given_back_are_found_again(void **state) {
  (void)state;
  uintptr_t first = alloc(32);
  cell_cache_retire(&space, &cache);
  uintptr_t second = alloc(32);
  assert_int_equal(second, first + 32);
}

static void the_limit_ends_allocation(void **state) {
  (void)state;
  size_t cells = 0;
  while (alloc(4096))
    cells++;
  assert_int_equal(cells * 4096, memory.used_bytes);
  assert_false(memory_over_limit(&memory));
  assert_true(memory_available(&memory) < BLOCK_BYTES + BLOCK_BYTES / 32); /* a block and its metadata do not fit */
  clear_marks();
  sweep();
  assert_int_equal(memory.used_bytes + memory.metadata_bytes, 0);
}

static void freed_cells_come_again_in_exact_mode(void **state) {
  (void)state;
  space.exact = true;
  enum { COUNT = 5000 };
  static uintptr_t cells[COUNT];
  for (unsigned i = 0; i < COUNT; i++)
    cells[i] = alloc(48);
  size_t used = memory.used_bytes;
  for (unsigned i = 0; i < COUNT; i += 2)
    cell_space_free(&space, cells[i]);
  for (unsigned i = 0; i < COUNT; i += 2) {
    uintptr_t address = alloc(48);
    for (unsigned j = 1; j < COUNT; j += 2)
      if (address == cells[j])
        fail_msg("a cell in use was handed out");
  }
  assert_int_equal(memory.used_bytes, used);
}

static void empty_blocks_are_released_in_exact_mode(void **state) {
  (void)state;
  space.exact = true;
  enum { COUNT = 4000 };
  static uintptr_t cells[COUNT];
  for (unsigned i = 0; i < COUNT; i++)
    cells[i] = alloc(64);
  for (unsigned i = 0; i < COUNT; i++)
    cell_space_free(&space, cells[i]);
  cell_cache_retire(&space, &cache);
  cell_space_release_empty(&space);
  assert_int_equal(memory.used_bytes, 0);
}

static void a_wrong_address_is_no_cell(void **state) {
  (void)state;
  uintptr_t address = alloc(40);
  assert_null(cell_space_problem(&space, address));
  assert_non_null(cell_space_problem(&space, address + 8));
}

static bool is_marked(uintptr_t address) { return sidemap_test(&space.marks, address); }

/* A concurrent marker: each thread turns black in its own time. */
static void a_black_cache_allocates_marked_cells(void **state) {
  (void)state;
  uintptr_t white = alloc(48);
  cell_cache_set_black(&space, &cache, true);
  uintptr_t rest = alloc(48), last = rest; /* from the window that was there, then from new ones */
  for (unsigned i = 0; i < 2000; i++)
    assert_true(is_marked(last = alloc(48)));
  uintptr_t next = last + cell_class_bytes(cell_class_of(48));
  assert_true(!is_marked(white) && is_marked(rest) && is_marked(next));
  cell_cache_retire(&space, &cache);
  assert_true(is_marked(last) && !is_marked(next)); /* what was not handed out is not live */
  cell_cache_set_black(&space, &cache, false);
  assert_false(is_marked(alloc(48)));
}

int main(int argc, char **argv) {
  unit_take_seed(argc, argv, 20261121);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(classes_hold_their_sizes_with_little_waste),
      cmocka_unit_test_setup_teardown(cells_are_zeroed_and_disjoint, setup, teardown),
      cmocka_unit_test_setup_teardown(exactly_the_unmarked_cells_come_again, setup, teardown),
      cmocka_unit_test_setup_teardown(windows_given_back_are_found_again, setup, teardown),
      cmocka_unit_test_setup_teardown(the_limit_ends_allocation, setup, teardown),
      cmocka_unit_test_setup_teardown(freed_cells_come_again_in_exact_mode, setup, teardown),
      cmocka_unit_test_setup_teardown(empty_blocks_are_released_in_exact_mode, setup, teardown),
      cmocka_unit_test_setup_teardown(a_black_cache_allocates_marked_cells, setup, teardown),
      cmocka_unit_test_setup_teardown(a_wrong_address_is_no_cell, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
