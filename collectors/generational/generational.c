/* generational.c -- a nursery copied in parallel into a mark-sweep old space.
 *
 * Minor cycle: roots, remembered fields and remembered large objects are visited; live young objects are copied,
 * to other young blocks until they have survived `age` cycles, then into cells of the old space.
 * Major cycle: a minor one that promotes everything, then the old space is marked and swept in place. */
#include "collectors/generational/plan.h"

#include <stdlib.h>

#include "runtime/base/check.h"
#include "runtime/base/mutant.h"
#include "runtime/cycle/mark.h"
#include "runtime/cycle/nursery_sizer.h"
#include "runtime/cycle/trigger.h"
#include "runtime/object/forward.h"
#include "runtime/trace/roots.h"

enum { OPTION_NURSERY, OPTION_SIZING, OPTION_AGE };
enum { SIZING_SURVIVAL, SIZING_FIXED, SIZING_APPEL };
static const struct gc_option options[] = {
    {"nursery", GC_OPTION_BYTES, 0, 1 << 30, .fallback = "0",
     .help = "bytes of the nursery; 0: what the second-level cache holds"},
    {"sizing", GC_OPTION_CHOICE, .choices = (const char *const[]){"survival", "fixed", "appel", NULL},
     .fallback = "survival",
     .help = "grow up to 8 times while much survives; fixed; or Appel's: half of what the old space leaves free"},
    {"age", GC_OPTION_INT, 1, 15, .fallback = "2", .help = "cycles that an object survives before it is old"},
    {0}};

enum { LEAST_NURSERY_BYTES = 4 * BLOCK_BYTES };

/* What one worker copies into, and what it remembers for the next cycle. */
struct copier {
  GC_CACHE_ALIGNED struct cell_cache old;
  struct tlab survivors;
  struct ssb_buffer remembered;
};

struct generational {
  struct gc_heap heap;
  struct mark_spaces old;
  struct young_space young;
  struct ssb_set remembered; /* filled by mutators, and by copiers for the next cycle */
  struct ssb_set looked_at;  /* in this cycle */
  struct copier *copiers; /* by worker; the last one is the solo worker's */
  pthread_mutex_t born_old_lock;
  gc_ref *born_old;       /* large objects since the last cycle: remembered whole */
  size_t born_old_count, born_old_capacity;
  _Atomic bool kept;      /* a pinned object was met since the marks of the young range were cleared */
  size_t nursery_bytes;   /* wanted until the next cycle */
  size_t survivor_bytes;  /* young when the last cycle ended */
  size_t new_bytes;       /* young since then, when the running cycle began */
  uint64_t copied_before_bytes; /* by all cycles before the running one */
  uint32_t old_age;       /* cycles survived from which this cycle promotes; 1 empties the young space */
  size_t old_after_major_bytes;
  _Atomic bool major_due; /* an allocation in the old space failed, or promotion went beyond the limit */
};

static struct generational *plan_of(struct gc_heap *heap) { return (struct generational *)heap; }
static struct young_barrier *barrier_of(struct gc_mutator *m) { return &((struct plan_mutator *)m)->young; }

static struct copier *copier_of(struct gc_worker *worker) { return worker->plan; }
static bool is_young(struct gc_heap *heap, gc_ref object) {
  const struct young_space *young = &plan_of(heap)->young;
  return young_contains(young->base, young->bytes, object.bits);
}

/* ---- sizes ---- */

static size_t old_bytes(struct gc_heap *heap) {
  return atomic_load_explicit(&heap->memory.used_bytes, memory_order_relaxed) -
         plan_of(heap)->young.limit_blocks * BLOCK_BYTES;
}

static bool is_sized(struct gc_heap *heap, int sizing) { return heap_option(heap, OPTION_SIZING).integer == sizing; }

/* Within a quarter of the heap. */
static size_t least_nursery_bytes(struct gc_heap *heap) {
  size_t bytes = (size_t)heap_option(heap, OPTION_NURSERY).integer;
  if (bytes == 0)
    bytes = topology_l2_bytes() ? topology_l2_bytes() : 2 * GC_MIB;
  return size_max(size_min(bytes, heap->config.heap_bytes / 4), LEAST_NURSERY_BYTES);
}

