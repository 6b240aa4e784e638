#include "runtime/barrier/satb.h"

#include "runtime/base/rng.h"
#include "tests/runtime/cmocka.h"

enum { LIMIT_BYTES = 64 * SATB_CHUNK_BYTES };

static struct heap_memory memory;
static struct sidemap marks;
static struct satb_queue queue;

static int setup(void **state) {
  (void)state;
  if (!memory_init(&memory, 8 * GC_MIB, false, 0) || !sidemap_init(&marks, &memory))
    return -1;
  satb_queue_init(&queue, &memory, &marks, LIMIT_BYTES);
  return 0;
}
static int teardown(void **state) {
  (void)state;
  satb_queue_fini(&queue);
  size_t metadata_bytes = atomic_load(&memory.metadata_bytes);
  sidemap_fini(&marks);
  memory_fini(&memory);
  return metadata_bytes == 0 ? 0 : -1;
}

static gc_ref object(size_t index) { return (gc_ref){memory.base + index * GC_OBJECT_MIN_BYTES}; }

/* Takes everything that was handed over; returns how many objects, and sets seen[index] for each. */
static size_t take_all(uint8_t *seen) {
  size_t count = 0;
  for (struct satb_chunk *chunk; (chunk = satb_take(&queue)); satb_give_back(&queue, chunk)) {
    for (size_t i = 0; i < chunk->count; i++)
      if (seen)
        seen[(chunk->items[i].bits - memory.base) / GC_OBJECT_MIN_BYTES]++;
    count += chunk->count;
  }
  return count;
}

static void nothing_is_shaded_unless_a_cycle_marks(void **state) {
  (void)state;
  struct satb_buffer buffer = {.queue = &queue};
  gc_field field;
  field_set_bits(&field, object(1).bits);
  satb_before_store(&buffer, &field, object(2));
  satb_after_weak_load(&buffer, object(3));
  satb_hand_over(&buffer);
  assert_true(satb_is_empty(&queue));
  for (size_t i = 1; i <= 3; i++)
    assert_false(sidemap_test(&marks, object(i).bits));
}

static void the_overwritten_value_is_marked_and_found(void **state) {
  (void)state;
  struct satb_buffer buffer = {.shades = SATB_OLD, .queue = &queue};
  uint8_t seen[8] = {0};
  gc_field field;
  field_set_bits(&field, object(1).bits);
  satb_before_store(&buffer, &field, object(2));
  assert_true(sidemap_test(&marks, object(1).bits));
  assert_false(sidemap_test(&marks, object(2).bits));
  assert_true(satb_is_empty(&queue));
  satb_hand_over(&buffer);
  assert_int_equal(take_all(seen), 1);
  assert_int_equal(seen[1], 1);
}

static void the_new_value_is_shaded_where_roots_are_not_scanned(void **state) {
  (void)state;
  struct satb_buffer buffer = {.shades = SATB_OLD | SATB_NEW, .queue = &queue};
  uint8_t seen[8] = {0};
  gc_field field;
  field_set_bits(&field, 0);
  satb_before_store(&buffer, &field, object(2));
  field_set_bits(&field, object(3).bits);
  satb_before_store(&buffer, &field, GC_NULL);
  satb_hand_over(&buffer);
  assert_int_equal(take_all(seen), 2);
  assert_true(seen[2] == 1 && seen[3] == 1);
}

static void what_is_marked_is_not_remembered_again(void **state) {
  (void)state;
  struct satb_buffer buffer = {.shades = SATB_OLD, .queue = &queue};
  sidemap_set_alone(&marks, object(5).bits); /* born black, or reached by the marker */
  for (unsigned i = 0; i < 1000; i++) {
    satb_shade(&buffer, object(4));
    satb_shade(&buffer, object(5));
    satb_shade(&buffer, GC_NULL);
  }
  satb_hand_over(&buffer);
  assert_int_equal(take_all(NULL), 1);
}

