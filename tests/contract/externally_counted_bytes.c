/* externally_counted_bytes.c -- bytes outside the heap are counted, up and down and over threads, and are no part of
 * the heap's limit. */
#include "tests/support/suite.h"

static void allocate_external(struct gc_mutator *m, unsigned index, void *argument) {
  (void)argument;
  for (unsigned i = 0; i < 1000; i++) {
    gc_external_bytes(m, 64 * (int64_t)GC_MIB);
    suite_churn(m, 64);
    gc_external_bytes(m, -64 * (int64_t)GC_MIB + index);
  }
}

TEST(externally_counted_bytes) {
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  unsigned threads = suite.collector->attrs.threads ? 3 : 1;
  gc_external_bytes(m, 512 * (int64_t)GC_MIB); /* far beyond the limit: allocation goes on */
  if (threads > 1)
    suite_run_threads(m, threads, allocate_external, NULL);
  else
    allocate_external(m, 0, NULL);
  gc_external_bytes(m, -512 * (int64_t)GC_MIB);
  int64_t left = atomic_load(&m->heap->external_bytes);
  EXPECT(left == (threads > 1 ? 3000 : 0), "%lld external bytes are left", (long long)left);
  suite_end(m);
}
