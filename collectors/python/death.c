/* death.c -- an object whose count has reached zero dies at once, and all that dies with it, depth first, in CPython's
 * order: its finalizer; its weak references; its references one by one, each with all that dies with it; its memory.
 *
 * Nothing recurses: objects that are being taken apart are on a stack.  As in CPython's trashcan, deaths are nested up
 * to 50 deep; what would die deeper is deposited, and dies when the outermost death is done.  So a list of any length
 * is freed in pieces of 49, and the stack has a fixed size.  Finalizers and callbacks may cause deaths themselves,
 * which use the same stack above what is there.
 *
 * An object that is being taken apart is in no list; each field is null before what it referred to can die.  Registers
 * that refer to what is freed: see plan.h.  The one mutator's thread. */
#include "collectors/python/python.h"

#include "runtime/base/check.h"
#include "runtime/base/mutant.h"

/* ---- code of the program in between ---- */

/* A slot matters only as long as its object is at zero: otherwise the slot must not be what keeps it. */
static void forget_if_counted(gc_ref *slot) {
  if (!gc_is_null(*slot) && count_get(*slot))
    *slot = GC_NULL;
}

void PLAN_(interlude_begin)(struct gc_mutator *base, struct interlude *interlude, gc_ref object) {
  struct plan_mutator *m = plan_python(base);
  forget_if_counted(&m->newborn);
  forget_if_counted(&m->returned);
  *interlude = (struct interlude){.frame = {base->frames, 3}, {m->newborn.bits}, {m->returned.bits}, {object.bits}};
  base->frames = &interlude->frame;
  count_take(m->newborn);
  count_take(m->returned);
  count_take(object);
  m->newborn = m->returned = GC_NULL;
}

bool PLAN_(interlude_end)(struct gc_mutator *base, struct interlude *interlude) {
  struct plan_mutator *m = plan_python(base);
  gc_ref object = {interlude->object.bits};
  PLAN_(settle)(base);
  base->frames = interlude->frame.previous;
  m->newborn = (gc_ref){interlude->newborn.bits};
  m->returned = (gc_ref){interlude->returned.bits};
  if (!gc_is_null(m->newborn))
    count_drop(m->newborn); /* at zero again, perhaps: its slot keeps it */
  if (!gc_is_null(m->returned))
    count_drop(m->returned);
  return gc_is_null(object) || !count_drop(object);
}


/* ---- finalizers ---- */

/* An untracked object has no place to remember its finalizer's run: it runs at each death. */
static bool is_finalized(gc_ref object) {
  return count_is_linked(object) && links_of(object)->previous & LINKS_FINALIZED;
}

static void list_young(struct python *py, gc_ref object) {
  if (count_is_linked(object))
    list_append(&py->core.generation[0].head, links_of(object));
}
static void unlist(gc_ref object) {
  if (count_is_linked(object) && links_listed(links_of(object)))
    list_remove(links_of(object));
}

bool PLAN_(finalize)(struct python *py, struct gc_mutator *m, gc_ref object, enum gc_finalizer kind) {
  struct interlude interlude;
  py->program_ran = true;
  PLAN_(interlude_begin)(m, &interlude, object);
  if (py->delivery.finalize)
    py->delivery.finalize(py->delivery.context, m, object, kind);
  return PLAN_(interlude_end)(m, &interlude);
}

/* The finalizer's object is an ordinary one of generation 0 meanwhile.  True if it lives on. */
static bool finalizer_saves(struct python *py, struct gc_mutator *m, gc_ref object, enum gc_finalizer kind) {
  list_young(py, object);
  bool saved = PLAN_(finalize)(py, m, object, kind);
  if (kind == GC_FINALIZE_ONCE && count_is_linked(object) && !GC_MUTANT(python_finalized_again))
    links_of(object)->previous |= LINKS_FINALIZED;
  if (!saved)
    unlist(object);
  return saved;
}

