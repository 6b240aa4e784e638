/* satb.c -- marks a snapshot of the heap beside the mutators, stops them for a moment, sweeps beside them again.
 *
 * The table `concurrent` below is the algorithm; README.md has its invariants.  Threads go through the phases of a
 * cycle one by one, in handshakes.  The heap's own phase is what a thread that attaches begins with: it advances when
 * one handshake is complete and before the next is posted, so no thread is ever two phases behind another.
 * Models: tests/model/satb.pml, and tests/model/incupdate.pml for alloc=white. */
#include "collectors/satb/plan.h"

#include "runtime/base/mutant.h"
#include "runtime/cycle/mark.h"
#include "runtime/cycle/pacer.h"
#include "runtime/os/clock.h"
#include "runtime/trace/roots.h"

enum { OPTION_START, OPTION_ALLOC, OPTION_EXHAUSTED, OPTION_LOG, OPTION_BARRIER };
enum { ALLOC_BLACK, ALLOC_WHITE };
enum { EXHAUSTED_WAIT, EXHAUSTED_STOP };
enum { BARRIER_ON, BARRIER_OFF };
static const struct gc_option options[] = {
    {"start", GC_OPTION_INT, 0, 95, .fallback = "0",
     .help = "percent of the heap in use at which a cycle starts; 0: by the rates of allocation and marking"},
    {"alloc", GC_OPTION_CHOICE, .choices = (const char *const[]){"black", "white", NULL}, .fallback = "black",
     .help = "black keeps what is born during a cycle; white lets it die, and shades more and scans roots again"},
    {"exhausted", GC_OPTION_CHOICE, .choices = (const char *const[]){"wait", "stop", NULL}, .fallback = "wait",
     .help = "when memory runs out during a cycle: wait for its end, or stop the world to finish it"},
    {"log", GC_OPTION_INT, 0, 50, .fallback = "10",
     .help = "percent of the heap that remembered values may fill before the cycle starts over, stopped"},
    {"barrier", GC_OPTION_CHOICE, .choices = (const char *const[]){"on", "off", NULL}, .fallback = "on",
     .help = "off loses objects: shows that a workload can tell and that the verifier notices"},
    {0}};

/* A thread's part in a cycle. */
enum satb_phase {
  PHASE_IDLE,    /* no cycle is marking */
  PHASE_ARMED,   /* shades old and new values; what it allocates is white, and its roots will be scanned */
  PHASE_SCANNED, /* its roots are shaded: what it allocates is black.  Others may not be there yet */
  PHASE_MARKING, /* every thread is scanned: old values suffice */
};

struct satb {
  struct mark_heap marked;
  struct satb_queue queue;
  struct satb_buffer shared; /* the cycle thread's: globals and due finalizers */
  struct pacer pacer;
  _Atomic uint8_t phase;     /* enum satb_phase of threads that attach now; written by the cycle's thread */
  unsigned rounds;           /* of catching up, in this cycle */
  bool degraded;             /* this cycle ends with the world stopped */
};

static struct satb *satb_of(struct gc_heap *heap) { return (struct satb *)heap; }
static struct plan_mutator *plan_of(struct gc_mutator *m) { return (struct plan_mutator *)m; }
static bool allocates_white(struct gc_heap *heap) { return heap_option(heap, OPTION_ALLOC).integer == ALLOC_WHITE; }

/* ---- a thread's phase ---- */

static void set_heap_phase(struct gc_heap *heap, enum satb_phase phase) {
  /* relaxed: who attaches reads it under the lock that every handshake and stop takes as well */
  atomic_store_explicit(&satb_of(heap)->phase, (uint8_t)phase, memory_order_relaxed);
}

static void enter_phase(struct gc_heap *heap, struct gc_mutator *m, enum satb_phase phase) {
  static const uint8_t shades[] = {0, SATB_OLD | SATB_NEW, SATB_OLD | SATB_NEW, SATB_OLD};
  bool white = allocates_white(heap), off = heap_option(heap, OPTION_BARRIER).integer == BARRIER_OFF;
  plan_of(m)->satb.shades = off ? 0 : shades[white && phase == PHASE_MARKING ? PHASE_SCANNED : phase];
  bool black = phase >= PHASE_SCANNED && !white && !GC_MUTANT(satb_born_white);
  cell_cache_set_black(&mark_heap_spaces(heap)->cells, &plan_of(m)->cells, black);
}