/* The most that may be young when a cycle begins: the nursery, and as much that survived before. */
static size_t most_young_bytes(struct gc_heap *heap) {
  if (is_sized(heap, SIZING_APPEL))
    return heap->config.heap_bytes;
  return 2 * least_nursery_bytes(heap) * (is_sized(heap, SIZING_SURVIVAL) ? NURSERY_GROWTH_MOST : 1);
}

/* The young space's part of the heap until the next cycle.  As much again is left free, so that copying all of it
 * stays within the limit.  Once the old space has taken more since the last major cycle than is left, and the
 * nursery would be less than half of its least size, the next cycle is a major one. */
static void resize_nursery(struct gc_heap *heap) {
  struct generational *g = plan_of(heap);
  size_t survivors = young_space_used_bytes(&g->young);
  size_t free_bytes = memory_available(&heap->memory) + g->young.limit_blocks * BLOCK_BYTES;
  size_t bytes = free_bytes / 2;
  bool short_of_space = bytes < survivors + least_nursery_bytes(heap) / 2;
  if (!is_sized(heap, SIZING_APPEL))
    bytes = size_min(bytes, survivors + g->nursery_bytes);
  young_space_resize(&g->young, size_max(bytes, survivors + LEAST_NURSERY_BYTES));
  g->survivor_bytes = survivors;
  size_t taken = old_bytes(heap) - size_min(old_bytes(heap), g->old_after_major_bytes);
  bool major_due = memory_over_limit(&heap->memory) || (short_of_space && taken > free_bytes);
  atomic_store_explicit(&g->major_due, major_due, memory_order_relaxed); /* relaxed: a wish; choose() may miss one */
}

/* ---- life ---- */

static const char *init(struct gc_heap *heap) {
  struct generational *g = plan_of(heap);
  g->copiers = aligned_alloc(GC_CACHE_LINE_BYTES, (heap->gang.count + 1) * sizeof *g->copiers);
  if (!g->copiers)
    return "no memory for the copying workers";
  memset(g->copiers, 0, (heap->gang.count + 1) * sizeof *g->copiers);
  const char *problem = mark_spaces_init(&g->old, &heap->memory);
  if (problem)
    goto fail_old;
  problem = young_space_init(&g->young, &heap->memory, 2 * most_young_bytes(heap));
  if (problem)
    goto fail_young;
  pthread_mutex_init(&g->born_old_lock, NULL);
  ssb_set_init(&g->remembered);
  ssb_set_init(&g->looked_at);
  for (unsigned i = 0; i <= heap->gang.count; i++) {
    g->copiers[i].remembered.set = &g->remembered;
    gang_worker(&heap->gang, i)->plan = &g->copiers[i];
  }
  g->nursery_bytes = least_nursery_bytes(heap);
  resize_nursery(heap);
  return NULL;
fail_young:
  mark_spaces_fini(&g->old);
fail_old:
  free(g->copiers);
  return problem;
}

static void fini(struct gc_heap *heap) {
  struct generational *g = plan_of(heap);
  for (unsigned i = 0; i <= heap->gang.count; i++)
    free(g->copiers[i].remembered.segment);
  ssb_set_fini(&g->looked_at);
  ssb_set_fini(&g->remembered);
  young_space_fini(&g->young);
  mark_spaces_fini(&g->old);
  pthread_mutex_destroy(&g->born_old_lock);
  free(g->born_old);
  free(g->copiers);
}

static void mutator_init(struct gc_heap *heap, struct gc_mutator *m) {
  struct generational *g = plan_of(heap);
  *barrier_of(m) = (struct young_barrier){g->young.base, g->young.bytes, {.set = &g->remembered}};
}
static void mutator_flush(struct gc_heap *heap, struct gc_mutator *m) {
  (void)heap;
  tlab_clear(&m->tlab);
  if (!GC_MUTANT(ssb_flush_forgotten))
    ssb_flush(&barrier_of(m)->remembered);
}
static void mutator_fini(struct gc_heap *heap, struct gc_mutator *m) {
  (void)heap;
  free(barrier_of(m)->remembered.segment); /* empty after the flush */
}

