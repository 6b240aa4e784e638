/* generational.c -- a nursery copied in parallel into a mark-sweep old space: its heap, sizes, allocation, cycles.
 *
 * Minor cycle: roots, remembered fields and remembered large objects are visited; live young objects are copied
 * (copy.c).
 * Major cycle: a minor one that promotes everything, then the old space is marked and swept in place. */
#include "collectors/generational/generational.h"

#include <stdlib.h>

#include "runtime/base/check.h"
#include "runtime/base/mutant.h"
#include "runtime/cycle/nursery_sizer.h"
#include "runtime/cycle/trigger.h"
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

static struct young_barrier *barrier_of(struct gc_mutator *m) { return &((struct plan_mutator *)m)->young; }

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
                                        {.name = "copy", .mode = GC_STW, .run = PLAN_(copy)},
                                        {.name = "weak", .mode = GC_STW, .run = PLAN_(weak_young)},
                                        {.name = "end", .mode = GC_STW, .run = end},
                                        {0}};
static const struct gc_phase major[] = {{.name = "begin", .mode = GC_STW, .run = begin_major},
                                        {.name = "copy", .mode = GC_STW, .run = PLAN_(copy)},
                                        {.name = "weak young", .mode = GC_STW, .run = PLAN_(weak_young)},
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
