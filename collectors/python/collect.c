/* collect.c -- a collection in CPython 3.11's ten steps, as a phase table, and what starts one.
 *
 *    1  younger generations are merged into the collected one; counters move       stopped   decide
 *       (gc=incremental: an increment is taken, increment.c)
 *    2  counts are copied, references inside subtracted (decide.c)                 stopped
 *    3  the scan: candidates are apart                                             stopped
 *    4  what need not be listed leaves; survivors go to the next generation        stopped
 *    5  objects with finalizers of the old kind are set aside, with what they reach stopped
 *    6  weak references to candidates are cleared ...                              stopped
 *       ... and the callbacks of those that are no candidates are called           mutator   deliver
 *    7  finalizers that have not run yet are called, in list order                 mutator
 *    8  candidates that are referred to from outside by now live on                stopped   resurrect
 *    9  the others are cut open, one after the other; counting frees them          mutator   cut
 *   10  what was set aside goes to the garbage list; statistics                    mutator   (after the cycle)
 *
 * `mutator`: on the mutator's thread, which then runs, with the program's own code allowed; counted as its assistance.
 * Without candidates all is done after step 5, without finalizers and callbacks there is nothing to deliver, and where
 * the program's code did not run, step 8 has nothing to find: such rows are left out.  Where no program's code can run
 * at a death, step 9 is done at once, the world still stopped: nobody can tell.  A collection inside another one does
 * nothing. */
#include "collectors/python/python.h"

#include "runtime/base/mutant.h"
#include "runtime/os/clock.h"

static bool is_full(const struct python *py) { return py->generation + 1 == GC_GENERATIONS; }

/* ---- steps 1 to 6, the world stopped ---- */

static void merge_younger(struct python *py) {
  struct generation *generation = py->core.generation;
  py->chosen = &generation[py->generation].head;
  py->survivors = is_full(py) ? py->chosen : &generation[py->generation + 1].head;
  if (!is_full(py))
    generation[py->generation + 1].count += !GC_MUTANT(python_collection_uncounted);
  restart_count(py);
  for (int i = 0; i <= py->generation; i++) {
    generation[i].count = 0;
    if (i < py->generation)
      list_merge(py->chosen, &generation[i].head);
  }
}

/* False if there is nothing to be decided about. */
static bool choose_objects(struct python *py) {
  if (py->incremental)
    return PLAN_(choose_increment_stw)(py);
  merge_younger(py);
  return true;
}

static void promote(struct python *py, uint64_t survivors) {
  if (py->unlists)
    survivors -= PLAN_(unlist_stw)(py->chosen, is_full(py));
  if (is_full(py)) {
    py->long_lived = survivors;
    py->long_lived_pending = 0;
    return;
  }
  if (py->generation == GC_GENERATIONS - 2)
    py->long_lived_pending += survivors;
  if (!GC_MUTANT(python_survivors_stay))
    list_merge(py->survivors, py->chosen);
}

static void set_aside(struct python *py, struct links *links) {
  py->decision.candidates--;
  links->previous &= ~(LINKS_DECIDING | LINKS_CANDIDATE);
  list_move(&py->legacy, links);
}

static void set_aside_slot(void *context, gc_field *slot) {
  gc_ref target = {field_bits(slot)};
  if (gc_is_null(target))
    return;
  if (count_is_linked(target) && links_deciding(links_of(target)))
    set_aside(context, links_of(target));
  else if (is_part(target))
    python_for_slots(target, context, set_aside_slot);
}

static void set_legacy_aside(struct python *py) {
  for (struct links *links = links_next(&py->unreachable), *next; links != &py->unreachable; links = next) {
    next = links_next(links);
    if (count_word(object_of_links(links)) & COUNT_LEGACY && !GC_MUTANT(python_legacy_cut))
      set_aside(py, links);
  }
  for (struct links *links = links_next(&py->legacy); links != &py->legacy; links = links_next(links))
    python_for_slots(object_of_links(links), py, set_aside_slot); /* appends to the list */
}

/* A callback is owed unless its weak reference is a candidate itself. */
static void clear_weaks_of(struct python *py, gc_ref target) {
  for (gc_ref weak; !gc_is_null(weak = PLAN_(weak_newest)(py, target));) {
    PLAN_(weak_clear)(py, weak);
    if (PLAN_(weak_has_callback)(weak) &&
        (!links_deciding(links_of(weak)) || GC_MUTANT(python_dead_callback_called)))
      list_move(&py->due_weaks, links_of(weak));
  }
}