/* ---- allocation ---- */

static bool remember_born_old(struct generational *g, gc_ref object) {
  pthread_mutex_lock(&g->born_old_lock);
  if (g->born_old_count == g->born_old_capacity) {
    size_t capacity = g->born_old_capacity ? g->born_old_capacity * 2 : 64;
    gc_ref *larger = realloc(g->born_old, capacity * sizeof *larger);
    if (!larger) {
      pthread_mutex_unlock(&g->born_old_lock);
      return false;
    }
    memory_add_metadata(&g->heap.memory, (int64_t)((capacity - g->born_old_capacity) * sizeof *larger));
    g->born_old = larger;
    g->born_old_capacity = capacity;
  }
  g->born_old[g->born_old_count++] = object;
  pthread_mutex_unlock(&g->born_old_lock);
  return true;
}

static gc_ref try_large(struct gc_mutator *m, uint32_t type, size_t bytes) {
  struct generational *g = plan_of(m->heap);
  gc_ref object = trigger_alloc_large(m, &g->old.large, type, bytes, 0);
  if (gc_is_null(object))
    atomic_store_explicit(&g->major_due, true, memory_order_relaxed);
  else if ((gc_types[type].kind == GC_KIND_REF_ARRAY || gc_types[type].refs_count) &&
           !GC_MUTANT(large_born_old_forgotten))
    GC_CHECK(0, remember_born_old(g, object), "no memory to remember a large object");
  return object;
}

static gc_ref try_alloc(struct gc_mutator *m, uint32_t type, size_t bytes) {
  struct generational *g = plan_of(m->heap);
  if (bytes > PLAN_LARGE_BYTES)
    return try_large(m, type, bytes);
  if (!tlab_extend(&m->tlab, bytes)) {
    if (memory_over_limit(&m->heap->memory) || !young_space_take(&g->young, &m->tlab, false))
      return GC_NULL;
    m->node = topology_current_node();
    trigger_count(m, m->tlab.cursor, BLOCK_BYTES);
    tlab_extend(&m->tlab, bytes);
  }
  uintptr_t address = 0;
  tlab_bump(&m->tlab, bytes, &address);
  object_init(address, type, 0);
  return (gc_ref){address};
}

gc_ref PLAN_(alloc_slow)(struct gc_mutator *m, uint32_t type, size_t bytes) {
  return trigger_alloc(m, type, bytes, try_alloc);
}

/* ---- the minor cycle: copying ---- */

/* Where the copy goes; 0 if the system refuses memory.  The plan word holds the number of cycles survived. */
static GC_INLINE uintptr_t copy_target(struct generational *g, struct copier *copier, uint64_t *word, size_t bytes,
                                       unsigned node) {
  uint32_t age = (uint32_t)(*word >> GC_PLAN_SHIFT) + 1;
  *word &= ((uint64_t)1 << GC_PLAN_SHIFT) - 1;
  struct tlab *window = &copier->survivors;
  if (age < g->old_age && (bytes <= window->end - window->cursor || young_space_take(&g->young, window, true))) {
    *word |= (uint64_t)age << GC_PLAN_SHIFT;
    uintptr_t address = window->cursor;
    window->cursor += bytes;
    return address;
  }
  return cell_alloc_copy(&g->old.cells, &copier->old, bytes, node);
}

/* A pinned object stays; it is scanned once, by whoever sets its mark. */
static GC_NOINLINE gc_ref keep_pinned(struct gc_worker *worker, gc_ref object) {
  struct generational *g = plan_of(worker->heap);
  young_space_keep(&g->young, object.bits);
  atomic_store_explicit(&g->kept, true, memory_order_relaxed);
  return sidemap_set_par(&g->old.cells.marks, object.bits) ? object : GC_NULL;
}

