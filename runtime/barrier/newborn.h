/* newborn.h -- the latest object of a thread whose plan counts references.
 *
 * Nothing counts a new object yet, so no drop would find it dead.  Its thread holds it in a slot, and looks at it when
 * it lets go of it: at its next allocation or poll, when no register refers to it any more.  A slot without an object
 * holds a stand-in that is always in use, so that looking takes no second branch.  Only the thread uses its slot. */
#ifndef GC_BARRIER_NEWBORN_H
#define GC_BARRIER_NEWBORN_H

#include "runtime/object/object.h"
#include "runtime/object/type.h"

struct newborn_slot {
  gc_ref object;
  _Atomic uint64_t stand_in; /* a header; atomic as every header is */
};

static GC_INLINE void newborn_forget(struct newborn_slot *slot) { slot->object = (gc_ref){(uintptr_t)&slot->stand_in}; }

/* `plan_word`: one of an object in use. */
static inline void newborn_init(struct newborn_slot *slot, uint32_t plan_word) {
  /* relaxed: no other thread knows the slot */
  atomic_store_explicit(&slot->stand_in, header_make(GC_TYPE_NONE, plan_word), memory_order_relaxed);
  newborn_forget(slot);
}

#endif