static void clear_weaks(struct python *py) {
  for (struct links *links = links_next(&py->unreachable); links != &py->unreachable; links = links_next(links)) {
    gc_ref object = object_of_links(links);
    if (count_word(object) & COUNT_WEAK)
      PLAN_(weak_clear)(py, object);
    if (object_has_flag(object, GC_FLAG_WEAK_TARGET))
      clear_weaks_of(py, object);
  }
}

static void tell_collectable(struct python *py) {
  if (!(py->debug & GC_DEBUG_COLLECTABLE))
    return;
  for (struct links *links = links_next(&py->unreachable); links != &py->unreachable; links = links_next(links))
    PLAN_(debug_object)(py, "collectable", object_of_links(links));
}

/* Whether anybody could tell in which order objects die: code that runs at a death, or a list that keeps the dead. */
static bool has_witnesses(const struct python *py) {
  if (GC_MUTANT(python_burial_unheard))
    return false;
  return py->had_finalizers || py->heap.final.count || py->callback_count || py->delivery.died ||
         py->debug & GC_DEBUG_SAVEALL;
}

/* Immutable objects are not cut open: a cycle of such alone stays, and each collection finds it again. */
static bool has_immutable_candidates(const struct python *py) {
  if (!py->unlists || GC_MUTANT(python_burial_cuts_fixed))
    return false;
  for (struct links *links = links_next(&py->unreachable); links != &py->unreachable; links = links_next(links))
    if (object_descriptor(object_of_links(links))->nature == GC_NATURE_IMMUTABLE)
      return true;
  return false;
}

/* Whether anything is to be done for a candidate before it is cut. */
static bool has_ceremonies(const struct python *py) {
  return py->decision.words & WORD_CEREMONIES || py->debug & GC_DEBUG_COLLECTABLE;
}

static bool has_candidates(struct gc_heap *heap) { return !list_empty(&python_of(heap)->unreachable); }

static bool has_due(struct gc_heap *heap) {
  const struct python *py = python_of(heap);
  return !list_empty(&py->due_weaks) || py->decision.words & GC_FLAG_FINALIZE;
}

static enum gc_phase_result decide(struct gc_heap *heap) {
  struct python *py = python_of(heap);
  list_init(&py->unreachable);
  list_init(&py->legacy);
  list_init(&py->due_weaks);
  py->decision = (struct decision){0};
  py->decided = choose_objects(py);
  if (!py->decided)
    return GC_NEXT;
  py->decision = PLAN_(decide_stw)(py->chosen, &py->unreachable, is_full(py) && list_empty(&py->frozen));
  promote(py, py->decision.reachable);
  if (list_empty(&py->unreachable))
    return GC_NEXT;
  if (has_ceremonies(py)) {
    set_legacy_aside(py);
    tell_collectable(py);
    clear_weaks(py);
  }
  if (!has_due(heap) && !has_witnesses(py) && !has_immutable_candidates(py)) {
    py->collected += py->decision.candidates;
    PLAN_(bury)(py, py->mutator, &py->unreachable);
  }
  return GC_NEXT;
}

/* ---- the mutator's thread goes on in the middle of the cycle ---- */

static uint64_t mutator_resume(struct python *py) {
  mutator_unblock(py->mutator);
  return py->heap.config.unmeasured ? 0 : clock_now_ns();
}

static void mutator_pause(struct python *py, uint64_t begin_ns) {
  struct gc_mutator *m = py->mutator;
  m->counts.assist_ns += py->heap.config.unmeasured ? 0 : clock_now_ns() - begin_ns;
  safepoint_note(m, THREAD_ASSIST, begin_ns);
  mutator_block(m);
}

static gc_ref hold_first(struct links *list) {
  gc_ref object = object_of_links(links_next(list));
  count_take(object);
  return object;
}

/* ---- step 6, second half ---- */

