#include "runtime/object/scan.h"
#include "tests/runtime/cmocka.h"

struct mixed {
  struct gc_header header;
  gc_field first, second;
  uint64_t number;
  gc_field stray;
};
static const uint16_t strays[] = {offsetof(struct mixed, stray), 0};

static void a_wrong_table_is_refused_with_a_sentence(void **state) {
  (void)state;
  struct gc_type small = {.name = "small", .size_bytes = 8};
  struct gc_type outside = {.name = "outside", .size_bytes = 24, .refs_offset = 8, .refs_count = 3};
  struct gc_type nameless = {.size_bytes = 24};
  assert_non_null(strstr(type_table_register(&small, 1), "small"));
  assert_non_null(strstr(type_table_register(&outside, 1), "outside its size"));
  assert_non_null(strstr(type_table_register(&nameless, 1), "no name"));
  assert_non_null(type_table_register(&small, GC_TYPE_LIMIT));
}

static void visit(void *context, gc_ref source, gc_field *slot) {
  (void)source;
  *(uintptr_t *)context += (uintptr_t)slot;
}

static void every_reference_is_scanned_once(void **state) {
  (void)state;
  struct gc_type type = GC_TYPE(mixed, first, 2);
  type.more_refs = strays;
  assert_null(type_table_register(&type, 1));
  struct mixed object;
  object_init((uintptr_t)&object, GC_TYPE_FIRST, 0);
  uintptr_t sum = 0;
  scan_object(&sum, (gc_ref){(uintptr_t)&object}, visit);
  assert_int_equal(sum, (uintptr_t)&object.first + (uintptr_t)&object.second + (uintptr_t)&object.stray);
  assert_int_equal(object_bytes((gc_ref){(uintptr_t)&object}), sizeof object);
}

/* Null or not; weak ones, and both of an ephemeron, too. */
static void every_slot_for_a_reference_is_counted(void **state) {
  (void)state;
  struct gc_type type = GC_TYPE(mixed, first, 2), leaf = GC_TYPE_LEAF(mixed);
  type.more_refs = strays;
  assert_null(type_table_register(&type, 1));
  assert_int_equal(type_field_count(&type, sizeof(struct mixed)), 3);
  assert_int_equal(type_field_count(&leaf, sizeof(struct mixed)), 0);
  assert_int_equal(type_field_count(&gc_types[GC_TYPE_ARRAY], sizeof(struct gc_array) + 7 * sizeof(gc_field)), 7);
  assert_int_equal(type_field_count(&gc_types[GC_TYPE_RAW], sizeof(struct gc_raw) + 56), 0);
  assert_int_equal(type_field_count(&gc_types[GC_TYPE_WEAK], sizeof(struct gc_weak)), 1);
  assert_int_equal(type_field_count(&gc_types[GC_TYPE_EPHEMERON], sizeof(struct gc_ephemeron)), 2);
}

static void slices_cover_an_array_exactly(void **state) {
  (void)state;
  assert_null(type_table_register(NULL, 0));
  static const size_t lengths[] = {0, 1, SCAN_SLICE_SLOTS - 1, SCAN_SLICE_SLOTS, SCAN_SLICE_SLOTS + 1, 10000};
  for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    struct gc_array *array = calloc(1, sizeof *array + lengths[i] * sizeof(gc_field));
    object_init((uintptr_t)array, GC_TYPE_ARRAY, 0);
    array->length = lengths[i];
    uintptr_t whole = 0, parts = 0;
    scan_object(&whole, (gc_ref){(uintptr_t)array}, visit);
    for (size_t slice = 0; slice < scan_slice_count(lengths[i]); slice++)
      scan_slice(&parts, (gc_ref){(uintptr_t)array}, slice, visit);
    assert_int_equal(parts, whole);
    free(array);
  }
}

static void weak_targets_are_not_scanned(void **state) {
  (void)state;
  assert_null(type_table_register(NULL, 0));
  struct gc_weak weak;
  struct gc_ephemeron ephemeron;
  object_init((uintptr_t)&weak, GC_TYPE_WEAK, 0);
  object_init((uintptr_t)&ephemeron, GC_TYPE_EPHEMERON, 0);
  uintptr_t sum = 0;
  scan_object(&sum, (gc_ref){(uintptr_t)&weak}, visit);
  scan_object(&sum, (gc_ref){(uintptr_t)&ephemeron}, visit);
  assert_int_equal(sum, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_wrong_table_is_refused_with_a_sentence),
                                     cmocka_unit_test(every_reference_is_scanned_once),
                                     cmocka_unit_test(every_slot_for_a_reference_is_counted),
                                     cmocka_unit_test(slices_cover_an_array_exactly),
                                     cmocka_unit_test(weak_targets_are_not_scanned)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
