/* player_measure.c -- runs one experiment of the checklist: a heap of its own, one mutator. */
#include "bench/vectors/player_measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/cycle/heap.h"

#define HEAP_BYTES ((size_t)1 << 30)

extern const struct gc_collector GC_CONCAT(GC_PLAN, _collector);

static const struct gc_type types[] = {
    GC_TYPE_LEAF(mobject),    GC_TYPE_LEAF(mfloat),   GC_TYPE_LEAF(mint),     GC_TYPE(mtuple, class, 1),
    GC_TYPE(mlist, class, 2), GC_TYPE(mdict, class, 3), GC_TYPE(mpair, first, 2),
    GC_TYPE(mhandle, holder, 1),
};

static bool (*const experiments[])(struct gc_mutator *m, char *said, size_t said_bytes) = {
#define EXPERIMENT(name) PLAYER_(name),
#include "bench/vectors/experiments.def"
#undef EXPERIMENT
};

const struct gc_control *PLAYER_(control)(void) { return GC_CONCAT(GC_PLAN, _collector).control; }

static _Noreturn void out_of_memory(struct gc_heap *heap, struct gc_mutator *m, size_t bytes) {
  (void)heap, (void)m;
  fprintf(stderr, "the experiment needs more than its heap: %zu bytes were refused\n", bytes);
  _exit(1);
}

bool PLAYER_(measure)(enum experiment experiment, char *said, size_t said_bytes) {
  const struct gc_heap_config config = {.collector = &GC_CONCAT(GC_PLAN, _collector),
                                        .heap_bytes = HEAP_BYTES,
                                        .gc_threads = 1,
                                        .out_of_memory = out_of_memory};
  const char *problem = type_table_register(types, sizeof types / sizeof types[0]);
  if (problem) {
    snprintf(said, said_bytes, "%s", problem);
    return false;
  }
  struct gc_heap *heap = heap_create(&config, said, said_bytes);
  struct gc_mutator *m = heap ? gc_attach(heap) : NULL;
  if (!m)
    return false;
  const struct gc_delivery at_once = {0};
  if (PLAYER_(control)())
    PLAYER_(control)()->deliver(heap, &at_once); /* what nothing refers to dies in the middle of a store */
  bool holds = experiments[experiment](m, said, said_bytes);
  gc_detach(m);
  heap_destroy(heap);
  return holds;
}
