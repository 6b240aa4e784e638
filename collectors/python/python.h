/* python.h -- the collector's own structure, and what its files do for one another.
 *
 *     python.c        the heap, its one mutator, allocation, the phase table, hooks of the verifiers
 *     private_heap.c  blocks of up to 512 bytes
 *     death.c         an object at zero: its finalizer, its weak references, its references, its memory
 *     weakref.c       who refers weakly to whom, and the callbacks
 *     decide.c        which listed objects only refer to one another
 *     collect.c       a collection in CPython's ten steps, and what starts it
 *     increment.c     what is collected where the old generation is collected piece by piece
 *     control.c       what the program may ask (gc_control.h) */
#ifndef GC_PYTHON_PYTHON_H
#define GC_PYTHON_PYTHON_H

#include "collectors/python/plan.h"

#include "runtime/cycle/mark.h"

/* CPython's trashcan: so deep are deaths nested; what would die deeper waits until the outermost one is done. */
enum { DEATH_NESTING_MAX = 50, DEATH_STACK = 4 * DEATH_NESTING_MAX };

/* An object that is being taken apart, and those of its references that are not yet dropped: `left` of them, `step`
 * apart from `next` on, then those of `more`. */
struct dying {
  gc_ref object;
  const struct gc_type *type;
  gc_field *next;
  uint64_t left;
  const uint16_t *more;
  intptr_t step;
};

struct weak_head { /* of the list of weak references to a target */
  uintptr_t target, newest;
  uintptr_t shared; /* the one that weak_shared names; 0: there is none */
};

/* What a decision found (decide.c). */
struct decision {
  uint64_t reachable, candidates;
  uint64_t words; /* of the candidates' headers, or-ed, and perhaps of some that turned out to be reachable */
};

/* The old generation, piece by piece (increment.c). */
struct increments {
  struct links taken;    /* what the running collection took */
  int visited_at;        /* generation[1] or [2], whichever holds what was visited; the other: what is pending */
  uint32_t visited_word; /* COUNT_VISITED or 0, whichever says that an object was visited */
  bool marked;           /* the scavenge has begun: what its roots reached was visited */
  int64_t work;          /* objects that are due to be visited; negative: so many too many were */
  int marked_cost;       /* what an object counts as that marking visits */
};

struct python {
  struct gc_heap heap;
  struct python_core core;
  struct mark_spaces outside; /* blocks of more than 512 bytes */
  struct rc_pool zero_pool;
  struct gc_mutator *mutator; /* the one that is attached */
  bool unlists;               /* some type's objects may leave the lists while they live */

  /* deaths */
  struct dying dying[DEATH_STACK];
  unsigned dying_count, death_nesting;
  struct links *deposited; /* linked by `previous`; at zero, in no list */

  /* weak references */
  struct weak_head *weak_heads;
  size_t weak_head_count, weak_head_capacity, weak_count, callback_count; /* the last: of those, with a callback */
  struct address_index weak_index; /* of weak_heads, by target */

  /* what the program chose */
  struct gc_delivery delivery;
  bool delivers, enabled;
  bool had_finalizers; /* some were attached by the control */
  uint32_t debug;
  struct links frozen;
  gc_ref *garbage; /* counted */
  size_t garbage_count, garbage_capacity;

  /* the running collection */
  bool collecting, decided, program_ran; /* decided: not all of them decide about objects */
  int generation;
  struct links *chosen, *survivors; /* what is decided about, and where those go that live on; may be one */
  struct decision decision;
  struct links unreachable, legacy, due_weaks; /* due_weaks: cleared, their callbacks to be called */
  uint64_t collected, uncollectable;

  uint64_t long_lived, long_lived_pending; /* survivors of the last full collection, and of generation 1 since */
  bool incremental;
  struct increments increments;
  int64_t linked_before; /* objects with links that there are, but those that generation 0's count counts */
  size_t live_bytes;
};

static GC_INLINE struct python *python_of(struct gc_heap *heap) { return (struct python *)heap; }

/* Generation 0's count is zero from now on. */
static GC_INLINE void restart_count(struct python *py) {
  py->linked_before += py->core.generation[0].count;
  py->core.generation[0].count = 0;
}
/* Objects with links have been freed; the count never becomes less than 0. */
static GC_INLINE void count_freed(struct python *py, uint32_t freed) {
  struct generation *young = &py->core.generation[0];
  uint32_t counted = freed < young->count ? freed : young->count;
  young->count -= counted;
  if (GC_UNLIKELY(counted < freed))
    py->linked_before -= freed - counted;
}

/* Of a header word: its object cannot simply vanish. */
#define WORD_CEREMONIES \
  (GC_FLAG_FINALIZE | GC_FLAG_WEAK_TARGET | (uint64_t)COUNT_WEAK << GC_PLAN_SHIFT)

/* Behind a weak reference stands its record (weakref.c). */
enum { WEAK_RECORD_BYTES = 32 };
/* Of an object with links: what its block holds besides it. */
static GC_INLINE size_t around_linked_bytes(const struct gc_type *type) {
  return type->kind == GC_KIND_WEAK ? LINKS_BYTES + WEAK_RECORD_BYTES : LINKS_BYTES;
}

/* ---- an object's references ---- */

static GC_INLINE bool is_part(gc_ref object) { return count_word(object) & COUNT_PART; }

/* Visits each slot of `object`, in the order in which CPython releases them: a struct's from the first to the last, an
 * array's from the last to the first.  `visit` is a constant, and inlined. */