/* A callback may drop the last other reference to its weak reference, which then counts as collected. */
static void call_due(struct python *py) {
  size_t announced = py->heap.weak.notice_count;
  for (struct links *links = links_next(&py->due_weaks); links != &py->due_weaks; links = links_next(links))
    count_take(object_of_links(links));
  while (!list_empty(&py->due_weaks)) {
    struct links *links = links_next(&py->due_weaks);
    PLAN_(weak_call)(py, py->mutator, object_of_links(links));
    PLAN_(release)(py, py->mutator, object_of_links(links));
    if (links_next(&py->due_weaks) == links)
      list_move(py->survivors, links);
    else
      py->collected++;
  }
  weak_notices_reverse(&py->heap.weak, announced);
}

/* ---- step 7 ---- */

static bool wants_finalizer(gc_ref object) {
  return object_has_flag(object, GC_FLAG_FINALIZE) && !(links_of(object)->previous & LINKS_FINALIZED) &&
         !(count_word(object) & COUNT_LEGACY);
}

static void finalize_candidate(struct python *py, gc_ref object) {
  if (!wants_finalizer(object))
    return;
  if (py->delivers) {
    if (!GC_MUTANT(python_garbage_refinalized))
      links_of(object)->previous |= LINKS_FINALIZED;
    count_take(object); /* the interlude's own count must not be the last: what dies, dies after it */
    PLAN_(finalize)(py, py->mutator, object, GC_FINALIZE_ONCE);
    PLAN_(release)(py, py->mutator, object);
  } else if (final_table_due(&py->heap.final, object)) {
    py->program_ran = true; /* its queue refers to the object now */
    count_take(object);
  }
}

/* Objects may vanish meanwhile. */
static void finalize_candidates(struct python *py) {
  struct links seen;
  list_init(&seen);
  while (!list_empty(&py->unreachable)) {
    struct links *links = links_next(&py->unreachable);
    list_move(&seen, links);
    finalize_candidate(py, object_of_links(links));
  }
  list_merge(&py->unreachable, &seen);
}

/* ---- step 9 ---- */

static void cut_candidates(struct python *py) {
  py->collected += py->decision.candidates;
  while (!list_empty(&py->unreachable)) {
    struct links *links = links_next(&py->unreachable);
    gc_ref object = hold_first(&py->unreachable);
    if (py->debug & GC_DEBUG_SAVEALL)
      PLAN_(save_garbage)(py, object);
    else
      PLAN_(clear)(py, py->mutator, object);
    PLAN_(release)(py, py->mutator, object);
    if (links_next(&py->unreachable) == links) { /* it may die later */
      links->previous &= ~(LINKS_DECIDING | LINKS_CANDIDATE);
      list_move(py->survivors, links);
    }
  }
}

static enum gc_phase_result deliver(struct gc_heap *heap) {
  struct python *py = python_of(heap);
  uint64_t begin_ns = mutator_resume(py);
  call_due(py);
  finalize_candidates(py);
  py->decision.candidates = list_size(&py->unreachable);
  mutator_pause(py, begin_ns);
  return GC_NEXT;
}

static bool program_ran(struct gc_heap *heap) {
  return python_of(heap)->program_ran && !GC_MUTANT(python_resurrected_cut);
}

static enum gc_phase_result resurrect(struct gc_heap *heap) {
  struct python *py = python_of(heap);
  struct links dead;
  list_init(&dead);
  py->decision = PLAN_(decide_stw)(&py->unreachable, &dead, false);
  list_merge(py->survivors, &py->unreachable);
  list_merge(&py->unreachable, &dead);
  return GC_NEXT;
}

static enum gc_phase_result cut(struct gc_heap *heap) {
  struct python *py = python_of(heap);
  uint64_t begin_ns = mutator_resume(py);
  cut_candidates(py);
  mutator_pause(py, begin_ns);
  return GC_NEXT;
}

const struct gc_phase PLAN_(phases)[] = {
    {.name = "decide", .mode = GC_STW, .run = decide},
    {.name = "deliver", .mode = GC_CONCURRENT, .wanted = has_due, .run = deliver},
    {.name = "resurrect", .mode = GC_STW, .wanted = program_ran, .run = resurrect},
    {.name = "cut", .mode = GC_CONCURRENT, .wanted = has_candidates, .run = cut},
    {0}};

/* ---- step 10, and the whole ---- */

