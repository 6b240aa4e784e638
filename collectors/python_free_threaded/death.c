/* death.c -- drops are applied, and objects that nothing refers to are taken apart and freed.
 *
 * On a mutator's thread inside its poll, or by the cycle's thread with the world stopped.  The dead wait in a buffer,
 * so that a list of any length is freed without recursion, and the work can stop between two objects.
 * Order for one dead object: weak references to it are cleared; if its finalizer is due it lives on, counted by the
 * finalizer queue; else its own references are dropped, and its memory is freed: at once, since nobody knows it, but
 * for what weak references referred to, which waits until every thread has polled. */
#include "collectors/python_free_threaded/free_threaded.h"

#include "runtime/base/chaos.h"
#include "runtime/base/mutant.h"

struct reaper {
  struct free_threaded *ft;
  struct plan_mutator *m; /* whose buffers these are; NULL: the stopped world's */
  struct rc_buffer *dead;
  bool alone;             /* the world is stopped: whoever owns an object may be acted for */
  unsigned done;          /* since the last look for a stop */
  int32_t freed;          /* objects that may be in cycles */
};

/* What a mutator's polls do before they look for a stop: so many objects, or one slice of an array. */
enum { REAP_BATCH = 256 };

static void drop(struct reaper *reaper, gc_ref object) {
  uint32_t owner = reaper->alone ? biased_owner_of(object) : reaper->m->owner;
  enum biased_drop became = biased_drop(object, owner);
  if (GC_UNLIKELY(became == BIASED_FOR_OWNER))
    became = owners_hand_over(&reaper->ft->owners, object);
  if (became == BIASED_DEAD)
    rc_buffer_push(reaper->dead, object.bits);
}

/* An entry that finds no room leaves its object to the next collection: so its fields must be null by then. */
static GC_INLINE void drop_slot(void *context, gc_ref source, gc_field *slot) {
  gc_ref target = {field_bits(slot)};
  (void)source;
  if (gc_is_null(target))
    return;
  field_set_bits(slot, 0);
  drop(context, target);
}

void PLAN_(drop_stw)(gc_ref object) {
  enum biased_drop became = biased_drop(object, biased_owner_of(object));
  GC_CHECK(1, became == BIASED_IN_USE, "%p is reachable, and its last reference was garbage's", (void *)object.bits);
}

void PLAN_(free_memory)(struct free_threaded *ft, uintptr_t block, bool alone) {
  struct heap_memory *memory = &ft->heap.memory;
  if (memory_chunk_space(memory, memory_chunk_index(memory, block)) == SPACE_LARGE)
    large_space_free(&ft->spaces.large, block);
  else if (alone)
    cell_space_free_alone(&ft->spaces.cells, block);
  else
    cell_space_free(&ft->spaces.cells, block);
}

/* Whether the finalizer queue took the object, which is then in use again: its count goes up before anyone can take
 * it from the queue and drop it. */
static bool finalizer_is_due(struct reaper *reaper, gc_ref object) {
  biased_revive(object);
  if (final_table_due(&reaper->ft->heap.final, object))
    return true;
  biased_drop(object, biased_owner_of(object));
  return false;
}

/* True if the object lives on. */
static bool tell_tables(struct reaper *reaper, gc_ref object, uint64_t header) {
  struct gc_heap *heap = &reaper->ft->heap;
  if (header & GC_FLAG_WEAK_TARGET && !GC_MUTANT(free_threaded_weak_kept))
    weak_table_clear_target(&heap->weak, object);
  return header & GC_FLAG_FINALIZE && finalizer_is_due(reaper, object);
}

/* Drops the last references of a long array and shortens it by them; it is dead still, to be released again.  So a stop
 * waits for a slice, not for the array.  False if it is short enough, or finds no room. */
static bool drop_slice(struct reaper *reaper, gc_ref object) {
  struct gc_array *array = (struct gc_array *)object.bits;
  if (object_descriptor(object)->kind != GC_KIND_REF_ARRAY || array->length <= SCAN_SLICE_SLOTS ||
      !rc_buffer_push(reaper->dead, object.bits))
    return false;
  reaper->done += REAP_BATCH;
  array->length -= SCAN_SLICE_SLOTS;
  scan_slots(reaper, object, &array->slot[array->length], SCAN_SLICE_SLOTS, drop_slot);
  return true;
}

static void release(struct reaper *reaper, gc_ref object) {
  uint64_t header = object_word(object);
  GC_STEP("free_threaded.release");
  if (GC_UNLIKELY(header & (GC_FLAG_WEAK_TARGET | GC_FLAG_FINALIZE)) && tell_tables(reaper, object, header))
    return;
  if (drop_slice(reaper, object))
    return;
  const struct gc_type *type = object_descriptor(object);
  scan_object(reaper, object, drop_slot);
  if (GC_UNLIKELY(type->kind == GC_KIND_WEAK))
    weak_table_drop(&reaper->ft->heap.weak, object);
  reaper->freed += !type->acyclic;
  if (GC_UNLIKELY(header & GC_FLAG_WEAK_TARGET) && !reaper->alone && !GC_MUTANT(free_threaded_memory_at_once))
    rc_delay_push(&reaper->m->fields, block_of_object(object) | DELAYED_MEMORY);
  else
    PLAN_(free_memory)(reaper->ft, block_of_object(object), reaper->alone);
}

static void apply(struct reaper *reaper, uintptr_t item) {
  if (GC_UNLIKELY(item & DELAYED_MEMORY))
    PLAN_(free_memory)(reaper->ft, item & ~(uintptr_t)DELAYED_MEMORY, reaper->alone);
  else
    drop(reaper, (gc_ref){item});
}

/* The dead first: their memory is likely to be at hand. */
static bool next_item(struct reaper *reaper, struct rc_buffer *drops) {
  uintptr_t item = rc_buffer_pop(reaper->dead);
  if (item) {
    release(reaper, (gc_ref){item});
    return true;
  }
  if (!(item = rc_buffer_pop(drops)))
    return false;
  apply(reaper, item);
  return true;
}

static bool interrupted(struct reaper *reaper, bool all) {
  if (++reaper->done < REAP_BATCH)
    return false;
  reaper->done = 0;
  return !all && mutator_poll_pending(&reaper->m->base);
}

bool PLAN_(reap)(struct free_threaded *ft, struct plan_mutator *m, bool all) {
  struct reaper reaper = {.ft = ft, .m = m, .dead = &m->dead};
  bool left = false;
  while (!left && next_item(&reaper, &m->locals))
    left = interrupted(&reaper, all);
  m->balance -= reaper.freed;
  return left;
}

void PLAN_(reap_handed_stw)(struct free_threaded *ft) {
  struct rc_buffer dead;
  rc_buffer_init(&dead, &ft->pool, NULL, 0);
  struct reaper reaper = {.ft = ft, .dead = &dead, .alone = true};
  while (next_item(&reaper, &ft->handed_locals))
    ;
  atomic_fetch_sub_explicit(&ft->young, reaper.freed, memory_order_relaxed); /* relaxed: a statistic */
  rc_buffer_clear(&dead);
}
