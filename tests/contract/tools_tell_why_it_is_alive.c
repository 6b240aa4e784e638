/* tools_tell_why_it_is_alive.c -- the path is a shortest one, from a global, a local or a due finalizer; a weak
 * reference is no reason, and an ephemeron is one while its key lives. */
#include "runtime/gc_tools.h"
#include "tests/support/suite.h"

enum { WHY_GLOBAL = 7 };

static void expect_why(struct gc_mutator *m, const gc_root *object, uint64_t length, const char *expected) {
  char text[256];
  uint64_t told = gc_why_alive(m, object, text, sizeof text);
  EXPECT(told == length && strcmp(text, expected) == 0, "%llu: \"%s\"; expected %llu: \"%s\"",
         (unsigned long long)told, text, (unsigned long long)length, expected);
}

static void ask_about_ways(struct gc_mutator *m) {
  char text[2048];
  GC_ROOTS(m, r, object, head);
  gc_set(m, &r.object, GC_NEW(m, link));
  expect_why(m, &r.object, 0, "");
  gc_set(m, &r.head, gc_get(m, &r.object));
  expect_why(m, &r.object, 1, "local 1 of frame 0 of mutator 0 -> link");
  for (unsigned i = 0; i < 3; i++) { /* three links before it */
    gc_ref link = GC_NEW(m, link);
    GC_INIT(m, link, link, next, gc_get(m, &r.head));
    gc_set(m, &r.head, link);
  }
  gc_global_store(m, WHY_GLOBAL, gc_get(m, &r.head));
  gc_set(m, &r.head, GC_NULL);
  expect_why(m, &r.object, 5, "globals[7] -> link+8 -> link+8 -> link+8 -> link");
  gc_ref link = gc_alloc_array(m, 12); /* a shorter way */
  gc_array_store(m, link, 11, gc_get(m, &r.object));
  gc_global_store(m, WHY_GLOBAL + 1, link);
  expect_why(m, &r.object, 3, "globals[8] -> array[11] -> link");
  gc_global_store(m, WHY_GLOBAL + 1, GC_NULL);
  for (unsigned i = 0; i < 1000; i++) {
    gc_set(m, &r.head, gc_global_load(m, WHY_GLOBAL));
    link = GC_NEW(m, link);
    GC_INIT(m, link, link, next, gc_get(m, &r.head));
    gc_global_store(m, WHY_GLOBAL, link);
  }
  gc_set(m, &r.head, GC_NULL);
  uint64_t steps = gc_why_alive(m, &r.object, text, sizeof text);
  EXPECT(steps == 1005 && strstr(text, " -> ... 989 more ... -> "), "%llu: %s", (unsigned long long)steps, text);
  gc_global_store(m, WHY_GLOBAL, GC_NULL);
  gc_frame_pop(m, &r.frame);
}

static void ask_about_weak(struct gc_mutator *m) {
  GC_ROOTS(m, r, object, weak);
  gc_set(m, &r.object, GC_NEW(m, leaf));
  gc_set(m, &r.weak, gc_weak_new(m, &r.object, NULL, NULL));
  expect_why(m, &r.object, 0, "");
  gc_frame_pop(m, &r.frame);
}

static void ask_about_ephemerons(struct gc_mutator *m) {
  GC_ROOTS(m, r, key, value, ephemeron);
  gc_set(m, &r.key, GC_NEW(m, link));
  gc_set(m, &r.value, GC_NEW(m, leaf));
  gc_set(m, &r.ephemeron, gc_ephemeron_new(m, &r.key, &r.value));
  expect_why(m, &r.value, 2, "local 2 of frame 0 of mutator 0 -> ephemeron+16 -> leaf");
  gc_set(m, &r.key, GC_NULL);
  expect_why(m, &r.value, 0, "");
  gc_frame_pop(m, &r.frame);
}

static void ask_about_finalizers(struct gc_mutator *m) {
  GC_ROOTS(m, r, object, inner);
  gc_set(m, &r.object, GC_NEW(m, link));
  gc_set(m, &r.inner, GC_NEW(m, leaf));
  GC_STORE(m, gc_get(m, &r.object), link, next, gc_get(m, &r.inner));
  gc_finalizer_attach(m, gc_get(m, &r.object));
  gc_set(m, &r.object, GC_NULL);
  suite_settle(m);
  expect_why(m, &r.inner, 2, "due finalizer 0 -> link+8 -> leaf");
  gc_frame_pop(m, &r.frame);
}

TEST(tools_tell_why_it_is_alive) {
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  ask_about_ways(m);
  if (suite.collector->attrs.weak)
    ask_about_weak(m);
  if (suite.collector->attrs.ephemerons)
    ask_about_ephemerons(m);
  if (suite.collector->attrs.finalizers && suite.collector->attrs.reclaims)
    ask_about_finalizers(m);
  suite_end(m);
}
