/* control.c -- what the program may ask: the functions of Python's module `gc`, and more exact questions
 * (gc_control.h). The mutator's thread. */
#include "collectors/python/python.h"

#include <stdio.h>
#include <stdlib.h>

#include "runtime/base/check.h"
#include "runtime/base/mutant.h"
#include "runtime/os/clock.h"

/* ---- finalizers and callbacks ---- */

static void deliver(struct gc_heap *heap, const struct gc_delivery *delivery) {
  struct python *py = python_of(heap);
  if (py->mutator)
    PLAN_(settle)(py->mutator);
  py->delivers = delivery != NULL;
  py->delivery = delivery ? *delivery : (struct gc_delivery){0};
}

static void attach_finalizer(struct gc_heap *heap, gc_ref object, enum gc_finalizer kind) {
  python_of(heap)->had_finalizers = true;
  object_set_flag(object, GC_FLAG_FINALIZE);
  if (kind == GC_FINALIZE_LEGACY)
    count_set_word(object, count_word(object) | COUNT_LEGACY);
}

/* ---- collections ---- */

/* What raises ValueError in CPython is a fault of the program here. */
static struct generation *generation_at(struct gc_heap *heap, int generation) {
  GC_CHECK(0, generation >= 0 && generation < GC_GENERATIONS, "there is no generation %d", generation);
  return &python_of(heap)->core.generation[generation];
}

static uint64_t collect(struct gc_mutator *m, int generation) {
  struct python *py = python_of(m->heap);
  generation_at(m->heap, generation);
  if (py->collecting)
    return 0;
  m->stamp++; /* as gc_collect: references expire */
  m->newborn = 0;
  PLAN_(collect_generation)(py, m, generation, generation ? GC_REASON_EXPLICIT_FULL : GC_REASON_EXPLICIT_YOUNG);
  return py->collected + py->uncollectable;
}

static void enable(struct gc_heap *heap, bool enabled) {
  python_of(heap)->enabled = enabled;
  PLAN_(set_limit)(python_of(heap));
}
static bool is_enabled(struct gc_heap *heap) { return python_of(heap)->enabled; }

static void set_threshold(struct gc_heap *heap, int generation, uint32_t threshold) {
  generation_at(heap, generation)->threshold = threshold;
  PLAN_(set_limit)(python_of(heap));
}
static uint32_t threshold(struct gc_heap *heap, int generation) { return generation_at(heap, generation)->threshold; }
static uint32_t count(struct gc_heap *heap, int generation) { return generation_at(heap, generation)->count; }
static struct gc_generation_stats stats(struct gc_heap *heap, int generation) {
  return generation_at(heap, generation)->stats;
}

static void reset_counts(struct gc_heap *heap) {
  restart_count(python_of(heap));
  for (int i = 1; i < GC_GENERATIONS; i++)
    generation_at(heap, i)->count = 0;
}

static void freeze(struct gc_heap *heap) {
  if (python_of(heap)->incremental)
    PLAN_(visit_all)(python_of(heap));
  for (int i = 0; i < GC_GENERATIONS - GC_MUTANT(python_oldest_not_frozen); i++)
    list_merge(&python_of(heap)->frozen, &generation_at(heap, i)->head);
  reset_counts(heap);
}
static void unfreeze(struct gc_heap *heap) {
  struct python *py = python_of(heap);
  int oldest = py->incremental ? py->increments.visited_at : GC_GENERATIONS - 1;
  list_merge(&generation_at(heap, oldest)->head, &py->frozen);
}

/* ---- debug flags, garbage ---- */

static void set_debug(struct gc_heap *heap, uint32_t flags) { python_of(heap)->debug = flags; }

void PLAN_(debug_begin)(struct python *py) {
  if (!(py->debug & GC_DEBUG_STATS))
    return;
  fprintf(stderr, "gc: collecting generation %d: %llu, %llu and %llu objects in the generations, %llu frozen\n",
          py->generation, (unsigned long long)list_size(&py->core.generation[0].head),
          (unsigned long long)list_size(&py->core.generation[1].head),
          (unsigned long long)list_size(&py->core.generation[2].head), (unsigned long long)list_size(&py->frozen));
}

void PLAN_(debug_end)(struct python *py) {
  if (py->debug & GC_DEBUG_STATS)
    fprintf(stderr, "gc: done, %llu unreachable, %llu uncollectable\n",
            (unsigned long long)(py->collected + py->uncollectable), (unsigned long long)py->uncollectable);
}

void PLAN_(debug_object)(struct python *py, const char *what, gc_ref object) {
  (void)py;
  fprintf(stderr, "gc: %s <%s %p>\n", what, object_descriptor(object)->name, (void *)object.bits);
}

void PLAN_(save_garbage)(struct python *py, gc_ref object) {
  if (py->garbage_count == py->garbage_capacity) {
    size_t capacity = size_max(64, 2 * py->garbage_capacity);
    gc_ref *garbage = realloc(py->garbage, capacity * sizeof *garbage);
    GC_CHECK(0, garbage, "no memory for a garbage list of %zu objects", capacity);
    py->garbage = garbage;
    py->garbage_capacity = capacity;
  }
  count_take(object);
  py->garbage[py->garbage_count++] = object;
}

