/* young_barrier.h -- remembers the old-to-young references that mutators make.
 *
 * Before a store of a young object into an old one, the field's address goes into the mutator's buffer, unless
 * the field held a young object already (then it is in some buffer).  Large objects are born old: they are
 * remembered whole by whoever allocates them, so initialising stores need no barrier.
 * Cost of a store between young objects: two subtractions, two comparisons.  Mutators only. */
#ifndef GC_BARRIER_YOUNG_BARRIER_H
#define GC_BARRIER_YOUNG_BARRIER_H

#include "runtime/barrier/ssb.h"
#include "runtime/base/mutant.h"
#include "runtime/heap/young_space.h"
#include "runtime/object/object.h"
#include "runtime/stats/tally.h"

struct young_barrier {
  uintptr_t base; /* of the young range; fixed for the heap's life */
  size_t bytes;
  struct ssb_buffer remembered;
};

static GC_INLINE bool young_barrier_is_young(const struct young_barrier *barrier, uintptr_t address) {
  return young_contains(barrier->base, barrier->bytes, address);
}

static GC_INLINE void young_barrier_before_store(struct young_barrier *barrier, gc_ref object, gc_field *field,
                                                 gc_ref value) {
  if (young_barrier_is_young(barrier, object.bits) || GC_LIKELY(!young_barrier_is_young(barrier, value.bits)))
    return;
  if (GC_MUTANT(young_barrier_deleted) || (GC_MUTANT(young_barrier_trusts_any_old) && field_bits(field)))
    return;
  if (young_barrier_is_young(barrier, field_bits(field)))
    return;
  TALLY(remembered_fields);
  ssb_push(&barrier->remembered, field);
}

#endif
