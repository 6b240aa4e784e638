/* checked_finds_a_wrong_type.c -- an object used as a larger type, a type id that nobody registered and an allocation
 * of another size than the type's are caught. */
#include "tests/support/suite.h"

enum mistake { NONE, LEAF_AS_NODE, WRITTEN_AS_NODE, ID_ZERO, ID_BEYOND, SIZE_OF_OTHER, MISTAKES };
static const char *const words[MISTAKES] = {
    NULL, "object is of the type used", "object is of the type used", "type is registered", "type is registered",
    "size is the type's"};

static void make_mistake(void *argument) {
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  gc_ref leaf = GC_NEW(m, leaf);
  switch (*(const enum mistake *)argument) {
  case NONE: GC_PUT(m, leaf, leaf, key, 1); break;
  case LEAF_AS_NODE: GC_LOAD(m, leaf, node, right); break;
  case WRITTEN_AS_NODE: GC_PUT(m, leaf, node, key, 1); break;
  case ID_ZERO: gc_alloc(m, GC_TYPE_NONE, 16); break;
  case ID_BEYOND: gc_alloc(m, TYPE_unregistered, 16); break;
  default: gc_alloc(m, TYPE_node, sizeof(struct leaf));
  }
  suite_end(m);
}

TEST(checked_finds_a_wrong_type) {
  for (enum mistake mistake = NONE; mistake < MISTAKES; mistake++) {
    char text[2048];
    if (words[mistake])
      suite_expect_abort(make_mistake, &mistake, words[mistake]);
    else
      EXPECT(suite_child(make_mistake, &mistake, text, sizeof text) == 0, "correct use, having said: %s", text);
  }
}
