/* free_threaded.c -- mutators, allocation, polls, and when to stop the world for what counting alone does not free.
 *
 * Mutators free by themselves: in a poll of theirs drops are applied, and the dead taken apart.  The world is stopped
 *     drain    to apply at once what waits for other threads, and to give empty blocks back;
 *     collect  to free the objects that only refer to one another (collect.c).
 * Collections start as CPython's: when 2000 more objects that may be in cycles were made than freed since the last one,
 * and more than a quarter of what it found alive.  Threads add to that count some five hundred at a time. */
#include "collectors/python_free_threaded/free_threaded.h"

#include "runtime/base/check.h"
#include "runtime/base/mutant.h"
#include "runtime/cycle/trigger.h"
#include "runtime/os/clock.h"

enum {
  POLL_LOCALS = 64,    /* drops that wait for their thread's poll: then it is asked to */
  BALANCE_MOST = 512,  /* what a thread keeps to itself of objects made less freed */
  GROWTH_SHARE = 4,    /* a collection waits for this part of what the last one found alive */
  BUFFERS_EACH = 5,    /* of a thread, its queue as an owner among them */
  PENDING_SHARE = 16,  /* buffers hold at most this part of the heap's bytes, then the world is stopped to drain them */
  CROWDED_SHARE = 8,   /* a heap with less than this part free after a drain wants cycles collected */
};
#define PENDING_LEAST_BYTES (256 * GC_KIB)

/* ---- options ---- */

enum { OPTION_THRESHOLD };
static const struct gc_option options[] = {
    {.name = "threshold",
     .kind = GC_OPTION_INT,
     .min = 0,
     .max = 1e9,
     .fallback = "2000",
     .help = "objects that may be in cycles, made less freed, after which all are looked at; 0: when memory is short"},
    {0}};

/* ---- life of the heap ---- */

static const char *init(struct gc_heap *heap) {
  struct free_threaded *ft = free_threaded_of(heap);
  const char *problem = mark_spaces_init(&ft->spaces, &heap->memory);
  if (problem)
    return problem;
  ft->spaces.cells.exact = true;
  ft->threshold = heap_option(heap, OPTION_THRESHOLD).integer;
  rc_pool_init(&ft->pool, &heap->memory);
  owners_init(&ft->owners, &ft->pool);
  pthread_mutex_init(&ft->lock, NULL);
  rc_buffer_init(&ft->handed_locals, &ft->pool, NULL, 0);
  rc_buffer_init(&ft->handed_fields, &ft->pool, NULL, 0);
  biased_set_word(heap->globals, BIASED_IMMORTAL);
  return NULL;
}

static void fini(struct gc_heap *heap) {
  struct free_threaded *ft = free_threaded_of(heap);
  rc_buffer_clear(&ft->handed_locals);
  rc_buffer_clear(&ft->handed_fields);
  pthread_mutex_destroy(&ft->lock);
  owners_fini(&ft->owners);
  rc_pool_fini(&ft->pool);
  mark_spaces_fini(&ft->spaces);
}

/* ---- life of a mutator ---- */

static void mutator_init(struct gc_heap *heap, struct gc_mutator *base) {
  struct free_threaded *ft = free_threaded_of(heap);
  struct plan_mutator *m = plan_owner(base);
  uint32_t number = owners_attach(&ft->owners, base);
  GC_CHECK(0, number, "more than %d threads at once, or no memory for one more", BIASED_OWNER_LIMIT - 1);
  m->owner = biased_owner(number);
  newborn_init(&m->newborn, 1);
  rc_buffer_init(&m->locals, &ft->pool, base, POLL_LOCALS);
  rc_buffer_init(&m->dead, &ft->pool, NULL, 0);
  rc_delay_init(&m->fields, &ft->pool, base);
}

/* The newborn is not referred to by a register any more. */
static void settle_newborn(struct gc_mutator *base) {
  plan_settle_newborn(base);
  newborn_forget(&plan_owner(base)->newborn);
}

static void add_balance(struct free_threaded *ft, struct plan_mutator *m) {
  atomic_fetch_add_explicit(&ft->young, m->balance, memory_order_relaxed); /* relaxed: a threshold */
  m->balance = 0;
}

