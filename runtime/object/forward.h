/* forward.h -- the copying race: several workers meet one object, exactly one copies it.
 *
 * The header word of the old copy goes  normal → busy → forwarded | address.  The winner of the exchange to busy
 * copies; losers wait for the address.  Only from-space objects are ever forwarded, and while a collector copies
 * nobody writes their flags, so the forwarding word covers no byte that others write.
 * Model: tests/model/forward.pml. */
#ifndef GC_OBJECT_FORWARD_H
#define GC_OBJECT_FORWARD_H

#include <string.h>

#include "runtime/base/chaos.h"
#include "runtime/base/cpu.h"
#include "runtime/base/mutant.h"
#include "runtime/object/type.h"

static GC_INLINE uint64_t hash_of_address(uintptr_t address) {
  uint64_t x = address;
  x = (x ^ (x >> 31)) * 0x7fb5d329728ea185u;
  x = (x ^ (x >> 27)) * 0x81dadef4bc2dd44du;
  return x ^ (x >> 33);
}

/* The last 8 bytes of an object that is HASH_MOVED. */
static GC_INLINE uint64_t *object_hash_slot(gc_ref object) {
  return (uint64_t *)(object.bits + object_bytes(object) - 8);
}

static GC_INLINE bool word_is_forwarded(uint64_t word) { return header_tag(word) == GC_TAG_FORWARDED; }
static GC_INLINE gc_ref word_forwarding(uint64_t word) { return (gc_ref){word >> 16}; }

/* Bytes that a copy of `object`, whose header word is `word`, needs. */
static GC_INLINE size_t forward_copy_bytes(gc_ref object, uint64_t word) {
  size_t bytes = type_object_bytes_of(&gc_types[header_type(word)], object, word);
  bool first_move = (word & GC_FLAG_HASHED) && !(word & GC_FLAG_HASH_MOVED);
  return bytes + (first_move ? 8 : 0);
}

/* Claims the right to copy.  Returns the normal header word if this thread won; else waits and sets *copy. */
static GC_INLINE uint64_t forward_claim(gc_ref object, gc_ref *copy) {
  /* acquire: pairs with the release in forward_publish, so that the copy's contents are seen */
  uint64_t word = atomic_load_explicit(&object_header(object)->word, memory_order_acquire);
  for (;;) {
    if (word_is_forwarded(word)) {
      *copy = word_forwarding(word);
      return 0;
    }
    if (header_tag(word) == GC_TAG_BUSY) {
      cpu_relax();
      word = atomic_load_explicit(&object_header(object)->word, memory_order_acquire);
      continue;
    }
    GC_CHAOS("forward.claim");
    if (GC_MUTANT(forward_claims_nothing))
      return word;
    if (atomic_compare_exchange_weak_explicit(&object_header(object)->word, &word, word | GC_TAG_BUSY,
                                              memory_order_acquire, memory_order_acquire))
      return word;
  }
}

/* The same while no other worker copies. */
static GC_INLINE uint64_t forward_claim_alone(gc_ref object, gc_ref *copy) {
  uint64_t word = object_word(object);
  if (!word_is_forwarded(word))
    return word;
  *copy = word_forwarding(word);
  return 0;
}

/* Small objects, most of them, are copied word by word: a call of memcpy would cost more than the copy. */
static GC_INLINE void copy_words(uintptr_t to, uintptr_t from, size_t bytes) {
  if (GC_UNLIKELY(bytes > 128)) {
    memcpy((void *)to, (void *)from, bytes);
    return;
  }
  for (size_t offset = 0; offset < bytes; offset += 8) {
    *(uint64_t *)(to + offset) = *(uint64_t *)(from + offset);
    __asm__ volatile("" ::: "memory"); /* or the compiler calls memcpy after all */
  }
}

/* Copies `bytes` (forward_copy_bytes) to `address`, `word` as its header, hash included.  The old copy is claimed. */
static GC_INLINE gc_ref forward_copy(gc_ref object, uint64_t word, uintptr_t address, size_t bytes) {
  gc_ref copy = {address};
  bool first_move = (word & GC_FLAG_HASHED) && !(word & GC_FLAG_HASH_MOVED);
  size_t old_bytes = bytes - (first_move ? 8 : 0);
  copy_words(address + sizeof(struct gc_header), object.bits + sizeof(struct gc_header),
             old_bytes - sizeof(struct gc_header));
  if (first_move && !GC_MUTANT(hash_not_moved)) {
    word |= GC_FLAG_HASH_MOVED;
    *(uint64_t *)(address + bytes - 8) = hash_of_address(object.bits);
  }
  atomic_store_explicit(&object_header(copy)->word, word, memory_order_relaxed);
  return copy;
}

/* Lets the losers go on with the copy. */
static GC_INLINE void forward_publish(gc_ref object, uint64_t word, gc_ref copy) {
  uint64_t forwarded = copy.bits << 16 | (word & 0xff00) | GC_TAG_FORWARDED;
  GC_CHAOS("forward.publish");
  if (GC_MUTANT(forward_publish_unordered))
    atomic_store_explicit(&object_header(object)->word, forwarded, memory_order_relaxed);
  else /* release: pairs with forward_claim */
    atomic_store_explicit(&object_header(object)->word, forwarded, memory_order_release);
}

/* Gives the claim back without copying: the object stays where it is. */
static GC_INLINE void forward_abandon(gc_ref object, uint64_t word) {
  atomic_store_explicit(&object_header(object)->word, word, memory_order_release);
}

#endif
