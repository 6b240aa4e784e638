/* decide.c -- which of a list's objects are reachable only from one another: CPython's deduce_unreachable.
 *
 * No roots are traced.  Each object's count is copied into its links; every reference inside the list is subtracted
 * from its target's copy; what is left counts references from outside, so where something is left the object is
 * reachable, and with it all that it refers to.  The others are candidates, until the scan finds one that is referred
 * to from a reachable object behind it.  Two passes over the list, no memory, no recursion.
 *
 * While this runs the list is linked by `next` only, and `previous` holds the copies; afterwards both lists are whole.
 * An object's parts are scanned with it.  The world is stopped. */
#include "collectors/python/python.h"

#include "runtime/base/check.h"
#include "runtime/base/mutant.h"

static bool is_deciding(gc_ref target) { return count_is_linked(target) && links_deciding(links_of(target)); }

static GC_INLINE bool slot_target(gc_field *slot, gc_ref *target) {
  target->bits = field_bits(slot);
  return !gc_is_null(*target);
}

/* ---- copies, and what is left of them ---- */

static void copy_counts(struct links *list) {
  for (struct links *links = links_next(list); links != list; links = links_next(links))
    links->previous = count_get(object_of_links(links)) * LINKS_COPY_ONE | LINKS_DECIDING |
                      (links->previous & (LINKS_HERE | LINKS_FINALIZED));
}

static void subtract(void *context, gc_field *slot) {
  gc_ref target;
  if (!slot_target(slot, &target))
    return;
  if (is_deciding(target) && !GC_MUTANT(python_subtracts_nothing)) {
    struct links *links = links_of(target);
    GC_CHECK(1, links->previous >= LINKS_COPY_ONE, "%p has more references than its count", (void *)target.bits);
    links->previous -= LINKS_COPY_ONE;
  } else if (GC_UNLIKELY(is_part(target))) {
    python_for_slots(target, context, subtract);
  }
}

static void subtract_inner_references(struct links *list) {
  for (struct links *links = links_next(list); links != list; links = links_next(links))
    python_for_slots(object_of_links(links), NULL, subtract);
}

/* ---- the scan ---- */

/* At the end of a list whose `previous` pointers are copies, but that of its head. */
static void append_deciding(struct links *list, struct links *links) {
  struct links *last = (struct links *)list->previous;
  last->next = (uintptr_t)links;
  links->next = (uintptr_t)list;
  list->previous = (uintptr_t)links;
}

/* In the list of candidates `previous` is a link, and each `next` has LINKS_UNREACHABLE. */
static void unlink_candidate(struct links *links) {
  struct links *previous = links_previous(links), *next = (struct links *)(links->next & ~LINKS_UNREACHABLE);
  previous->next = links->next;
  links_set_previous(next, previous);
}

static void set_copy(struct links *links, uintptr_t copy) {
  links->previous = copy * LINKS_COPY_ONE | (links->previous & LINKS_FLAGS);
}

/* `slot` belongs to a reachable object. */
static void reach(void *young, gc_field *slot) {
  gc_ref target;
  if (!slot_target(slot, &target))
    return;
  if (!is_deciding(target)) {
    if (GC_UNLIKELY(is_part(target)))
      python_for_slots(target, young, reach);
    return;
  }
  struct links *links = links_of(target);
  if (links->next & LINKS_UNREACHABLE) {
    unlink_candidate(links);
    append_deciding(young, links);
    set_copy(links, 1);
  } else if (links->previous < LINKS_COPY_ONE) {
    set_copy(links, 1);
  }
}

static void append_candidate(struct links *list, struct links *links) {
  struct links *last = links_previous(list);
  last->next = (uintptr_t)links | LINKS_UNREACHABLE;
  links_set_previous(links, last);
  links->next = (uintptr_t)list | LINKS_UNREACHABLE;
  list->previous = (uintptr_t)links;
}

/* Returns how many are reachable. */
static uint64_t scan(struct links *young, struct links *unreachable) {
  struct links *last = young;
  uint64_t reachable = 0;
  for (struct links *links = links_next(young); links != young; links = links_next(last)) {
    if (links->previous < LINKS_COPY_ONE) {
      last->next = links->next;
      append_candidate(unreachable, links);
      continue;
    }
    if (!GC_MUTANT(python_reaches_nothing))
      python_for_slots(object_of_links(links), young, reach); /* may append to `young`, also behind `links` */
    links->previous = (uintptr_t)last | (links->previous & (LINKS_HERE | LINKS_FINALIZED));
    last = links;
    reachable++;
  }
  young->previous = (uintptr_t)last;
  return reachable;
}

static void unmark_candidates(struct links *list) {
  list->next &= ~LINKS_UNREACHABLE;
  for (struct links *links = links_next(list); links != list; links = links_next(links))
    links->next &= ~LINKS_UNREACHABLE;
}

uint64_t PLAN_(decide_stw)(struct links *young, struct links *unreachable) {
  copy_counts(young);
  subtract_inner_references(young);
  uint64_t reachable = scan(young, unreachable);
  unmark_candidates(unreachable);
  return reachable;
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
  if (full)
    count += unlist_nature(list, GC_NATURE_TABLE);
  return count;
}
