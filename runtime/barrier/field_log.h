/* field_log.h -- remembers the old value of each field that changes, once between two cycles.
 *
 * Each 8-byte word of the heap has two bits in a side table (1/32 of the memory):
 *
 *     LOGGED ----field_log_arm (cycle, world stopped)----> UNLOGGED
 *     UNLOGGED --first storer, compare-and-swap--> BUSY --old value read and entered (release)--> LOGGED
 *
 * A storer that finds BUSY waits until LOGGED before it stores.  The old value is read before LOGGED is published;
 * so each entry holds what its field held when it was armed.  Memory that was never armed is LOGGED: the fields of new
 * objects cost the test alone.  Whoever frees an object with armed fields disarms them, or they log in their next life.
 * Entries are collected in segments, one per mutator, which are handed over whole when full and when flushed.
 * field_log_before_store: mutators.  Everything else: as said there.
 * Model: tests/model/field_log.pml. */
#ifndef GC_BARRIER_FIELD_LOG_H
#define GC_BARRIER_FIELD_LOG_H

#include <pthread.h>

#include "runtime/heap/memory.h"
#include "runtime/object/object.h"

enum field_log_state { FIELD_LOGGED = 0, FIELD_UNLOGGED = 1, FIELD_BUSY = 3, FIELD_STATE_MASK = 3 };
enum { FIELD_LOG_WORD_SHIFT = 3, FIELD_LOG_BYTE_SHIFT = FIELD_LOG_WORD_SHIFT + 2, FIELD_LOG_SEGMENT_ENTRIES = 510 };

struct field_log_entry {
  gc_field *field;
  uintptr_t old_bits;
};

struct field_log_segment {
  struct field_log_segment *next;
  size_t count;
  struct field_log_entry entries[FIELD_LOG_SEGMENT_ENTRIES];
};

struct field_log {
  _Atomic uint8_t *states; /* four fields a byte */
  uintptr_t base;
  size_t state_bytes;
  struct heap_memory *memory;
  pthread_mutex_t lock;
  struct field_log_segment *full; /* handed over */
};

struct field_log_buffer {
  struct field_log_segment *segment; /* being filled; NULL before the first entry */
};

/* False if the system refused the side table. */
bool field_log_init(struct field_log *log, struct heap_memory *memory);
void field_log_fini(struct field_log *log);

void field_log_slow(struct field_log *log, struct field_log_buffer *buffer, gc_field *field) GC_COLD;

static GC_INLINE _Atomic uint8_t *field_log_byte(const struct field_log *log, const gc_field *field) {
  return &log->states[((uintptr_t)field - log->base) >> FIELD_LOG_BYTE_SHIFT];
}
static GC_INLINE unsigned field_log_shift(const gc_field *field) {
  return ((uintptr_t)field >> FIELD_LOG_WORD_SHIFT & 3) * 2;
}
static GC_INLINE enum field_log_state field_log_state(const struct field_log *log, const gc_field *field) {
  /* acquire: pairs with the release of LOGGED, so that the caller's store comes after the reading of the old value */
  uint8_t states = atomic_load_explicit(field_log_byte(log, field), memory_order_acquire);
  return (enum field_log_state)(states >> field_log_shift(field) & FIELD_STATE_MASK);
}

/* Before each store into a published object, swaps and compare-and-swaps included: one load and a test. */
static GC_INLINE void field_log_before_store(struct field_log *log, struct field_log_buffer *buffer, gc_field *field) {
  if (GC_UNLIKELY(field_log_state(log, field) != FIELD_LOGGED))
    field_log_slow(log, buffer, field);
}

/* From now on the first store into `field` is logged; or not.  The world is stopped; any worker. */
void field_log_arm(struct field_log *log, gc_field *field);
void field_log_disarm(struct field_log *log, gc_field *field);

/* Hands the buffer's entries over.  Its owner, or whoever claimed or stopped it. */
void field_log_flush(struct field_log *log, struct field_log_buffer *buffer);
/* A handed-over segment, NULL if there is none; free it with field_log_release.  Any worker. */
struct field_log_segment *field_log_take(struct field_log *log);
void field_log_release(struct field_log *log, struct field_log_segment *segment);

#endif
