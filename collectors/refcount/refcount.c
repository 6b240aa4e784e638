/* refcount.c -- mutators, allocation, polls, and when to stop the world for what counting alone does not free.
 *
 * Mutators free by themselves: in a poll of theirs the dead are found and taken apart.  The world is stopped
 *     drain   to apply at once what waits for a grace period, and to give empty blocks back;
 *     trial   to look for garbage cycles behind the suspects;
 *     trace   to free what a mark does not reach, and to set all counts anew;
 * and when a second mutator attaches, so that all count atomically before it touches an object. */
#include "collectors/refcount/refcount.h"

#include "runtime/base/check.h"
#include "runtime/base/mutant.h"
#include "runtime/cycle/trigger.h"
#include "runtime/os/clock.h"

enum {
  POLL_ZEROS = 64,      /* objects at zero after which a lone mutator polls */
  FILTER_CHUNKS = 4,    /* chunks of suspects after which their owner looks which are none any more */
  PENDING_SHARE = 16,   /* queues hold at most this part of the heap's bytes, then the world is stopped to drain them */
  SUSPECT_SHARE_LEAST = 64, /* suspects: the part of the heap's bytes that is always allowed, */
  SUSPECT_SHARE_MOST = 8,   /* and the part that is never exceeded for long */
  CROWDED_SHARE = 8,    /* a heap with less than this part free after a drain wants cycles collected */
};
#define PENDING_LEAST_BYTES (256 * GC_KIB)
#define SUSPECT_LEAST_BYTES (64 * GC_KIB)

/* ---- options ---- */

static const char *const cycle_choices[] = {[REFCOUNT_TRIAL] = "trial", [REFCOUNT_TRACE] = "trace",
                                            [REFCOUNT_NONE] = "none", NULL};
enum { OPTION_CYCLES };
static const struct gc_option options[] = {
    {.name = "cycles",
     .kind = GC_OPTION_CHOICE,
     .choices = cycle_choices,
     .fallback = "trial",
     .help = "how garbage cycles are found: trial deletion from suspects, a trace of the whole heap, or not at all"},
    {0}};

/* ---- queues ---- */

static void queues_init(struct refcount *rc, struct refcount_queues *queues, struct gc_mutator *owner) {
  rc_buffer_init(&queues->zeros, &rc->queue_pool, owner, POLL_ZEROS);
  rc_buffer_init(&queues->locals, &rc->queue_pool, owner, 0);
  rc_buffer_init(&queues->overwritten, &rc->queue_pool, owner, 0);
  rc_buffer_init(&queues->suspects, &rc->suspect_pool, owner, 0);
}

static void queues_clear(struct refcount_queues *queues) {
  rc_buffer_clear(&queues->zeros);
  rc_buffer_clear(&queues->locals);
  rc_buffer_clear(&queues->overwritten);
  rc_buffer_clear(&queues->suspects);
}

/* ---- life of the heap ---- */

static const char *init(struct gc_heap *heap) {
  struct refcount *rc = refcount_heap(heap);
  const char *problem = mark_spaces_init(&rc->spaces, &heap->memory);
  if (problem)
    return problem;
  rc->spaces.cells.exact = true;
  rc->cycles = (enum refcount_cycles)heap_option(heap, OPTION_CYCLES).integer;
  rc_pool_init(&rc->queue_pool, &heap->memory);
  rc_pool_init(&rc->suspect_pool, &heap->memory);
  rc_grace_init(&rc->grace, &heap->safepoint, &rc->queue_pool);
  pthread_mutex_init(&rc->lock, NULL);
  queues_init(rc, &rc->handed, NULL);
  atomic_store(&rc->suspect_limit_bytes,
               size_max(SUSPECT_LEAST_BYTES, heap->memory.limit_bytes / SUSPECT_SHARE_LEAST));
  rc_set_word(heap->globals, RC_ONE | RC_GREEN); /* never found at zero */
  return NULL;
}

static void fini(struct gc_heap *heap) {
  struct refcount *rc = refcount_heap(heap);
  queues_clear(&rc->handed);
  pthread_mutex_destroy(&rc->lock);
  rc_grace_fini(&rc->grace);
  rc_pool_fini(&rc->suspect_pool);
  rc_pool_fini(&rc->queue_pool);
  mark_spaces_fini(&rc->spaces);
}

