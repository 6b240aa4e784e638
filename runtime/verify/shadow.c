/* shadow.c -- verifier `shadow`: does the store barrier of a snapshot plan see every store?
 *
 * The invariant that it holds a plan to: whatever a thread can reach, from its own root scan on, is marked in the
 * end.  A store by such a thread reads and writes only what the thread can reach, so both the value that it overwrites
 * and the one that it inserts are noted here, if they are not marked yet, and looked up when marking is complete.
 * Stores before the thread's scan promise nothing: what only its roots held may die with them.  That the object is
 * reachable in the end is not asked: a missing barrier is found although nobody misses the object.
 *
 * shadow_note: mutators, in builds that have the hook (GC_SHADOW in gc_checked.h), before each store but initialising
 * ones, which have no barrier.  It reads the field by itself, so of two racing stores it may note a value that neither
 * barrier sees; the invariant covers that one too. */
#include <stdlib.h>

#include "runtime/base/check.h"
#include "runtime/cycle/heap.h"
#include "runtime/gc_checked.h"
#include "runtime/verify/findings.h"
#include "runtime/verify/internal.h"

static bool is_marked(struct gc_heap *heap, gc_ref object) { return heap->collector->verify_marked(heap, object); }

/* ---- notes ---- */

static void note_object(struct gc_mutator *m, gc_ref object, const gc_field *field, bool inserted) {
  struct verify_state *state = &m->heap->verify;
  if (gc_is_null(object) || object.bits == m->heap->globals.bits || is_marked(m->heap, object))
    return;
  pthread_mutex_lock(&state->shadow_lock);
  if (state->shadow_count == state->shadow_capacity) {
    size_t capacity = state->shadow_capacity ? state->shadow_capacity * 2 : 1024;
    struct shadow_entry *larger = realloc(state->shadow, capacity * sizeof *larger);
    GC_CHECK(0, larger, "no memory to note a store");
    state->shadow = larger;
    state->shadow_capacity = capacity;
  }
  state->shadow[state->shadow_count++] = (struct shadow_entry){object, field, inserted, m->index};
  pthread_mutex_unlock(&state->shadow_lock);
}

void shadow_note(struct gc_mutator *m, const gc_field *field, gc_ref value) {
  note_object(m, oracle_decode(m->heap, field), field, false);
  note_object(m, value, field, true);
}

void shadow_note_copy(struct gc_mutator *m, const gc_field *to, const gc_field *from) {
  shadow_note(m, to, oracle_decode(m->heap, from));
}

/* ---- moments ---- */

static bool takes_part(struct gc_heap *heap) {
  return heap->config.verify & VERIFY(shadow) && heap->collector->verify_marked;
}

void verify_snapshot(struct gc_heap *heap, struct gc_mutator *m) { m->notes_stores = takes_part(heap); }

void verify_snapshot_complete(struct gc_heap *heap) {
  /* relaxed: who attaches reads it under the lock that every handshake and stop takes as well */
  atomic_store_explicit(&heap->verify.noting, takes_part(heap), memory_order_relaxed);
}

void verify_forget_snapshot(struct gc_heap *heap) {
  struct verify_state *state = &heap->verify;
  pthread_mutex_lock(&state->shadow_lock);
  state->shadow_count = 0;
  pthread_mutex_unlock(&state->shadow_lock);
}

static void end_noting_stw(struct gc_heap *heap) {
  atomic_store_explicit(&heap->verify.noting, false, memory_order_relaxed);
  for (struct gc_mutator *m = heap->safepoint.mutators; m; m = m->next)
    m->notes_stores = false;
  heap->verify.shadow_count = 0;
}

void verify_shadow(struct gc_heap *heap) {
  struct verify_state *state = &heap->verify;
  struct findings findings;
  findings_begin(&findings, heap, VERIFIER_shadow);
  for (size_t i = 0; i < state->shadow_count; i++) {
    const struct shadow_entry *entry = &state->shadow[i];
    findings.looked_at++;
    if (!is_marked(heap, entry->object))
      findings_add(&findings, entry->object, NULL, "was %s field %p by mutator %u while marking, and is not marked",
                   entry->inserted ? "stored into" : "overwritten in", (void *)entry->field, entry->mutator);
  }
  findings_end(&findings, "stores");
  end_noting_stw(heap);
}
