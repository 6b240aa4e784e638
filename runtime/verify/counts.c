/* counts.c -- verifier `counts`: every stored count against the references there are.
 *
 * A count stands for the fields of existing objects and of the globals, ephemerons' values, rooted locals and the
 * queue of due finalizers; not for weak targets and ephemerons' keys.  The references are counted into a table beside
 * the heap, which stays as it is.  The driver, before each resume; the plan has no decrement pending then. */
#include "runtime/base/check.h"
#include "runtime/cycle/heap.h"
#include "runtime/os/vm.h"
#include "runtime/verify/findings.h"
#include "runtime/verify/internal.h"

enum { TABLE_SHIFT = 4 }; /* an object is at least 16 bytes long */

struct audit {
  struct findings findings;
  uint32_t *references; /* by 16 bytes of the heap's range */
  size_t bytes;
};

static uint32_t *references_to(const struct audit *audit, gc_ref object) {
  return &audit->references[(object.bits - audit->findings.heap->memory.base) >> TABLE_SHIFT];
}

static void count_slot(void *context, gc_ref source, const gc_field *slot) {
  struct audit *audit = context;
  gc_ref target = oracle_decode(audit->findings.heap, slot);
  if (gc_is_null(target))
    return;
  const char *problem = oracle_object_problem(audit->findings.heap, target);
  if (problem)
    findings_add(&audit->findings, source, slot, "refers to %p, which %s", (void *)target.bits, problem);
  else
    (*references_to(audit, target))++;
}

static void count_object(void *context, gc_ref object) {
  oracle_for_fields(object, ORACLE_COUNTED, context, count_slot);
}

static void compare(void *context, gc_ref object) {
  struct audit *audit = context;
  struct gc_heap *heap = audit->findings.heap;
  int64_t stored = heap->collector->verify_count(heap, object), counted = *references_to(audit, object);
  audit->findings.looked_at++;
  if (stored != GC_COUNT_UNKNOWN && stored != counted)
    findings_add(&audit->findings, object, NULL, "has count %lld, and %lld references lead to it", (long long)stored,
                 (long long)counted);
}

void verify_counts(struct gc_heap *heap) {
  const struct gc_collector *collector = heap->collector;
  if (!collector->verify_count || !collector->verify_for_objects)
    return;
  struct audit audit = {.bytes = align_up(heap->memory.reserved_bytes >> TABLE_SHIFT << 2, PAGE_BYTES)};
  findings_begin(&audit.findings, heap, VERIFIER_counts);
  audit.references = vm_reserve(audit.bytes, PAGE_BYTES);
  GC_CHECK(0, audit.references, "no memory to count references");
  collector->verify_for_objects(heap, &audit, count_object);
  count_object(&audit, heap->globals);
  oracle_for_roots(heap, &audit, count_slot);
  collector->verify_for_objects(heap, &audit, compare);
  findings_end(&audit.findings, "counts");
  vm_unreserve(audit.references, audit.bytes);
}
