/* scan.h -- visits every strong reference slot of an object, inlined into the collector's loop.
 *
 * The visitor sees slot addresses, not values, so that a moving collector can update them.
 * Weak targets and ephemerons are not visited: runtime/trace/weak.h decides about them. */
#ifndef GC_OBJECT_SCAN_H
#define GC_OBJECT_SCAN_H

#include "runtime/base/mutant.h"
#include "runtime/object/type.h"

/* Reference arrays are scanned at most this many slots at a time, so that one array can be shared. */
enum { SCAN_SLICE_SLOTS = 2048 };

typedef void scan_visitor(void *context, gc_ref source, gc_field *slot);

static GC_INLINE void scan_slots(void *context, gc_ref source, gc_field *slot, size_t count, scan_visitor *visit) {
  for (gc_field *end = slot + count; slot < end; slot++)
    visit(context, source, slot);
}

static GC_INLINE gc_field *object_slot_at(gc_ref object, size_t offset_bytes) {
  return (gc_field *)(object.bits + offset_bytes);
}

/* References of a fixed type: the leading run, then the strays. */
static GC_INLINE void scan_fixed(void *context, const struct gc_type *type, gc_ref object, scan_visitor *visit) {
  scan_slots(context, object, object_slot_at(object, type->refs_offset), type->refs_count, visit);
  if (GC_UNLIKELY(type->more_refs != NULL) && !GC_MUTANT(strays_skipped))
    for (const uint16_t *offset = type->more_refs; *offset; offset++)
      visit(context, object, object_slot_at(object, *offset));
}

/* Slices of a reference array of `length` slots; slice i covers [i * SCAN_SLICE_SLOTS, …). */
static GC_INLINE size_t scan_slice_count(size_t length) {
  return (length + SCAN_SLICE_SLOTS - 1) / SCAN_SLICE_SLOTS;
}
static GC_INLINE void scan_slice(void *context, gc_ref array, size_t slice, scan_visitor *visit) {
  struct gc_array *a = (struct gc_array *)array.bits;
  size_t first = slice * SCAN_SLICE_SLOTS;
  scan_slots(context, array, a->slot + first, size_min(SCAN_SLICE_SLOTS, a->length - first), visit);
}

/* All references of one object, whatever its kind and size. */
static GC_INLINE void scan_object(void *context, gc_ref object, scan_visitor *visit) {
  const struct gc_type *type = object_descriptor(object);
  if (GC_LIKELY(type->kind != GC_KIND_REF_ARRAY)) /* raw arrays and ephemerons have none of a fixed type's references */
    scan_fixed(context, type, object, visit);
  else
    scan_slots(context, object, ((struct gc_array *)object.bits)->slot, ((struct gc_array *)object.bits)->length,
               visit);
}

#endif