/* ---- life of a mutator ---- */

static void mutator_init(struct gc_heap *heap, struct gc_mutator *base) {
  struct refcount *rc = refcount_heap(heap);
  struct plan_mutator *m = plan_counting(base);
  m->alone = heap->safepoint.count == 1;
  if (!m->alone)
    atomic_store(&rc->newcomer, true);
  m->born_green = rc->cycles == REFCOUNT_TRIAL ? 0 : RC_GREEN;
  newborn_init(&m->newborn, RC_ONE);
  queues_init(rc, &m->queues, base);
}

/* Whoever counted alone until now does so no more when this returns. */
static void mutator_attached(struct gc_heap *heap, struct gc_mutator *base) {
  (void)base;
  if (atomic_load(&refcount_heap(heap)->newcomer))
    cycle_run(heap, base, GC_REASON_PACING);
}

/* The newborn is not referred to by a register any more. */
static void settle_newborn(struct plan_mutator *m) {
  plan_settle_newborn(m);
  newborn_forget(&m->newborn);
}

/* All that `m` has found goes to where the stopped world or another mutator's poll finds it. */
static void mutator_flush(struct gc_heap *heap, struct gc_mutator *base) {
  struct refcount *rc = refcount_heap(heap);
  struct plan_mutator *m = plan_counting(base);
  cell_cache_retire(&rc->spaces.cells, &m->cells);
  settle_newborn(m);
  pthread_mutex_lock(&rc->lock);
  rc_buffer_move(&rc->handed.zeros, &m->queues.zeros);
  rc_buffer_move(&rc->handed.locals, &m->queues.locals);
  rc_buffer_move(&rc->handed.overwritten, &m->queues.overwritten);
  rc_buffer_move(&rc->handed.suspects, &m->queues.suspects);
  atomic_store_explicit(&rc->any_handed, true, memory_order_relaxed);
  pthread_mutex_unlock(&rc->lock);
}

static void mutator_fini(struct gc_heap *heap, struct gc_mutator *base) {
  (void)heap;
  queues_clear(&plan_counting(base)->queues); /* an empty chunk each */
}

/* ---- allocation ---- */

static gc_ref try_alloc(struct gc_mutator *base, uint32_t type, size_t bytes) {
  struct plan_mutator *m = plan_counting(base);
  struct mark_spaces *spaces = &refcount_heap(base->heap)->spaces;
  gc_ref object;
  if (bytes > PLAN_LARGE_BYTES) {
    object = trigger_alloc_large(base, &spaces->large, type, bytes, plan_newborn_word(m, type));
  } else {
    object = (gc_ref){trigger_alloc_cell(base, &spaces->cells, &m->cells, bytes)};
    if (!gc_is_null(object))
      object_init(object.bits, type, plan_newborn_word(m, type));
  }
  if (!gc_is_null(object))
    m->newborn.object = object;
  return object;
}

gc_ref PLAN_(alloc_slow)(struct gc_mutator *m, uint32_t type, size_t bytes) {
  newborn_forget(&plan_counting(m)->newborn); /* plan_alloc has settled it; polls may come before the next is there */
  return trigger_alloc(m, type, bytes, try_alloc);
}

/* ---- the halves of plan.h that are not inlined ---- */

void PLAN_(inc_shared)(gc_ref value) { rc_inc_shared(value); }

void PLAN_(drop_alone)(struct gc_mutator *base, gc_ref object) {
  struct plan_mutator *m = plan_counting(base);
  switch (rc_dec_alone(object)) {
  case RC_DROP_DONE: break;
  case RC_DROP_ZERO: rc_buffer_push(&m->queues.zeros, object.bits); break;
  case RC_DROP_SUSPECT:
    if (!rc_buffer_push(&m->queues.suspects, object.bits))
      rc_unbuffer_shared(object); /* it is in use, so it is no husk */
    break;
  }
}

/* Nothing counts the newborn.  It stays queued, now in the queue proper, and dies at the next poll. */
void PLAN_(drop_newborn)(struct gc_mutator *base) {
  struct plan_mutator *m = plan_counting(base);
  rc_buffer_push(&m->queues.zeros, m->newborn.object.bits);
  newborn_forget(&m->newborn);
}

