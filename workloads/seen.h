/* seen.h -- a set of words outside the heap: how a check proves that objects without payload are all distinct.
 *
 * Used by the check of a workload only, so by thread 0 alone.  A reference redirected from one object to its twin
 * leaves a structure's shape as it was, but then some object is reached twice: seen_add fails the run.
 * A check does not allocate or poll, so nothing moves meanwhile, and the hashes of live objects are distinct. */
#ifndef GC_WORKLOADS_SEEN_H
#define GC_WORKLOADS_SEEN_H

#include <stdlib.h>

#include "runtime/base/bits.h"
#include "runtime/base/rng.h"
#include "runtime/gc.h"
#include "runtime/workload.h"

/* Open addressing, at most half full: count <= limit <= (mask + 1) / 2.  0 marks an empty slot. */
struct seen {
  uint64_t *slot;
  uint64_t mask, count, limit;
};

/* An empty set for at most `limit` words. */
static inline struct seen seen_create(const struct gc_work *work, uint64_t limit) {
  uint64_t slots = 4ull << bits_log2(limit | 1);
  struct seen seen = {calloc(slots, sizeof *seen.slot), .mask = slots - 1, .limit = limit};
  if (!seen.slot)
    work_fail(work, "no memory for a check of %llu objects", (unsigned long long)limit);
  return seen;
}

static inline void seen_destroy(struct seen *seen) { free(seen->slot); }

/* Adds `word`, which is not 0.  Fails if the set has it already, or has `limit` others. */
static inline void seen_add(const struct gc_work *work, struct seen *seen, uint64_t word) {
  uint64_t at = (word * 0x9e3779b97f4a7c15u) >> 17 & seen->mask;
  while (seen->slot[at] != 0 && seen->slot[at] != word)
    at = (at + 1) & seen->mask;
  if (seen->slot[at] == word)
    work_fail(work, "an object is reached twice");
  if (seen->count++ == seen->limit)
    work_fail(work, "more than %llu objects are reached", (unsigned long long)seen->limit);
  seen->slot[at] = word;
}

/* Fails if `object` is null or was seen. */
static inline void seen_object(struct gc_mutator *m, const struct gc_work *work, struct seen *seen, gc_ref object) {
  if (gc_is_null(object))
    work_fail(work, "an object is gone");
  seen_add(work, seen, gc_hash(m, object));
}

/* Fails unless `limit` words were added. */
static inline void seen_check_full(const struct gc_work *work, const struct seen *seen) {
  if (seen->count != seen->limit)
    work_fail(work, "%llu objects are reached, not %llu", (unsigned long long)seen->count,
              (unsigned long long)seen->limit);
}

#endif
