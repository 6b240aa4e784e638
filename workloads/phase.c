/* phase.c -- phased lifetimes: the objects of a phase die together, a few phases after they were born.
 *
 * Like the passes of a compiler: each phase of a thread builds cells that refer to earlier cells of the same phase
 * and reads them; the latest `window` phases stay.  Every object lives for about the same number of allocated bytes,
 * so a collection that starts early copies or marks all that a later one would find dead. */
#include "workloads/lane.h"
#include "workloads/payload.h"

struct cell {
  struct gc_header header;
  gc_field first, second; /* random earlier cells; null in cell 0 */
  uint64_t id, word;
};

struct phase {
  struct gc_header header;
  gc_field cells; /* array */
  uint64_t number, thread;
};

enum { TYPE_cell = GC_TYPE_FIRST, TYPE_phase };
static const struct gc_type types[] = {GC_TYPE(cell, first, 2), GC_TYPE(phase, cells, 1)};

enum { P_BYTES, P_PHASES, P_WINDOW, P_READS };
static const struct gc_option params[] = {
    {"bytes", GC_OPTION_BYTES, 4096, 1e12, .fallback = "4M", .help = "bytes of a phase, for each thread"},
    {"phases", GC_OPTION_INT, 1, 1e9, .fallback = "40", .help = "phases of each thread"},
    {"window", GC_OPTION_INT, 1, 65536, .fallback = "2", .help = "phases that are alive at once"},
    {"reads", GC_OPTION_INT, 0, 1000, .fallback = "1", .help = "cells read for each cell built"},
    {0}};

static uint64_t cells_in_phase(const struct gc_work *work) {
  return (uint64_t)work_int(work, P_BYTES) / (GC_SIZEOF(cell) + sizeof(gc_field));
}
static uint64_t phase_id(unsigned thread, uint64_t number) { return (uint64_t)thread << 48 | number << 1; }
static uint64_t phase_random(const struct gc_work *work, unsigned thread, uint64_t number) {
  return rng_stream(work->seed, phase_id(thread, number));
}
static uint64_t cell_id(unsigned thread, uint64_t number, uint64_t index) {
  return rng_stream(phase_id(thread, number), 1) + index;
}

/* Fills `cells`, which is empty. */
static void cells_build(struct gc_mutator *m, const struct gc_work *work, uint64_t number, const gc_root *cells) {
  uint64_t count = cells_in_phase(work), random = phase_random(work, work->thread, number);
  uint64_t id = cell_id(work->thread, number, 0);
  for (uint64_t i = 0; i < count; i++, id++) {
    gc_ref cell = GC_NEW(m, cell);
    gc_ref array = gc_get(m, cells);
    if (i > 0) {
      GC_INIT(m, cell, cell, first, gc_array_load(m, array, rng_below(&random, i)));
      GC_INIT(m, cell, cell, second, gc_array_load(m, array, rng_below(&random, i)));
    }
    GC_PUT(m, cell, cell, id, id);
    GC_PUT(m, cell, cell, word, payload_word(id, 0));
    gc_array_store(m, array, i, cell);
  }
}

/* Follows references from random cells; the sum depends on the seed only. */
static uint64_t cells_read(struct gc_mutator *m, const struct gc_work *work, uint64_t number, const gc_root *cells) {
  uint64_t count = cells_in_phase(work), reads = count * (uint64_t)work_int(work, P_READS), sum = 0;
  uint64_t random = phase_random(work, work->thread, number) | 1;
  for (uint64_t i = 0; i < reads; i++) {
    gc_poll(m);
    gc_ref cell = gc_array_load(m, gc_get(m, cells), rng_below(&random, count));
    gc_ref first = GC_LOAD(m, cell, cell, first);
    sum += GC_DEREF(m, cell, gc_is_null(first) ? cell : first)->word;
  }
  return sum;
}

static void prepare(struct gc_mutator *m, const struct gc_work *work) { lanes_create(m, work); }