void PLAN_(drop_field_shared)(struct gc_mutator *m, gc_ref old) {
  TALLY(rc_decrements);
  rc_buffer_push(&plan_counting(m)->queues.overwritten, old.bits);
}

void PLAN_(store_shared)(struct gc_mutator *m, gc_field *field, gc_ref value) {
  plan_count(plan_counting(m), value);
  /* acq_rel: release pairs with the acquire in plan_load */
  uintptr_t old = atomic_exchange_explicit(&field->bits, value.bits, memory_order_acq_rel);
  if (old)
    PLAN_(drop_field_shared)(m, (gc_ref){old});
}

void PLAN_(drop_locals_shared)(struct gc_mutator *m, const gc_root *roots, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (roots[i].bits) {
      TALLY(rc_decrements);
      rc_buffer_push(&plan_counting(m)->queues.locals, roots[i].bits);
    }
}

/* The thread counts the referent itself until its next poll. */
gc_ref PLAN_(weak_load_shared)(struct gc_mutator *m, gc_field *field) {
  if (GC_MUTANT(rc_weak_load_uncounted))
    return (gc_ref){field_bits(field)};
  gc_root referent = {weak_table_read(&m->heap->weak, field, rc_inc_unless_zero).bits};
  PLAN_(drop_locals_shared)(m, &referent, 1);
  return (gc_ref){referent.bits};
}

/* ---- polls ---- */

static void take_handed(struct refcount *rc, struct plan_mutator *m) {
  pthread_mutex_lock(&rc->lock);
  rc_buffer_move(&m->queues.zeros, &rc->handed.zeros);
  rc_buffer_move(&m->queues.locals, &rc->handed.locals);
  rc_buffer_move(m->alone ? &m->queues.locals : &m->queues.overwritten, &rc->handed.overwritten);
  atomic_store_explicit(&rc->any_handed, false, memory_order_relaxed);
  pthread_mutex_unlock(&rc->lock);
}

static bool has_too_much_pending(struct refcount *rc) {
  return rc_pool_bytes(&rc->queue_pool) >
         size_max(PENDING_LEAST_BYTES, rc->heap.memory.limit_bytes / PENDING_SHARE);
}

static bool has_too_many_suspects(struct refcount *rc) {
  return rc_pool_bytes(&rc->suspect_pool) >
         atomic_load_explicit(&rc->suspect_limit_bytes, memory_order_relaxed); /* relaxed: a threshold */
}

static void filter_own(struct refcount *rc, struct plan_mutator *m) {
  if (m->queues.suspects.chunks < m->filter_chunks)
    return;
  PLAN_(filter_suspects)(rc, &m->queues, m);
  m->filter_chunks = size_max(FILTER_CHUNKS, 2 * m->queues.suspects.chunks);
}

static void poll(struct gc_heap *heap, struct gc_mutator *base) {
  struct refcount *rc = refcount_heap(heap);
  struct plan_mutator *m = plan_counting(base);
  uint64_t begin_ns = heap->config.unmeasured ? 0 : clock_now_ns();
  settle_newborn(m);
  if (atomic_load_explicit(&rc->any_handed, memory_order_relaxed))
    take_handed(rc, m);
  if (rc_grace_any_ready(&rc->grace))
    rc_grace_take(&rc->grace, &m->queues.locals);
  if (PLAN_(reap)(rc, &m->queues, m))
    mutator_request_poll(base, POLL_PLAN);
  if (GC_MUTANT(rc_no_grace))
    rc_buffer_move(&m->queues.locals, &m->queues.overwritten);
  if (m->queues.overwritten.chunks > 1)
    rc_grace_defer(&rc->grace, &m->queues.overwritten);
  filter_own(rc, m);
  base->counts.assist_ns += heap->config.unmeasured ? 0 : clock_now_ns() - begin_ns;
  safepoint_note(base, THREAD_ASSIST, begin_ns);
  if (has_too_much_pending(rc) || has_too_many_suspects(rc))
    cycle_run(heap, base, GC_REASON_PACING);
}

