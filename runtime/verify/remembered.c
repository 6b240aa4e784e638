/* remembered.c -- verifier `remset`: does the remembered set hold every reference from an old object to a young one?
 *
 * The old space is walked by itself, so what counts is every object in it, also one that died since the last major
 * cycle: until that cycle frees it, its fields are looked at like any other's.  Not held against the set are the
 * globals, which are roots, weak targets, and ephemerons with a young key: each minor cycle looks at their tables.
 * A remembered set that holds too much is none of this verifier's business.  The driver, after each stop and before
 * any row. */
#include "runtime/base/check.h"
#include "runtime/cycle/heap.h"
#include "runtime/os/vm.h"
#include "runtime/verify/findings.h"
#include "runtime/verify/internal.h"

enum { SLOT_SHIFT = 3 };

struct remembered {
  struct findings findings;
  uint8_t *slots; /* one bit for each 8 bytes of the heap's range: this field is remembered */
  size_t bytes;
};

static size_t slot_index(const struct remembered *set, const gc_field *slot) {
  return ((uintptr_t)slot - set->findings.heap->memory.base) >> SLOT_SHIFT;
}

static void note_slot(void *context, const gc_field *slot) {
  struct remembered *set = context;
  if (memory_contains(&set->findings.heap->memory, (uintptr_t)slot))
    set->slots[slot_index(set, slot) / 8] |= (uint8_t)(1u << (slot_index(set, slot) % 8));
}

static void note_field(void *context, gc_ref source, const gc_field *slot) {
  (void)source;
  note_slot(context, slot);
}
static void note_whole(void *context, gc_ref object) {
  oracle_for_fields(object, ORACLE_ALL, context, note_field);
}

static void check_field(void *context, gc_ref source, const gc_field *slot) {
  struct remembered *set = context;
  struct gc_heap *heap = set->findings.heap;
  gc_ref target = oracle_decode(heap, slot);
  if (gc_is_null(target) || !heap->collector->verify_young(heap, target))
    return;
  set->findings.looked_at++;
  if (!(set->slots[slot_index(set, slot) / 8] >> (slot_index(set, slot) % 8) & 1))
    findings_add(&set->findings, source, slot, "refers to young %p and is not remembered", (void *)target.bits);
}

/* Or none, which leaves the value's fate open. */
static bool has_young_key(struct gc_heap *heap, gc_ref object) {
  if (object_type(object) != GC_TYPE_EPHEMERON)
    return false;
  gc_ref key = oracle_decode(heap, &((const struct gc_ephemeron *)object.bits)->key);
  return gc_is_null(key) || heap->collector->verify_young(heap, key);
}

static void check_object(void *context, gc_ref object) {
  struct remembered *set = context;
  struct gc_heap *heap = set->findings.heap;
  const char *problem = oracle_object_problem(heap, object);
  if (problem)
    findings_add(&set->findings, object, NULL, "is in the old space and %s", problem);
  else if (!heap->collector->verify_young(heap, object))
    oracle_for_fields(object, has_young_key(heap, object) ? ORACLE_PLAIN : ORACLE_COUNTED, set, check_field);
}

void verify_remembered(struct gc_heap *heap) {
  const struct gc_collector *collector = heap->collector;
  if (!collector->verify_for_remembered || !collector->verify_for_objects || !collector->verify_young)
    return;
  struct remembered set = {.bytes = align_up(heap->memory.reserved_bytes >> (SLOT_SHIFT + 3), PAGE_BYTES)};
  findings_begin(&set.findings, heap, VERIFIER_remset);
  set.slots = vm_reserve(set.bytes, PAGE_BYTES);
  GC_CHECK(0, set.slots, "no memory to verify the remembered set");
  collector->verify_for_remembered(heap, &set, note_slot, note_whole);
  collector->verify_for_objects(heap, &set, check_object);
  findings_end(&set.findings, "old-to-young references");
  vm_unreserve(set.slots, set.bytes);
}
