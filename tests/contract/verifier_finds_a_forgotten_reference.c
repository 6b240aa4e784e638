/* verifier_finds_a_forgotten_reference.c -- an old object's field gets a young object without the store barrier; the
 * next minor cycle begins with verifier `remset` finding the field.  For generational plans that remember. */
#include "tests/support/suite.h"

enum { FORGOTTEN_OLD = 9, FORGOTTEN_LENGTH = 20000 };

struct forgotten {
  bool large; /* the old object is a large array */
  bool raw;   /* the store goes past the barrier */
};

static void forget_a_reference(void *argument) {
  const struct forgotten *forgotten = argument;
  struct gc_heap_config config = suite_config(16 * GC_MIB);
  config.verify = VERIFY(remset);
  suite_calm(&config);
  struct gc_mutator *m = suite_begin_with(&config);
  gc_ref object = forgotten->large ? gc_alloc_array(m, FORGOTTEN_LENGTH) : GC_NEW(m, node);
  gc_global_store(m, FORGOTTEN_OLD, object);
  suite_settle(m); /* now it is old, and nothing is remembered */
  gc_ref young = GC_NEW(m, leaf), old = gc_global_load(m, FORGOTTEN_OLD);
  gc_field *field = forgotten->large ? gc_array_slot(m, old, FORGOTTEN_LENGTH / 2) : GC_FIELD(m, old, node, left);
  if (forgotten->raw)
    field_set_bits(field, suite_address(young));
  else
    gc_store(m, old, field, young);
  gc_collect(m, 0);
  gc_collect(m, 0);
  suite_end(m);
}

TEST(verifier_finds_a_forgotten_reference) {
  NOT_UNDER_STRESS();
  NEEDS(generational);
  if (!suite.collector->verify_for_remembered)
    suite_skip("the plan remembers nothing: it counts");
  for (int large = 0; large < 2; large++) {
    struct forgotten forgotten = {.large = large, .raw = false};
    char text[2048];
    int status = suite_child(forget_a_reference, &forgotten, text, sizeof text);
    EXPECT(status == 0, "with the barrier: wait status %x, having said: %s", status, text);
    forgotten.raw = true;
    suite_expect_abort(forget_a_reference, &forgotten, "verifier remset: 1 bad old-to-young references");
  }
}
