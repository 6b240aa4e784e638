/* biased.h -- biased reference counts: an object's owner counts with plain instructions, all others with atomic ones.
 *
 * The owner is the thread that made the object, by a number that its heap gave it (trace/owners.h).  A count is the sum
 * of two parts (Choi, Shull and Torrellas, PACT 2018; CPython's PEP 703), which lie beside each other:
 *
 *       8 bytes before the object              plan word of its header
 *    63      32 31          2 1    0         31      20 19       0
 *   +----------+-------------+-------+      +----------+----------+
 *   |   spare  |   shared    | state |      |  owner   |  local   |
 *   +----------+-------------+-------+      +----------+----------+
 *
 *   local    what the owner counted; plain loads and stores, by the owner alone
 *   shared   what the others counted, less what they dropped; may be negative, since a reference that the owner
 *            counted may be dropped by somebody else
 *   state    PLAIN --weak reference--> MAYBE_WEAK
 *              |                         |
 *              +--dropped at shared 0----+--> QUEUED ----owner, or who acts for it----> MERGED
 *              +----owner's local is 0, shared is not plain 0 ------------------------> MERGED
 *            PLAIN       shared 0 says that no other thread counts
 *            MAYBE_WEAK  shared 0 says nothing: threads may take references from weak ones
 *            QUEUED      the owner's queue holds the object, and one reference to it
 *            MERGED      nobody owns it any more, owner and local are 0: shared is the count
 *   spare    free for use while the world is stopped; 0 otherwise
 *
 * Invariants: an object in use has local > 0, or is MERGED and has shared > 0, or is so new that nothing refers to it.
 * Only the owner can find local 0; only one thread finds MERGED and shared 0.  A thread drops what somebody counted.
 * A local part that is full spills into the shared one.  A shared part that reaches 2^28 is stuck: it follows no
 * longer, and the object is in use for ever.
 * Orders: a count publishes nothing; the reference that is stored next to it does.  A drop releases the thread's
 * accesses to the object, and acquires those of all others if it was the last. */
#ifndef GC_BARRIER_BIASED_H
#define GC_BARRIER_BIASED_H

#include "runtime/base/chaos.h"
#include "runtime/base/check.h"
#include "runtime/base/mutant.h"
#include "runtime/object/object.h"

struct biased { /* before the object; zero when it is new */
  _Atomic uint32_t shared;
  uint32_t spare;
};

enum { BIASED_BYTES = sizeof(struct biased), BIASED_OWNER_SHIFT = 20, BIASED_OWNER_LIMIT = 4095 };
#define BIASED_LOCAL_LIMIT ((uint32_t)1 << BIASED_OWNER_SHIFT)
/* The plan word of an object that is not counted at all, and has no shared part. */
#define BIASED_IMMORTAL UINT32_MAX

enum biased_state { BIASED_PLAIN, BIASED_MAYBE_WEAK, BIASED_QUEUED, BIASED_MERGED, BIASED_STATES };
#define BIASED_ONE ((uint32_t)4) /* one reference in the shared part */
enum { BIASED_STUCK_COUNT = 1 << 28 };
#define BIASED_STUCK (BIASED_ONE * 3 / 2 * BIASED_STUCK_COUNT) /* middle of the stuck counts */

enum biased_drop {
  BIASED_IN_USE,
  BIASED_DEAD,      /* that was the last reference */
  BIASED_FOR_OWNER, /* now QUEUED: the caller gives it to the owner, whose entry stands for the dropped reference */
};

static GC_INLINE struct biased *biased_of(gc_ref object) { return (struct biased *)(object.bits - BIASED_BYTES); }
static GC_INLINE uint32_t biased_shared(gc_ref object) {
  return atomic_load_explicit(&biased_of(object)->shared, memory_order_relaxed);
}
static GC_INLINE uint32_t biased_word(gc_ref object) {
  return atomic_load_explicit(header_plan_word(object), memory_order_relaxed);
}
static GC_INLINE void biased_set_word(gc_ref object, uint32_t word) {
  atomic_store_explicit(header_plan_word(object), word, memory_order_relaxed);
}