/* Copies a claimed object of `bytes`, whose header word is `word`. */
static GC_INLINE gc_ref copy_claimed(struct gc_worker *worker, gc_ref object, uint64_t word, size_t bytes,
                                     bool *first) {
  uint64_t new_word = word;
  uintptr_t address = copy_target(plan_of(worker->heap), copier_of(worker), &new_word, bytes, worker->node);
  *first = true;
  if (GC_UNLIKELY(address == 0)) { /* it stays as if it were pinned, from now on: the cycle does not fail half-way */
    forward_abandon(object, word | GC_FLAG_PINNED);
    *first = !gc_is_null(keep_pinned(worker, object));
    return object;
  }
  worker->counts.copied_bytes += bytes;
  gc_ref copy = forward_copy(object, new_word, address, bytes);
  forward_publish(object, word, copy);
  return copy;
}

/* Pinned, hashed, or an array: kept out of the loop, where it would cost the common object registers. */
static GC_NOINLINE gc_ref evacuate_unusual(struct gc_worker *worker, gc_ref object, uint64_t word, bool *first) {
  if ((word & GC_FLAG_PINNED) && !GC_MUTANT(pinned_moves)) {
    forward_abandon(object, word);
    *first = !gc_is_null(keep_pinned(worker, object));
    return object;
  }
  return copy_claimed(worker, object, word, forward_copy_bytes(object, word), first);
}

/* The object's address after this cycle; *first: this call copied it. */
static GC_INLINE gc_ref evacuate(struct gc_worker *worker, gc_ref object, bool alone, bool *first) {
  gc_ref copy = GC_NULL;
  uint64_t word = alone ? forward_claim_alone(object, &copy) : forward_claim(object, &copy);
  if (word == 0)
    return copy;
  const struct gc_type *type = &gc_types[header_type(word)];
  bool is_array = type->kind == GC_KIND_REF_ARRAY || type->kind == GC_KIND_RAW_ARRAY;
  if (GC_UNLIKELY(is_array || (word & (GC_FLAG_PINNED | GC_FLAG_HASHED))))
    return evacuate_unusual(worker, object, word, first);
  return copy_claimed(worker, object, word & ~(uint64_t)(GC_FLAG_PINNED | GC_FLAG_HASHED), type->size_bytes, first);
}

/* A field of an old object that still refers to a young one is remembered for the next cycle. */
static GC_INLINE gc_ref visit(struct gc_worker *worker, gc_ref source, gc_field *slot, gc_ref target, bool alone) {
  struct generational *g = plan_of(worker->heap);
  if (!young_contains(g->young.base, g->young.bytes, target.bits))
    return GC_NULL;
  bool first = false;
  gc_ref now = target;
  if (young_state_of(&g->young, target.bits) >= YOUNG_FROM) {
    now = evacuate(worker, target, alone, &first);
    field_set_bits(slot, now.bits);
  }
  if (!gc_is_null(source) && young_contains(g->young.base, g->young.bytes, now.bits) &&
      !young_contains(g->young.base, g->young.bytes, source.bits) && !GC_MUTANT(promoted_field_forgotten))
    ssb_push(&copier_of(worker)->remembered, slot);
  return first ? now : GC_NULL;
}
static GC_INLINE gc_ref visit_alone(struct gc_worker *worker, gc_ref source, gc_field *slot, gc_ref target) {
  return visit(worker, source, slot, target, true);
}
static GC_INLINE gc_ref visit_par(struct gc_worker *worker, gc_ref source, gc_field *slot, gc_ref target) {
  return visit(worker, source, slot, target, false);
}

/* Roots and remembered fields; out of line, so that the closure's loop is laid out for itself. */
static GC_NOINLINE void slot_visit(struct gc_worker *worker, gc_ref source, gc_field *slot, bool alone) {
  gc_ref target = {field_bits(slot)};
  if (gc_is_null(target))
    return;
  gc_ref grey = visit(worker, source, slot, target, alone);
  if (!gc_is_null(grey))
    closure_push_grey(worker, grey);
}
static GC_INLINE void slot_alone(void *context, gc_ref source, gc_field *slot) {
  slot_visit(context, source, slot, true);
}
static GC_INLINE void slot_par(void *context, gc_ref source, gc_field *slot) {
  slot_visit(context, source, slot, false);
}