static GC_INLINE void python_for_slots(gc_ref object, void *context, void (*visit)(void *context, gc_field *slot)) {
  const struct gc_type *type = object_descriptor(object);
  if (type->kind == GC_KIND_REF_ARRAY) {
    struct gc_array *array = (struct gc_array *)object.bits;
    for (gc_field *slot = array->slot + array->length; slot-- > array->slot;)
      visit(context, slot);
    return;
  }
  const uint16_t *more = type->more_refs;
  gc_field *slot = object_slot_at(object, type->refs_offset), *end = slot + type->refs_count;
  for (; slot < end; slot++)
    visit(context, slot);
  for (const uint16_t *offset = more; offset && *offset; offset++)
    visit(context, object_slot_at(object, *offset));
}

/* ---- death.c ---- */

/* Drops a reference of the collector's own, at a time when no register refers to the object. */
void PLAN_(release)(struct python *py, struct gc_mutator *m, gc_ref object);
/* Calls the program's finalizer of `object`, which stays alive meanwhile; true if something refers to it afterwards. */
bool PLAN_(finalize)(struct python *py, struct gc_mutator *m, gc_ref object, enum gc_finalizer kind);
/* Drops all references of `object`, as its type's tp_clear would. */
void PLAN_(clear)(struct python *py, struct gc_mutator *m, gc_ref object);
/* Frees a list of objects that only refer to one another and to what is in no list of candidates, all at once: where
 * nothing in the heap can tell in which order they die.  They are marked as candidates. */
void PLAN_(bury)(struct python *py, struct gc_mutator *m, struct links *list);

/* Around code of the program: what its thread has at hand stays alive. */
struct interlude {
  struct gc_frame frame;
  gc_root newborn, returned, object;
};
void PLAN_(interlude_begin)(struct gc_mutator *m, struct interlude *interlude, gc_ref object);
/* Returns whether something refers to the object; else the caller lets it die. */
bool PLAN_(interlude_end)(struct gc_mutator *m, struct interlude *interlude);

/* ---- weakref.c ---- */

bool PLAN_(weak_register)(struct gc_heap *heap, gc_ref weak, gc_ref target,
                          void (*callback)(struct gc_mutator *, void *), void *argument);
/* The one that is shared by who wants no callback: a plain weak reference to `target`, or null. */
gc_ref PLAN_(weak_shared)(struct gc_heap *heap, gc_ref target);
/* `weak` refers to nothing any more; what its callback needs stays. */
void PLAN_(weak_clear)(struct python *py, gc_ref weak);
/* The newest weak reference to `target`, or null. */
gc_ref PLAN_(weak_newest)(struct python *py, gc_ref target);
bool PLAN_(weak_has_callback)(gc_ref weak);
/* Calls the callback, or queues it if the program wants to ask for it.  `weak` stays alive meanwhile. */
void PLAN_(weak_call)(struct python *py, struct gc_mutator *m, gc_ref weak);
/* `target` dies by its count: its weak references are cleared, then their callbacks run, the newest first. */
void PLAN_(weak_target_dies)(struct python *py, struct gc_mutator *m, gc_ref target);
/* The same without a word. */
void PLAN_(weak_silence)(struct python *py, gc_ref target);
void PLAN_(weak_fini)(struct python *py);

/* ---- decide.c ---- */

/* Moves the objects of `young` to `unreachable` that only objects of `young` refer to, in the order of their scan.
 * Those stay marked as being decided about.  all: every listed object is in `young`.  The world is stopped. */
struct decision PLAN_(decide_stw)(struct links *young, struct links *unreachable, bool all);
/* Takes objects from the list that need not be in any: immutable ones always, tables in full collections.  Returns how
 * many. */
uint64_t PLAN_(unlist_stw)(struct links *list, bool full);
bool PLAN_(may_be_listed)(gc_ref object);

/* ---- collect.c ---- */

extern const struct gc_phase PLAN_(phases)[];
int64_t PLAN_(collect)(struct gc_heap *heap, struct gc_mutator *m, enum gc_reason reason);
/* Collects `generation` for `reason`.  Returns the bytes that were freed; 0 inside another collection. */
int64_t PLAN_(collect_generation)(struct python *py, struct gc_mutator *m, int generation, enum gc_reason reason);
/* After a change of what automatic collections depend on. */
void PLAN_(set_limit)(struct python *py);

/* ---- increment.c ---- */

void PLAN_(increments_init)(struct python *py, int marked_cost);
/* What a new object's plan word holds besides. */
static GC_INLINE uint32_t pending_word(const struct python *py) { return py->increments.visited_word ^ COUNT_VISITED; }
/* Adds to the work what is due by now, and restarts generation 0's count.  False if there is none to be done. */
bool PLAN_(increment_is_due)(struct python *py);
/* Chooses what the running collection decides about: young objects (generation 0), an increment (1), all (2).  False if
 * it decides about none, since it has marked. */
bool PLAN_(choose_increment_stw)(struct python *py);
/* The running collection is over. */
void PLAN_(increment_end)(struct python *py);
/* All objects in the generations count as visited: they are going to be collected at once, or frozen. */
void PLAN_(visit_all)(struct python *py);

/* ---- python.c ---- */

/* What large objects occupy. */
size_t PLAN_(large_bytes)(struct python *py);

/* ---- control.c ---- */

extern const struct gc_control PLAN_(control);
void PLAN_(save_garbage)(struct python *py, gc_ref object);
/* What the debug flags ask for, to stderr. */
void PLAN_(debug_begin)(struct python *py);
void PLAN_(debug_end)(struct python *py);
void PLAN_(debug_object)(struct python *py, const char *what, gc_ref object);

#endif
