#include "runtime/barrier/field_log.h"

#include <stdlib.h>

#include "runtime/base/chaos.h"
#include "runtime/base/check.h"
#include "runtime/base/cpu.h"
#include "runtime/os/vm.h"
#include "runtime/stats/tally.h"

bool field_log_init(struct field_log *log, struct heap_memory *memory) {
  *log = (struct field_log){.memory = memory, .base = memory->base};
  log->state_bytes = memory->reserved_bytes >> FIELD_LOG_BYTE_SHIFT;
  log->states = vm_reserve(log->state_bytes, PAGE_BYTES);
  if (!log->states)
    return false;
  pthread_mutex_init(&log->lock, NULL);
  return true;
}

void field_log_fini(struct field_log *log) {
  struct field_log_segment *segment;
  while ((segment = field_log_take(log)))
    field_log_release(log, segment);
  pthread_mutex_destroy(&log->lock);
  vm_unreserve((void *)log->states, log->state_bytes);
}

/* ---- buffers ---- */

void field_log_flush(struct field_log *log, struct field_log_buffer *buffer) {
  if (!buffer->segment)
    return;
  pthread_mutex_lock(&log->lock);
  buffer->segment->next = log->full;
  log->full = buffer->segment;
  pthread_mutex_unlock(&log->lock);
  buffer->segment = NULL;
}

struct field_log_segment *field_log_take(struct field_log *log) {
  pthread_mutex_lock(&log->lock);
  struct field_log_segment *segment = log->full;
  if (segment)
    log->full = segment->next;
  pthread_mutex_unlock(&log->lock);
  return segment;
}

void field_log_release(struct field_log *log, struct field_log_segment *segment) {
  memory_add_metadata(log->memory, -(int64_t)sizeof *segment);
  free(segment);
}

static void enter(struct field_log *log, struct field_log_buffer *buffer, gc_field *field, uintptr_t old_bits) {
  if (buffer->segment && buffer->segment->count == FIELD_LOG_SEGMENT_ENTRIES)
    field_log_flush(log, buffer);
  if (!buffer->segment) {
    buffer->segment = malloc(sizeof *buffer->segment);
    GC_CHECK(0, buffer->segment != NULL, "no memory for the field log");
    buffer->segment->count = 0;
    memory_add_metadata(log->memory, (int64_t)sizeof *buffer->segment);
  }
  buffer->segment->entries[buffer->segment->count++] = (struct field_log_entry){field, old_bits};
}

/* ---- states ---- */

/* Sets the bits of `field` that are in `set` and clears those in `clear`; other fields share the byte. */
static void change_state(struct field_log *log, gc_field *field, uint8_t set, uint8_t clear, memory_order order) {
  unsigned shift = field_log_shift(field);
  if (set)
    atomic_fetch_or_explicit(field_log_byte(log, field), (uint8_t)(set << shift), order);
  if (clear)
    atomic_fetch_and_explicit(field_log_byte(log, field), (uint8_t) ~(clear << shift), order);
}

void field_log_arm(struct field_log *log, gc_field *field) {
  change_state(log, field, FIELD_UNLOGGED, 0, memory_order_relaxed); /* the end of the stop publishes it */
}
void field_log_disarm(struct field_log *log, gc_field *field) {
  change_state(log, field, 0, FIELD_STATE_MASK, memory_order_relaxed);
}

static bool try_busy(struct field_log *log, gc_field *field) {
  unsigned shift = field_log_shift(field);
  _Atomic uint8_t *byte = field_log_byte(log, field);
  uint8_t states = atomic_load_explicit(byte, memory_order_relaxed);
  while ((states >> shift & FIELD_STATE_MASK) == FIELD_UNLOGGED)
    if (atomic_compare_exchange_weak_explicit(byte, &states, (uint8_t)(states | FIELD_BUSY << shift),
                                              memory_order_acquire, memory_order_relaxed))
      return true;
  return false;
}

void field_log_slow(struct field_log *log, struct field_log_buffer *buffer, gc_field *field) {
  TALLY(logged_fields);
  if (try_busy(log, field)) {
    GC_CHAOS("field_log.busy");
    /* acquire: the old object may be read through the entry */
    uintptr_t old_bits = atomic_load_explicit(&field->bits, memory_order_acquire);
    enter(log, buffer, field, old_bits);
    GC_CHAOS("field_log.read");
    /* release: the old value is read before others may store; pairs with field_log_state */
    change_state(log, field, 0, FIELD_STATE_MASK, memory_order_release);
    return;
  }
  while (field_log_state(log, field) != FIELD_LOGGED) /* busy for a few dozen instructions of another mutator */
    cpu_relax();
}