static void mutator_init(struct gc_heap *heap, struct gc_mutator *m) {
  plan_of(m)->satb.queue = &satb_of(heap)->queue;
  if (GC_MUTANT(satb_attaches_idle))
    return;
  enter_phase(heap, m, (enum satb_phase)atomic_load_explicit(&satb_of(heap)->phase, memory_order_relaxed));
}

static void mutator_flush(struct gc_heap *heap, struct gc_mutator *m) {
  cell_cache_retire(&mark_heap_spaces(heap)->cells, &plan_of(m)->cells);
  if (GC_MUTANT(satb_detach_drops_buffer) && !heap->driver.paused && plan_of(m)->satb.chunk)
    plan_of(m)->satb.chunk->count = 0;
  satb_hand_over(&plan_of(m)->satb);
}

/* ---- allocation ---- */

/* Bits at the address of a large object may be left from one that died: they are set or cleared at birth. */
static void colour_large(struct gc_mutator *m, gc_ref object) {
  const struct sidemap *marks = &mark_heap_spaces(m->heap)->cells.marks;
  if (plan_of(m)->cells.black && !GC_MUTANT(satb_large_born_white))
    sidemap_set_par(marks, object.bits);
  else
    sidemap_clear_par(marks, object.bits);
}

static gc_ref try_alloc(struct gc_mutator *m, uint32_t type, size_t bytes) {
  struct satb *satb = satb_of(m->heap);
  uint64_t before_bytes = m->counts.alloc_bytes;
  gc_ref object = mark_alloc(m, &satb->marked.spaces, &plan_of(m)->cells, type, bytes);
  if (gc_is_null(object)) {
    pacer_exhausted(&satb->pacer);
    return object;
  }
  if (bytes > PLAN_LARGE_BYTES)
    colour_large(m, object);
  if (m->counts.alloc_bytes != before_bytes)
    pacer_allocated(&satb->pacer, m->heap, m->counts.alloc_bytes - before_bytes);
  return object;
}

gc_ref PLAN_(alloc_slow)(struct gc_mutator *m, uint32_t type, size_t bytes) {
  return trigger_alloc(m, type, bytes, try_alloc);
}

/* ---- the snapshot ---- */

static enum gc_phase_result clear(struct gc_heap *heap) {
  pacer_begin(&satb_of(heap)->pacer, clock_now_ns());
  satb_queue_begin(&satb_of(heap)->queue);
  satb_of(heap)->rounds = 0;
  satb_of(heap)->degraded = false;
  mark_begin(heap, mark_heap_spaces(heap));
  set_heap_phase(heap, PHASE_ARMED);
  return GC_NEXT;
}

static void arm(struct gc_heap *heap, struct gc_mutator *m) {
  if (!GC_MUTANT(satb_unarmed_scan))
    enter_phase(heap, m, PHASE_ARMED);
}

/* A store whose barrier ran before the last thread was armed may overwrite what that thread stored since, unshaded, and
 * has read an older value.  Once every thread has passed another poll, no such store is under way. */
static void pass(struct gc_heap *heap, struct gc_mutator *m) { (void)heap, (void)m; }

static void shade_root(void *buffer, gc_ref source, gc_field *slot) {
  (void)source;
  satb_shade(buffer, (gc_ref){field_bits_acquire(slot)});
}

/* What belongs to no thread, after all are armed and before any counts as scanned: a due finalizer's object that a
 * thread takes earlier is in that thread's roots, and one that it takes later is shaded. */
static enum gc_phase_result shade_shared(struct gc_heap *heap) {
  struct satb_buffer *shared = &satb_of(heap)->shared;
  pthread_mutex_lock(&heap->final.lock);
  roots_scan_shared(heap->globals, &heap->final, shared, shade_root);
  pthread_mutex_unlock(&heap->final.lock);
  satb_hand_over(shared);
  set_heap_phase(heap, PHASE_SCANNED);
  return GC_NEXT;
}

