/* increments.c -- see increments.h.  One mutator, the test's main thread. */
#include "tests/support/increments.h"

struct gc_mutator *increments_begin(size_t heap_bytes) {
  if (!suite_has_choice("gc", "incremental"))
    suite_skip("the plan does not collect in increments");
  struct gc_heap_config config = suite_config(heap_bytes);
  suite_calm(&config);
  suite_set_option(&config, "gc=incremental");
  struct gc_mutator *m = suite_begin_with(&config);
  suite.collector->control->enable(m->heap, false);
  return m;
}

void increments_end(struct gc_mutator *m) { suite_end(m); }

uint64_t increments_take(struct gc_mutator *m) { return suite.collector->control->collect(m, 1); }
uint64_t increments_take_all(struct gc_mutator *m) { return suite.collector->control->collect(m, 2); }

void increments_set_threshold(struct gc_mutator *m, uint32_t threshold) {
  suite.collector->control->set_threshold(m->heap, 1, threshold);
}

gc_ref increments_new_ring(struct gc_mutator *m, uint64_t length, const gc_root *other) {
  GC_ROOTS(m, r, first, last);
  gc_set(m, &r.first, GC_NEW(m, node));
  gc_set(m, &r.last, gc_get(m, &r.first));
  for (uint64_t i = 1; i < length; i++) {
    gc_ref node = GC_NEW(m, node);
    GC_STORE(m, gc_get(m, &r.last), node, left, node);
    gc_set(m, &r.last, GC_LOAD(m, gc_get(m, &r.last), node, left));
  }
  GC_STORE(m, gc_get(m, &r.last), node, left, gc_get(m, &r.first));
  GC_STORE(m, gc_get(m, &r.last), node, right, gc_get(m, other));
  gc_ref ring = gc_get(m, &r.last);
  gc_frame_pop(m, &r.frame);
  return ring;
}

void increments_add_nodes(struct gc_mutator *m, gc_root *head, uint64_t count) {
  for (uint64_t i = 0; i < count; i++) {
    gc_ref node = GC_NEW(m, node);
    GC_STORE(m, node, node, right, gc_get(m, head));
    gc_set(m, head, node);
  }
}
