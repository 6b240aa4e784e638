/* decide.c -- which of a list's objects are reachable only from one another: CPython's deduce_unreachable.
 *
 * No roots are traced.  Each object's count is copied into its links; every reference inside the list is subtracted
 * from its target's copy; what is left counts references from outside, so where something is left the object is
 * reachable, and with it all that it refers to.  The others are candidates, until the scan finds one that is referred
 * to from a reachable object behind it.  Two passes over the list, no memory, no recursion.
 *
 * While this runs the list is linked by `next` only, and `previous` holds the copies; afterwards both lists are whole.
 * An object's parts are scanned with it.  The world is stopped.
 *
 * A pass waits for memory, not for the processor: what was made in a row mostly lies in a row, so the block some way
 * ahead of the one in hand is fetched early, and an array's targets before it is their turn. */
#include "collectors/python/python.h"

#include "runtime/base/check.h"
#include "runtime/base/mutant.h"

enum { AHEAD_BYTES = 512, AHEAD_SLOTS = 8 };

static GC_INLINE void fetch_ahead(const struct links *links) {
  __builtin_prefetch((const char *)links + AHEAD_BYTES, 1);
}

static GC_INLINE bool slot_target(gc_field *slot, gc_ref *target) {
  target->bits = field_bits(slot);
  return !gc_is_null(*target);
}

/* As python_for_slots, for a pass that writes to the targets' links. */
static GC_INLINE void for_slots_fetched(gc_ref object, void *context, void (*visit)(void *context, gc_field *slot)) {
  const struct gc_type *type = object_descriptor(object);
  if (GC_LIKELY(type->kind != GC_KIND_REF_ARRAY)) {
    python_for_slots(object, context, visit);
    return;
  }
  struct gc_array *array = (struct gc_array *)object.bits;
  for (gc_field *slot = array->slot + array->length; slot-- > array->slot;) {
    if (slot - array->slot >= AHEAD_SLOTS)
      __builtin_prefetch((const char *)field_bits(slot - AHEAD_SLOTS) - LINKS_BYTES, 1);
    visit(context, slot);
  }
}

/* ---- copies, and what is left of them ---- */

static GC_INLINE void copy_count(struct links *links) {
  links->previous =
      count_get(object_of_links(links)) * LINKS_COPY_ONE | LINKS_DECIDING | (links->previous & LINKS_LASTING);
}

static void copy_counts(struct links *list) {
  for (struct links *links = links_next(list); links != list; links = links_next(links))
    copy_count(links);
}

static GC_INLINE void subtract_one(struct links *links) {
  GC_CHECK(1, links->previous >= LINKS_COPY_ONE, "%p has more references than its count",
           (void *)object_of_links(links).bits);
  links->previous -= LINKS_COPY_ONE;
}

static void subtract_part(void *context, gc_field *slot);

static GC_INLINE void subtract(void *context, gc_field *slot) {
  gc_ref target;
  if (!slot_target(slot, &target))
    return;
  uint32_t word = count_word(target);
  if (word & COUNT_LINKED && links_deciding(links_of(target)) && !GC_MUTANT(python_subtracts_nothing))
    subtract_one(links_of(target));
  else if (GC_UNLIKELY(word & COUNT_PART))
    python_for_slots(target, context, subtract_part);
}
static void subtract_part(void *context, gc_field *slot) { subtract(context, slot); }

/* The same where all listed objects are decided about: each copy is made when it is first wanted. */
static void subtract_all_part(void *context, gc_field *slot);

static GC_INLINE void subtract_all(void *context, gc_field *slot) {
  gc_ref target;
  if (!slot_target(slot, &target))
    return;
  uint32_t word = count_word(target);
  if (word & COUNT_LINKED && links_listed(links_of(target)) && !GC_MUTANT(python_subtracts_nothing)) {
    if (!links_deciding(links_of(target)))
      copy_count(links_of(target));
    subtract_one(links_of(target));
  } else if (GC_UNLIKELY(word & COUNT_PART)) {
    python_for_slots(target, context, subtract_all_part);
  }
}
static void subtract_all_part(void *context, gc_field *slot) { subtract_all(context, slot); }

static void subtract_inner_references(struct links *list) {
  copy_counts(list);
  for (struct links *links = links_next(list); links != list; links = links_next(links))
    python_for_slots(object_of_links(links), NULL, subtract);
}

static void subtract_all_references(struct links *list) {
  for (struct links *links = links_next(list); links != list; links = links_next(links)) {
    fetch_ahead(links);
    if (!links_deciding(links))
      copy_count(links);
    for_slots_fetched(object_of_links(links), NULL, subtract_all);
  }
}

/* ---- the scan ---- */

