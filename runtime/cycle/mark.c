#include "runtime/cycle/mark.h"

#include "runtime/trace/closure.h"
#include "runtime/trace/roots.h"

const char *mark_spaces_init(struct mark_spaces *spaces, struct heap_memory *memory) {
  if (!cell_space_init(&spaces->cells, memory))
    return "the system refused the mark maps";
  if (large_space_init(&spaces->large, memory))
    return NULL;
  cell_space_fini(&spaces->cells);
  return "no memory for the large-object space";
}

void mark_spaces_fini(struct mark_spaces *spaces) {
  large_space_fini(&spaces->large);
  cell_space_fini(&spaces->cells);
}

/* ---- jobs of the gang ---- */

static void clear_job(struct gc_worker *worker) {
  struct mark_spaces *spaces = worker->gang->argument;
  cell_space_clear_marks_par(&spaces->cells, &worker->gang->next_share);
}

void mark_begin(struct gc_heap *heap, struct mark_spaces *spaces) {
  gang_run(&heap->gang, GANG_LAZY, clear_job, spaces);
  large_space_clear_marks(&spaces->large, &spaces->cells.marks);
  gang_set_marks(&heap->gang, &spaces->cells.marks);
}

static GC_INLINE void root_alone(void *context, gc_ref source, gc_field *slot) {
  gc_ref target = {field_bits(slot)};
  if (!gc_is_null(target) && !gc_is_null(mark_visit_alone(context, source, slot, target)))
    closure_push_grey(context, target);
}
static GC_INLINE void root_par(void *context, gc_ref source, gc_field *slot) {
  gc_ref target = {field_bits(slot)};
  if (!gc_is_null(target) && !gc_is_null(mark_visit_par(context, source, slot, target)))
    closure_push_grey(context, target);
}

static void mark_alone_job(struct gc_worker *worker) {
  struct gc_heap *heap = worker->heap;
  roots_scan_par(&heap->safepoint, heap->globals, &heap->final, &worker->gang->next_share, worker, root_alone);
  closure_drain(worker, CLOSURE_ADAPTIVE, false, mark_visit_alone, mark_prefetch);
}
static void mark_par_job(struct gc_worker *worker) {
  struct gc_heap *heap = worker->heap;
  roots_scan_par(&heap->safepoint, heap->globals, &heap->final, &worker->gang->next_share, worker, root_par);
  closure_drain(worker, CLOSURE_ADAPTIVE, false, mark_visit_par, mark_prefetch);
}

void mark_reachable(struct gc_heap *heap) {
  gang_run(&heap->gang, GANG_LAZY, gang_driver(&heap->gang)->alone ? mark_alone_job : mark_par_job, NULL);
}

static gc_ref mark_visit_noting(struct gc_worker *worker, gc_ref source, gc_field *slot, gc_ref target) {
  gc_ref grey = mark_visit_par(worker, source, slot, target);
  if (!gc_is_null(grey))
    weak_note_reached(&worker->heap->weak, worker->heap, target.bits, grey, mark_resolve);
  return grey;
}

void mark_weak(struct gc_heap *heap) {
  weak_phase(gang_driver(&heap->gang), &heap->weak, &heap->final, WEAK_ALL, mark_resolve, weak_never_young,
             mark_visit_noting);
}

void mark_flip(struct mark_spaces *spaces) { cell_space_flip_stw(&spaces->cells); }

static void sweep_job(struct gc_worker *worker) {
  struct mark_spaces *spaces = worker->gang->argument;
  cell_space_sweep_par(&spaces->cells, &worker->gang->next_share);
}

void mark_sweep(struct gc_heap *heap, struct mark_spaces *spaces) {
  large_space_sweep(&spaces->large, &spaces->cells.allocated);
  gang_run(&heap->gang, GANG_LAZY, sweep_job, spaces);
}

/* ---- results ---- */

size_t mark_live_bytes(struct mark_spaces *spaces) {
  return atomic_load_explicit(&spaces->cells.live_bytes, memory_order_relaxed) + spaces->large.live_bytes;
}

bool mark_verify_live(struct mark_spaces *spaces, gc_ref object) {
  return sidemap_test(&spaces->cells.allocated, object.bits);
}

const char *mark_verify_object(struct mark_spaces *spaces, gc_ref object) {
  struct heap_memory *memory = spaces->cells.memory;
  switch (memory_chunk_space(memory, memory_chunk_index(memory, object.bits))) {
  case SPACE_CELL: return cell_space_problem(&spaces->cells, object.bits);
  case SPACE_LARGE: return large_space_problem(&spaces->large, object.bits);
  case SPACE_IMMORTAL: return NULL;
  default: return "in no space of objects";
  }
}