/* Remembered fields are fields of old objects; the globals object stands for whichever it was. */
static GC_INLINE void scan_remembered(struct gc_worker *worker, scan_visitor *visit_slot) {
  struct generational *g = plan_of(worker->heap);
  for (struct ssb_segment *segment; (segment = ssb_take(&g->looked_at));) {
    for (size_t i = 0; i < segment->count; i++)
      visit_slot(worker, g->heap.globals, segment->slots[i]);
    ssb_give_back(&g->remembered, segment);
  }
}

static GC_INLINE void root_alone(void *context, gc_ref source, gc_field *slot) {
  (void)source; /* roots, globals included, are looked at in every cycle: not remembered */
  slot_visit(context, GC_NULL, slot, true);
}
static GC_INLINE void root_par(void *context, gc_ref source, gc_field *slot) {
  (void)source;
  slot_visit(context, GC_NULL, slot, false);
}

static void copy_alone_job(struct gc_worker *worker) {
  struct gc_heap *heap = worker->heap;
  roots_scan_par(&heap->safepoint, heap->globals, &heap->final, &worker->gang->next_share, worker, root_alone);
  scan_remembered(worker, slot_alone);
  closure_drain(worker, CLOSURE_PLAIN, false, visit_alone);
}
static void copy_par_job(struct gc_worker *worker) {
  struct gc_heap *heap = worker->heap;
  roots_scan_par(&heap->safepoint, heap->globals, &heap->final, &worker->gang->next_share, worker, root_par);
  scan_remembered(worker, slot_par);
  closure_drain(worker, CLOSURE_PLAIN, false, visit_par);
}

/* ---- the minor cycle: phases ---- */

/* relaxed: workers set it inside a job, the driver reads it between jobs */
static bool kept_any(struct generational *g) { return atomic_load_explicit(&g->kept, memory_order_relaxed); }

static enum gc_phase_result begin(struct gc_heap *heap, uint32_t old_age) {
  struct generational *g = plan_of(heap);
  g->old_age = old_age;
  g->new_bytes = young_space_used_bytes(&g->young) - g->survivor_bytes;
  ssb_move_full(&g->looked_at, &g->remembered);
  young_space_begin_cycle(&g->young);
  if (kept_any(g)) { /* the only young objects that are ever marked, in either map, are pinned ones */
    sidemap_clear_range(&g->old.cells.marks, g->young.base, g->young.bytes);
    sidemap_clear_range(&g->old.cells.allocated, g->young.base, g->young.bytes);
    atomic_store_explicit(&g->kept, false, memory_order_relaxed);
  }
  gang_set_marks(&heap->gang, &g->old.cells.marks);
  return GC_NEXT;
}
static enum gc_phase_result begin_minor(struct gc_heap *heap) {
  return begin(heap, (uint32_t)heap_option(heap, OPTION_AGE).integer);
}
static enum gc_phase_result begin_major(struct gc_heap *heap) { return begin(heap, 1); }

static enum gc_phase_result copy(struct gc_heap *heap) {
  struct generational *g = plan_of(heap);
  struct gc_worker *driver = gang_driver(&heap->gang);
  for (size_t i = 0; i < g->born_old_count; i++)
    closure_push_grey(driver, g->born_old[i]);
  g->born_old_count = 0;
  gang_run(&heap->gang, GANG_LAZY, driver->alone ? copy_alone_job : copy_par_job, NULL);
  return GC_NEXT;
}

