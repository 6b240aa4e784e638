/* swept_fields_are_forgotten.c -- memory of dead objects that referred to a pinned one is used again for plain data
 * that looks like its address; when the object may move at last, the data stays what it was. */
#include "tests/support/suite.h"

enum { SWEPT_HOLDERS = 64, SWEPT_WORDS = 2 };

/* Data that a field at the same place would hold. */
static uint64_t swept_address(struct gc_mutator *m, gc_ref raw) {
  return (uint64_t)(uintptr_t)gc_raw_data(m, raw) - sizeof(struct gc_raw);
}

TEST(swept_fields_are_forgotten) {
  NEEDS(reclaims);
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  GC_ROOTS(m, r, array, pinned, new);
  gc_set(m, &r.pinned, gc_alloc_raw(m, 64));
  gc_pin(m, gc_get(m, &r.pinned));
  gc_set(m, &r.array, gc_alloc_array(m, SWEPT_HOLDERS));
  for (unsigned i = 0; i < SWEPT_HOLDERS; i++) {
    gc_ref node = GC_NEW(m, node);
    GC_INIT(m, node, node, left, gc_get(m, &r.pinned));
    GC_INIT(m, node, node, right, gc_get(m, &r.pinned));
    gc_array_store(m, gc_get(m, &r.array), i, node);
  }
  gc_collect(m, 1);
  for (unsigned i = 0; i < SWEPT_HOLDERS; i++)
    gc_array_store(m, gc_get(m, &r.array), i, GC_NULL);
  gc_collect(m, 1);
  uint64_t address = swept_address(m, gc_get(m, &r.pinned));
  for (unsigned i = 0; i < SWEPT_HOLDERS; i++) {
    gc_set(m, &r.new, gc_alloc_raw(m, SWEPT_WORDS * sizeof(uint64_t)));
    uint64_t *words = (uint64_t *)gc_raw_data(m, gc_get(m, &r.new));
    for (unsigned word = 0; word < SWEPT_WORDS; word++)
      words[word] = address;
    gc_array_store(m, gc_get(m, &r.array), i, gc_get(m, &r.new));
  }
  gc_collect(m, 1);
  gc_unpin(m, gc_get(m, &r.pinned));
  for (unsigned i = 0; i < 3; i++)
    gc_collect(m, 0);
  for (unsigned i = 0; i < SWEPT_HOLDERS; i++) {
    gc_ref raw = gc_array_load(m, gc_get(m, &r.array), i);
    const uint64_t *words = (const uint64_t *)gc_raw_data(m, raw);
    for (unsigned word = 0; word < SWEPT_WORDS; word++)
      EXPECT(words[word] == address, "word %u of data %u is %llx, was %llx", word, i, (unsigned long long)words[word],
             (unsigned long long)address);
  }
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
