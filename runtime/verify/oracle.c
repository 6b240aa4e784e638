#include "runtime/verify/oracle.h"

#include <stdlib.h>

#include "runtime/cycle/heap.h"
#include "runtime/os/vm.h"

enum { GRANULE_SHIFT = 3, STACK_LEAST = 4096 };

/* ---- reading the heap ---- */

static const struct gc_type *type_of(gc_ref object) { return &gc_types[object_word(object) >> 16 & 0xffff]; }

const char *oracle_object_problem(struct gc_heap *heap, gc_ref object) {
  if (object.bits % 8 != 0)
    return "is not aligned";
  if (object.bits - heap->memory.base >= heap->memory.reserved_bytes)
    return "lies outside the heap";
  uint64_t word = object_word(object);
  if (word == GC_HEADER_POISON)
    return "was freed";
  if ((word & 3) != 0)
    return "is forwarded or busy";
  uint32_t type = (uint32_t)(word >> 16 & 0xffff);
  if (type == GC_TYPE_NONE || type >= gc_type_count || !gc_types[type].name)
    return "has no known type";
  return NULL;
}

gc_ref oracle_decode(struct gc_heap *heap, const gc_field *slot) {
  uintptr_t bits = atomic_load_explicit((_Atomic(uintptr_t) *)&slot->bits, memory_order_relaxed);
  return bits && heap->collector->verify_decode ? heap->collector->verify_decode(heap, bits) : (gc_ref){bits};
}

void oracle_for_fields(gc_ref object, enum oracle_fields which, void *context,
                       void (*visit)(void *context, gc_ref source, const gc_field *slot)) {
  const struct gc_type *type = type_of(object);
  if (type->kind == GC_KIND_REF_ARRAY) {
    const struct gc_array *array = (const struct gc_array *)object.bits;
    for (uint64_t i = 0; i < array->length; i++)
      visit(context, object, &array->slot[i]);
  } else if (type->kind == GC_KIND_FIXED || type->kind == GC_KIND_WEAK) {
    for (unsigned i = 0; i < type->refs_count; i++)
      visit(context, object, (const gc_field *)(object.bits + type->refs_offset + 8 * i));
    for (const uint16_t *offset = type->more_refs; offset && *offset; offset++)
      visit(context, object, (const gc_field *)(object.bits + *offset));
  } else if (type->kind == GC_KIND_EPHEMERON && which >= ORACLE_COUNTED) {
    const struct gc_ephemeron *ephemeron = (const struct gc_ephemeron *)object.bits;
    if (which == ORACLE_ALL)
      visit(context, object, &ephemeron->key);
    visit(context, object, &ephemeron->value);
  }
  if (type->kind == GC_KIND_WEAK && which == ORACLE_ALL)
    visit(context, object, &((const struct gc_weak *)object.bits)->target);
}

void oracle_for_roots(struct gc_heap *heap, void *context,
                      void (*visit)(void *context, gc_ref source, const gc_field *slot)) {
  for (struct gc_mutator *m = heap->safepoint.mutators; m; m = m->next)
    for (struct gc_frame *frame = m->frames; frame; frame = frame->previous)
      for (size_t i = 0; i < frame->count; i++)
        visit(context, GC_NULL, (const gc_field *)&((gc_root *)(frame + 1))[i]);
  for (size_t i = 0; i < heap->final.ready_count; i++)
    visit(context, GC_NULL, &heap->final.ready[heap->final.ready_first + i]);
}

/* ---- the traversal ---- */

static size_t granule_of(const struct oracle *oracle, gc_ref object) {
  return (object.bits - oracle->heap->memory.base) >> GRANULE_SHIFT;
}

bool oracle_visited(const struct oracle *oracle, gc_ref object) {
  size_t granule = granule_of(oracle, object);
  return oracle->visited[granule / 8] >> (granule % 8) & 1;
}

static void push(struct oracle *oracle, gc_ref object) {
  if (oracle->depth == oracle->capacity) {
    size_t capacity = oracle->capacity ? oracle->capacity * 2 : STACK_LEAST;
    uintptr_t *stack = realloc(oracle->stack, capacity * sizeof *stack);
    if (!stack) {
      oracle->out_of_memory = oracle->stopped = true;
      return;
    }
    oracle->stack = stack;
    oracle->capacity = capacity;
  }
  oracle->stack[oracle->depth++] = object.bits;
}

static void reach(struct oracle *oracle, gc_ref source, const gc_field *slot, gc_ref target) {
  if (gc_is_null(target) || oracle->stopped)
    return;
  if (oracle->edge && !oracle->edge(oracle->context, source, slot, target))
    return;
  if (oracle_visited(oracle, target))
    return;
  size_t granule = granule_of(oracle, target);
  oracle->visited[granule / 8] |= (uint8_t)(1u << (granule % 8));
  if (oracle->parents)
    oracle->parents[granule] = source.bits;
  push(oracle, target);
}

static void reach_slot(void *context, gc_ref source, const gc_field *slot) {
  struct oracle *oracle = context;
  reach(oracle, source, slot, oracle_decode(oracle->heap, slot));
}

static void reach_root(void *context, gc_ref source, const gc_field *slot) {
  struct oracle *oracle = context; /* the due finalizers' queue and frames hold plain references, never coloured ones */
  reach(oracle, source, slot, (gc_ref){field_bits(slot)});
}

static size_t visited_bytes(const struct oracle *oracle) {
  return align_up(oracle->heap->memory.reserved_bytes >> (GRANULE_SHIFT + 3), PAGE_BYTES);
}

bool oracle_run(struct oracle *oracle) {
  oracle->visited = vm_reserve(visited_bytes(oracle), PAGE_BYTES);
  if (!oracle->visited)
    return false;
  if (oracle->keeps_parents)
    oracle->parents = vm_reserve(oracle->heap->memory.reserved_bytes, PAGE_BYTES);
  if (oracle->keeps_parents && !oracle->parents)
    return false;
  reach(oracle, GC_NULL, NULL, oracle->heap->globals);
  oracle_for_roots(oracle->heap, oracle, reach_root);
  while (oracle->depth && !oracle->stopped) {
    gc_ref object = {oracle->stack[--oracle->depth]};
    if (oracle->visit && !oracle->visit(oracle->context, object))
      oracle->stopped = true;
    else
      oracle_for_fields(object, ORACLE_ALL, oracle, reach_slot);
  }
  return !oracle->out_of_memory;
}

void oracle_fini(struct oracle *oracle) {
  free(oracle->stack);
  if (oracle->visited)
    vm_unreserve(oracle->visited, visited_bytes(oracle));
  if (oracle->parents)
    vm_unreserve(oracle->parents, oracle->heap->memory.reserved_bytes);
}
