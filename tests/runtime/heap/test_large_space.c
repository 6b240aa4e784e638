#include "runtime/heap/large_space.h"
#include "tests/runtime/cmocka.h"

static struct heap_memory memory;
static struct sidemap live;
static struct large_space space;

static int setup(void **state) {
  (void)state;
  return memory_init(&memory, 16 * GC_MIB, false, 0) && sidemap_init(&live, &memory) &&
                 large_space_init(&space, &memory) ? 0 : -1;
}
static int teardown(void **state) {
  (void)state;
  large_space_fini(&space);
  sidemap_fini(&live);
  memory_fini(&memory);
  return 0;
}

static uintptr_t take(size_t bytes) {
  bool zeroed;
  return large_space_take(&space, bytes, 0, &zeroed);
}

static void unmarked_objects_are_freed_and_marked_ones_stay(void **state) {
  (void)state;
  uintptr_t objects[20];
  for (unsigned i = 0; i < 20; i++) {
    objects[i] = take(10000 + 1000 * i);
    assert_true(large_space_publish(&space, objects[i], 10000 + 1000 * i));
    if (i % 3 == 0)
      sidemap_set_alone(&live, objects[i]);
  }
  large_space_sweep(&space, &live);
  assert_int_equal(space.count, 7);
  for (unsigned i = 0; i < 20; i++)
    assert_int_equal(large_space_problem(&space, objects[i]) == NULL, i % 3 == 0);
}

static void an_unpublished_object_survives_a_sweep(void **state) {
  (void)state;
  uintptr_t zeroing = take(100000);
  large_space_sweep(&space, &live);
  memset((void *)zeroing, 1, 100000);
  assert_int_not_equal(take(100000), zeroing);
  assert_true(large_space_publish(&space, zeroing, 100000));
}

/* The sweep beside mutators: nobody has marked what was born since the flip. */
static void an_object_published_after_the_flip_survives(void **state) {
  (void)state;
  uintptr_t dead = take(10000);
  assert_true(large_space_publish(&space, dead, 10000));
  large_space_flip_stw(&space);
  uintptr_t born = take(10000);
  assert_true(large_space_publish(&space, born, 10000));
  large_space_sweep_flipped(&space, &live);
  assert_int_equal(space.count, 1);
  assert_null(large_space_problem(&space, born));
  large_space_sweep(&space, &live);
  assert_int_equal(space.count, 0);
}

static void memory_of_a_freed_object_is_used_again(void **state) {
  (void)state;
  for (unsigned i = 0; i < 1000; i++) {
    uintptr_t object = take(3 * GC_MIB);
    assert_true(object != 0);
    assert_true(large_space_publish(&space, object, 3 * GC_MIB));
    large_space_free(&space, object);
  }
  assert_int_equal(memory.used_bytes, 0);
}

static void objects_are_freed_one_by_one_in_any_order(void **state) {
  (void)state;
  enum { OBJECTS = 300 };
  uintptr_t objects[OBJECTS];
  for (unsigned i = 0; i < OBJECTS; i++) {
    objects[i] = take(9000);
    assert_true(large_space_publish(&space, objects[i], 9000));
    if (i == OBJECTS / 2)
      large_space_sweep(&space, &live); /* frees all so far, and with them the index */
    if (i == OBJECTS / 2 + 10)
      assert_null(large_space_problem(&space, objects[i])); /* builds it; the others are added to it */
  }
  assert_int_equal(space.count, OBJECTS - OBJECTS / 2 - 1);
  for (unsigned step = 0; step < OBJECTS; step++) {
    unsigned i = step * 7 % OBJECTS;
    if (i <= OBJECTS / 2)
      continue;
    assert_null(large_space_problem(&space, objects[i]));
    large_space_free(&space, objects[i]);
    assert_non_null(large_space_problem(&space, objects[i]));
  }
  assert_int_equal(space.count, 0);
  assert_int_equal(memory.used_bytes, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(unmarked_objects_are_freed_and_marked_ones_stay, setup, teardown),
      cmocka_unit_test_setup_teardown(an_unpublished_object_survives_a_sweep, setup, teardown),
      cmocka_unit_test_setup_teardown(an_object_published_after_the_flip_survives, setup, teardown),
      cmocka_unit_test_setup_teardown(memory_of_a_freed_object_is_used_again, setup, teardown),
      cmocka_unit_test_setup_teardown(objects_are_freed_one_by_one_in_any_order, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
