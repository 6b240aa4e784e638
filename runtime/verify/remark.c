/* remark.c -- verifier `remark`: when a cycle has marked, the heap is traversed again from today's roots, stopped.
 *
 * What is reachable and not marked is lost.  What is marked and not reachable is floating garbage: it died while the
 * cycle marked, or was born marked and is dead already; this cycle keeps it.  The driver, at GC_MARKED, after the weak
 * phase and before the marks are given another meaning. */
#include "runtime/base/check.h"
#include "runtime/cycle/heap.h"
#include "runtime/verify/findings.h"
#include "runtime/verify/internal.h"

struct remark {
  struct findings findings;
  const struct oracle *oracle;
  uint64_t floating_objects, floating_bytes;
};

static bool check_edge(void *context, gc_ref source, const gc_field *slot, gc_ref target) {
  struct remark *remark = context;
  struct gc_heap *heap = remark->findings.heap;
  remark->findings.looked_at++;
  if (target.bits == heap->globals.bits)
    return true;
  const char *problem = oracle_object_problem(heap, target);
  if (!problem && !heap->collector->verify_marked(heap, target))
    problem = "is reachable and not marked";
  if (problem)
    findings_add(&remark->findings, source, slot, "refers to %p, which %s", (void *)target.bits, problem);
  return !problem;
}

static void count_floating(void *context, gc_ref object) {
  struct remark *remark = context;
  struct gc_heap *heap = remark->findings.heap;
  if (!heap->collector->verify_marked(heap, object) || oracle_visited(remark->oracle, object))
    return;
  remark->floating_objects++;
  remark->floating_bytes += object_bytes(object);
}

static void add_floating(struct verify_state *state, const struct remark *remark) {
  state->remarks++;
  state->floating_objects += remark->floating_objects;
  state->floating_bytes += remark->floating_bytes;
  if (state->floating_peak_bytes < remark->floating_bytes)
    state->floating_peak_bytes = remark->floating_bytes;
}

void verify_remark(struct gc_heap *heap) {
  const struct gc_collector *collector = heap->collector;
  if (!collector->verify_marked || !collector->verify_for_objects)
    return;
  struct remark remark = {0};
  struct oracle oracle = {.heap = heap, .context = &remark, .edge = check_edge};
  remark.oracle = &oracle;
  findings_begin(&remark.findings, heap, VERIFIER_remark);
  bool done = oracle_run(&oracle);
  GC_CHECK(0, done, "no memory to mark again");
  findings_end(&remark.findings, "edges");
  collector->verify_for_objects(heap, &remark, count_floating);
  add_floating(&heap->verify, &remark);
  oracle_fini(&oracle);
}
