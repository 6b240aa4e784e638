/* recount.c -- every count held against the references there are: to check them, or to set them anew.
 *
 * The world is stopped, caches are retired, no decrement is pending.  A count stands for the fields of objects that are
 * not dead, ephemerons' values, the fields of the globals, rooted locals, and the finalizer queue. */
#include "collectors/refcount/refcount.h"

#include "runtime/trace/roots.h"

struct recount {
  struct refcount *rc;
  scan_visitor *visit;
  bool marked_only; /* whether objects without a mark are passed over */
};

static bool is_counted_from(const struct recount *recount, gc_ref object) {
  if (recount->marked_only)
    return sidemap_test(&recount->rc->spaces.cells.marks, object.bits);
  return !rc_is_husk(rc_word(object)); /* a husk's references are dropped */
}

static void visit_references(void *context, gc_ref object) {
  struct recount *recount = context;
  if (!is_counted_from(recount, object))
    return;
  scan_object(recount, object, recount->visit);
  if (object_type(object) == GC_TYPE_EPHEMERON)
    recount->visit(recount, object, &ephemeron_of(object)->value);
}

static void for_objects(struct refcount *rc, void *context, void (*visit)(void *, gc_ref)) {
  cell_space_for_allocated(&rc->spaces.cells, context, visit);
  large_space_for_objects(&rc->spaces.large, context, visit);
}

/* Calls recount->visit for each reference that is counted. */
static void for_references(struct recount *recount) {
  struct gc_heap *heap = &recount->rc->heap;
  for_objects(recount->rc, recount, visit_references);
  roots_scan_shared(heap->globals, &heap->final, recount, recount->visit);
  for (struct gc_mutator *m = heap->safepoint.mutators; m; m = m->next)
    roots_scan_mutator(m, recount, recount->visit);
}

static void note_stuck(void *context, gc_ref object) { *(bool *)context |= rc_is_stuck(rc_word(object)); }

bool PLAN_(any_stuck_stw)(struct refcount *rc) {
  bool any = false;
  for_objects(rc, &any, note_stuck);
  return any;
}

/* ---- the audit: subtract all references, look for counts that are not zero, put them back ---- */

static void add_reference(void *context, gc_ref source, gc_field *slot) {
  gc_ref target = {field_bits(slot)};
  (void)context, (void)source;
  if (!gc_is_null(target))
    rc_set_word(target, rc_word(target) + RC_ONE);
}
static void subtract_reference(void *context, gc_ref source, gc_field *slot) {
  gc_ref target = {field_bits(slot)};
  (void)context, (void)source;
  if (!gc_is_null(target))
    rc_set_word(target, rc_word(target) - RC_ONE);
}

static void check_zero(void *context, gc_ref object) {
  (void)context;
  uint32_t word = rc_word(object);
  GC_CHECK(0, rc_count(word) == 0, "%s %p is counted %d too often", object_descriptor(object)->name,
           (void *)object.bits, (int32_t)(word & ~(uint32_t)RC_FLAGS) / (int32_t)RC_ONE);
}

void PLAN_(audit_stw)(struct refcount *rc) {
  bool any_stuck = PLAN_(any_stuck_stw)(rc);
  struct recount recount = {.rc = rc, .visit = subtract_reference};
  for_references(&recount);
  if (!any_stuck) /* else a wrong count could not be told from a stuck one */
    for_objects(rc, rc, check_zero);
  recount.visit = add_reference;
  for_references(&recount);
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

void PLAN_(rebuild_stw)(struct refcount *rc) {
  struct recount recount = {.rc = rc, .visit = count_reference, .marked_only = true};
  reset_globals(rc->heap.globals);
  for_objects(rc, rc, reset_count);
  for_references(&recount);
}