/* Owners are compared as the plan word holds them: biased_owner(number) is its word at local 0; 0 is nobody. */
static GC_INLINE uint32_t biased_owner(uint32_t number) { return number << BIASED_OWNER_SHIFT; }
static GC_INLINE uint32_t biased_number(uint32_t word) { return word >> BIASED_OWNER_SHIFT; }
static GC_INLINE uint32_t biased_owner_of(gc_ref object) { return biased_word(object) & ~(BIASED_LOCAL_LIMIT - 1); }
static GC_INLINE uint32_t biased_local(uint32_t word) { return word & (BIASED_LOCAL_LIMIT - 1); }

static GC_INLINE enum biased_state biased_state_of(uint32_t shared) { return shared & (BIASED_STATES - 1); }
static GC_INLINE int32_t biased_shared_count(uint32_t shared) { return (int32_t)shared >> 2; }
static GC_INLINE bool biased_is_stuck(uint32_t shared) { return biased_shared_count(shared) >= BIASED_STUCK_COUNT; }
static GC_INLINE uint32_t biased_stick(uint32_t shared) { return BIASED_STUCK | biased_state_of(shared); }

/* The references that are counted; exact while nobody counts. */
static GC_INLINE int64_t biased_count(gc_ref object) {
  return (int64_t)biased_local(biased_word(object)) + biased_shared_count(biased_shared(object));
}

/* ---- taking a reference ---- */

/* True if it was the owner's to count, and there was room.  One comparison tells both: a local part that overflows
 * changes the owner. */
static GC_INLINE bool biased_take_own(gc_ref object, uint32_t owner) {
  uint32_t next = biased_word(object) + 1;
  if (GC_UNLIKELY((next ^ owner) >= BIASED_LOCAL_LIMIT) && !GC_MUTANT(biased_owner_unasked))
    return false;
  biased_set_word(object, next);
  return true;
}

static GC_INLINE void biased_add_shared(gc_ref object, uint32_t references) {
  struct biased *biased = biased_of(object);
  GC_STEP("biased.take");
  /* relaxed: see above */
  uint32_t shared = atomic_fetch_add_explicit(&biased->shared, references * BIASED_ONE, memory_order_relaxed);
  shared += references * BIASED_ONE;
  if (GC_UNLIKELY(biased_is_stuck(shared))) /* threads race to write the same count */
    while (!atomic_compare_exchange_weak_explicit(&biased->shared, &shared, biased_stick(shared), memory_order_relaxed,
                                                  memory_order_relaxed))
      ;
}

/* The half for other threads' objects, immortal ones, and a local part that is full: half of it spills over, first
 * there, so that the sum is never too low. */
static inline void biased_take_slow(gc_ref object, uint32_t owner) {
  uint32_t word = biased_word(object), spill = BIASED_LOCAL_LIMIT / 2;
  if (word == BIASED_IMMORTAL)
    return;
  if ((word ^ owner) >= BIASED_LOCAL_LIMIT) {
    biased_add_shared(object, 1);
    return;
  }
  biased_add_shared(object, spill);
  biased_set_word(object, word + 1 - spill);
}

static GC_INLINE void biased_take(gc_ref object, uint32_t owner) {
  if (GC_UNLIKELY(!biased_take_own(object, owner)))
    biased_take_slow(object, owner);
}

/* Takes a reference to an object that may be dead, and whose memory is still its own; false if it is dead or dying.
 * Somebody said biased_expect_weak of it. */
static inline bool biased_try_take(gc_ref object, uint32_t owner) {
  uint32_t word = biased_word(object), shared = biased_shared(object);
  if ((word ^ owner) < BIASED_LOCAL_LIMIT && biased_local(word)) {
    biased_take(object, owner);
    return true;
  }
  do
    if (shared == BIASED_PLAIN || shared == BIASED_MERGED)
      return false;
  while (!atomic_compare_exchange_weak_explicit(&biased_of(object)->shared, &shared, shared + BIASED_ONE,
                                                /* acquire: pairs with biased_revive */
                                                memory_order_acquire, memory_order_relaxed));
  return true;
}

/* From now on threads may take references to `object` from weak ones.  The caller's thread has it counted. */
static inline void biased_expect_weak(gc_ref object) {
  uint32_t shared = biased_shared(object);
  while (biased_state_of(shared) == BIASED_PLAIN && !GC_MUTANT(biased_weak_unexpected) &&
         !atomic_compare_exchange_weak_explicit(&biased_of(object)->shared, &shared, shared | BIASED_MAYBE_WEAK,
                                                memory_order_relaxed, memory_order_relaxed))
    ;
}

/* ---- dropping a reference ---- */

