/* hash_stays_the_same.c -- an identity hash survives every move, for fixed objects, arrays and raw data, and an object
 * that grew for its hash keeps its contents. */
#include "tests/support/suite.h"

enum { HASHED_OBJECTS = 300, RAW_BYTES = 24 };

static gc_ref object_new(struct gc_mutator *m, unsigned i) {
  gc_ref object;
  switch (i % 3) {
  case 0:
    object = GC_NEW(m, leaf);
    GC_PUT(m, object, leaf, key, i);
    return object;
  case 1:
    object = gc_alloc_raw(m, RAW_BYTES + i);
    memset(gc_raw_data(m, object), (int)(i & 0xff), RAW_BYTES + i);
    return object;
  default: return gc_alloc_array(m, 1 + i % 5);
  }
}

static void check_contents(struct gc_mutator *m, gc_ref object, unsigned i) {
  if (i % 3 == 0)
    EXPECT(GC_DEREF(m, leaf, object)->key == i, "leaf %u", i);
  if (i % 3 == 1) {
    EXPECT(GC_DEREF(m, gc_raw, object)->length_bytes == RAW_BYTES + i, "length of raw %u", i);
    for (unsigned byte = 0; byte < RAW_BYTES + i; byte++)
      EXPECT(gc_raw_data(m, object)[byte] == (i & 0xff), "byte %u of raw %u", byte, i);
  }
  if (i % 3 == 2) {
    EXPECT(gc_array_length(m, object) == 1 + i % 5, "length of array %u", i);
    EXPECT(gc_is_null(gc_array_load(m, object, i % 5)), "slot of array %u", i);
  }
}

TEST(hash_stays_the_same) {
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  static uint64_t hashes[HASHED_OBJECTS];
  GC_ROOTS(m, r, table);
  gc_set(m, &r.table, gc_alloc_array(m, HASHED_OBJECTS));
  for (unsigned i = 0; i < HASHED_OBJECTS; i++) {
    gc_ref object = object_new(m, i);
    gc_array_store(m, gc_get(m, &r.table), i, object);
  }
  for (unsigned i = 0; i < HASHED_OBJECTS; i += 2) /* the others are asked for only after they may have moved */
    hashes[i] = gc_hash(m, gc_array_load(m, gc_get(m, &r.table), i));
  for (unsigned round = 0; round < 4; round++) {
    gc_collect(m, round & 1);
    suite_churn(m, 64 * GC_KIB);
    for (unsigned i = 0; i < HASHED_OBJECTS; i++) {
      gc_ref object = gc_array_load(m, gc_get(m, &r.table), i);
      uint64_t hash = gc_hash(m, object);
      if (round == 0 && i % 2 == 1)
        hashes[i] = hash;
      EXPECT(hash == hashes[i], "the hash of object %u changed in round %u", i, round);
      check_contents(m, object, i);
    }
  }
  unsigned equal = 0;
  for (unsigned i = 1; i < HASHED_OBJECTS; i++)
    equal += hashes[i] == hashes[i - 1];
  EXPECT(equal < HASHED_OBJECTS / 10, "%u of %d neighbours have the same hash", equal, HASHED_OBJECTS);
  gc_frame_pop(m, &r.frame);
  suite_end(m);
}
