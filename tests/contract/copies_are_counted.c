/* copies_are_counted.c -- gc_heap_stats.copied_bytes holds every byte that moved, and nothing where nothing moves. */
#include "runtime/cycle/heap.h"
#include "tests/support/suite.h"

enum { COPIED_OBJECTS = 400, COPIED_BYTES = 40 };

static uint64_t copied_bytes(struct gc_mutator *m) {
  struct gc_heap_stats stats;
  heap_stats(m->heap, &stats);
  return stats.copied_bytes;
}

TEST(copies_are_counted) {
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  bool moves = m->heap->collector->attrs.moves;
  static uintptr_t before[COPIED_OBJECTS];
  uint64_t moved_bytes = 0, counted_before_bytes = copied_bytes(m);
  GC_ROOTS(m, r, table);
  gc_set(m, &r.table, gc_alloc_array(m, COPIED_OBJECTS));
  for (unsigned i = 0; i < COPIED_OBJECTS; i++) {
    gc_ref object = gc_alloc_raw(m, COPIED_BYTES);
    gc_array_store(m, gc_get(m, &r.table), i, object);
  }
  for (unsigned round = 0; round < 3; round++) {
    for (unsigned i = 0; i < COPIED_OBJECTS; i++)
      before[i] = suite_address(gc_array_load(m, gc_get(m, &r.table), i));
    gc_collect(m, round & 1);
    for (unsigned i = 0; i < COPIED_OBJECTS; i++)
      moved_bytes += before[i] == suite_address(gc_array_load(m, gc_get(m, &r.table), i)) ? 0 : COPIED_BYTES;
  }
  uint64_t counted_bytes = copied_bytes(m) - counted_before_bytes;
  EXPECT(moves == (moved_bytes > 0), "%llu bytes moved", (unsigned long long)moved_bytes);
  EXPECT(counted_bytes >= moved_bytes && (moves || counted_bytes == 0), "%llu bytes moved, %llu are counted",
         (unsigned long long)moved_bytes, (unsigned long long)counted_bytes);
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
