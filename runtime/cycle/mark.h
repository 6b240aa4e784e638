/* mark.h -- marks the whole heap in place: what every non-moving collector's full cycle does.
 *
 * The marks are a cell space's `marks` map, one bit per object, which covers large objects and globals too.
 * The steps are separate, so that a plan's phase table shows them:
 *     mark_begin        clears the marks of both spaces           may run beside mutators that do not mark
 *     mark_reachable    roots and closure, in parallel            the world is stopped
 *     mark_closure      closure from what a plan pushes           stopped, or beside mutators that mark
 *     mark_weak         the weak phase (weak.h)                   the world is stopped
 *     mark_flip         what is marked is what is allocated       the world is stopped
 *     mark_sweep        sweeps both spaces, in parallel           may run beside mutators
 * Cycle's thread.  Collectors whose only spaces these are (marksweep, satb) start their heap with struct mark_heap
 * and use the rows and hooks at the end as they are. */
#ifndef GC_CYCLE_MARK_H
#define GC_CYCLE_MARK_H

#include "runtime/cycle/trigger.h"
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

/* Each worker calls `seed` once, which pushes grey objects; then all trace until no work is left. */
enum mark_company { MARK_STOPPED, MARK_BESIDE_MUTATORS };
typedef void mark_seed(struct gc_worker *worker);
void mark_closure(struct gc_heap *heap, enum mark_company company, mark_seed *seed);

/* `is_young`: as in trace/weak.h; weak_never_young where nothing is. */
void mark_weak(struct gc_heap *heap, weak_is_young *is_young);
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

/* The slow half of an allocation in these spaces; null if no memory may be had.  Owner of `m` and of `cells`. */
gc_ref mark_alloc(struct gc_mutator *m, struct mark_spaces *spaces, struct cell_cache *cells, uint32_t type,
                  size_t bytes);

size_t mark_live_bytes(struct mark_spaces *spaces);
/* The collector's verifier hooks; verify_live after mark_flip, the world still stopped. */
bool mark_verify_live(struct mark_spaces *spaces, gc_ref object);
const char *mark_verify_object(struct mark_spaces *spaces, gc_ref object);
bool mark_verify_marked(struct gc_heap *heap, gc_ref object);
/* Every object in these spaces, dead or alive.  Caches are retired, no sweep is under way. */
void mark_for_objects(struct mark_spaces *spaces, void *context, void (*visit)(void *context, gc_ref object));

/* ---- a heap of nothing but marked spaces ---- */

struct mark_heap {
  struct gc_heap heap;
  struct mark_spaces spaces;
};

static GC_INLINE struct mark_spaces *mark_heap_spaces(struct gc_heap *heap) {
  return &((struct mark_heap *)heap)->spaces;
}

/* Rows of phase tables. */
enum gc_phase_result mark_row_begin(struct gc_heap *heap);
enum gc_phase_result mark_row_reachable(struct gc_heap *heap);
enum gc_phase_result mark_row_weak(struct gc_heap *heap);
enum gc_phase_result mark_row_sweep(struct gc_heap *heap); /* flips, then sweeps */

/* Hooks of struct gc_collector. */
const char *mark_heap_init(struct gc_heap *heap);
void mark_heap_fini(struct gc_heap *heap);
size_t mark_heap_live_bytes(struct gc_heap *heap);
bool mark_heap_verify_live(struct gc_heap *heap, gc_ref object);
const char *mark_heap_verify_object(struct gc_heap *heap, gc_ref object);
void mark_heap_for_objects(struct gc_heap *heap, void *context, void (*visit)(void *context, gc_ref object));

#endif