static uint64_t run(struct gc_mutator *m, const struct gc_work *work) {
  uint64_t phases = (uint64_t)work_int(work, P_PHASES), window = (uint64_t)work_int(work, P_WINDOW), sum = 0;
  GC_ROOTS(m, r, ring, cells);
  gc_set(m, &r.ring, gc_alloc_array(m, window));
  lane_store(m, work, gc_get(m, &r.ring));
  for (uint64_t number = 0; number < phases; number++) {
    gc_array_store(m, gc_get(m, &r.ring), number % window, GC_NULL); /* the oldest phase dies before the next is born */
    gc_set(m, &r.cells, gc_alloc_array(m, cells_in_phase(work)));
    gc_ref phase = GC_NEW(m, phase);
    GC_INIT(m, phase, phase, cells, gc_get(m, &r.cells));
    GC_PUT(m, phase, phase, number, number);
    GC_PUT(m, phase, phase, thread, work->thread);
    gc_array_store(m, gc_get(m, &r.ring), number % window, phase);
    cells_build(m, work, number, &r.cells);
    sum += cells_read(m, work, number, &r.cells);
    gc_set(m, &r.cells, GC_NULL);
  }
  gc_frame_pop(m, &r.frame);
  work_add_ops(work, phases * cells_in_phase(work));
  return sum;
}

/* Fails unless `cell` is non-null and has this id. */
static void cell_check(struct gc_mutator *m, const struct gc_work *work, gc_ref cell, uint64_t id) {
  if (gc_is_null(cell) || GC_DEREF(m, cell, cell)->id != id || GC_DEREF(m, cell, cell)->word != payload_word(id, 0))
    work_fail(work, "cell %llx is gone or has changed", (unsigned long long)id);
}

/* Repeats the random choices of cells_build. */
static void cells_check(struct gc_mutator *m, const struct gc_work *work, unsigned thread, uint64_t number,
                        const gc_root *cells) {
  uint64_t count = cells_in_phase(work), random = phase_random(work, thread, number);
  uint64_t first_id = cell_id(thread, number, 0);
  array_check(m, work, gc_get(m, cells), count);
  for (uint64_t i = 0; i < count; i++) {
    gc_poll(m);
    gc_ref cell = gc_array_load(m, gc_get(m, cells), i);
    cell_check(m, work, cell, first_id + i);
    gc_ref first = GC_LOAD(m, cell, cell, first), second = GC_LOAD(m, cell, cell, second);
    if (i > 0) {
      cell_check(m, work, first, first_id + rng_below(&random, i));
      cell_check(m, work, second, first_id + rng_below(&random, i));
    } else if (!gc_is_null(first) || !gc_is_null(second)) {
      work_fail(work, "the first cell of phase %llu refers to another", (unsigned long long)number);
    }
  }
}

static uint64_t check(struct gc_mutator *m, const struct gc_work *work) {
  uint64_t phases = (uint64_t)work_int(work, P_PHASES), window = (uint64_t)work_int(work, P_WINDOW), sum = 0;
  GC_ROOTS(m, r, ring, cells);
  for (unsigned thread = 0; thread < work->threads; thread++) {
    gc_set(m, &r.ring, lane_check(m, work, thread));
    array_check(m, work, gc_get(m, &r.ring), window);
    for (uint64_t slot = 0; slot < window; slot++) {
      gc_ref phase = gc_array_load(m, gc_get(m, &r.ring), slot);
      if (slot >= phases) { /* never filled */
        if (!gc_is_null(phase))
          work_fail(work, "a phase is alive that never began");
        continue;
      }
      uint64_t number = phases - 1 - (phases - 1 - slot) % window; /* the latest that fell into this slot */
      if (gc_is_null(phase) || GC_DEREF(m, phase, phase)->number != number ||
          GC_DEREF(m, phase, phase)->thread != thread)
        work_fail(work, "phase %llu of thread %u is gone or has changed", (unsigned long long)number, thread);
      gc_set(m, &r.cells, GC_LOAD(m, phase, phase, cells));
      cells_check(m, work, thread, number, &r.cells);
      sum = rng_mix(sum, phase_random(work, thread, number));
    }
  }
  gc_frame_pop(m, &r.frame);
  return sum;
}

GC_WORKLOAD(.name = "phase", .summary = "objects of a phase die together",
            .stresses = "Lifetimes that the weak generational hypothesis gets wrong: all of a phase survives a "
                        "collection inside it, and nothing of it once it is over.",
            .operation = "objects allocated",
            .source = "gclab's own", .sharing = GC_WORK_COPIES, .types = types, .type_count = 2, .params = params,
            .small = "bytes=48K,phases=15",
            .prepare = prepare, .run = run, .check = check);
