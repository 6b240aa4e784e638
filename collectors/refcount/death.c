/* death.c -- decrements are applied, and objects at zero are taken apart and freed.
 *
 * On a mutator's thread inside its poll, or by the cycle's thread with the world stopped.  The dead wait in a stack in
 * chunks, so that a list of any length is freed without recursion, and the work can stop between two objects.
 * Order for one dead object: weak references to it are cleared; if its finalizer is due it lives on, counted by the
 * finalizer queue; else the ephemerons that it is the key of are cleared, its own references dropped, and its memory
 * freed, unless an entry among the suspects still names it. */
#include "collectors/refcount/refcount.h"

#include "runtime/base/chaos.h"
#include "runtime/base/mutant.h"

struct reaper {
  struct refcount *rc;
  struct refcount_queues *queues;
  bool alone;
  unsigned done; /* since the last look for a stop */
};

/* What a mutator's polls do before they look for a stop: so many objects, or one slice of an array. */
enum { REAP_BATCH = 256 };

static struct reaper reaper_for(struct refcount *rc, struct refcount_queues *queues, struct plan_mutator *m) {
  return (struct reaper){rc, queues, !m || m->alone, 0};
}

/* An object that no buffer holds must not say so: its memory would never be freed. */
static void suspect(struct reaper *reaper, gc_ref object) {
  if (!rc_buffer_push(&reaper->queues->suspects, object.bits) && rc_unbuffer_shared(object))
    PLAN_(free_memory)(reaper->rc, object, reaper->alone);
}

static GC_INLINE void drop(struct reaper *reaper, gc_ref object) {
  switch (reaper->alone ? rc_dec_alone(object) : rc_dec_shared(object)) {
  case RC_DROP_DONE: break;
  case RC_DROP_ZERO: rc_buffer_push(&reaper->queues->zeros, object.bits); break;
  case RC_DROP_SUSPECT: suspect(reaper, object); break;
  }
}

static GC_INLINE void drop_slot(void *context, gc_ref source, gc_field *slot) {
  (void)source;
  gc_ref target = {field_bits(slot)};
  if (!gc_is_null(target))
    drop(context, target);
}

static void drop_value(void *context, gc_ref ephemeron, gc_ref value) {
  (void)ephemeron;
  drop(context, value);
}

void PLAN_(drop_stw)(struct refcount *rc, gc_ref object) {
  struct reaper reaper = reaper_for(rc, &rc->handed, NULL);
  drop(&reaper, object);
}

void PLAN_(free_memory)(struct refcount *rc, gc_ref object, bool alone) {
  struct heap_memory *memory = &rc->heap.memory;
  if (memory_chunk_space(memory, memory_chunk_index(memory, object.bits)) == SPACE_LARGE)
    large_space_free(&rc->spaces.large, object.bits);
  else if (alone)
    cell_space_free_alone(&rc->spaces.cells, object.bits);
  else
    cell_space_free(&rc->spaces.cells, object.bits);
}

/* Whether the finalizer queue took the object, which is then in use again: its count goes up before anyone can take
 * it from the queue and drop it. */
static bool finalizer_is_due(struct reaper *reaper, gc_ref object) {
  atomic_fetch_add_explicit(header_plan_word(object), RC_ONE - RC_QUEUED, memory_order_relaxed);
  if (final_table_due(&reaper->rc->heap.final, object))
    return true;
  atomic_fetch_sub_explicit(header_plan_word(object), RC_ONE - RC_QUEUED, memory_order_relaxed);
  return false;
}

/* True if the object lives on. */
static bool tell_tables(struct reaper *reaper, gc_ref object, uint64_t header) {
  struct gc_heap *heap = &reaper->rc->heap;
  if ((header & GC_FLAG_WEAK_TARGET) && !GC_MUTANT(rc_weak_not_cleared))
    weak_table_clear_target(&heap->weak, object);
  if ((header & GC_FLAG_FINALIZE) && finalizer_is_due(reaper, object))
    return true;
  if (header & GC_FLAG_WEAK_TARGET)
    weak_table_clear_key(&heap->weak, object, reaper, drop_value);
  return false;
}

