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
  verify_forget_snapshot(heap);
}

static mark_seed *seed_of(struct gc_worker *worker) { return *(mark_seed **)worker->gang->argument; }

/* Marks that nobody else sets need no locked instruction. */
static void closure_alone_job(struct gc_worker *worker) {
  seed_of(worker)(worker);
  closure_drain(worker, CLOSURE_ADAPTIVE, false, mark_visit_alone);
}
static void closure_par_job(struct gc_worker *worker) {
  seed_of(worker)(worker);
  closure_drain(worker, CLOSURE_ADAPTIVE, false, mark_visit_par);
}
static void closure_beside_job(struct gc_worker *worker) {
  seed_of(worker)(worker);
  closure_drain(worker, CLOSURE_ADAPTIVE, true, mark_visit_par);
}

void mark_closure(struct gc_heap *heap, enum mark_company company, mark_seed *seed) {
  gang_job *job = company == MARK_BESIDE_MUTATORS     ? closure_beside_job
                  : gang_driver(&heap->gang)->alone ? closure_alone_job
                                                    : closure_par_job;
  gang_run(&heap->gang, GANG_LAZY, job, &seed);
}

static GC_INLINE void push_root(void *context, gc_ref source, gc_field *slot) {
  gc_ref target = {field_bits(slot)};
  if (!gc_is_null(target) && !gc_is_null(mark_visit_par(context, source, slot, target)))
    closure_push_grey(context, target);
}

static void push_roots(struct gc_worker *worker) {
  struct gc_heap *heap = worker->heap;
  roots_scan_par(&heap->safepoint, heap->globals, &heap->final, &worker->gang->next_share, worker, push_root);
}

void mark_reachable(struct gc_heap *heap) { mark_closure(heap, MARK_STOPPED, push_roots); }

static gc_ref mark_visit_noting(struct gc_worker *worker, gc_ref source, gc_field *slot, gc_ref target) {
  gc_ref grey = mark_visit_par(worker, source, slot, target);
  if (!gc_is_null(grey))
    weak_note_reached(&worker->heap->weak, worker->heap, target.bits, grey, mark_resolve);
  return grey;
}

void mark_weak(struct gc_heap *heap, weak_is_young *is_young) {
  weak_phase(gang_driver(&heap->gang), &heap->weak, &heap->final, WEAK_ALL, mark_resolve, is_young, mark_visit_noting);
}

void mark_flip(struct mark_spaces *spaces) {
  cell_space_flip_stw(&spaces->cells);
  large_space_flip_stw(&spaces->large);
}

static void sweep_job(struct gc_worker *worker) {
  struct mark_spaces *spaces = worker->gang->argument;
  cell_space_sweep_par(&spaces->cells, &worker->gang->next_share);
}

void mark_sweep(struct gc_heap *heap, struct mark_spaces *spaces) {
  large_space_sweep_flipped(&spaces->large, &spaces->cells.allocated);
  gang_run(&heap->gang, GANG_LAZY, sweep_job, spaces);
}

/* ---- allocation ---- */

gc_ref mark_alloc(struct gc_mutator *m, struct mark_spaces *spaces, struct cell_cache *cells, uint32_t type,
                  size_t bytes) {
  if (bytes > CELL_MAX_BYTES)
    return trigger_alloc_large(m, &spaces->large, type, bytes, 0);
  uintptr_t address = trigger_alloc_cell(m, &spaces->cells, cells, bytes);
  if (!address)
    return GC_NULL;
  object_init(address, type, 0);
  return (gc_ref){address};
}

/* ---- results ---- */

size_t mark_live_bytes(struct mark_spaces *spaces) {
  return atomic_load_explicit(&spaces->cells.live_bytes, memory_order_relaxed) + spaces->large.live_bytes;
}

bool mark_verify_live(struct mark_spaces *spaces, gc_ref object) {
  return sidemap_test(&spaces->cells.allocated, object.bits);
}

bool mark_verify_marked(struct gc_heap *heap, gc_ref object) {
  return sidemap_test(&gang_driver(&heap->gang)->marks, object.bits);
}

void mark_for_objects(struct mark_spaces *spaces, void *context, void (*visit)(void *context, gc_ref object)) {
  cell_space_for_objects(&spaces->cells, context, visit);
  large_space_for_objects(&spaces->large, context, visit);
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

/* ---- a heap of nothing but marked spaces ---- */

enum gc_phase_result mark_row_begin(struct gc_heap *heap) {
  mark_begin(heap, mark_heap_spaces(heap));
  return GC_NEXT;
}
enum gc_phase_result mark_row_reachable(struct gc_heap *heap) {
  mark_reachable(heap);
  return GC_NEXT;
}
enum gc_phase_result mark_row_weak(struct gc_heap *heap) {
  mark_weak(heap, weak_never_young);
  return GC_NEXT;
}
enum gc_phase_result mark_row_sweep(struct gc_heap *heap) {
  mark_flip(mark_heap_spaces(heap));
  mark_sweep(heap, mark_heap_spaces(heap));
  return GC_NEXT;
}

const char *mark_heap_init(struct gc_heap *heap) { return mark_spaces_init(mark_heap_spaces(heap), &heap->memory); }
void mark_heap_fini(struct gc_heap *heap) { mark_spaces_fini(mark_heap_spaces(heap)); }
size_t mark_heap_live_bytes(struct gc_heap *heap) { return mark_live_bytes(mark_heap_spaces(heap)); }
bool mark_heap_verify_live(struct gc_heap *heap, gc_ref object) {
  return mark_verify_live(mark_heap_spaces(heap), object);
}
const char *mark_heap_verify_object(struct gc_heap *heap, gc_ref object) {
  return mark_verify_object(mark_heap_spaces(heap), object);
}
void mark_heap_for_objects(struct gc_heap *heap, void *context, void (*visit)(void *context, gc_ref object)) {
  mark_for_objects(mark_heap_spaces(heap), context, visit);
}
