/* recount.c -- all counts set anew from the references there are, after a mark; and walks over all objects.
 *
 * The world is stopped, caches are retired, no decrement is pending.  A count stands for the fields of objects that are
 * not dead, ephemerons' values, the fields of the globals, rooted locals, and the finalizer queue. */
#include "collectors/refcount/refcount.h"

#include "runtime/trace/roots.h"

static void note_stuck(void *context, gc_ref object) { *(bool *)context |= rc_is_stuck(rc_word(object)); }

bool PLAN_(any_stuck_stw)(struct refcount *rc) {
  bool any = false;
  mark_for_objects(&rc->spaces, &any, note_stuck);
  return any;
}

/* ---- for the verifiers ---- */

struct walk {
  void *context;
  void (*visit)(void *context, gc_ref object);
};

static void visit_unless_husk(void *context, gc_ref object) {
  const struct walk *walk = context;
  if (!rc_is_husk(rc_word(object))) /* a husk's references are dropped */
    walk->visit(walk->context, object);
}

void PLAN_(for_objects_stw)(struct gc_heap *heap, void *context, void (*visit)(void *context, gc_ref object)) {
  struct walk walk = {context, visit};
  mark_for_objects(&refcount_heap(heap)->spaces, &walk, visit_unless_husk);
}

/* ---- after a mark ---- */

static void reset_count(void *context, gc_ref object) {
  (void)context;
  rc_set_word(object, rc_word(object) & RC_GREEN);
}

/* Counted once more than there are references, so that it is never found at zero. */
static void reset_globals(gc_ref globals) { rc_set_word(globals, RC_ONE | RC_GREEN); }

static void count_reference(void *context, gc_ref source, gc_field *slot) {
  gc_ref target = {field_bits(slot)};
  (void)context, (void)source;
  if (!gc_is_null(target))
    rc_inc_alone(target);
}

static void count_references(void *context, gc_ref object) {
  struct refcount *rc = context;
  if (!sidemap_test(&rc->spaces.cells.marks, object.bits))
    return;
  scan_object(rc, object, count_reference);
  if (object_type(object) == GC_TYPE_EPHEMERON)
    count_reference(rc, object, &ephemeron_of(object)->value);
}

void PLAN_(rebuild_stw)(struct refcount *rc) {
  struct gc_heap *heap = &rc->heap;
  reset_globals(heap->globals);
  mark_for_objects(&rc->spaces, rc, reset_count);
  mark_for_objects(&rc->spaces, rc, count_references);
  roots_scan_shared(heap->globals, &heap->final, rc, count_reference);
  for (struct gc_mutator *m = heap->safepoint.mutators; m; m = m->next)
    roots_scan_mutator(m, rc, count_reference);
}