static void scan_roots(struct gc_heap *heap, struct gc_mutator *m) {
  roots_scan_mutator(m, &plan_of(m)->satb, shade_root);
  enter_phase(heap, m, PHASE_SCANNED);
}

static enum gc_phase_result all_scanned(struct gc_heap *heap) {
  set_heap_phase(heap, PHASE_MARKING);
  return GC_NEXT;
}

static void settle(struct gc_heap *heap, struct gc_mutator *m) {
  satb_hand_over(&plan_of(m)->satb);
  enter_phase(heap, m, PHASE_MARKING);
}

/* ---- marking ---- */

static void push_handed_over(struct gc_worker *worker) {
  struct satb_queue *queue = &satb_of(worker->heap)->queue;
  for (struct satb_chunk *chunk; (chunk = satb_take(queue)); satb_give_back(queue, chunk))
    for (size_t i = 0; i < chunk->count; i++)
      closure_push_grey(worker, chunk->items[i]);
}

/* Traces from all chunks that were handed over, also meanwhile.  Returns the number of objects scanned. */
static uint64_t trace_handed_over(struct gc_heap *heap) {
  uint64_t before = gang_counts(&heap->gang).objects;
  while (!satb_is_empty(&satb_of(heap)->queue))
    mark_closure(heap, heap->driver.paused ? MARK_STOPPED : MARK_BESIDE_MUTATORS, push_handed_over);
  return gang_counts(&heap->gang).objects - before;
}

/* Whether to finish this cycle with the world stopped: a value was lost, or threads wait for memory anyway. */
static bool must_degrade(struct gc_heap *heap) {
  struct satb *satb = satb_of(heap);
  bool stop = satb_overflowed(&satb->queue) || (heap_option(heap, OPTION_EXHAUSTED).integer == EXHAUSTED_STOP &&
                                                pacer_is_exhausted(&satb->pacer));
  bool now = stop && !satb->degraded;
  satb->degraded |= stop;
  return now;
}

static enum gc_phase_result mark(struct gc_heap *heap) {
  if (must_degrade(heap))
    return GC_DEGRADE;
  trace_handed_over(heap);
  return GC_NEXT;
}

/* Born white, an object is found from the roots of its thread, which may have changed since they were scanned. */
static void hand_over(struct gc_heap *heap, struct gc_mutator *m) {
  if (allocates_white(heap))
    roots_scan_mutator(m, &plan_of(m)->satb, shade_root);
  satb_hand_over(&plan_of(m)->satb);
}

enum { CATCH_UP_ROUNDS = 8, REMARK_OBJECTS = 2048 }; /* so many objects are some 50 microseconds of the pause */

/* Repeats until little enough comes in to be left to the remark. */
static enum gc_phase_result catch_up(struct gc_heap *heap) {
  if (must_degrade(heap))
    return GC_DEGRADE;
  bool little = trace_handed_over(heap) <= REMARK_OBJECTS;
  return little || ++satb_of(heap)->rounds == CATCH_UP_ROUNDS ? GC_NEXT : GC_AGAIN;
}

static enum gc_phase_result remark(struct gc_heap *heap) {
  struct satb *satb = satb_of(heap);
  if (satb_overflowed(&satb->queue)) {
    if (must_degrade(heap))
      return GC_DEGRADE;
    satb_queue_end(&satb->queue); /* the snapshot is lost: what is reachable now is marked from the start */
    mark_begin(heap, &satb->marked.spaces);
    mark_reachable(heap);
  } else {
    trace_handed_over(heap);
  }
  return GC_NEXT;
}

/* ---- the end of the cycle ---- */

static void disarm(struct gc_heap *heap, struct gc_mutator *m) { enter_phase(heap, m, PHASE_IDLE); }

static enum gc_phase_result flip(struct gc_heap *heap) {
  set_heap_phase(heap, PHASE_IDLE);
  mark_flip(mark_heap_spaces(heap));
  pacer_flip(&satb_of(heap)->pacer, atomic_load_explicit(&heap->external_bytes, memory_order_relaxed), clock_now_ns());
  return GC_NEXT;
}

static enum gc_phase_result sweep(struct gc_heap *heap) {
  struct satb *satb = satb_of(heap);
  mark_sweep(heap, &satb->marked.spaces);
  satb_queue_end(&satb->queue);
  pacer_end(&satb->pacer, mark_live_bytes(&satb->marked.spaces),
            atomic_load_explicit(&heap->memory.metadata_bytes, memory_order_relaxed), clock_now_ns());
  return GC_NEXT;
}