static size_t garbage_count(struct gc_heap *heap) { return python_of(heap)->garbage_count; }
static gc_ref garbage(struct gc_heap *heap, size_t index) { return python_of(heap)->garbage[index]; }

/* As a list is cleared: the last one first. */
static void clear_garbage(struct gc_mutator *m) {
  struct python *py = python_of(m->heap);
  PLAN_(settle)(m);
  while (py->garbage_count)
    PLAN_(release)(py, m, py->garbage[--py->garbage_count]);
}

/* ---- one object ---- */

static void list_object(struct gc_heap *heap, gc_ref object) {
  if (count_is_linked(object) && !links_listed(links_of(object)))
    list_append(&generation_at(heap, 0)->head, links_of(object));
}

static bool may_be_listed(struct gc_heap *heap, gc_ref object) {
  (void)heap;
  return PLAN_(may_be_listed)(object);
}

static struct links *list_at(struct gc_heap *heap, int generation) {
  return generation == GC_FROZEN ? &python_of(heap)->frozen : &generation_at(heap, generation)->head;
}

/* The number of `list` as the program knows it: where there is no middle generation, both lists of old objects are the
 * oldest one. */
static int number_of(struct gc_heap *heap, int list) {
  return python_of(heap)->incremental && list == 1 ? GC_GENERATIONS - 1 : list;
}

/* Walks to the head of the list. */
static int generation_of(struct gc_heap *heap, gc_ref object) {
  if (!count_is_linked(object) || !links_listed(links_of(object)))
    return GC_UNLISTED;
  for (const struct links *links = links_next(links_of(object));; links = links_next(links))
    for (int i = 0; i <= GC_FROZEN; i++)
      if (links == list_at(heap, i))
        return number_of(heap, i);
}

static bool is_finalized(struct gc_heap *heap, gc_ref object) {
  (void)heap;
  return count_is_linked(object) && links_of(object)->previous & LINKS_FINALIZED;
}

static uint64_t references(struct gc_heap *heap, gc_ref object) {
  (void)heap;
  return count_get(object);
}

/* ---- walks ---- */

struct walk {
  void *context;
  void (*visit)(void *context, gc_ref object);
  gc_ref object;
  bool found;
};

static void for_list(const struct links *list, void *context, void (*visit)(void *context, gc_ref object)) {
  for (const struct links *links = links_next(list); links != list; links = links_next(links))
    visit(context, object_of_links(links));
}

static void for_objects(struct gc_heap *heap, int generation, void *context,
                        void (*visit)(void *context, gc_ref object)) {
  for (int i = 0; i <= GC_FROZEN; i++)
    if (number_of(heap, i) == generation)
      for_list(list_at(heap, i), context, visit);
}

static void visit_slot(void *context, gc_field *slot) {
  const struct walk *walk = context;
  gc_ref target = {field_bits(slot)};
  if (gc_is_null(target))
    return;
  if (is_part(target))
    python_for_slots(target, context, visit_slot);
  else
    walk->visit(walk->context, target);
}

static void for_referents(struct gc_heap *heap, gc_ref object, void *context,
                          void (*visit)(void *context, gc_ref object)) {
  struct walk walk = {context, visit, object, false};
  (void)heap;
  python_for_slots(object, &walk, visit_slot);
}

static void note_target(void *context, gc_ref target) {
  struct walk *walk = context;
  walk->found |= target.bits == walk->object.bits;
}

static void visit_referrer(void *context, gc_ref object) {
  const struct walk *walk = context;
  struct walk search = {&search, note_target, walk->object, false};
  python_for_slots(object, &search, visit_slot);
  if (search.found)
    walk->visit(walk->context, object);
}

static void for_referrers(struct gc_heap *heap, gc_ref object, void *context,
                          void (*visit)(void *context, gc_ref object)) {
  struct walk walk = {context, visit, object, false};
  for (int i = 0; i < GC_GENERATIONS; i++)
    for_objects(heap, i, &walk, visit_referrer);
}

const struct gc_control PLAN_(control) = {
    .deliver = deliver,
    .attach_finalizer = attach_finalizer,
    .collect = collect,
    .enable = enable,
    .is_enabled = is_enabled,
    .set_threshold = set_threshold,
    .threshold = threshold,
    .count = count,
    .reset_counts = reset_counts,
    .stats = stats,
    .freeze = freeze,
    .unfreeze = unfreeze,
    .set_debug = set_debug,
    .garbage_count = garbage_count,
    .garbage = garbage,
    .clear_garbage = clear_garbage,
    .list = list_object,
    .may_be_listed = may_be_listed,
    .generation_of = generation_of,
    .is_finalized = is_finalized,
    .references = references,
    .for_objects = for_objects,
    .for_referents = for_referents,
    .for_referrers = for_referrers,
};
