#include "runtime/verify/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/check.h"
#include "runtime/cycle/heap.h"
#include "runtime/os/vm.h"

enum { PRINTED_EDGES = 16, BITMAP_SHIFT = 3 };

struct oracle {
  struct gc_heap *heap;
  uint8_t *visited; /* one bit for each 8 bytes of the heap's range */
  size_t visited_bytes;
  uintptr_t *stack;
  size_t depth, capacity;
  bool stopped, out_of_memory, print;
  void *context;
  bool (*visit)(void *context, gc_ref object);
  struct verify_report *report; /* NULL: enumerate only */
};

/* ---- what is wrong with one object ---- */

static const char *header_problem(gc_ref object) {
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

static const char *object_problem(struct oracle *oracle, gc_ref object) {
  struct gc_heap *heap = oracle->heap;
  if (object.bits % 8 != 0)
    return "is not aligned";
  if (object.bits - heap->memory.base >= heap->memory.reserved_bytes)
    return "lies outside the heap";
  const char *problem = header_problem(object);
  if (problem || object.bits == heap->globals.bits)
    return problem;
  if (heap->collector->verify_object && (problem = heap->collector->verify_object(heap, object)))
    return problem;
  if (heap->collector->verify_live && !heap->collector->verify_live(heap, object))
    return "is reachable but was not found live: a lost mark";
  return NULL;
}

static void report_edge(struct oracle *oracle, gc_ref source, gc_ref target, const char *problem) {
  char text[256], from[96] = "a root";
  if (!gc_is_null(source))
    snprintf(from, sizeof from, "%s %p", gc_types[object_word(source) >> 16 & 0xffff].name, (void *)source.bits);
  snprintf(text, sizeof text, "%s refers to %p, which %s", from, (void *)target.bits, problem);
  if (oracle->report->bad++ == 0)
    snprintf(oracle->report->first, sizeof oracle->report->first, "%s", text);
  if (oracle->print && oracle->report->bad <= PRINTED_EDGES)
    fprintf(stderr, "gclab: verifier: %s\n", text);
}

/* ---- traversal ---- */

static bool push(struct oracle *oracle, gc_ref object) {
  if (oracle->depth == oracle->capacity) {
    size_t capacity = oracle->capacity ? oracle->capacity * 2 : 4096;
    uintptr_t *stack = realloc(oracle->stack, capacity * sizeof *stack);
    if (!stack) {
      oracle->out_of_memory = true;
      return false;
    }
    oracle->stack = stack;
    oracle->capacity = capacity;
  }
  oracle->stack[oracle->depth++] = object.bits;
  return true;
}

static void reach(struct oracle *oracle, gc_ref source, gc_ref target) {
  if (gc_is_null(target) || oracle->stopped || oracle->out_of_memory)
    return;
  if (oracle->report) {
    oracle->report->references++;
    const char *problem = object_problem(oracle, target);
    if (problem) {
      report_edge(oracle, source, target, problem);
      return;
    }
  }
  size_t index = (target.bits - oracle->heap->memory.base) >> BITMAP_SHIFT;
  if (oracle->visited[index / 8] >> (index % 8) & 1)
    return;
  oracle->visited[index / 8] |= (uint8_t)(1u << (index % 8));
  push(oracle, target);
}

static void reach_field(struct oracle *oracle, gc_ref source, const gc_field *field) {
  uintptr_t bits = atomic_load_explicit((_Atomic(uintptr_t) *)&field->bits, memory_order_relaxed);
  struct gc_heap *heap = oracle->heap;
  reach(oracle, source,
        bits && heap->collector->verify_decode ? heap->collector->verify_decode(heap, bits) : (gc_ref){bits});
}

static void traverse_object(struct oracle *oracle, gc_ref object) {
  const struct gc_type *type = &gc_types[object_word(object) >> 16 & 0xffff];
  if (oracle->visit && !oracle->visit(oracle->context, object)) {
    oracle->stopped = true;
    return;
  }
  if (oracle->report) {
    oracle->report->objects++;
    oracle->report->bytes += object_bytes(object);
  }
  if (type->kind == GC_KIND_REF_ARRAY) {
    const struct gc_array *array = (const struct gc_array *)object.bits;
    for (uint64_t i = 0; i < array->length; i++)
      reach_field(oracle, object, &array->slot[i]);
  } else if (type->kind == GC_KIND_FIXED) {
    for (unsigned i = 0; i < type->refs_count; i++)
      reach_field(oracle, object, (const gc_field *)(object.bits + type->refs_offset + 8 * i));
    for (const uint16_t *offset = type->more_refs; offset && *offset; offset++)
      reach_field(oracle, object, (const gc_field *)(object.bits + *offset));
  } else if (type->kind == GC_KIND_EPHEMERON) {
    /* key and value were both cleared, or both live on: the collector decided before the oracle looks */
    const struct gc_ephemeron *ephemeron = (const struct gc_ephemeron *)object.bits;
    reach_field(oracle, object, &ephemeron->key);
    reach_field(oracle, object, &ephemeron->value);
  } else if (type->kind == GC_KIND_WEAK) {
    reach_field(oracle, object, &((const struct gc_weak *)object.bits)->target);
  }
}

static void reach_roots(struct oracle *oracle) {
  struct gc_heap *heap = oracle->heap;
  reach(oracle, GC_NULL, heap->globals);
  for (struct gc_mutator *m = heap->safepoint.mutators; m; m = m->next)
    for (struct gc_frame *frame = m->frames; frame; frame = frame->previous)
      for (size_t i = 0; i < frame->count; i++)
        reach(oracle, GC_NULL, (gc_ref){((gc_root *)(frame + 1))[i].bits});
  for (size_t i = 0; i < heap->final.ready_count; i++)
    reach_field(oracle, GC_NULL, &heap->final.ready[heap->final.ready_first + i]);
}

static bool run(struct oracle *oracle) {
  oracle->visited_bytes = align_up(oracle->heap->memory.reserved_bytes >> (BITMAP_SHIFT + 3), PAGE_BYTES);
  oracle->visited = vm_reserve(oracle->visited_bytes, PAGE_BYTES);
  if (!oracle->visited)
    return false;
  reach_roots(oracle);
  while (oracle->depth && !oracle->stopped)
    traverse_object(oracle, (gc_ref){oracle->stack[--oracle->depth]});
  free(oracle->stack);
  vm_unreserve(oracle->visited, oracle->visited_bytes);
  return !oracle->out_of_memory;
}

/* ---- public ---- */

void verify_report(struct gc_heap *heap, struct verify_report *report) {
  *report = (struct verify_report){0};
  struct oracle oracle = {.heap = heap, .report = report};
  bool done = run(&oracle);
  GC_CHECK(0, done, "no memory to verify the heap");
}

void verify_heap(struct gc_heap *heap) {
  struct verify_report report = {0};
  struct oracle oracle = {.heap = heap, .report = &report, .print = true};
  bool done = run(&oracle);
  GC_CHECK(0, done, "no memory to verify the heap");
  GC_CHECK(0, report.bad == 0, "%llu bad edges of %llu; first: %s", (unsigned long long)report.bad,
           (unsigned long long)report.references, report.first);
}

bool verify_for_reachable(struct gc_heap *heap, void *context, bool (*visit)(void *context, gc_ref object)) {
  struct oracle oracle = {.heap = heap, .context = context, .visit = visit};
  return run(&oracle);
}
