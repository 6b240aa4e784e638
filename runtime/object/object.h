/* object.h -- the header word of every object, and who may write each of its bytes.
 *
 *   63          32 31      16 15       8 7        0
 *  +--------------+----------+----------+----------+
 *  |  plan word   | type id  |  flags   |   tag    |
 *  +--------------+----------+----------+----------+
 *
 *  tag        0 normal, 1 busy, 2 forwarded.  Written by whoever wins the copying race (forward.h).
 *             Forwarded: bits 16..63 hold the new address; the flags byte stays where it is.
 *  flags      GC_FLAG_*: set and cleared by read-modify-write only, by any thread.
 *  type id    written once, before the object is published.
 *  plan word  32 bits that belong to the plan: a count, an age, a log state.  Where two threads may
 *             write it, the plan uses read-modify-write on these four bytes alone (header_plan_word).
 *
 * A header word of 0 means: no object was ever placed here.  Objects are aligned to 8 bytes and are at
 * least 16 bytes long, so that one mark bit for each 16 bytes of heap is unambiguous. */
#ifndef GC_OBJECT_OBJECT_H
#define GC_OBJECT_OBJECT_H

#include "runtime/base/bits.h"
#include "runtime/base/chaos.h"
#include "runtime/base/mutant.h"
#include "runtime/object/ref.h"

struct gc_header {
  _Atomic uint64_t word;
};

enum { GC_OBJECT_ALIGN_BYTES = 8, GC_OBJECT_MIN_BYTES = 16 };

enum gc_tag { GC_TAG_NORMAL = 0, GC_TAG_BUSY = 1, GC_TAG_FORWARDED = 2 };

enum gc_flag {
  GC_FLAG_HASHED = 1 << 8,      /* gc_hash was asked for at this address */
  GC_FLAG_HASH_MOVED = 1 << 9,  /* moved since: the hash is stored in the last 8 bytes */
  GC_FLAG_PINNED = 1 << 10,     /* must not move */
  GC_FLAG_WEAK_TARGET = 1 << 11,/* some weak reference or ephemeron key refers to it */
  GC_FLAG_FINALIZE = 1 << 12,   /* registered for finalization */
};

enum { GC_TYPE_SHIFT = 16, GC_PLAN_SHIFT = 32, GC_TYPE_ID_MAX = 65535 };

/* Freed memory is stamped with this header under check level 2 and above: tag 3 is never a live object. */
#define GC_HEADER_POISON ((uint64_t)0xdeaddeaddead0003u)

static GC_INLINE struct gc_header *object_header(gc_ref object) { return (struct gc_header *)object.bits; }

static GC_INLINE uint64_t header_make(uint32_t type, uint32_t plan_word) {
  return (uint64_t)plan_word << GC_PLAN_SHIFT | (uint64_t)type << GC_TYPE_SHIFT;
}

/* Plain store: the object is not published yet; the reference that publishes it carries the order. */
static GC_INLINE void object_init(uintptr_t address, uint32_t type, uint32_t plan_word) {
  atomic_store_explicit(&((struct gc_header *)address)->word, header_make(type, plan_word), memory_order_relaxed);
}

static GC_INLINE uint64_t object_word(gc_ref object) {
  return atomic_load_explicit(&object_header(object)->word, memory_order_relaxed);
}

static GC_INLINE uint32_t header_type(uint64_t word) { return (uint32_t)(word >> GC_TYPE_SHIFT) & 0xffff; }
static GC_INLINE enum gc_tag header_tag(uint64_t word) { return (enum gc_tag)(word & 3); }
static GC_INLINE uint32_t object_type(gc_ref object) { return header_type(object_word(object)); }

/* relaxed: a flag alone publishes nothing; whoever acts on it holds a lock or stopped the world */
static GC_INLINE void object_set_flag(gc_ref object, enum gc_flag flag) {
  if (GC_MUTANT(header_write_covers_others)) {
    uint64_t word = object_word(object);
    GC_CHAOS("mutant");
    atomic_store_explicit(&object_header(object)->word, word | (uint64_t)flag, memory_order_relaxed);
    return;
  }
  atomic_fetch_or_explicit(&object_header(object)->word, (uint64_t)flag, memory_order_relaxed);
}
static GC_INLINE void object_clear_flag(gc_ref object, enum gc_flag flag) {
  atomic_fetch_and_explicit(&object_header(object)->word, ~(uint64_t)flag, memory_order_relaxed);
}
static GC_INLINE bool object_has_flag(gc_ref object, enum gc_flag flag) { return object_word(object) & (uint64_t)flag; }

/* A hash that stays the same for the object's life; `moves`: whether objects of this plan may move.  Any mutator. */
uint64_t object_identity_hash(gc_ref object, bool moves);

/* The plan's own 32 bits, little-endian upper half of the header. */
static GC_INLINE _Atomic uint32_t *header_plan_word(gc_ref object) { return (_Atomic uint32_t *)(object.bits + 4); }

/* Field access without barriers, for collectors and verifiers. */
static GC_INLINE uintptr_t field_bits(const gc_field *field) {
  return atomic_load_explicit((_Atomic(uintptr_t) *)&field->bits, memory_order_relaxed);
}
/* acquire: pairs with the release in plan_store, for a marker that reads the target beside mutators; free on x86 */
static GC_INLINE uintptr_t field_bits_acquire(const gc_field *field) {
  return atomic_load_explicit((_Atomic(uintptr_t) *)&field->bits, memory_order_acquire);
}
static GC_INLINE void field_set_bits(gc_field *field, uintptr_t bits) {
  atomic_store_explicit(&field->bits, bits, memory_order_relaxed);
}

#endif
