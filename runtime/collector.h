/* collector.h -- what a plan provides at run time: attributes, options, sizes, and its cycles as phase tables.
 *
 * Nothing here is hot; what mutators inline is in the plan header.  A concurrent collector's table reads
 * like its paper: {"arm", GC_HANDSHAKE, .each = arm}, …, {"remark", GC_STW, finish}, {"sweep", GC_CONCURRENT, sweep}.
 * */
#ifndef GC_COLLECTOR_H
#define GC_COLLECTOR_H

#include "runtime/base/option.h"
#include "runtime/mutator/mutator.h"
#include "runtime/object/ref.h"

enum gc_phase_mode {
  GC_STW,        /* all mutators stopped; adjacent rows share one pause */
  GC_CONCURRENT, /* mutators run; `run` calls gang_yield from time to time */
  GC_HANDSHAKE,  /* `each` runs once for every mutator, on its own thread or for it while it is blocked */
};

enum gc_phase_result {
  GC_NEXT,    /* go on with the next row */
  GC_AGAIN,   /* run this row once more */
  GC_DEGRADE, /* run the rest of the table with the world stopped, this row included */
};

/* What holds when a row is done, for the verifiers (runtime/verify). */
enum gc_moment {
  GC_UNREMARKABLE,
  GC_SNAPSHOT, /* `each` ran: whatever that mutator can reach from its `each` on will be marked when GC_MARKED comes */
  GC_MARKED,   /* all that will be marked is; the weak phase is over; the world is stopped */
};

struct gc_phase {
  const char *name;
  enum gc_phase_mode mode;
  enum gc_moment moment;
  bool (*wanted)(struct gc_heap *heap);                      /* NULL: always; else whether this cycle needs the row */
  enum gc_phase_result (*run)(struct gc_heap *heap);         /* cycle's thread; NULL: nothing */
  void (*each)(struct gc_heap *heap, struct gc_mutator *m);  /* GC_HANDSHAKE, or GC_STW: for every mutator */
};

enum gc_cycle_kind { GC_CYCLE_NONE, GC_CYCLE_MINOR, GC_CYCLE_MAJOR, GC_CYCLE_EMERGENCY, GC_CYCLE_KINDS };

enum gc_reason {
  GC_REASON_ALLOCATION, /* an allocation found no memory */
  GC_REASON_PACING,     /* the plan wants to start before memory runs out */
  GC_REASON_EXPLICIT_YOUNG,
  GC_REASON_EXPLICIT_FULL,
  GC_REASON_LAST_RESORT, /* an allocation found no memory after a cycle */
  GC_REASONS
};

/* Capabilities; a pair that needs one that is missing is `unsupported`. */
struct gc_attrs {
  bool reclaims;     /* frees memory at all */
  bool moves;
  bool generational;
  bool concurrent;   /* has cycles that run beside mutators: the heap keeps a cycle thread */
  bool counts;       /* frees by reference counting */
  bool cycles;       /* reclaims cyclic garbage */
  bool weak, ephemerons, finalizers;
  bool threads;      /* more than one mutator */
  bool foreign;      /* objects lie outside the heap: bytes and limit are not counted */
};

struct gc_collector {
  const char *name;
  const char *summary; /* one line, no full stop */
  /* "NAME,option=value": it is chosen as if it were collector NAME with that option, too; NULL: by `name` alone. */
  const char *form_of;
  struct gc_attrs attrs;
  const struct gc_option *options; /* ended by a NULL name; may be NULL */
  /* Takes from `attrs` what these values of the options take away; may be NULL. */
  void (*restrict_attrs)(struct gc_attrs *attrs, const struct gc_value *options);
  bool copied_types;    /* keeps nothing by type id, so that objects may be of a copy of a type (tools/profile.h) */
  size_t heap_bytes;    /* sizeof the plan's heap, whose first member is struct gc_heap */
  size_t mutator_bytes; /* sizeof struct plan_mutator */