static void full_chunks_are_handed_over_whole(void **state) {
  (void)state;
  struct satb_buffer buffer = {.shades = SATB_OLD, .queue = &queue};
  for (size_t i = 0; i < 3 * SATB_CHUNK_ITEMS; i++)
    satb_shade(&buffer, object(i));
  for (unsigned chunks = 0; chunks < 2; chunks++) {
    struct satb_chunk *chunk = satb_take(&queue);
    assert_non_null(chunk);
    assert_int_equal(chunk->count, SATB_CHUNK_ITEMS);
    satb_give_back(&queue, chunk);
  }
  assert_null(satb_take(&queue)); /* the third is full too, and still the owner's */
  satb_hand_over(&buffer);
  assert_int_equal(take_all(NULL), SATB_CHUNK_ITEMS);
}

static void a_full_log_is_noticed_and_forgotten(void **state) {
  (void)state;
  struct satb_buffer buffer = {.shades = SATB_OLD, .queue = &queue};
  size_t room = LIMIT_BYTES / SATB_CHUNK_BYTES * SATB_CHUNK_ITEMS;
  satb_queue_begin(&queue);
  for (size_t i = 0; i < room; i++)
    satb_shade(&buffer, object(i));
  assert_false(satb_overflowed(&queue));
  assert_int_equal(atomic_load(&memory.metadata_bytes), LIMIT_BYTES);
  satb_shade(&buffer, object(room));
  assert_true(satb_overflowed(&queue));
  satb_queue_end(&queue);
  satb_queue_begin(&queue);
  assert_false(satb_overflowed(&queue));
  assert_true(atomic_load(&memory.metadata_bytes) < LIMIT_BYTES);
  satb_shade(&buffer, object(room + 1));
  satb_hand_over(&buffer);
  assert_int_equal(take_all(NULL), 1);
}

/* ---- several threads ---- */

enum { SHADERS = 3, OBJECTS = 12000 };
static _Atomic unsigned shaders_left;

/* Shades the objects in a random order, as the others do: each object is remembered by exactly one thread. */
static void *shader(void *stream) {
  struct satb_buffer buffer = {.shades = SATB_OLD, .queue = &queue};
  uint64_t random = rng_stream(unit_seed, (uintptr_t)stream);
  for (size_t i = 0; i < 4 * OBJECTS; i++)
    satb_shade(&buffer, object(rng_below(&random, OBJECTS)));
  for (size_t i = 0; i < OBJECTS; i++)
    satb_shade(&buffer, object(i));
  satb_hand_over(&buffer);
  atomic_fetch_sub(&shaders_left, 1);
  return NULL;
}

static void every_object_reaches_the_workers_once(void **state) {
  (void)state;
  static uint8_t seen[OBJECTS];
  memset(seen, 0, sizeof seen);
  pthread_t threads[SHADERS];
  atomic_store(&shaders_left, SHADERS);
  for (uintptr_t i = 0; i < SHADERS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, shader, (void *)i), 0);
  size_t count = 0;
  while (atomic_load(&shaders_left))
    count += take_all(seen);
  for (unsigned i = 0; i < SHADERS; i++)
    pthread_join(threads[i], NULL);
  count += take_all(seen);
  assert_false(satb_overflowed(&queue));
  assert_int_equal(count, OBJECTS);
  for (size_t i = 0; i < OBJECTS; i++)
    assert_int_equal(seen[i], 1);
}

int main(int argc, char **argv) {
  unit_take_seed(argc, argv, 20261122);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(nothing_is_shaded_unless_a_cycle_marks, setup, teardown),
      cmocka_unit_test_setup_teardown(the_overwritten_value_is_marked_and_found, setup, teardown),
      cmocka_unit_test_setup_teardown(the_new_value_is_shaded_where_roots_are_not_scanned, setup, teardown),
      cmocka_unit_test_setup_teardown(what_is_marked_is_not_remembered_again, setup, teardown),
      cmocka_unit_test_setup_teardown(full_chunks_are_handed_over_whole, setup, teardown),
      cmocka_unit_test_setup_teardown(a_full_log_is_noticed_and_forgotten, setup, teardown),
      cmocka_unit_test_setup_teardown(every_object_reaches_the_workers_once, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