/* ---- the world is stopped ---- */

static void add_large(void *context, gc_ref object) {
  *(size_t *)context += align_up(object_bytes(object), PAGE_BYTES);
}

static size_t used_bytes_stw(struct refcount *rc) {
  size_t bytes = cell_space_used_bytes(&rc->spaces.cells);
  large_space_for_objects(&rc->spaces.large, &bytes, add_large);
  return bytes;
}

/* Only a trace frees what counting has lost sight of. */
static bool needs_trace(struct refcount *rc) {
  return atomic_load_explicit(&rc->queue_pool.lost, memory_order_relaxed) ||
         atomic_load_explicit(&rc->suspect_pool.lost, memory_order_relaxed) || PLAN_(any_stuck_stw)(rc);
}

static enum gc_phase_result drain(struct gc_heap *heap) {
  struct refcount *rc = refcount_heap(heap);
  rc->tracing = heap->driver.kind != GC_CYCLE_MINOR && rc->cycles == REFCOUNT_TRACE;
  if (heap->driver.kind == GC_CYCLE_EMERGENCY && rc->cycles == REFCOUNT_TRIAL)
    rc->tracing = needs_trace(rc);
  rc_grace_take_all_stw(&rc->grace, &rc->handed.locals);
  rc_buffer_move(&rc->handed.locals, &rc->handed.overwritten);
  PLAN_(reap)(rc, &rc->handed, NULL);
  PLAN_(filter_suspects)(rc, &rc->handed, NULL);
  return GC_NEXT;
}

/* The next cycle waits until suspects are half as many as the objects that this one traversed, so that a heap of
 * live suspects costs each of them two visits, not a heap's worth.  (The rule of CPython's full collections.) */
static enum gc_phase_result trial(struct gc_heap *heap) {
  struct refcount *rc = refcount_heap(heap);
  size_t limit = heap->memory.limit_bytes, traversed = PLAN_(trial_stw)(rc);
  size_t wanted = size_max(traversed * sizeof(uintptr_t) / 2, limit / SUSPECT_SHARE_LEAST);
  atomic_store_explicit(&rc->suspect_limit_bytes,
                        size_max(SUSPECT_LEAST_BYTES, size_min(wanted, limit / SUSPECT_SHARE_MOST)),
                        memory_order_relaxed);
  PLAN_(reap)(rc, &rc->handed, NULL);
  PLAN_(filter_suspects)(rc, &rc->handed, NULL);
  return GC_NEXT;
}

static enum gc_phase_result mark(struct gc_heap *heap) {
  if (!refcount_heap(heap)->tracing)
    return GC_NEXT;
  mark_begin(heap, &refcount_heap(heap)->spaces);
  mark_reachable(heap);
  return GC_NEXT;
}

static enum gc_phase_result weak(struct gc_heap *heap) {
  if (refcount_heap(heap)->tracing)
    mark_weak(heap, weak_never_young);
  return GC_NEXT;
}

/* Suspects are forgotten: what is left is reachable. */
static enum gc_phase_result sweep(struct gc_heap *heap) {
  struct refcount *rc = refcount_heap(heap);
  if (!rc->tracing)
    return GC_NEXT;
  PLAN_(rebuild_stw)(rc);
  rc_buffer_clear(&rc->handed.suspects);
  mark_flip(&rc->spaces);
  mark_sweep(heap, &rc->spaces);
  return GC_NEXT;
}

static void choose_counting(struct gc_heap *heap, struct gc_mutator *m) {
  plan_counting(m)->alone = heap->safepoint.count == 1;
}

static enum gc_phase_result settle(struct gc_heap *heap) {
  struct refcount *rc = refcount_heap(heap);
  cell_space_release_empty(&rc->spaces.cells);
  atomic_store_explicit(&rc->live_bytes, used_bytes_stw(rc), memory_order_relaxed);
  atomic_store_explicit(&rc->any_handed, false, memory_order_relaxed);
  atomic_store(&rc->newcomer, false);
  return GC_NEXT;
}

static const struct gc_phase young[] = {{.name = "drain", .mode = GC_STW, .run = drain},
                                        {.name = "settle", .mode = GC_STW, .run = settle, .each = choose_counting},
                                        {0}};