/* The program asks for due finalizers itself: their queue keeps the object, and weak references do not show it. */
static bool queue_saves(struct python *py, struct gc_mutator *m, gc_ref object) {
  PLAN_(weak_target_dies)(py, m, object);
  if (!final_table_due(&py->heap.final, object))
    return false;
  count_take(object);
  list_young(py, object);
  return true;
}

/* All that stands between a count of zero and an object's end.  True if it lives on. */
static bool outlives_death(struct python *py, struct gc_mutator *m, gc_ref object) {
  bool finalizes = object_has_flag(object, GC_FLAG_FINALIZE), legacy = count_word(object) & COUNT_LEGACY;
  if (finalizes && !py->delivers)
    return queue_saves(py, m, object);
  if (finalizes && !legacy && !is_finalized(object) && finalizer_saves(py, m, object, GC_FINALIZE_ONCE))
    return true;
  PLAN_(weak_target_dies)(py, m, object);
  if (legacy && finalizer_saves(py, m, object, GC_FINALIZE_LEGACY))
    return true;
  if (finalizes)
    PLAN_(weak_silence)(py, object); /* those that the finalizers made */
  return false;
}

/* ---- the end ---- */

static void free_outside(struct python *py, uintptr_t block, size_t bytes) {
  if (bytes <= CELL_MAX_BYTES)
    cell_space_free_alone(&py->outside.cells, block);
  else
    large_space_free(&py->outside.large, block);
}

static GC_INLINE size_t block_bytes_of(gc_ref object, const struct gc_type *type) {
  size_t bytes = type_object_bytes_of(type, object, object_word(object));
  if (!count_is_linked(object))
    return bytes;
  return bytes + around_linked_bytes(type); /* not by the type's id, which may be that of a copy */
}

/* Its header tells verifiers that it was freed. */
static GC_INLINE void free_memory(struct python *py, gc_ref object, const struct gc_type *type) {
  size_t bytes = block_bytes_of(object, type);
  uintptr_t block = object.bits - (count_is_linked(object) ? LINKS_BYTES : 0);
  atomic_store_explicit(&object_header(object)->word, GC_HEADER_POISON, memory_order_relaxed);
  if (GC_LIKELY(bytes <= POOL_BLOCK_MAX_BYTES))
    private_heap_give(&py->core.blocks, block);
  else
    free_outside(py, block, bytes);
}

static GC_INLINE void free_object(struct python *py, struct gc_mutator *base, gc_ref object,
                                  const struct gc_type *type) {
  struct plan_mutator *m = plan_python(base);
  if (GC_UNLIKELY(py->delivery.died != NULL))
    py->delivery.died(py->delivery.context, object);
  if (m->newborn.bits == object.bits)
    m->newborn = GC_NULL;
  if (m->returned.bits == object.bits)
    m->returned = GC_NULL;
  if (count_is_linked(object))
    count_freed(py, !(GC_MUTANT(python_last_free_uncounted) && py->core.generation[0].count == 1));
  free_memory(py, object, type);
}

/* ---- the stack ---- */

static void deposit(struct python *py, gc_ref object) {
  struct links *links = links_of(object);
  links->previous = (uintptr_t)py->deposited | (links->previous & LINKS_FLAGS);
  py->deposited = links;
}

static GC_INLINE struct dying dying_begin(gc_ref object, const struct gc_type *type) {
  if (GC_UNLIKELY(type->kind == GC_KIND_REF_ARRAY)) {
    struct gc_array *array = (struct gc_array *)object.bits;
    if (GC_MUTANT(python_first_element_first))
      return (struct dying){object, type, array->slot, array->length, NULL, 1};
    return (struct dying){object, type, array->slot + array->length - 1, array->length, NULL, -1};
  }
  return (struct dying){object, type, object_slot_at(object, type->refs_offset), type->refs_count, type->more_refs, 1};
}

/* The next reference that is to be dropped, in the order of python_for_slots; NULL: there are no more. */
static GC_INLINE gc_field *dying_next(struct dying *dying) {
  if (GC_LIKELY(dying->left)) {
    gc_field *slot = dying->next;
    dying->left--;
    dying->next += dying->step;
    return slot;
  }
  return dying->more && *dying->more ? object_slot_at(dying->object, *dying->more++) : NULL;
}

