/* gc_exit.h -- calls that run when an object dies, or at the latest when the program ends: the last registered first.
 *
 *   struct gc_exit calls;
 *   gc_exit_begin(m, &calls);                        a frame below all others of the program
 *   gc_exit_at(m, &calls, &r.file, remove, "a.tmp");
 *   gc_exit_end(m, &calls, NULL);                    runs what is left, then finalizes what is garbage
 *
 * A call runs once, on the mutator's thread: at the death of its object, which it does not keep alive, where callbacks
 * of weak references run (gc_deliver, or at once under collectors with controls); else in gc_exit_end.  It may register
 * others.  Compiled with its user, for one plan.  One mutator. */
#ifndef GC_GC_EXIT_H
#define GC_GC_EXIT_H

#include <stdlib.h>

#include "runtime/gc.h"

struct gc_exit_call {
  struct gc_exit_call *older;
  void (*function)(void *argument);
  void *argument;
  bool due;
};

struct gc_exit {
  struct gc_frame frame;
  gc_root weaks;  /* an array of weak references, in the order of the calls */
  gc_root object; /* that is finalized at the end */
  struct gc_exit_call *newest;
  uint64_t count; /* of calls ever registered */
};

static inline void gc_exit_begin(struct gc_mutator *m, struct gc_exit *calls) {
  *calls = (struct gc_exit){0};
  gc_frame_push(m, &calls->frame, 2);
}

static inline void gc_exit_run_call(struct gc_exit_call *call) {
  if (!call->due)
    return;
  call->due = false;
  call->function(call->argument);
}

static inline void gc_exit_at_death(struct gc_mutator *m, void *call) {
  (void)m;
  gc_exit_run_call(call);
}

/* As gc_alloc: references that are not rooted expire.  NULL if memory for the call was refused. */
static inline struct gc_exit_call *gc_exit_at(struct gc_mutator *m, struct gc_exit *calls, const gc_root *object,
                                              void (*function)(void *argument), void *argument) {
  struct gc_exit_call *call = malloc(sizeof *call);
  gc_ref weaks = gc_get(m, &calls->weaks);
  uint64_t capacity = gc_is_null(weaks) ? 0 : gc_array_length(m, weaks);
  if (!call)
    return NULL;
  *call = (struct gc_exit_call){calls->newest, function, argument, true};
  if (calls->count == capacity) {
    gc_ref larger = gc_alloc_array(m, 2 * capacity + 8);
    weaks = gc_get(m, &calls->weaks);
    if (capacity)
      gc_copy_fields(m, larger, gc_array_slot(m, larger, 0), weaks, gc_array_slot(m, weaks, 0), capacity);
    gc_set(m, &calls->weaks, larger);
  }
  gc_ref weak = gc_weak_new(m, object, gc_exit_at_death, call);
  gc_array_store(m, gc_get(m, &calls->weaks), calls->count++, weak);
  return calls->newest = call;
}

/* It will not run. */
static inline void gc_exit_cancel(struct gc_exit_call *call) { call->due = false; }

static inline struct gc_exit_call *gc_exit_next(struct gc_exit *calls) {
  struct gc_exit_call *call = calls->newest;
  while (call && !call->due)
    call = call->older;
  return call;
}

/* The program has let go of its roots.  Calls finalize(m, object) for each object whose finalizer is due then, unless
 * that is NULL, or the collector calls finalizers itself. */
static inline void gc_exit_end(struct gc_mutator *m, struct gc_exit *calls,
                               void (*finalize)(struct gc_mutator *m, const gc_root *object)) {
  for (struct gc_exit_call *call; (call = gc_exit_next(calls));)
    gc_exit_run_call(call);
  gc_set(m, &calls->weaks, GC_NULL);
  gc_collect(m, 1);
  while (gc_set(m, &calls->object, gc_finalizer_next(m)), !gc_is_null(gc_get(m, &calls->object)))
    if (finalize)
      finalize(m, &calls->object);
  gc_frame_pop(m, &calls->frame);
  for (struct gc_exit_call *call; (call = calls->newest); free(call))
    calls->newest = call->older;
}

#endif
