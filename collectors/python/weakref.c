/* weakref.c -- weak references: for each target a list of those that refer to it, the newest first.
 *
 * A weak reference's block ends with a struct weak_record behind the object.  Targets that have one are found by their
 * address; they bear GC_FLAG_WEAK_TARGET.  When a target dies by its count all its references are cleared before the
 * first callback runs.  The object that a callback belongs to is the first strong reference of its weak reference,
 * which a death by count takes out of it, as CPython does.  The head of a list also names one reference without
 * callback, which is shared.  The one mutator's thread; weak_clear and weak_newest also the cycle's, the world stopped.
 */
#include "collectors/python/python.h"

#include <stdlib.h>

#include "runtime/base/check.h"
#include "runtime/base/mutant.h"

struct weak_record {
  gc_ref newer, older;
  void (*callback)(struct gc_mutator *, void *);
  void *argument; /* without callback: SHARED_MARK if the head names this one */
};

static char shared_mark;
#define SHARED_MARK ((void *)&shared_mark)

static struct weak_record *record_of(gc_ref weak) {
  return (struct weak_record *)(weak.bits + object_descriptor(weak)->size_bytes);
}
static gc_ref target_of(gc_ref weak) { return (gc_ref){field_bits(weak_field(weak))}; }

bool PLAN_(weak_has_callback)(gc_ref weak) { return record_of(weak)->callback; }

/* ---- targets ---- */

static bool grow_heads(struct python *py) {
  if (py->weak_head_count < py->weak_head_capacity)
    return true;
  size_t capacity = size_max(64, 2 * py->weak_head_capacity);
  struct weak_head *heads = realloc(py->weak_heads, capacity * sizeof *heads);
  if (!heads)
    return false;
  int64_t before_bytes = (int64_t)(address_index_bytes(&py->weak_index) + py->weak_head_capacity * sizeof *heads);
  py->weak_heads = heads;
  py->weak_head_capacity = capacity;
  bool built = address_index_begin(&py->weak_index, capacity);
  for (size_t i = 0; built && i < py->weak_head_count; i++)
    address_index_add(&py->weak_index, heads[i].target, i);
  memory_add_metadata(&py->heap.memory, (int64_t)(address_index_bytes(&py->weak_index) + capacity * sizeof *heads) -
                                            before_bytes);
  return built;
}

/* NULL: nothing refers weakly to `target`. */
static struct weak_head *find_head(struct python *py, gc_ref target) {
  if (!object_has_flag(target, GC_FLAG_WEAK_TARGET))
    return NULL;
  uint32_t at = address_index_first(&py->weak_index, target.bits);
  while (py->weak_heads[at - 1].target != target.bits)
    at = address_index_next(&py->weak_index, at - 1);
  return &py->weak_heads[at - 1];
}

static struct weak_head *add_head(struct python *py, gc_ref target) {
  if (!grow_heads(py))
    return NULL;
  address_index_add(&py->weak_index, target.bits, py->weak_head_count);
  object_set_flag(target, GC_FLAG_WEAK_TARGET);
  py->weak_heads[py->weak_head_count] = (struct weak_head){.target = target.bits};
  return &py->weak_heads[py->weak_head_count++];
}

/* The last entry moves to the place of the one that goes. */
static void remove_head(struct python *py, struct weak_head *head) {
  struct weak_head *last = &py->weak_heads[--py->weak_head_count];
  object_clear_flag((gc_ref){head->target}, GC_FLAG_WEAK_TARGET);
  address_index_remove(&py->weak_index, head->target, (size_t)(head - py->weak_heads));
  if (head == last)
    return;
  address_index_remove(&py->weak_index, last->target, (size_t)(last - py->weak_heads));
  *head = *last;
  address_index_add(&py->weak_index, head->target, (size_t)(head - py->weak_heads));
}

/* ---- references ---- */

bool PLAN_(weak_register)(struct gc_heap *heap, gc_ref weak, gc_ref target,
                          void (*callback)(struct gc_mutator *, void *), void *argument) {
  struct python *py = python_of(heap);
  struct weak_record *record = record_of(weak);
  *record = (struct weak_record){.callback = callback, .argument = callback ? argument : NULL};
  if (gc_is_null(target))
    return true;
  struct weak_head *head = find_head(py, target);
  if (!head && !(head = add_head(py, target)))
    return false;
  py->callback_count += callback != NULL;
  if (!weak_table_reserve_notices(&heap->weak, ++py->weak_count))
    return false;
  if (!callback && !head->shared && object_type(weak) == GC_TYPE_WEAK) {
    record->argument = SHARED_MARK;
    head->shared = weak.bits;
  }
  record->older = (gc_ref){head->newest};
  if (head->newest)
    record_of(record->older)->newer = weak;
  head->newest = weak.bits;
  return true;
}

gc_ref PLAN_(weak_newest)(struct python *py, gc_ref target) {
  struct weak_head *head = find_head(py, target);
  return (gc_ref){head ? head->newest : 0};
}