/* Where an object is now; null if it is young and was not reached. */
static GC_INLINE gc_ref resolve(struct gc_heap *heap, gc_ref object) {
  struct generational *g = plan_of(heap);
  if (gc_is_null(object) || !is_young(heap, object) || young_state_of(&g->young, object.bits) < YOUNG_FROM)
    return object;
  uint64_t word = object_word(object);
  if (word_is_forwarded(word))
    return word_forwarding(word);
  return sidemap_test(&g->old.cells.marks, object.bits) ? object : GC_NULL; /* pinned, or dead */
}

static gc_ref visit_noting(struct gc_worker *worker, gc_ref source, gc_field *slot, gc_ref target) {
  gc_ref grey = visit_par(worker, source, slot, target);
  if (!gc_is_null(grey))
    weak_note_reached(&worker->heap->weak, worker->heap, target.bits, grey, resolve);
  return grey;
}

static enum gc_phase_result weak_young(struct gc_heap *heap) {
  weak_phase(gang_driver(&heap->gang), &heap->weak, &heap->final, WEAK_YOUNG, resolve, is_young, visit_noting);
  return GC_NEXT;
}

static enum gc_phase_result end(struct gc_heap *heap) {
  struct generational *g = plan_of(heap);
  for (unsigned i = 0; i <= heap->gang.count; i++) {
    tlab_clear(&g->copiers[i].survivors);
    ssb_flush(&g->copiers[i].remembered);
  }
  size_t copied_bytes = gang_counts(&heap->gang).copied_bytes - g->copied_before_bytes;
  g->copied_before_bytes += copied_bytes;
  young_space_end_cycle(&g->young);
  if (is_sized(heap, SIZING_SURVIVAL))
    g->nursery_bytes = nursery_next_bytes(g->nursery_bytes, least_nursery_bytes(heap), g->new_bytes, copied_bytes);
  resize_nursery(heap);
  return GC_NEXT;
}

/* ---- the major cycle: the old space in place ---- */

static enum gc_phase_result mark_old(struct gc_heap *heap) {
  struct generational *g = plan_of(heap);
  for (unsigned i = 0; i <= heap->gang.count; i++)
    cell_cache_retire(&g->old.cells, &g->copiers[i].old);
  if (kept_any(g)) /* pinned young objects were marked by the copying; now they are marked again, with the old */
    sidemap_clear_range(&g->old.cells.marks, g->young.base, g->young.bytes);
  mark_begin(heap, &g->old);
  mark_reachable(heap);
  return GC_NEXT;
}
static enum gc_phase_result weak_old(struct gc_heap *heap) {
  mark_weak(heap, is_young); /* what is pinned is still young: later minor cycles have to look at it */
  return GC_NEXT;
}

static void remember_field(void *context, gc_ref source, gc_field *slot) {
  struct generational *g = context;
  (void)source;
  if (young_contains(g->young.base, g->young.bytes, field_bits(slot)))
    ssb_push(&g->copiers[0].remembered, slot);
}
static void remember_fields(void *context, gc_ref object) { scan_object(context, object, remember_field); }

/* Only pinned objects are young after a major cycle.  Which fields refer to them is found anew: of those that were
 * remembered, some belonged to objects that were just swept. */
static void remember_anew(struct gc_heap *heap) {
  struct generational *g = plan_of(heap);
  ssb_forget(&g->remembered);
  if (kept_any(g))
    mark_for_objects(&g->old, g, remember_fields);
  ssb_flush(&g->copiers[0].remembered);
}

static enum gc_phase_result sweep_old(struct gc_heap *heap) {
  struct generational *g = plan_of(heap);
  mark_flip(&g->old);
  mark_sweep(heap, &g->old);
  remember_anew(heap);
  g->old_after_major_bytes = old_bytes(heap);
  g->nursery_bytes = least_nursery_bytes(heap); /* memory is short, or was asked for */
  resize_nursery(heap);
  return GC_NEXT;
}

static const struct gc_phase minor[] = {{.name = "begin", .mode = GC_STW, .run = begin_minor},
                                        {.name = "copy", .mode = GC_STW, .run = copy},
                                        {.name = "weak", .mode = GC_STW, .run = weak_young},
                                        {.name = "end", .mode = GC_STW, .run = end},
                                        {0}};
