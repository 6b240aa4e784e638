/* tools_answer_about_one_object.c -- sizes, counts and referrers of a graph whose answers are known, asked of every
 * collector:
 *
 *     globals[5] -> array[2] -> a -left-> b -left-> leaf
 *                               a -right-> c -left-> leaf         c -right-> a */
#include "runtime/gc_tools.h"
#include "tests/support/suite.h"

enum { ONE_GLOBAL = 5, ONE_LENGTH = 4 };

struct one_roots {
  struct gc_frame frame;
  gc_root a, b, c, leaf, array;
};

static void build_one(struct gc_mutator *m, struct one_roots *r) {
  gc_set(m, &r->leaf, GC_NEW(m, leaf));
  gc_set(m, &r->a, GC_NEW(m, node));
  gc_set(m, &r->b, GC_NEW(m, node));
  gc_set(m, &r->c, GC_NEW(m, node));
  gc_set(m, &r->array, gc_alloc_array(m, ONE_LENGTH));
  gc_array_store(m, gc_get(m, &r->array), 2, gc_get(m, &r->a));
  GC_STORE(m, gc_get(m, &r->a), node, left, gc_get(m, &r->b));
  GC_STORE(m, gc_get(m, &r->a), node, right, gc_get(m, &r->c));
  GC_STORE(m, gc_get(m, &r->b), node, left, gc_get(m, &r->leaf));
  GC_STORE(m, gc_get(m, &r->c), node, left, gc_get(m, &r->leaf));
  GC_STORE(m, gc_get(m, &r->c), node, right, gc_get(m, &r->a));
  gc_global_store(m, ONE_GLOBAL, gc_get(m, &r->array));
}

static void expect_bytes(const char *what, uint64_t told, uint64_t expected) {
  EXPECT(told == expected, "%s: %llu, expected %llu", what, (unsigned long long)told, (unsigned long long)expected);
}

TEST(tools_answer_about_one_object) {
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  struct one_roots r = {0};
  gc_frame_push(m, &r.frame, (sizeof r - sizeof r.frame) / sizeof(gc_root));
  build_one(m, &r);
  size_t array_bytes = sizeof(struct gc_array) + ONE_LENGTH * sizeof(gc_field);
  size_t ring_bytes = 3 * GC_SIZEOF(node) + GC_SIZEOF(leaf);
  expect_bytes("size of the array", gc_sizeof(m, &r.array), array_bytes);
  expect_bytes("deep size of the array", gc_sizeof_deep(m, &r.array), array_bytes + ring_bytes);
  expect_bytes("deep size of c, through its cycle", gc_sizeof_deep(m, &r.c), ring_bytes);
  expect_bytes("references to the leaf, without the root that asks", gc_reference_count(m, &r.leaf), 2);
  expect_bytes("references to a", gc_reference_count(m, &r.a), 2);

  struct gc_reference found[4] = {{0}};
  expect_bytes("referrers of a", gc_referrers(m, &r.a, found, 4), 2);
  for (unsigned i = 0; i < 2; i++)
    EXPECT(strcmp(found[i].type, "array") == 0
               ? found[i].offset_bytes == offsetof(struct gc_array, slot) + 2 * sizeof(gc_field)
               : strcmp(found[i].type, "node") == 0 && found[i].offset_bytes == offsetof(struct node, right),
           "a referrer is %s+%zu", found[i].type, found[i].offset_bytes);
  EXPECT(found[0].id != found[1].id, "the array and c are one");
  expect_bytes("referents of c", gc_referents(m, &r.c, found, 1), 2);
  EXPECT(strcmp(found[0].type, "leaf") == 0 && found[0].offset_bytes == offsetof(struct node, left), "first %s+%zu",
         found[0].type, found[0].offset_bytes);

  gc_set(m, &r.leaf, GC_NULL);
  gc_set(m, &r.array, GC_NULL);
  expect_bytes("a null root", gc_sizeof(m, &r.leaf) + gc_sizeof_deep(m, &r.leaf) + gc_reference_count(m, &r.leaf), 0);
  expect_bytes("retained by b: the leaf is also c's", gc_retained_bytes(m, &r.b), GC_SIZEOF(node));
  expect_bytes("retained by a, while b and c have roots", gc_retained_bytes(m, &r.a), GC_SIZEOF(node));
  gc_set(m, &r.b, GC_NULL);
  gc_set(m, &r.c, GC_NULL);
  expect_bytes("retained by a", gc_retained_bytes(m, &r.a), ring_bytes);
  gc_global_store(m, ONE_GLOBAL, GC_NULL);
  expect_bytes("retained by a, which the question alone holds", gc_retained_bytes(m, &r.a), ring_bytes);
  expect_bytes("references to a then", gc_reference_count(m, &r.a), 1);
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