gc_ref PLAN_(weak_shared)(struct gc_heap *heap, gc_ref target) {
  struct weak_head *head = gc_is_null(target) ? NULL : find_head(python_of(heap), target);
  gc_ref shared = {head ? head->shared : 0};
  return !gc_is_null(shared) && count_get(shared) ? shared : GC_NULL; /* without a count it waits for its death */
}

void PLAN_(weak_clear)(struct python *py, gc_ref weak) {
  gc_ref target = target_of(weak);
  if (gc_is_null(target))
    return;
  struct weak_record *record = record_of(weak);
  field_set_bits(weak_field(weak), 0);
  py->weak_count--;
  py->callback_count -= record->callback != NULL;
  if (!gc_is_null(record->older))
    record_of(record->older)->newer = record->newer;
  bool newest = gc_is_null(record->newer), shared = record->argument == SHARED_MARK;
  if (!newest)
    record_of(record->newer)->older = record->older;
  if (!newest && !shared)
    return;
  struct weak_head *head = find_head(py, target);
  if (shared)
    head->shared = 0;
  if (newest && !(head->newest = record->older.bits))
    remove_head(py, head);
}

void PLAN_(weak_call)(struct python *py, struct gc_mutator *m, gc_ref weak) {
  struct weak_record *record = record_of(weak);
  struct weak_entry entry = {.callback = record->callback, .argument = record->argument};
  if (!py->delivers) {
    weak_notice_push(&py->heap.weak, &entry);
    return;
  }
  struct interlude interlude;
  py->program_ran = true;
  PLAN_(interlude_begin)(m, &interlude, GC_NULL);
  entry.callback(m, entry.argument);
  PLAN_(interlude_end)(m, &interlude);
}

/* ---- the target dies by its count ---- */

/* Weak references and what their callbacks belong to, pairwise, while the callbacks run: a frame of rooted locals. */
struct due {
  struct gc_frame frame;
  gc_root roots[];
};

static struct due *due_new(struct gc_mutator *m, size_t pairs) {
  struct due *due = malloc(sizeof *due + 2 * pairs * sizeof(gc_root));
  GC_CHECK(0, due, "no memory for %zu callbacks", pairs);
  due->frame = (struct gc_frame){m->frames, 0};
  m->frames = &due->frame;
  return due;
}

/* Takes the callback's object out of `weak`; its count goes with it. */
static gc_ref take_callee(gc_ref weak) {
  const struct gc_type *type = object_descriptor(weak);
  if (!type->refs_count)
    return GC_NULL;
  gc_field *slot = object_slot_at(weak, type->refs_offset);
  gc_ref callee = {field_bits(slot)};
  field_set_bits(slot, 0);
  return callee;
}

static void due_add(struct due *due, gc_ref weak) {
  count_take(weak);
  due->roots[due->frame.count++] = (gc_root){weak.bits};
  due->roots[due->frame.count++] = (gc_root){take_callee(weak).bits};
}

static size_t count_callbacks(gc_ref newest) {
  size_t count = 0;
  for (gc_ref weak = newest; !gc_is_null(weak); weak = record_of(weak)->older)
    count += record_of(weak)->callback != NULL;
  return count;
}

void PLAN_(weak_silence)(struct python *py, gc_ref target) {
  for (gc_ref weak; !gc_is_null(weak = PLAN_(weak_newest)(py, target));)
    PLAN_(weak_clear)(py, weak);
}

void PLAN_(weak_target_dies)(struct python *py, struct gc_mutator *m, gc_ref target) {
  gc_ref newest = PLAN_(weak_newest)(py, target);
  size_t pairs = count_callbacks(newest);
  if (GC_MUTANT(python_weak_kept))
    return;
  if (!pairs) {
    PLAN_(weak_silence)(py, target);
    return;
  }
  struct due *due = due_new(m, pairs);
  for (gc_ref weak = newest; !gc_is_null(weak); weak = PLAN_(weak_newest)(py, target)) {
    if (record_of(weak)->callback && count_get(weak)) /* a dying one is not told any more */
      due_add(due, weak);
    PLAN_(weak_clear)(py, weak);
  }
  size_t announced = py->heap.weak.notice_count;
  for (size_t i = 0; i < due->frame.count; i += 2) {
    size_t at = GC_MUTANT(python_oldest_called_first) ? due->frame.count - 2 - i : i;
    PLAN_(weak_call)(py, m, (gc_ref){due->roots[at].bits});
  }
  weak_notices_reverse(&py->heap.weak, announced);
  while (due->frame.count) {
    gc_ref last = {due->roots[--due->frame.count].bits};
    PLAN_(release)(py, m, last);
  }
  m->frames = due->frame.previous;
  free(due);
}

void PLAN_(weak_fini)(struct python *py) {
  free(py->weak_heads);
  address_index_fini(&py->weak_index);
}
