/* resources_are_closed.c -- a scope closes what it was given at each of its exits, once; what an object held and nobody
 * closed is closed, with a warning, once no root reaches the object, and not before. */
#include "runtime/gc_tools.h"
#include "tests/support/suite.h"

static unsigned resources_closed;

static void count_close(void *argument) {
  (void)argument;
  resources_closed++;
}

static bool leave_by_return(struct gc_resource *resource) {
  GC_WITH(resource) return gc_resource_is_open(resource);
  return false;
}

static void leave_by_goto(struct gc_resource *outer, struct gc_resource *inner) {
  GC_WITH(outer) {
    GC_WITH(inner) goto done;
    EXPECT(false, "goto did not leave");
  }
done:;
}

static void expect_scopes_to_close(void) {
  struct gc_resource *a = GC_RESOURCE("a", count_close, NULL), *b = GC_RESOURCE("b", count_close, NULL);
  struct gc_resource *c = GC_RESOURCE("c", count_close, NULL), *d = GC_RESOURCE("d", count_close, NULL);
  unsigned rounds = 0;
  EXPECT(leave_by_return(a) && !gc_resource_is_open(a) && resources_closed == 1, "return: %u closed", resources_closed);
  leave_by_goto(b, c);
  EXPECT(!gc_resource_is_open(b) && !gc_resource_is_open(c) && resources_closed == 3, "goto: %u closed",
         resources_closed);
  GC_WITH(d) {
    rounds++;
    gc_resource_close(d); /* early: the end of the scope must not do it again */
  }
  EXPECT(rounds == 1 && resources_closed == 4, "the end: %u rounds, %u closed", rounds, resources_closed);
  gc_resource_forget(a);
  gc_resource_forget(c);
  gc_resource_forget(b);
  gc_resource_forget(d);
  EXPECT(resources_closed == 4, "forgetting closes what is closed: %u", resources_closed);
}

/* A leaf that holds `resource` in its key. */
static gc_ref make_holder(struct gc_mutator *m, struct gc_resource *resource) {
  gc_ref holder = GC_NEW(m, leaf);
  GC_PUT(m, holder, leaf, key, (uint64_t)(uintptr_t)resource);
  gc_resource_give(resource);
  return holder;
}

static void expect_warning(struct gc_mutator *m, const char *expected) {
  char text[512] = "";
  FILE *to = fmemopen(text, sizeof text - 1, "w");
  EXPECT(to, "no memory for a file");
  gc_close_unheld(m, to);
  fclose(to);
  EXPECT(strcmp(text, expected) == 0, "told: \"%s\", not \"%s\"", text, expected);
}

TEST(resources_are_closed) {
  char expected[128];
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  gc_resource_holder(TYPE_leaf, offsetof(struct leaf, key));
  expect_scopes_to_close();
  resources_closed = 0;
  GC_ROOTS(m, r, holder, scope);
  struct gc_resource *file = GC_RESOURCE("file x", count_close, NULL);
  int line = __LINE__ - 1;
  struct gc_resource *unowned = GC_RESOURCE("a socket that no object was given", count_close, NULL);
  gc_set(m, &r.holder, make_holder(m, file));
  gc_set(m, &r.scope, GC_NEW(m, link));
  GC_STORE(m, gc_get(m, &r.scope), link, next, gc_get(m, &r.holder));
  gc_set(m, &r.holder, GC_NULL);
  suite_settle(m);
  expect_warning(m, "");
  GC_STORE(m, gc_get(m, &r.scope), link, next, GC_NULL);
  snprintf(expected, sizeof expected, "tests/contract/resources_are_closed.c:%d: file x was never closed\n", line);
  expect_warning(m, expected);
  EXPECT(resources_closed == 1 && !gc_resource_is_open(file) && gc_resource_is_open(unowned), "%u closed",
         resources_closed);
  expect_warning(m, "");
  EXPECT(gc_close_all(NULL) == 1 && !gc_resource_is_open(unowned), "the socket is open");
  gc_resource_forget(unowned);
  gc_resource_forget(file);
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