  /* Returns NULL, or a sentence why the heap cannot start.  On failure nothing is left behind. */
  const char *(*init)(struct gc_heap *heap);
  void (*fini)(struct gc_heap *heap);
  /* Attach: copies the heap's phase; under the lock that posts handshakes. */
  void (*mutator_init)(struct gc_heap *heap, struct gc_mutator *m);
  /* Attach, the last step: on the thread of `m`, which is running, without locks; it may run a cycle.  May be NULL. */
  void (*mutator_attached)(struct gc_heap *heap, struct gc_mutator *m);
  /* Gives back the windows and hands over the buffers of `m`.  Its owner, or whoever claimed or stopped it.
   * The driver calls it for each mutator when a pause opens; detach calls it last. */
  void (*mutator_flush)(struct gc_heap *heap, struct gc_mutator *m);
  /* Detach, after the flush; may be NULL. */
  void (*mutator_fini)(struct gc_heap *heap, struct gc_mutator *m);
  /* The owner's slow poll with POLL_PLAN set; may be NULL. */
  void (*poll)(struct gc_heap *heap, struct gc_mutator *m);

  /* For plans that run the program's own code around a cycle, on its thread: called wherever a cycle is wanted, with
   * `m` running; it calls cycle_drive (cycle/cycle.h).  Returns what cycle_run returns.  May be NULL. */
  int64_t (*collect)(struct gc_heap *heap, struct gc_mutator *m, enum gc_reason reason);
  /* For plans that keep weak references otherwise than in heap->weak; false if memory was refused.  May be NULL. */
  bool (*weak_register)(struct gc_heap *heap, gc_ref weak, gc_ref target, void (*callback)(struct gc_mutator *, void *),
                        void *argument);
  /* A weak reference of GC_TYPE_WEAK without callback to `target`, for plans that can name it: always the same one, as
   * long as it lives; null: there is none.  The mutator's thread.  May be NULL. */
  gc_ref (*weak_shared)(struct gc_heap *heap, gc_ref target);
  const struct gc_control *control; /* gc_control.h; NULL: the program has no such control */

  /* Which cycle to run for `reason`. */
  enum gc_cycle_kind (*choose)(struct gc_heap *heap, enum gc_reason reason);
  const struct gc_phase *cycles[GC_CYCLE_KINDS]; /* each ended by a NULL name */

  /* Bytes of objects that the last full cycle found live, and all that objects occupy now. */
  size_t (*live_bytes)(struct gc_heap *heap);

  /* Verifier hooks, the world stopped unless said otherwise; each may be NULL.
   * verify_live: is this object retained by the cycle that just ended?
   * verify_object: NULL if it lies where this collector places objects, else what is wrong.
   * verify_decode: what a field's bits refer to, where fields are coloured; any thread.
   * verify_marked: has the running cycle marked it?  From GC_SNAPSHOT to GC_MARKED, any thread.
   * verify_for_objects: visits every object that has a fixed place, dead ones that are not yet freed included; but
   *   not what counting has taken apart already.
   * verify_young, verify_for_remembered: is it young; visits the fields, and the objects whole, that are remembered.
   * verify_count: the references that are counted, or GC_COUNT_UNKNOWN. */
  bool (*verify_live)(struct gc_heap *heap, gc_ref object);
  const char *(*verify_object)(struct gc_heap *heap, gc_ref object);
  gc_ref (*verify_decode)(struct gc_heap *heap, uintptr_t bits);
  bool (*verify_marked)(struct gc_heap *heap, gc_ref object);
  void (*verify_for_objects)(struct gc_heap *heap, void *context, void (*visit)(void *context, gc_ref object));
  bool (*verify_young)(struct gc_heap *heap, gc_ref object);
  void (*verify_for_remembered)(struct gc_heap *heap, void *context,
                                void (*field)(void *context, const gc_field *slot),
                                void (*whole)(void *context, gc_ref object));
  int64_t (*verify_count)(struct gc_heap *heap, gc_ref object);
};

enum { GC_COUNT_UNKNOWN = -1 };

#endif
