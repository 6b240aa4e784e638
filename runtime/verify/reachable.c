/* reachable.c -- verifier `heap`: everything reachable must have a sane header, lie where the collector places objects,
 * and count as live for the cycle that just ended.  The driver, before each resume. */
#include "runtime/base/check.h"
#include "runtime/cycle/heap.h"
#include "runtime/verify/findings.h"

struct reachable {
  struct findings findings;
  uint64_t objects, bytes;
};

static const char *problem_of(struct gc_heap *heap, gc_ref object) {
  const char *problem = oracle_object_problem(heap, object);
  if (problem || object.bits == heap->globals.bits)
    return problem;
  if (heap->collector->verify_object && (problem = heap->collector->verify_object(heap, object)))
    return problem;
  if (heap->collector->verify_live && !heap->collector->verify_live(heap, object))
    return "is reachable but was not found live: a lost mark";
  return NULL;
}

static bool check_edge(void *context, gc_ref source, const gc_field *slot, gc_ref target) {
  struct reachable *reachable = context;
  const char *problem = problem_of(reachable->findings.heap, target);
  reachable->findings.looked_at++;
  if (problem)
    findings_add(&reachable->findings, source, slot, "refers to %p, which %s", (void *)target.bits, problem);
  return !problem;
}

static bool count_object(void *context, gc_ref object) {
  struct reachable *reachable = context;
  reachable->objects++;
  reachable->bytes += object_bytes(object);
  return true;
}

static void traverse(struct reachable *reachable, struct gc_heap *heap) {
  struct oracle oracle = {.heap = heap, .context = reachable, .edge = check_edge, .visit = count_object};
  bool done = oracle_run(&oracle);
  GC_CHECK(0, done, "no memory to verify the heap");
  oracle_fini(&oracle);
}

void verify_heap(struct gc_heap *heap) {
  struct reachable reachable = {0};
  findings_begin(&reachable.findings, heap, VERIFIER_heap);
  traverse(&reachable, heap);
  findings_end(&reachable.findings, "edges");
}

void verify_report(struct gc_heap *heap, struct verify_report *report) {
  struct reachable reachable = {0};
  findings_begin(&reachable.findings, heap, VERIFIER_heap);
  reachable.findings.silent = true;
  traverse(&reachable, heap);
  *report = (struct verify_report){.objects = reachable.objects,
                                   .references = reachable.findings.looked_at,
                                   .bytes = reachable.bytes,
                                   .bad = reachable.findings.bad};
  __builtin_memcpy(report->first, reachable.findings.first, sizeof report->first);
}

bool verify_for_reachable(struct gc_heap *heap, void *context, bool (*visit)(void *context, gc_ref object)) {
  struct oracle oracle = {.heap = heap, .context = context, .visit = visit};
  bool done = oracle_run(&oracle);
  oracle_fini(&oracle);
  return done;
}