/* `m` has no register left that refers to an object: it applies what waits for its poll, and what waits for the others'
 * goes to where the stopped world or another mutator finds it. */
static void mutator_flush(struct gc_heap *heap, struct gc_mutator *base) {
  struct free_threaded *ft = free_threaded_of(heap);
  struct plan_mutator *m = plan_owner(base);
  settle_newborn(base);
  PLAN_(reap)(ft, m, true);
  add_balance(ft, m);
  cell_cache_retire(&ft->spaces.cells, &m->cells);
  pthread_mutex_lock(&ft->lock);
  rc_delay_take_all(&m->fields, &ft->handed_fields);
  atomic_store_explicit(&ft->any_handed, true, memory_order_relaxed);
  pthread_mutex_unlock(&ft->lock);
}

static void mutator_fini(struct gc_heap *heap, struct gc_mutator *base) {
  struct free_threaded *ft = free_threaded_of(heap);
  struct plan_mutator *m = plan_owner(base);
  pthread_mutex_lock(&ft->lock);
  owners_detach(&ft->owners, biased_number(m->owner), &ft->handed_locals);
  pthread_mutex_unlock(&ft->lock);
  rc_buffer_clear(&m->locals); /* an empty chunk each */
  rc_buffer_clear(&m->dead);
  rc_delay_clear(&m->fields);
}

/* ---- allocation ---- */

static bool is_due(struct free_threaded *ft) {
  int64_t young = atomic_load_explicit(&ft->young, memory_order_relaxed);
  return ft->threshold && young > ft->threshold &&
         young > atomic_load_explicit(&ft->total, memory_order_relaxed) / GROWTH_SHARE;
}

static void note_balance(struct free_threaded *ft, struct plan_mutator *m) {
  if (m->balance < BALANCE_MOST && m->balance > -BALANCE_MOST)
    return;
  add_balance(ft, m);
  if (is_due(ft))
    mutator_request_poll(&m->base, POLL_PLAN);
}

static gc_ref try_alloc(struct gc_mutator *base, uint32_t type, size_t bytes) {
  struct plan_mutator *m = plan_owner(base);
  struct free_threaded *ft = free_threaded_of(base->heap);
  size_t block_bytes = bytes + BIASED_BYTES;
  uintptr_t block;
  if (bytes <= PLAN_LARGE_BYTES) {
    block = trigger_alloc_cell(base, &ft->spaces.cells, &m->cells, block_bytes);
  } else {
    block = trigger_alloc_large(base, &ft->spaces.large, type, block_bytes, 0).bits;
    if (block) /* a header was written there */
      *biased_of(object_of_block(block)) = (struct biased){0};
  }
  note_balance(ft, m);
  return block ? plan_place(m, block, type) : GC_NULL;
}

gc_ref PLAN_(alloc_slow)(struct gc_mutator *m, uint32_t type, size_t bytes) {
  newborn_forget(&plan_owner(m)->newborn); /* plan_alloc has settled it; polls may come before the next is there */
  return trigger_alloc(m, type, bytes, try_alloc);
}

/* ---- the halves of plan.h that are not inlined ---- */

void PLAN_(take_slow)(gc_ref value, uint32_t owner) { biased_take_slow(value, owner); }

/* Nothing counts the newborn, and no register knows it any more: it dies at the next poll. */
void PLAN_(drop_newborn)(struct gc_mutator *base) {
  struct plan_mutator *m = plan_owner(base);
  biased_take(m->newborn.object, m->owner);
  rc_buffer_push(&m->locals, m->newborn.object.bits);
  newborn_forget(&m->newborn);
}

/* The thread counts the referent itself until its next poll.  A reference that was cleared meanwhile is not shown: the
 * finalizer queue may have got the object by then. */
gc_ref PLAN_(weak_load)(struct gc_mutator *base, gc_field *field) {
  struct plan_mutator *m = plan_owner(base);
  /* acquire: pairs with the store of the reference's publication */
  gc_ref referent = {atomic_load_explicit(&field->bits, memory_order_acquire)};
  GC_CHAOS("free_threaded.weak_load");
  if (gc_is_null(referent) || GC_MUTANT(free_threaded_weak_load_uncounted))
    return referent;
  if (!biased_try_take(referent, m->owner))
    return GC_NULL;
  rc_buffer_push(&m->locals, referent.bits);
  return (gc_ref){field_bits(field)};
}