static enum gc_phase_result begin_stopped(struct gc_heap *heap) {
  pacer_begin(&satb_of(heap)->pacer, clock_now_ns());
  return mark_row_begin(heap);
}

static const struct gc_phase concurrent[] = {
    {.name = "clear", .mode = GC_CONCURRENT, .run = clear},
    {.name = "arm", .mode = GC_HANDSHAKE, .each = arm},
    {.name = "armed", .mode = GC_HANDSHAKE, .each = pass, .run = shade_shared},
    {.name = "roots", .mode = GC_HANDSHAKE, .moment = GC_SNAPSHOT, .each = scan_roots, .run = all_scanned},
    {.name = "settle", .mode = GC_HANDSHAKE, .each = settle},
    {.name = "mark", .mode = GC_CONCURRENT, .run = mark},
    {.name = "catch up", .mode = GC_HANDSHAKE, .each = hand_over, .run = catch_up},
    {.name = "remark", .mode = GC_STW, .each = hand_over, .run = remark},
    {.name = "weak", .mode = GC_STW, .moment = GC_MARKED, .run = mark_row_weak},
    {.name = "flip", .mode = GC_STW, .each = disarm, .run = flip},
    {.name = "sweep", .mode = GC_CONCURRENT, .run = sweep},
    {0}};

static const struct gc_phase stopped[] = {
    {.name = "begin", .mode = GC_STW, .run = begin_stopped},
    {.name = "mark", .mode = GC_STW, .run = mark_row_reachable},
    {.name = "weak", .mode = GC_STW, .moment = GC_MARKED, .run = mark_row_weak},
    {.name = "flip", .mode = GC_STW, .run = flip},
    {.name = "sweep", .mode = GC_STW, .run = sweep},
    {0}};

static enum gc_cycle_kind choose(struct gc_heap *heap, enum gc_reason reason) {
  if (reason == GC_REASON_PACING && !pacer_is_due(&satb_of(heap)->pacer))
    return GC_CYCLE_NONE;
  return reason == GC_REASON_LAST_RESORT ? GC_CYCLE_EMERGENCY : GC_CYCLE_MAJOR;
}

/* ---- the heap ---- */

static const char *init(struct gc_heap *heap) {
  struct satb *satb = satb_of(heap);
  const char *problem = mark_heap_init(heap);
  if (problem)
    return problem;
  size_t limit_bytes = heap->config.heap_bytes;
  satb_queue_init(&satb->queue, &heap->memory, &satb->marked.spaces.cells.marks,
                  limit_bytes / 100 * (size_t)heap_option(heap, OPTION_LOG).integer);
  satb->shared.queue = &satb->queue;
  pacer_init(&satb->pacer, limit_bytes, (unsigned)heap_option(heap, OPTION_START).integer);
  return NULL;
}

static void fini(struct gc_heap *heap) {
  satb_queue_fini(&satb_of(heap)->queue);
  mark_heap_fini(heap);
}

const struct gc_collector PLAN_(collector) = {
    .name = GC_STRING(GC_PLAN),
    .summary = "mark a snapshot and sweep beside the mutators, with one short stop between; never moves",
    .attrs = {.reclaims = true,
              .concurrent = true,
              .cycles = true,
              .weak = true,
              .ephemerons = true,
              .finalizers = true,
              .threads = true},
    .options = options,
    .copied_types = true,
    .heap_bytes = sizeof(struct satb),
    .mutator_bytes = sizeof(struct plan_mutator),
    .init = init,
    .fini = fini,
    .mutator_init = mutator_init,
    .mutator_flush = mutator_flush,
    .choose = choose,
    .cycles = {[GC_CYCLE_MAJOR] = concurrent, [GC_CYCLE_EMERGENCY] = stopped},
    .live_bytes = mark_heap_live_bytes,
    .verify_live = mark_heap_verify_live,
    .verify_object = mark_heap_verify_object,
    .verify_marked = mark_verify_marked,
    .verify_for_objects = mark_heap_for_objects,
};
