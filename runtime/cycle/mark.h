/* mark.h -- marks the whole heap in place: what every non-moving collector's full cycle does.
 *
 * The marks are a cell space's `marks` map, one bit per object, which covers large objects and globals too.
 * The steps are separate, so that a plan's phase table shows them:
 *     mark_begin        clears the marks of both spaces
 *     mark_reachable    roots and closure, in parallel
 *     mark_weak         the weak phase (weak.h)
 *     mark_sweep        flips the marks and sweeps both spaces, in parallel
 * The world is stopped; cycle's thread.  mark_begin and mark_sweep's sweep may run beside mutators (satb). */
#ifndef GC_CYCLE_MARK_H
#define GC_CYCLE_MARK_H

#include "runtime/cycle/heap.h"
#include "runtime/heap/cell_space.h"
#include "runtime/heap/large_space.h"

/* The spaces that are marked and swept together. */
struct mark_spaces {
  struct cell_space cells;
  struct large_space large;
};

/* NULL, or a sentence. */
const char *mark_spaces_init(struct mark_spaces *spaces, struct heap_memory *memory);
void mark_spaces_fini(struct mark_spaces *spaces);

void mark_begin(struct gc_heap *heap, struct mark_spaces *spaces);
void mark_reachable(struct gc_heap *heap);
void mark_weak(struct gc_heap *heap);
void mark_flip(struct mark_spaces *spaces);
void mark_sweep(struct gc_heap *heap, struct mark_spaces *spaces);

/* Whether the running cycle has marked `object`: the resolve function of non-moving plans. */
static GC_INLINE gc_ref mark_resolve(struct gc_heap *heap, gc_ref object) {
  return sidemap_test(&gang_driver(&heap->gang)->marks, object.bits) ? object : GC_NULL;
}

/* The visit of a marking loop: `alone` where nobody else sets marks, `par` otherwise. */
static GC_INLINE gc_ref mark_visit_par(struct gc_worker *worker, gc_ref source, gc_field *slot, gc_ref target) {
  (void)source, (void)slot;
  return sidemap_set_par(&worker->marks, target.bits) ? target : GC_NULL;
}
static GC_INLINE gc_ref mark_visit_alone(struct gc_worker *worker, gc_ref source, gc_field *slot, gc_ref target) {
  (void)source, (void)slot;
  return sidemap_set_alone(&worker->marks, target.bits) ? target : GC_NULL;
}
static GC_INLINE void mark_prefetch(struct gc_worker *worker, uintptr_t target) {
  sidemap_prefetch(&worker->marks, target);
}

size_t mark_live_bytes(struct mark_spaces *spaces);
/* After mark_sweep, the world still stopped: the collector's verifier hooks. */
bool mark_verify_live(struct mark_spaces *spaces, gc_ref object);
const char *mark_verify_object(struct mark_spaces *spaces, gc_ref object);

#endif