static const struct gc_phase full[] = {{.name = "drain", .mode = GC_STW, .run = drain},
                                       {.name = "trial", .mode = GC_STW, .run = trial},
                                       {.name = "mark", .mode = GC_STW, .run = mark},
                                       {.name = "weak", .mode = GC_STW, .run = weak},
                                       {.name = "sweep", .mode = GC_STW, .run = sweep},
                                       {.name = "settle", .mode = GC_STW, .run = settle, .each = choose_counting},
                                       {0}};

static bool is_crowded(struct refcount *rc) {
  size_t limit = rc->heap.memory.limit_bytes;
  return atomic_load_explicit(&rc->live_bytes, memory_order_relaxed) > limit - limit / CROWDED_SHARE;
}

/* Another thread's cycle may have done what was asked for. */
static enum gc_cycle_kind choose_pacing(struct refcount *rc) {
  if (has_too_many_suspects(rc))
    return GC_CYCLE_MAJOR;
  return has_too_much_pending(rc) || atomic_load(&rc->newcomer) ? GC_CYCLE_MINOR : GC_CYCLE_NONE;
}

static enum gc_cycle_kind choose(struct gc_heap *heap, enum gc_reason reason) {
  struct refcount *rc = refcount_heap(heap);
  switch (reason) {
  case GC_REASON_ALLOCATION: return is_crowded(rc) ? GC_CYCLE_MAJOR : GC_CYCLE_MINOR;
  case GC_REASON_PACING: return choose_pacing(rc);
  case GC_REASON_EXPLICIT_YOUNG: return GC_CYCLE_MINOR;
  case GC_REASON_LAST_RESORT: return GC_CYCLE_EMERGENCY;
  default: return GC_CYCLE_MAJOR;
  }
}

static size_t live_bytes(struct gc_heap *heap) {
  return atomic_load_explicit(&refcount_heap(heap)->live_bytes, memory_order_relaxed);
}

static bool verify_live(struct gc_heap *heap, gc_ref object) {
  (void)heap;
  uint32_t word = rc_word(object);
  return rc_count(word) > 0 && !rc_is_husk(word);
}
static const char *verify_object(struct gc_heap *heap, gc_ref object) {
  struct mark_spaces *spaces = &refcount_heap(heap)->spaces;
  const char *problem = mark_verify_object(spaces, object);
  if (problem || memory_chunk_space(&heap->memory, memory_chunk_index(&heap->memory, object.bits)) != SPACE_CELL)
    return problem;
  return sidemap_test(&spaces->cells.allocated, object.bits) ? NULL : "was freed";
}

static void restrict_attrs(struct gc_attrs *attrs, const struct gc_value *values) {
  attrs->cycles &= values[OPTION_CYCLES].integer != REFCOUNT_NONE;
}

static int64_t verify_count(struct gc_heap *heap, gc_ref object) {
  (void)heap;
  uint32_t word = rc_word(object);
  return rc_is_stuck(word) ? GC_COUNT_UNKNOWN : (int64_t)rc_count(word);
}

const struct gc_collector PLAN_(collector) = {
    .name = GC_STRING(GC_PLAN),
    .summary = "counts references at once; garbage cycles by trial deletion or a backup trace",
    .attrs = {.reclaims = true, .counts = true, .cycles = true, .weak = true, .ephemerons = true, .finalizers = true,
              .threads = true},
    .options = options,
    .restrict_attrs = restrict_attrs,
    .copied_types = true,
    .heap_bytes = sizeof(struct refcount),
    .mutator_bytes = sizeof(struct plan_mutator),
    .init = init,
    .fini = fini,
    .mutator_init = mutator_init,
    .mutator_attached = mutator_attached,
    .mutator_flush = mutator_flush,
    .mutator_fini = mutator_fini,
    .poll = poll,
    .choose = choose,
    .cycles = {[GC_CYCLE_MINOR] = young, [GC_CYCLE_MAJOR] = full, [GC_CYCLE_EMERGENCY] = full},
    .live_bytes = live_bytes,
    .verify_live = verify_live,
    .verify_object = verify_object,
    .verify_for_objects = PLAN_(for_objects_stw),
    .verify_count = verify_count,
};