/* At the end of a list whose `previous` pointers are copies, but that of its head. */
static void append_deciding(struct links *list, struct links *links) {
  struct links *last = (struct links *)list->previous;
  last->next = (uintptr_t)links;
  links->next = (uintptr_t)list;
  list->previous = (uintptr_t)links;
}

/* In the list of candidates `previous` is a link. */
static void unlink_candidate(struct links *links) {
  struct links *previous = links_previous(links), *next = links_next(links);
  previous->next = (uintptr_t)next;
  links_set_previous(next, previous);
}

static GC_INLINE void set_copy_to_one(struct links *links) {
  links->previous = LINKS_COPY_ONE | LINKS_DECIDING | (links->previous & LINKS_LASTING);
}

struct scan {
  struct links *young;
  uint64_t candidates;
};

static void reach_part(void *context, gc_field *slot);

/* `slot` belongs to a reachable object. */
static GC_INLINE void reach(void *context, gc_field *slot) {
  struct scan *scan = context;
  gc_ref target;
  if (!slot_target(slot, &target))
    return;
  uint32_t word = count_word(target);
  if (!(word & COUNT_LINKED)) {
    if (GC_UNLIKELY(word & COUNT_PART))
      python_for_slots(target, scan, reach_part);
    return;
  }
  struct links *links = links_of(target);
  if (!links_deciding(links))
    return;
  if (GC_UNLIKELY(links->previous & LINKS_CANDIDATE)) {
    unlink_candidate(links);
    append_deciding(scan->young, links);
    set_copy_to_one(links);
    scan->candidates--;
  } else if (links->previous < LINKS_COPY_ONE) {
    set_copy_to_one(links);
  }
}
static void reach_part(void *context, gc_field *slot) { reach(context, slot); }

static GC_INLINE void append_candidate(struct links *list, struct links *links) {
  struct links *last = links_previous(list);
  last->next = (uintptr_t)links;
  links->previous = (uintptr_t)last | LINKS_CANDIDATE | LINKS_DECIDING | (links->previous & LINKS_LASTING);
  links->next = (uintptr_t)list;
  list->previous = (uintptr_t)links;
}

static struct decision scan_list(struct links *young, struct links *unreachable) {
  struct scan scan = {.young = young};
  struct decision decision = {0};
  struct links *last = young;
  for (struct links *links = links_next(young); links != young; links = links_next(last)) {
    fetch_ahead(links);
    if (links->previous < LINKS_COPY_ONE) {
      last->next = links->next;
      decision.words |= object_word(object_of_links(links));
      append_candidate(unreachable, links);
      scan.candidates++;
      continue;
    }
    if (!GC_MUTANT(python_reaches_nothing))
      for_slots_fetched(object_of_links(links), &scan, reach); /* may append to `young`, also behind `links` */
    links->previous = (uintptr_t)last | (links->previous & LINKS_LASTING);
    last = links;
    decision.reachable++;
  }
  young->previous = (uintptr_t)last;
  decision.candidates = scan.candidates;
  return decision;
}

struct decision PLAN_(decide_stw)(struct links *young, struct links *unreachable, bool all) {
  if (all)
    subtract_all_references(young);
  else
    subtract_inner_references(young);
  return scan_list(young, unreachable);
}

/* ---- what need not be listed ---- */

bool PLAN_(may_be_listed)(gc_ref object) {
  return count_is_linked(object) && (object_descriptor(object)->nature != GC_NATURE_IMMUTABLE ||
                                     links_listed(links_of(object)));
}

static void note_listed(void *context, gc_field *slot) {
  gc_ref target;
  if (!slot_target(slot, &target))
    return;
  if (PLAN_(may_be_listed)(target))
    *(bool *)context = true;
  else if (is_part(target))
    python_for_slots(target, context, note_listed);
}

static bool refers_to_listed(gc_ref object) {
  bool listed = false;
  python_for_slots(object, &listed, note_listed);
  return listed;
}

/* CPython looks at all tuples before it looks at dicts. */
static uint64_t unlist_nature(struct links *list, enum gc_nature nature) {
  uint64_t count = 0;
  for (struct links *links = links_next(list), *next; links != list; links = next) {
    next = links_next(links);
    gc_ref object = object_of_links(links);
    if (object_descriptor(object)->nature == nature && !refers_to_listed(object)) {
      list_remove(links);
      count++;
    }
  }
  return count;
}

uint64_t PLAN_(unlist_stw)(struct links *list, bool full) {
  uint64_t count = unlist_nature(list, GC_NATURE_IMMUTABLE);
  if (full || GC_MUTANT(python_tables_leave_early))
    count += unlist_nature(list, GC_NATURE_TABLE);
  return count;
}
