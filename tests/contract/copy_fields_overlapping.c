/* copy_fields_overlapping.c -- gc_copy_fields moves runs of references as memmove would, within an object and between
 * two, and the collector sees each of them. */
#include "tests/support/suite.h"

enum { SLOTS = 40 };

static uint64_t key_at(struct gc_mutator *m, const gc_root *array, unsigned i) {
  gc_ref leaf = gc_array_load(m, gc_get(m, array), i);
  return gc_is_null(leaf) ? 0 : GC_DEREF(m, leaf, leaf)->key;
}

TEST(copy_fields_overlapping) {
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  uint64_t model[2][SLOTS] = {0}, rng = rng_stream(suite.seed, 1);
  GC_ROOTS(m, r, first, second);
  gc_set(m, &r.first, gc_alloc_array(m, SLOTS));
  gc_set(m, &r.second, gc_alloc_array(m, SLOTS));
  gc_root *arrays[2] = {&r.first, &r.second};
  size_t rounds = suite_count(2000);
  for (uint64_t round = 1; round <= rounds; round++) {
    unsigned slot = (unsigned)rng_below(&rng, SLOTS), which = (unsigned)rng_below(&rng, 2);
    gc_ref leaf = GC_NEW(m, leaf);
    GC_PUT(m, leaf, leaf, key, round);
    gc_array_store(m, gc_get(m, arrays[which]), slot, leaf);
    model[which][slot] = round;

    unsigned to = (unsigned)rng_below(&rng, 2), from = (unsigned)rng_below(&rng, 2);
    unsigned count = (unsigned)rng_below(&rng, SLOTS + 1);
    unsigned to_slot = (unsigned)rng_below(&rng, SLOTS - count + 1);
    unsigned from_slot = (unsigned)rng_below(&rng, SLOTS - count + 1);
    if (count) {
      gc_ref to_array = gc_get(m, arrays[to]), from_array = gc_get(m, arrays[from]);
      gc_copy_fields(m, to_array, gc_array_slot(m, to_array, to_slot), from_array,
                     gc_array_slot(m, from_array, from_slot), count);
      memmove(&model[to][to_slot], &model[from][from_slot], count * sizeof model[0][0]);
    }
    if (round % 64 == 0) {
      gc_collect(m, (int)(round / 64 & 1));
      suite_churn(m, 16 * GC_KIB);
    }
    for (unsigned i = 0; i < 2 * SLOTS; i++)
      EXPECT(key_at(m, arrays[i / SLOTS], i % SLOTS) == model[i / SLOTS][i % SLOTS], "slot %u of array %u, round %llu",
             i % SLOTS, i / SLOTS, (unsigned long long)round);
  }
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
