/* payload.h -- raw objects whose every word follows from an id, so that any change in them shows.
 *
 * Used by workloads only.  `object_bytes` is what the object takes from the heap, its header and length included:
 * a multiple of 8, at least PAYLOAD_LEAST_BYTES.  Ids are unique in a run. */
#ifndef GC_WORKLOADS_PAYLOAD_H
#define GC_WORKLOADS_PAYLOAD_H

#include "runtime/base/rng.h"
#include "runtime/gc.h"
#include "runtime/workload.h"

enum { PAYLOAD_LEAST_BYTES = GC_SIZEOF(gc_raw) + sizeof(uint64_t) };

static GC_INLINE uint64_t payload_word(uint64_t id, uint64_t index) { return id + (index + 1) * 0x9e3779b97f4a7c15u; }

static GC_INLINE gc_ref payload_new(struct gc_mutator *m, uint64_t id, uint64_t object_bytes) {
  uint64_t count = (object_bytes - GC_SIZEOF(gc_raw)) / sizeof(uint64_t);
  gc_ref payload = gc_alloc_raw(m, count * sizeof(uint64_t));
  uint64_t *word = (uint64_t *)gc_raw_data(m, payload);
  for (uint64_t i = 0; i < count; i++)
    word[i] = payload_word(id, i);
  return payload;
}

/* Fails unless `payload` is what payload_new made of `id` and `object_bytes`. */
static GC_INLINE void payload_check(struct gc_mutator *m, const struct gc_work *work, gc_ref payload, uint64_t id,
                                    uint64_t object_bytes) {
  uint64_t count = (object_bytes - GC_SIZEOF(gc_raw)) / sizeof(uint64_t);
  if (gc_is_null(payload) || GC_DEREF(m, gc_raw, payload)->length_bytes != count * sizeof(uint64_t))
    work_fail(work, "the data of object %llx is gone or has another length", (unsigned long long)id);
  const uint64_t *word = (const uint64_t *)gc_raw_data(m, payload);
  uint64_t difference = 0;
  for (uint64_t i = 0; i < count; i++)
    difference |= word[i] ^ payload_word(id, i);
  if (difference)
    work_fail(work, "the data of object %llx changed", (unsigned long long)id);
}

#endif
