/* bare.c -- what the harness asks of a collector, where there is none.  Any thread; it has no cycles. */
#include "collectors/bare/plan.h"

#include <stdio.h>
#include <stdlib.h>

#include "runtime/cycle/heap.h"
#include "runtime/os/vm.h"

#ifdef BARE_BUMP
#define SUMMARY "none: as bare, on memory that is bumped as under epsilon"
#else
#define SUMMARY "none: plain C on malloc, without headers, frames or polls"
#endif

enum { WINDOW_BYTES = 2 << 20, LARGEST_IN_WINDOW_BYTES = 8192 };

/* When calloc refused, or the window is full.  A window is never freed, like all that is in it.  The system's refusal
 * ends the process. */
gc_ref PLAN_(alloc_slow)(struct gc_mutator *m, uint32_t type, size_t bytes) {
  uintptr_t object = 0;
  (void)type;
#ifdef BARE_BUMP
  size_t aligned_bytes = align_up(bytes, GC_OBJECT_ALIGN_BYTES);
  if (aligned_bytes > LARGEST_IN_WINDOW_BYTES) {
    object = (uintptr_t)calloc(1, bytes);
  } else if (tlab_extend(&m->tlab, aligned_bytes)) {
    tlab_bump(&m->tlab, aligned_bytes, &object);
  } else {
    uintptr_t window = (uintptr_t)vm_reserve(WINDOW_BYTES, WINDOW_BYTES);
    if (window) {
      tlab_set(&m->tlab, window, window + WINDOW_BYTES, true);
      tlab_extend(&m->tlab, aligned_bytes);
      tlab_bump(&m->tlab, aligned_bytes, &object);
    }
  }
#else
  (void)m;
#endif
  if (!object) {
    fprintf(stderr, "gclab: the system refused %zu bytes\n", bytes);
    abort();
  }
  return (gc_ref){object};
}

static const char *init(struct gc_heap *heap) {
  (void)heap;
  return NULL;
}
static void fini(struct gc_heap *heap) { (void)heap; }
static void with_mutator(struct gc_heap *heap, struct gc_mutator *m) { (void)heap, (void)m; }

static enum gc_cycle_kind choose(struct gc_heap *heap, enum gc_reason reason) {
  (void)heap, (void)reason;
  return GC_CYCLE_NONE;
}

const struct gc_collector PLAN_(collector) = {
    .name = GC_STRING(GC_PLAN),
    .summary = SUMMARY,
    .attrs = {.weak = true, .threads = true, .foreign = true},
    .heap_bytes = sizeof(struct gc_heap),
    .mutator_bytes = sizeof(struct plan_mutator),
    .init = init,
    .fini = fini,
    .mutator_init = with_mutator,
    .mutator_flush = with_mutator,
    .choose = choose,
};