static bool weak_register(struct gc_heap *heap, gc_ref weak, gc_ref target,
                          void (*callback)(struct gc_mutator *, void *), void *argument) {
  if (!gc_is_null(target) && biased_word(target) != BIASED_IMMORTAL)
    biased_expect_weak(target);
  return weak_table_add(&heap->weak, weak, target, callback, argument);
}

/* ---- polls ---- */

static void take_handed(struct free_threaded *ft, struct plan_mutator *m) {
  pthread_mutex_lock(&ft->lock);
  rc_buffer_move(&m->locals, &ft->handed_locals);
  rc_buffer_move(&m->fields.filling, &ft->handed_fields);
  atomic_store_explicit(&ft->any_handed, false, memory_order_relaxed);
  pthread_mutex_unlock(&ft->lock);
}

/* Not counting the chunks that each thread's buffers keep when they are empty. */
static bool has_too_much_pending(struct free_threaded *ft) {
  size_t kept_bytes = (size_t)owners_used(&ft->owners) * BUFFERS_EACH * RC_CHUNK_BYTES;
  return rc_pool_bytes(&ft->pool) >
         size_max(PENDING_LEAST_BYTES, ft->heap.memory.limit_bytes / PENDING_SHARE) + kept_bytes;
}

static void poll(struct gc_heap *heap, struct gc_mutator *base) {
  struct free_threaded *ft = free_threaded_of(heap);
  struct plan_mutator *m = plan_owner(base);
  uint64_t begin_ns = heap->config.unmeasured ? 0 : clock_now_ns();
  settle_newborn(base);
  if (atomic_load_explicit(&ft->any_handed, memory_order_relaxed))
    take_handed(ft, m);
  owners_take(&ft->owners, biased_number(m->owner), &m->locals);
  rc_delay_poll(&m->fields, &heap->safepoint, base, &m->locals);
  if (PLAN_(reap)(ft, m, false))
    mutator_request_poll(base, POLL_PLAN);
  note_balance(ft, m);
  base->counts.assist_ns += heap->config.unmeasured ? 0 : clock_now_ns() - begin_ns;
  safepoint_note(base, THREAD_ASSIST, begin_ns);
  if (has_too_much_pending(ft) || is_due(ft))
    cycle_run(heap, base, GC_REASON_PACING);
}

/* ---- the world is stopped ---- */

static enum gc_phase_result drain(struct gc_heap *heap) {
  struct free_threaded *ft = free_threaded_of(heap);
  owners_take_all_stw(&ft->owners, &ft->handed_locals);
  rc_buffer_move(&ft->handed_locals, &ft->handed_fields);
  PLAN_(reap_handed_stw)(ft);
  return GC_NEXT;
}

/* Counts that follow no longer hide garbage; when memory is short they are not asked. */
static bool trusts_counts(struct free_threaded *ft) {
  return ft->heap.driver.kind != GC_CYCLE_EMERGENCY ||
         (atomic_load_explicit(&ft->pool.lost, memory_order_relaxed) == 0 && !PLAN_(any_stuck_stw)(ft));
}

static enum gc_phase_result collect(struct gc_heap *heap) {
  struct free_threaded *ft = free_threaded_of(heap);
  PLAN_(collect_stw)(ft, trusts_counts(ft));
  return GC_NEXT;
}

static void add_large(void *context, gc_ref block) {
  *(size_t *)context += align_up(object_bytes(object_of_block(block.bits)) + BIASED_BYTES, PAGE_BYTES);
}

static enum gc_phase_result settle(struct gc_heap *heap) {
  struct free_threaded *ft = free_threaded_of(heap);
  cell_space_release_empty(&ft->spaces.cells);
  size_t bytes = cell_space_used_bytes(&ft->spaces.cells);
  large_space_for_objects(&ft->spaces.large, &bytes, add_large);
  atomic_store_explicit(&ft->live_bytes, bytes, memory_order_relaxed);
  atomic_store_explicit(&ft->any_handed, false, memory_order_relaxed);
  return GC_NEXT;
}

