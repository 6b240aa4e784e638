/* rc.h -- the count word of a counting collector: what one increment and one decrement do to it.
 *
 * The word is the plan word of the header (object.h).  A count stands for a field or a rooted local that refers to
 * the object; a reference in a register is not counted.
 *
 *    31            5   4      3  2       1          0
 *   +---------------+-------+--------+----------+--------+
 *   |     count     | green | colour | buffered | queued |
 *   +---------------+-------+--------+----------+--------+
 *
 *   queued    exactly one queue or newborn slot holds the object, and only its holder may find it dead.
 *             Invariant: a live object whose count is 0 is queued.
 *   buffered  a buffer of suspects holds it: its memory may not be reused before that entry is gone.
 *   colour    black in use, purple suspected of being the entry to a garbage cycle (then it is buffered);
 *             grey and white only while the world is stopped for trial deletion; white otherwise: it is dead and
 *             its memory waits for its entry among the suspects.
 *   green     can never be part of a cycle, so never suspected.  (Bacon and Rajan, ECOOP 2001.)
 *
 * A count that reaches 2^26 is stuck: it no longer follows the references; only a trace frees the object.
 * Each operation comes twice: `_alone` for the only mutator there is (plain loads and stores, about 1 ns), and
 * `_shared` where other threads may count at the same time (one locked instruction, about 5 ns).
 * Orders: a count publishes nothing; the reference that is stored next to it does.  A decrement releases the
 * thread's accesses to the object, and acquires those of all others if it was the last one. */
#ifndef GC_BARRIER_RC_H
#define GC_BARRIER_RC_H

#include "runtime/base/chaos.h"
#include "runtime/base/check.h"
#include "runtime/base/mutant.h"
#include "runtime/object/object.h"

enum {
  RC_QUEUED = 1 << 0,
  RC_BUFFERED = 1 << 1,
  RC_PURPLE = 1 << 2,
  RC_GREY = 2 << 2,
  RC_WHITE = 3 << 2,
  RC_COLOUR = 3 << 2, /* mask; black is 0 */
  RC_GREEN = 1 << 4,
  RC_FLAGS = 31,
};
#define RC_ONE ((uint32_t)32)
#define RC_STUCK ((uint32_t)0xc0000000) /* middle of the stuck counts, which have the top bit set */

enum rc_drop {
  RC_DROP_DONE,    /* nothing to do */
  RC_DROP_ZERO,    /* now zero and queued: the caller puts it into a queue */
  RC_DROP_SUSPECT, /* now purple and buffered: the caller puts it among the suspects */
};

static GC_INLINE uint32_t rc_word(gc_ref object) {
  return atomic_load_explicit(header_plan_word(object), memory_order_relaxed);
}
static GC_INLINE void rc_set_word(gc_ref object, uint32_t word) {
  atomic_store_explicit(header_plan_word(object), word, memory_order_relaxed);
}
static GC_INLINE uint32_t rc_count(uint32_t word) { return word / RC_ONE; }
static GC_INLINE uint32_t rc_colour(uint32_t word) { return word & RC_COLOUR; }
static GC_INLINE bool rc_is_stuck(uint32_t word) { return (int32_t)word < 0; }

/* Dead, and kept only for its entry among the suspects.  Not while the world is stopped for trial deletion. */
static GC_INLINE bool rc_is_husk(uint32_t word) { return rc_colour(word) == RC_WHITE; }

/* ---- what an operation makes of a word ---- */

static GC_INLINE uint32_t rc_stick(uint32_t word) { return (word & RC_FLAGS) | RC_STUCK; }

/* Who is referred to anew is no suspect: purple becomes black. */
static GC_INLINE uint32_t rc_after_inc(uint32_t word) {
  uint32_t next = (word + RC_ONE) & ~(uint32_t)RC_PURPLE;
  return GC_LIKELY(!rc_is_stuck(next)) ? next : rc_stick(next);
}

static GC_INLINE uint32_t rc_after_dec(uint32_t word, enum rc_drop *drop) {
  GC_CHECK(1, rc_count(word) > 0, "a count of zero is decremented: word %#x", word);
  uint32_t next = word - RC_ONE;
  *drop = RC_DROP_DONE;
  if (GC_UNLIKELY(rc_is_stuck(word)))
    return rc_stick(word);
  if (rc_count(next) == 0) {
    if (!(next & RC_QUEUED))
      *drop = RC_DROP_ZERO;
    return next | RC_QUEUED;
  }
  if (next & RC_GREEN)
    return next;
  if (!(next & RC_BUFFERED))
    *drop = RC_DROP_SUSPECT;
  return next | RC_PURPLE | RC_BUFFERED;
}

/* A husk stays white: its memory is about to be freed. */
static GC_INLINE uint32_t rc_after_unbuffer(uint32_t word) {
  return word & ~(uint32_t)(rc_is_husk(word) ? RC_BUFFERED : RC_BUFFERED | RC_COLOUR);
}

/* The word of a new object, which its thread's newborn slot holds. */
static GC_INLINE uint32_t rc_newborn_word(bool acyclic) { return RC_QUEUED | (acyclic ? RC_GREEN : 0); }

/* ---- the only mutator, or the world is stopped ---- */