static void keep_legacy(struct python *py) {
  py->uncollectable = list_size(&py->legacy);
  for (struct links *links = links_next(&py->legacy); links != &py->legacy; links = links_next(links)) {
    gc_ref object = object_of_links(links);
    if (py->debug & GC_DEBUG_UNCOLLECTABLE)
      PLAN_(debug_object)(py, "uncollectable", object);
    if (py->debug & GC_DEBUG_SAVEALL || count_word(object) & COUNT_LEGACY)
      PLAN_(save_garbage)(py, object);
  }
  list_merge(py->survivors, &py->legacy);
}

static void add_stats(struct python *py) {
  struct gc_generation_stats *stats = &py->core.generation[py->generation].stats;
  stats->collections++;
  stats->collected += py->collected;
  stats->uncollectable += py->uncollectable;
}

/* Of all generations only an increment may have nothing to do. */
static bool is_due(struct python *py) {
  return !py->incremental || py->generation != 1 || PLAN_(increment_is_due)(py);
}

static void end_decided(struct python *py) {
  keep_legacy(py);
  add_stats(py);
  if (py->incremental)
    PLAN_(increment_end)(py);
}

static void tell(struct python *py, bool ended) {
  struct interlude interlude;
  if (!py->delivery.collection)
    return;
  PLAN_(interlude_begin)(py->mutator, &interlude, GC_NULL);
  py->delivery.collection(py->delivery.context, py->mutator, ended, py->generation, py->collected, py->uncollectable);
  PLAN_(interlude_end)(py->mutator, &interlude);
}

void PLAN_(set_limit)(struct python *py) {
  uint32_t threshold = py->core.generation[0].threshold;
  py->core.young_limit = py->enabled && threshold && !py->collecting ? threshold : UINT32_MAX;
}

static void set_collecting(struct python *py, bool collecting) {
  py->collecting = collecting;
  PLAN_(set_limit)(py);
}

static void note_live(struct python *py) {
  size_t bytes = private_heap_used_bytes(&py->core.blocks) + cell_space_used_bytes(&py->outside.cells);
  py->live_bytes = bytes + PLAN_(large_bytes)(py);
}

int64_t PLAN_(collect_generation)(struct python *py, struct gc_mutator *m, int generation, enum gc_reason reason) {
  if (py->collecting)
    return 0;
  PLAN_(settle)(m);
  set_collecting(py, true);
  py->generation = generation;
  py->collected = py->uncollectable = 0;
  py->decided = py->program_ran = false;
  PLAN_(debug_begin)(py);
  tell(py, false);
  int64_t freed_bytes = is_due(py) ? cycle_drive(&py->heap, m, reason) : 0;
  if (py->decided)
    end_decided(py);
  PLAN_(debug_end)(py);
  tell(py, true);
  if (is_full(py))
    note_live(py);
  set_collecting(py, false);
  return freed_bytes;
}

/* ---- what starts a collection ---- */

/* The oldest generation whose counter is over its threshold; a full collection only when a quarter as many objects have
 * come to stay as the last one found. */
static int due_generation(const struct python *py) {
  for (int i = GC_GENERATIONS - 1; i > 0; i--) {
    const struct generation *generation = &py->core.generation[i];
    if (generation->count > generation->threshold &&
        (i < GC_GENERATIONS - 1 || py->long_lived_pending >= py->long_lived / 4 || GC_MUTANT(python_full_unhurried)))
      return i;
  }
  return 0;
}

void PLAN_(collect_young)(struct gc_mutator *m) {
  struct python *py = python_of(m->heap);
  PLAN_(collect_generation)(py, m, py->incremental ? 1 : due_generation(py), GC_REASON_PACING);
}

/* Memory that the private heap would keep for itself; CPython knows no limit at which it would have to. */
static void give_back(struct python *py, struct gc_mutator *m) {
  cell_cache_retire(&py->outside.cells, &plan_python(m)->cells);
  cell_space_release_empty(&py->outside.cells);
  private_heap_trim(&py->core.blocks);
}

int64_t PLAN_(collect)(struct gc_heap *heap, struct gc_mutator *m, enum gc_reason reason) {
  struct python *py = python_of(heap);
  int generation = reason == GC_REASON_EXPLICIT_YOUNG ? 0 : GC_GENERATIONS - 1;
  int64_t freed_bytes = PLAN_(collect_generation)(py, m, generation, reason);
  if (reason == GC_REASON_ALLOCATION || reason == GC_REASON_LAST_RESORT)
    give_back(py, m);
  return freed_bytes;
}