/* The frequent half: done if the owner asks and the object stays in use. */
static GC_INLINE bool biased_drop_own(gc_ref object, uint32_t owner) {
  uint32_t word = biased_word(object);
  if (GC_UNLIKELY((word ^ owner) - 2 >= BIASED_LOCAL_LIMIT - 2))
    return false;
  biased_set_word(object, word - 1);
  return true;
}

/* What a drop at shared part `shared` makes of it, where the caller does not own the object. */
static GC_INLINE uint32_t biased_after_drop(uint32_t shared, enum biased_drop *drop) {
  *drop = BIASED_IN_USE;
  if (GC_UNLIKELY(biased_is_stuck(shared)))
    return biased_stick(shared);
  if ((shared == BIASED_PLAIN || shared == BIASED_MAYBE_WEAK) && !GC_MUTANT(biased_owner_untold)) {
    *drop = BIASED_FOR_OWNER;
    return BIASED_QUEUED;
  }
  GC_CHECK(1, shared != BIASED_MERGED, "a merged count of zero is dropped");
  if (shared == (BIASED_MERGED | BIASED_ONE))
    *drop = BIASED_DEAD;
  return shared - BIASED_ONE;
}

static inline enum biased_drop biased_drop_shared(gc_ref object) {
  enum biased_drop drop;
  GC_STEP("biased.drop");
  if (biased_word(object) == BIASED_IMMORTAL)
    return BIASED_IN_USE;
  uint32_t shared = biased_shared(object);
  if (GC_MUTANT(biased_drop_unordered)) {
    while (!atomic_compare_exchange_weak_explicit(&biased_of(object)->shared, &shared,
                                                  biased_after_drop(shared, &drop), memory_order_relaxed,
                                                  memory_order_relaxed))
      ;
    return drop;
  }
  /* acq_rel: pairs with itself in other threads, and with the loads in biased_give_up */
  while (!atomic_compare_exchange_weak_explicit(&biased_of(object)->shared, &shared, biased_after_drop(shared, &drop),
                                                memory_order_acq_rel, memory_order_relaxed))
    ;
  return drop;
}

/* Moves the local part into the shared one; nobody owns the object from now on.  Its owner, or who acts for it.
 * The word comes first: who finds MERGED may free the object. */
static inline enum biased_drop biased_merge(gc_ref object) {
  uint32_t local = biased_local(biased_word(object)), next, shared = biased_shared(object);
  biased_set_word(object, 0);
  GC_STEP("biased.merge");
  do
    next = biased_is_stuck(shared) ? BIASED_STUCK | BIASED_MERGED
                                   : (shared + local * BIASED_ONE) | BIASED_MERGED;
  /* acq_rel: pairs with biased_drop_shared of other threads */
  while (!atomic_compare_exchange_weak_explicit(&biased_of(object)->shared, &shared, next, memory_order_acq_rel,
                                                memory_order_relaxed));
  return next == BIASED_MERGED ? BIASED_DEAD : BIASED_IN_USE;
}

/* The owner's local part has become 0. */
static inline enum biased_drop biased_give_up(gc_ref object) {
  /* acquire: what others did to the object before they dropped what they had counted */
  if (GC_LIKELY(atomic_load_explicit(&biased_of(object)->shared, memory_order_acquire) == BIASED_PLAIN))
    return BIASED_DEAD;
  return biased_merge(object);
}

/* Drops a reference for the thread whose number `owner` tells. */
static GC_INLINE enum biased_drop biased_drop(gc_ref object, uint32_t owner) {
  uint32_t word = biased_word(object);
  if ((word ^ owner) >= BIASED_LOCAL_LIMIT || !owner)
    return biased_drop_shared(object);
  GC_CHECK(1, biased_local(word), "%p is dropped once too often", (void *)object.bits);
  biased_set_word(object, word - 1);
  return GC_LIKELY(biased_local(word) > 1) ? BIASED_IN_USE : biased_give_up(object);
}

/* One more reference to an object that is dead, or about to be found so, for its owner or who acts for it. */
static inline void biased_revive(gc_ref object) {
  uint32_t owner = biased_owner_of(object);
  if (owner)
    biased_take(object, owner);
  else /* release: its weak references were cleared before; pairs with biased_try_take */
    atomic_fetch_add_explicit(&biased_of(object)->shared, BIASED_ONE, memory_order_release);
}

#endif