static void drop_references(struct reaper *reaper, gc_ref object) {
  enum gc_kind kind = object_descriptor(object)->kind;
  scan_object(reaper, object, drop_slot);
  if (GC_LIKELY(kind != GC_KIND_WEAK && kind != GC_KIND_EPHEMERON))
    return;
  weak_table_drop(&reaper->rc->heap.weak, object);
  if (kind == GC_KIND_EPHEMERON)
    drop_slot(reaper, object, &ephemeron_of(object)->value);
}

/* Drops the last references of a long array and shortens it by them; it stays queued, to be released again.  So a
 * stop waits for a slice, not for the array.  False if it is short enough, or cannot be queued. */
static bool drop_slice(struct reaper *reaper, gc_ref object) {
  struct gc_array *array = (struct gc_array *)object.bits;
  if (object_descriptor(object)->kind != GC_KIND_REF_ARRAY || array->length <= SCAN_SLICE_SLOTS ||
      !rc_buffer_push(&reaper->queues->zeros, object.bits))
    return false;
  reaper->done += REAP_BATCH;
  array->length -= SCAN_SLICE_SLOTS;
  scan_slots(reaper, object, &array->slot[array->length], SCAN_SLICE_SLOTS, drop_slot);
  return true;
}

static void release(struct reaper *reaper, gc_ref object) {
  uint64_t header = object_word(object);
  GC_STEP("refcount.release"); /* a yield at each death would make long lists take minutes */
  if (GC_UNLIKELY(header & (GC_FLAG_WEAK_TARGET | GC_FLAG_FINALIZE)) && tell_tables(reaper, object, header))
    return;
  if (drop_slice(reaper, object))
    return;
  drop_references(reaper, object);
  if (reaper->alone ? rc_become_husk_alone(object) : rc_become_husk_shared(object))
    PLAN_(free_memory)(reaper->rc, object, reaper->alone);
}

static bool interrupted(struct reaper *reaper, struct plan_mutator *m) {
  if (++reaper->done < REAP_BATCH)
    return false;
  reaper->done = 0;
  return m && mutator_poll_pending(&m->base);
}

bool PLAN_(reap)(struct refcount *rc, struct refcount_queues *queues, struct plan_mutator *m) {
  struct reaper reaper = reaper_for(rc, queues, m);
  for (uintptr_t item; (item = rc_buffer_pop(&queues->locals));) {
    drop(&reaper, (gc_ref){item});
    if (interrupted(&reaper, m))
      return true;
  }
  for (uintptr_t item; (item = rc_buffer_pop(&queues->zeros));) {
    gc_ref object = {item};
    if ((reaper.alone ? rc_unqueue_alone(object) : rc_unqueue_shared(object)) && !GC_MUTANT(rc_zero_not_rechecked))
      continue; /* it was rooted or stored since */
    release(&reaper, object);
    if (interrupted(&reaper, m))
      return true;
  }
  return false;
}

static bool is_suspect(uint32_t word) { return rc_colour(word) == RC_PURPLE && rc_count(word) > 0; }

void PLAN_(filter_suspects)(struct refcount *rc, struct refcount_queues *queues, struct plan_mutator *m) {
  bool alone = !m || m->alone;
  struct rc_buffer old;
  rc_buffer_init(&old, &rc->suspect_pool, NULL, 0);
  rc_buffer_move(&old, &queues->suspects);
  for (uintptr_t item; (item = rc_buffer_pop(&old));) {
    gc_ref object = {item};
    if (is_suspect(rc_word(object)) && rc_buffer_push(&queues->suspects, item))
      continue;
    if (alone ? rc_unbuffer_alone(object) : rc_unbuffer_shared(object))
      PLAN_(free_memory)(rc, object, alone);
  }
  rc_buffer_clear(&old);
}