/* What few objects have; true if the object lives on. */
static bool outlives_special(struct python *py, struct gc_mutator *m, gc_ref object) {
  bool lives = object_word(object) & (GC_FLAG_WEAK_TARGET | GC_FLAG_FINALIZE) && outlives_death(py, m, object);
  if (!lives && count_word(object) & COUNT_WEAK)
    PLAN_(weak_clear)(py, object);
  return lives;
}

static GC_INLINE void begin_death(struct python *py, struct gc_mutator *m, gc_ref object) {
  const struct gc_type *type = object_descriptor(object);
  bool nested = count_is_linked(object); /* as what has a trashcan in CPython */
  unlist(object);
  if (GC_UNLIKELY(nested && py->death_nesting >= DEATH_NESTING_MAX)) {
    deposit(py, object);
    return;
  }
  py->death_nesting += nested;
  if (GC_UNLIKELY(object_word(object) & WORD_CEREMONIES) && outlives_special(py, m, object)) {
    py->death_nesting -= nested;
    return;
  }
  GC_CHECK(0, py->dying_count < DEATH_STACK, "parts of parts are nested too deep");
  py->dying[py->dying_count++] = dying_begin(object, type);
}

static GC_INLINE void end_death(struct python *py, struct gc_mutator *m) {
  const struct dying *dying = &py->dying[--py->dying_count];
  py->death_nesting -= count_is_linked(dying->object);
  free_object(py, m, dying->object, dying->type);
}

/* Drops references of the innermost dying object, until there is none deeper than `depth`. */
static void take_apart_to(struct python *py, struct gc_mutator *m, unsigned depth) {
  while (py->dying_count > depth) {
    gc_field *slot = dying_next(&py->dying[py->dying_count - 1]);
    if (!slot) {
      end_death(py, m);
      continue;
    }
    gc_ref target = {field_bits(slot)};
    if (gc_is_null(target))
      continue;
    field_set_bits(slot, 0);
    if (count_drop(target) && !(count_word(target) & COUNT_QUEUED))
      begin_death(py, m, target);
  }
}

/* The outermost death is done: what was too deep is now one deep. */
static void bury_deposited(struct python *py, struct gc_mutator *m, unsigned depth) {
  py->death_nesting++;
  while (py->deposited) {
    struct links *links = py->deposited;
    py->deposited = links_previous(links);
    begin_death(py, m, object_of_links(links));
    take_apart_to(py, m, depth);
  }
  py->death_nesting--;
}

static void die_now(struct python *py, struct gc_mutator *m, gc_ref object) {
  unsigned depth = py->dying_count;
  begin_death(py, m, object);
  take_apart_to(py, m, depth);
  if (GC_UNLIKELY(py->deposited != NULL) && py->death_nesting == 0)
    bury_deposited(py, m, depth);
}

/* Whoever finds a queued object at zero leaves it to the queue. */
void PLAN_(die)(struct gc_mutator *base, gc_ref object) {
  struct python *py = python_of(base->heap);
  if (count_word(object) & COUNT_QUEUED)
    return;
  if (!py->delivers && rc_buffer_push(&plan_python(base)->zeros, object.bits))
    count_set_word(object, count_word(object) | COUNT_QUEUED);
  else if (py->delivers)
    die_now(py, base, object);
}

void PLAN_(release)(struct python *py, struct gc_mutator *m, gc_ref object) {
  if (!gc_is_null(object) && count_drop(object) && !(count_word(object) & COUNT_QUEUED))
    die_now(py, m, object);
}

static void settle_slot(struct python *py, struct gc_mutator *m, gc_ref *slot) {
  gc_ref object = *slot;
  *slot = GC_NULL;
  if (!gc_is_null(object) && !(count_word(object) & (COUNT_QUEUED | COUNT_MASK)))
    die_now(py, m, object);
}

