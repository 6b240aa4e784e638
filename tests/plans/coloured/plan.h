/* coloured/plan.h -- a skeleton that proves load barriers: fields hold coloured references, and loads heal them.
 *
 * A reference in a field carries one of two colour bits, a null none.  Each collection leaves every live field in the
 * colour that was good during it, and then makes the other colour good, so that the first load of each field after a
 * collection takes the slow path: it checks the colour and writes the good one.  The colour bits make an address
 * non-canonical: whoever forgets to take them off, traps.  Weak targets and ephemeron keys are plain (trace/weak.h).
 * Nothing moves; what a moving collector would do in `heal` is look up the new address. */
#ifndef GC_PLAN_COLOURED_H
#define GC_PLAN_COLOURED_H

#define PLAN_CELLS
#define PLAN_OWN_LOAD
#define PLAN_OWN_WEAK_LOAD
#define PLAN_OWN_COLOUR
#define PLAN_OWN_UNCOLOUR
#define PLAN_LARGE_BYTES CELL_MAX_BYTES

#include "runtime/heap/cell_space.h"
#include "runtime/plan.h"

#define COLOUR_EVEN ((uintptr_t)1 << 61)
#define COLOUR_ODD ((uintptr_t)1 << 62)
#define COLOUR_BITS (COLOUR_EVEN | COLOUR_ODD)

struct plan_mutator {
  struct gc_mutator base;
  struct cell_cache cells;
  uintptr_t good; /* the heap's good colour; written while the world is stopped */
};

/* The field held `bits`, of the bad colour: writes the good one, unless somebody else was faster. */
gc_ref PLAN_(heal)(struct gc_mutator *m, gc_field *field, uintptr_t bits) GC_COLD;

static GC_INLINE uintptr_t coloured_good(struct gc_mutator *m) { return ((struct plan_mutator *)m)->good; }

static GC_INLINE uintptr_t plan_colour(struct gc_mutator *m, gc_ref value) {
  return gc_is_null(value) ? 0 : value.bits | coloured_good(m);
}

static GC_INLINE gc_ref plan_uncolour(uintptr_t bits) { return (gc_ref){bits & ~COLOUR_BITS}; }

static GC_INLINE gc_ref plan_load(struct gc_mutator *m, gc_ref object, gc_field *field) {
  (void)object;
  /* acquire: pairs with the release in plan_store of another mutator */
  uintptr_t bits = atomic_load_explicit(&field->bits, memory_order_acquire);
  if (GC_UNLIKELY(bits && !(bits & coloured_good(m))))
    return PLAN_(heal)(m, field, bits);
  return plan_uncolour(bits);
}

static GC_INLINE gc_ref plan_weak_load(struct gc_mutator *m, gc_ref object, gc_field *field) {
  (void)m, (void)object;
  return plan_uncolour(atomic_load_explicit(&field->bits, memory_order_acquire)); /* as in plan_load; never heals */
}

#include "runtime/plan_default.h"

#endif
