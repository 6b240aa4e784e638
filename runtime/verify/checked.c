/* checked.c -- the out-of-line checks of `-c checked`; see runtime/gc_checked.h.  Mutators' threads. */
#include "runtime/gc_checked.h"

#include "runtime/base/check.h"
#include "runtime/cycle/heap.h"

void checked_fail_stale(struct gc_mutator *m, gc_ref ref) {
  if (gc_is_null(ref))
    check_failed(__FILE__, __LINE__, "frames are popped in order", "mutator %u pops a frame that is not its innermost",
                 m->index);
  uintptr_t plain = checked_strip(ref).bits;
  if (ref.bits >> CHECKED_STAMP_SHIFT == (m->stamp & CHECKED_STAMP_MASK))
    check_failed(__FILE__, __LINE__, "initialising store", "mutator %u initialises %p, which is not its newest object",
                 m->index, (void *)plain);
  check_failed(__FILE__, __LINE__, "reference has not expired",
               "mutator %u uses a reference to %p that was obtained %u safepoints ago: root it with gc_set",
               m->index, (void *)plain,
               (unsigned)((m->stamp - (ref.bits >> CHECKED_STAMP_SHIFT)) & CHECKED_STAMP_MASK));
}

static const char *problem_of(struct gc_heap *heap, gc_ref plain) {
  if (gc_is_null(plain))
    return "is null";
  if (!memory_contains(&heap->memory, plain.bits))
    return "lies outside the heap";
  uint64_t word = object_word(plain);
  if (word == GC_HEADER_POISON)
    return "was freed";
  if (header_tag(word) != GC_TAG_NORMAL)
    return "is an old copy";
  if (header_type(word) == GC_TYPE_NONE || header_type(word) >= gc_type_count)
    return "has no known type";
  return NULL;
}

void checked_object(struct gc_mutator *m, gc_ref plain, size_t at_least_bytes) {
  const char *problem = problem_of(m->heap, plain);
  if (problem)
    check_failed(__FILE__, __LINE__, "object is live", "mutator %u uses %p, which %s", m->index, (void *)plain.bits,
                 problem);
  if (at_least_bytes && object_bytes(plain) < align_up(at_least_bytes, GC_OBJECT_ALIGN_BYTES))
    check_failed(__FILE__, __LINE__, "object is of the type used", "mutator %u uses %p (%s, %zu bytes) as %zu bytes",
                 m->index, (void *)plain.bits, object_descriptor(plain)->name, object_bytes(plain), at_least_bytes);
}

void checked_slot(struct gc_mutator *m, gc_ref plain, const gc_field *field) {
  checked_object(m, plain, 0);
  uintptr_t offset = (uintptr_t)field - plain.bits;
  if (offset < sizeof(struct gc_header) || offset + sizeof *field > object_bytes(plain))
    check_failed(__FILE__, __LINE__, "field lies in its object", "mutator %u: field %p, object %p of %zu bytes",
                 m->index, (void *)field, (void *)plain.bits, object_bytes(plain));
}

void checked_type(struct gc_mutator *m, uint32_t type, size_t bytes) {
  if (type == GC_TYPE_NONE || type >= gc_type_count || !gc_types[type].name)
    check_failed(__FILE__, __LINE__, "type is registered", "mutator %u allocates type %u", m->index, type);
  enum gc_kind kind = gc_types[type].kind;
  if (kind != GC_KIND_REF_ARRAY && kind != GC_KIND_RAW_ARRAY &&
      align_up(bytes, GC_OBJECT_ALIGN_BYTES) != gc_types[type].size_bytes)
    check_failed(__FILE__, __LINE__, "size is the type's", "mutator %u allocates %zu bytes of %s", m->index, bytes,
                 gc_types[type].name);
}

void checked_collect(struct gc_mutator *m) {
  m->stress_left = (uint32_t)m->heap->config.stress_every;
  cycle_run(m->heap, m, GC_REASON_EXPLICIT_FULL);
}