void PLAN_(settle)(struct gc_mutator *base) {
  struct python *py = python_of(base->heap);
  struct plan_mutator *m = plan_python(base);
  settle_slot(py, base, &m->newborn);
  settle_slot(py, base, &m->returned);
  for (uintptr_t item; (item = rc_buffer_pop(&m->zeros));) {
    gc_ref object = {item};
    count_set_word(object, count_word(object) & ~COUNT_QUEUED);
    if (count_get(object) == 0 || GC_MUTANT(python_zero_not_rechecked))
      die_now(py, base, object);
  }
}

void PLAN_(clear)(struct python *py, struct gc_mutator *m, gc_ref object) {
  const struct gc_type *type = object_descriptor(object);
  if (type->nature == GC_NATURE_IMMUTABLE)
    return;
  struct dying clearing = dying_begin(object, type);
  for (gc_field *slot; (slot = dying_next(&clearing));) {
    gc_ref target = {field_bits(slot)};
    field_set_bits(slot, 0);
    PLAN_(release)(py, m, target);
  }
}

/* ---- all at once ---- */

/* What was freed still looks like a candidate, filled with poison or not (private_heap_hold). */
_Static_assert(GC_HEADER_POISON >> GC_PLAN_SHIFT & COUNT_LINKED && GC_HEADER_POISON & LINKS_CANDIDATE,
               "a freed object is known as a candidate");

struct burial {
  struct python *py;
  struct gc_mutator *m;
};

static bool is_candidate(gc_ref object) {
  return count_is_linked(object) && links_of(object)->previous & LINKS_CANDIDATE;
}

static void part_from_inside(void *context, gc_field *slot);

/* `slot` belongs to a candidate.  A reference to another one goes with both. */
static GC_INLINE void part_from(void *context, gc_field *slot) {
  struct burial *burial = context;
  gc_ref target = {field_bits(slot)};
  if (gc_is_null(target) || is_candidate(target))
    return;
  field_set_bits(slot, 0);
  if (GC_UNLIKELY(is_part(target)))
    python_for_slots(target, burial, part_from_inside);
  if (!GC_MUTANT(python_burial_keeps))
    PLAN_(release)(burial->py, burial->m, target);
}

/* `slot` belongs to a candidate's part, which will die by its count: it must not find the other candidates. */
static void part_from_inside(void *context, gc_field *slot) {
  gc_ref target = {field_bits(slot)};
  if (!gc_is_null(target) && is_candidate(target) && !GC_MUTANT(python_burial_forgets_parts))
    field_set_bits(slot, 0);
  else
    part_from(context, slot);
}

/* Returns how many; those outside the private heap, whose memory may vanish when it is freed, are left in `outside`. */
static uint32_t bury_pooled(struct burial *burial, struct links *list, struct links *outside) {
  uint32_t count = 0;
  for (struct links *links = links_next(list), *next; links != list; links = next) {
    gc_ref object = object_of_links(links);
    const struct gc_type *type = object_descriptor(object);
    next = links_next(links);
    python_for_slots(object, burial, part_from);
    if (GC_LIKELY(block_bytes_of(object, type) <= POOL_BLOCK_MAX_BYTES))
      free_memory(burial->py, object, type);
    else
      list_append(outside, links);
    count++;
  }
  return count;
}

void PLAN_(bury)(struct python *py, struct gc_mutator *m, struct links *list) {
  struct burial burial = {py, m};
  struct links outside;
  list_init(&outside);
  if (!GC_MUTANT(python_burial_holds_nothing))
    private_heap_hold(&py->core.blocks);
  uint32_t count = bury_pooled(&burial, list, &outside);
  for (struct links *links = links_next(&outside), *next; links != &outside; links = next) {
    next = links_next(links);
    free_memory(py, object_of_links(links), object_descriptor(object_of_links(links)));
  }
  private_heap_let_go(&py->core.blocks);
  count_freed(py, count);
  list_init(list);
}
