/* checked_finds_a_field_outside_its_object.c -- a field of another object, an index beyond an array's end, and a null
 * object are caught before anything is written. */
#include "tests/support/suite.h"

enum mistake { NONE, FIELD_OF_OTHER, HEADER, INDEX_AT_LENGTH, INDEX_FAR, NULL_OBJECT, MISTAKES };
static const char *const words[MISTAKES] = {
    NULL, "field lies in its object", "field lies in its object", "object is of the type used",
    "object is of the type used", "which is null"};

static void make_mistake(void *argument) {
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  GC_ROOTS(m, r, a, b, array);
  gc_set(m, &r.a, GC_NEW(m, node));
  gc_set(m, &r.b, GC_NEW(m, node));
  gc_set(m, &r.array, gc_alloc_array(m, 5));
  gc_ref a = gc_get(m, &r.a), b = gc_get(m, &r.b), array = gc_get(m, &r.array);
  switch (*(const enum mistake *)argument) {
  case NONE:
    gc_store(m, b, GC_FIELD(m, b, node, right), a);
    gc_array_store(m, array, 4, a);
    break;
  case FIELD_OF_OTHER: gc_store(m, a, GC_FIELD(m, b, node, right), b); break;
  case HEADER: gc_store(m, a, (gc_field *)object_header(gc_get(m, &r.a)), b); break;
  case INDEX_AT_LENGTH: gc_array_store(m, array, 5, a); break;
  case INDEX_FAR: gc_array_load(m, array, 1000); break;
  default: GC_LOAD(m, GC_NULL, node, left);
  }
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}

TEST(checked_finds_a_field_outside_its_object) {
  for (enum mistake mistake = NONE; mistake < MISTAKES; mistake++) {
    char text[2048];
    if (words[mistake])
      suite_expect_abort(make_mistake, &mistake, words[mistake]);
    else
      EXPECT(suite_child(make_mistake, &mistake, text, sizeof text) == 0, "correct stores, having said: %s", text);
  }
}