static GC_INLINE void rc_inc_alone(gc_ref object) { rc_set_word(object, rc_after_inc(rc_word(object))); }

static GC_INLINE enum rc_drop rc_dec_alone(gc_ref object) {
  enum rc_drop drop;
  rc_set_word(object, rc_after_dec(rc_word(object), &drop));
  return drop;
}

/* The frequent half of rc_dec_alone: done if the object stays in use and there is nothing to note. */
static GC_INLINE bool rc_dec_alone_fast(gc_ref object) {
  uint32_t next = rc_word(object) - RC_ONE;
  if (GC_UNLIKELY((int32_t)next < (int32_t)RC_ONE || !(next & (RC_GREEN | RC_PURPLE))))
    return false;
  rc_set_word(object, next);
  return true;
}

/* Leaves the queue, if it is referred to; else stays queued. */
static GC_INLINE bool rc_unqueue_alone(gc_ref object) {
  uint32_t word = rc_word(object);
  if (GC_UNLIKELY(rc_count(word) == 0))
    return false;
  rc_set_word(object, word & ~(uint32_t)RC_QUEUED);
  return true;
}

/* The entry of `object` among the suspects is gone.  Returns whether the object is a husk, now the caller's to free. */
static GC_INLINE bool rc_unbuffer_alone(gc_ref object) {
  uint32_t word = rc_word(object);
  rc_set_word(object, rc_after_unbuffer(word));
  return rc_is_husk(word);
}

/* The object is dead and has been taken apart.  Returns whether its memory is the caller's to free: else its entry
 * among the suspects decides. */
static GC_INLINE bool rc_become_husk_alone(gc_ref object) {
  uint32_t word = rc_word(object);
  if (GC_LIKELY(!(word & RC_BUFFERED)))
    return true;
  rc_set_word(object, word | RC_WHITE);
  return false;
}

/* ---- other threads count as well ---- */

/* Purple stays: to clear it here could erase a decrement's suspicion that came in between. */
static GC_INLINE void rc_inc_shared(gc_ref object) {
  GC_STEP("rc.inc");
  uint32_t word = atomic_fetch_add_explicit(header_plan_word(object), RC_ONE, memory_order_relaxed) + RC_ONE;
  if (GC_UNLIKELY(rc_is_stuck(word))) /* threads race to write the same count; between them it drifts by a few */
    while (!atomic_compare_exchange_weak_explicit(header_plan_word(object), &word, rc_stick(word),
                                                  memory_order_relaxed, memory_order_relaxed))
      ;
}

/* One exchange: the flags must change with the count, since an object at zero that is not buffered may be gone at
 * once. */
static GC_INLINE enum rc_drop rc_dec_shared(gc_ref object) {
  enum rc_drop drop;
  GC_STEP("rc.dec");
  uint32_t word = rc_word(object);
  if (GC_MUTANT(rc_dec_torn)) {
    GC_CHAOS("mutant");
    rc_set_word(object, rc_after_dec(word, &drop));
    return drop;
  }
  if (GC_MUTANT(rc_dec_unordered)) {
    while (!atomic_compare_exchange_weak_explicit(header_plan_word(object), &word, rc_after_dec(word, &drop),
                                                  memory_order_relaxed, memory_order_relaxed))
      ;
    return drop;
  }
  /* acq_rel: pairs with itself in other threads, see above */
  while (!atomic_compare_exchange_weak_explicit(header_plan_word(object), &word, rc_after_dec(word, &drop),
                                                memory_order_acq_rel, memory_order_relaxed))
    ;
  return drop;
}

/* Counts one more reference, unless the object is dead or dying. */
static GC_INLINE bool rc_inc_unless_zero(gc_ref object) {
  uint32_t word = rc_word(object);
  do
    if (rc_count(word) == 0)
      return false;
  while (!atomic_compare_exchange_weak_explicit(header_plan_word(object), &word, word + RC_ONE, memory_order_acquire,
                                                memory_order_relaxed));
  return true;
}

static GC_INLINE bool rc_unqueue_shared(gc_ref object) {
  GC_STEP("rc.unqueue");
  if (rc_count(rc_word(object)) == 0)
    return false;
  /* acquire: pairs with the decrement that left a zero to this queue */
  uint32_t word = atomic_fetch_and_explicit(header_plan_word(object), ~(uint32_t)RC_QUEUED, memory_order_acquire);
  if (GC_LIKELY(rc_count(word) > 0))
    return true;
  atomic_fetch_or_explicit(header_plan_word(object), RC_QUEUED, memory_order_relaxed);
  return false;
}

static GC_INLINE bool rc_unbuffer_shared(gc_ref object) {
  uint32_t word = rc_word(object);
  /* acquire: pairs with the release in rc_become_husk_shared */
  while (!atomic_compare_exchange_weak_explicit(header_plan_word(object), &word, rc_after_unbuffer(word),
                                                memory_order_acquire, memory_order_relaxed))
    ;
  return rc_is_husk(word);
}

/* Of two threads that race, one here and one in rc_unbuffer_shared, one frees the memory, never both. */
static GC_INLINE bool rc_become_husk_shared(gc_ref object) {
  return !(atomic_fetch_or_explicit(header_plan_word(object), RC_WHITE, memory_order_acq_rel) & RC_BUFFERED);
}

#endif