static const struct gc_phase major[] = {{.name = "begin", .mode = GC_STW, .run = begin_major},
                                        {.name = "copy", .mode = GC_STW, .run = copy},
                                        {.name = "weak young", .mode = GC_STW, .run = weak_young},
                                        {.name = "end", .mode = GC_STW, .run = end},
                                        {.name = "mark", .mode = GC_STW, .run = mark_old},
                                        {.name = "weak", .mode = GC_STW, .run = weak_old},
                                        {.name = "sweep", .mode = GC_STW, .run = sweep_old},
                                        {0}};

static enum gc_cycle_kind choose(struct gc_heap *heap, enum gc_reason reason) {
  struct generational *g = plan_of(heap);
  switch (reason) {
  case GC_REASON_EXPLICIT_YOUNG: return GC_CYCLE_MINOR;
  case GC_REASON_EXPLICIT_FULL: return GC_CYCLE_MAJOR;
  case GC_REASON_LAST_RESORT: return GC_CYCLE_EMERGENCY;
  default: break;
  }
  bool may_not_fit = memory_available(&heap->memory) < young_space_used_bytes(&g->young);
  return atomic_load_explicit(&g->major_due, memory_order_relaxed) || may_not_fit ? GC_CYCLE_MAJOR : GC_CYCLE_MINOR;
}

/* ---- what the runtime asks ---- */

static size_t live_bytes(struct gc_heap *heap) { return mark_live_bytes(&plan_of(heap)->old); }

static bool verify_live(struct gc_heap *heap, gc_ref object) {
  struct generational *g = plan_of(heap);
  if (is_young(heap, object))
    return young_state_of(&g->young, object.bits) == YOUNG_USED;
  return heap->driver.kind == GC_CYCLE_MINOR || mark_verify_live(&g->old, object);
}
static const char *verify_object(struct gc_heap *heap, gc_ref object) {
  return is_young(heap, object) ? NULL : mark_verify_object(&plan_of(heap)->old, object);
}

/* The old space.  Copiers give their windows back first, so that no cell below a block's cursor is free. */
static void verify_for_objects(struct gc_heap *heap, void *context, void (*visit)(void *context, gc_ref object)) {
  struct generational *g = plan_of(heap);
  for (unsigned i = 0; i <= heap->gang.count; i++)
    cell_cache_retire(&g->old.cells, &g->copiers[i].old);
  mark_for_objects(&g->old, context, visit);
}

static void verify_for_remembered(struct gc_heap *heap, void *context, void (*field)(void *, const gc_field *),
                                  void (*whole)(void *, gc_ref)) {
  struct generational *g = plan_of(heap);
  for (const struct ssb_segment *segment = g->remembered.full; segment; segment = segment->next)
    for (size_t i = 0; i < segment->count; i++)
      field(context, segment->slots[i]);
  for (size_t i = 0; i < g->born_old_count; i++)
    whole(context, g->born_old[i]);
}

const struct gc_collector PLAN_(collector) = {
    .name = GC_STRING(GC_PLAN),
    .summary = "a nursery copied in parallel into a mark-sweep old space",
    .attrs = {.reclaims = true, .moves = true, .generational = true, .cycles = true, .weak = true, .ephemerons = true,
              .finalizers = true, .threads = true},
    .options = options,
    .copied_types = true,
    .heap_bytes = sizeof(struct generational),
    .mutator_bytes = sizeof(struct plan_mutator),
    .init = init,
    .fini = fini,
    .mutator_init = mutator_init,
    .mutator_flush = mutator_flush,
    .mutator_fini = mutator_fini,
    .choose = choose,
    .cycles = {[GC_CYCLE_MINOR] = minor, [GC_CYCLE_MAJOR] = major, [GC_CYCLE_EMERGENCY] = major},
    .live_bytes = live_bytes,
    .verify_live = verify_live,
    .verify_object = verify_object,
    .verify_for_objects = verify_for_objects,
    .verify_young = is_young,
    .verify_for_remembered = verify_for_remembered,
};