static const struct gc_phase young[] = {{.name = "drain", .mode = GC_STW, .run = drain},
                                        {.name = "settle", .mode = GC_STW, .run = settle},
                                        {0}};

static const struct gc_phase full[] = {{.name = "drain", .mode = GC_STW, .run = drain},
                                       {.name = "collect", .mode = GC_STW, .run = collect},
                                       {.name = "settle", .mode = GC_STW, .run = settle},
                                       {0}};

static bool is_crowded(struct free_threaded *ft) {
  size_t limit = ft->heap.memory.limit_bytes;
  return atomic_load_explicit(&ft->live_bytes, memory_order_relaxed) > limit - limit / CROWDED_SHARE;
}

/* Another thread's cycle may have done what was asked for. */
static enum gc_cycle_kind choose_pacing(struct free_threaded *ft) {
  if (is_due(ft))
    return GC_CYCLE_MAJOR;
  return has_too_much_pending(ft) ? GC_CYCLE_MINOR : GC_CYCLE_NONE;
}

static enum gc_cycle_kind choose(struct gc_heap *heap, enum gc_reason reason) {
  struct free_threaded *ft = free_threaded_of(heap);
  switch (reason) {
  case GC_REASON_ALLOCATION: return is_crowded(ft) ? GC_CYCLE_MAJOR : GC_CYCLE_MINOR;
  case GC_REASON_PACING: return choose_pacing(ft);
  case GC_REASON_EXPLICIT_YOUNG: return GC_CYCLE_MINOR;
  case GC_REASON_LAST_RESORT: return GC_CYCLE_EMERGENCY;
  default: return GC_CYCLE_MAJOR;
  }
}

static size_t live_bytes(struct gc_heap *heap) {
  return atomic_load_explicit(&free_threaded_of(heap)->live_bytes, memory_order_relaxed);
}

/* ---- verifiers ---- */

static bool verify_live(struct gc_heap *heap, gc_ref object) {
  (void)heap;
  return biased_count(object) > 0;
}

static const char *verify_object(struct gc_heap *heap, gc_ref object) {
  struct mark_spaces *spaces = &free_threaded_of(heap)->spaces;
  if (biased_word(object) == BIASED_IMMORTAL)
    return mark_verify_object(spaces, object);
  gc_ref block = {block_of_object(object)};
  const char *problem = mark_verify_object(spaces, block);
  if (problem || memory_chunk_space(&heap->memory, memory_chunk_index(&heap->memory, block.bits)) != SPACE_CELL)
    return problem;
  return sidemap_test(&spaces->cells.allocated, block.bits) ? NULL : "was freed";
}

static int64_t verify_count(struct gc_heap *heap, gc_ref object) {
  (void)heap;
  return biased_is_stuck(biased_shared(object)) ? GC_COUNT_UNKNOWN : biased_count(object);
}

const struct gc_collector PLAN_(collector) = {
    .name = GC_STRING(GC_PLAN),
    .form_of = "python,gc=free_threaded",
    .summary = "CPython's free-threaded build: biased counts free at once; cycles by walks over the whole heap",
    .attrs = {.reclaims = true, .counts = true, .cycles = true, .weak = true, .finalizers = true, .threads = true},
    .options = options,
    .copied_types = true,
    .heap_bytes = sizeof(struct free_threaded),
    .mutator_bytes = sizeof(struct plan_mutator),
    .init = init,
    .fini = fini,
    .mutator_init = mutator_init,
    .mutator_flush = mutator_flush,
    .mutator_fini = mutator_fini,
    .poll = poll,
    .weak_register = weak_register,
    .choose = choose,
    .cycles = {[GC_CYCLE_MINOR] = young, [GC_CYCLE_MAJOR] = full, [GC_CYCLE_EMERGENCY] = full},
    .live_bytes = live_bytes,
    .verify_live = verify_live,
    .verify_object = verify_object,
    .verify_for_objects = PLAN_(for_objects_stw),
    .verify_count = verify_count,
};
