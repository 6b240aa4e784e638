/* gc_control.h -- what a program may ask of a collector that counts references and collects in generations, as Python's
 * module `gc` offers it: a table that such a plan hangs into its struct gc_collector.
 *
 * Objects that may be in cycles are *listed*, each in one of three generations or, frozen, in none of them; generation
 * 0 is the youngest; to name one that there is not is a broken invariant.  Nothing here is hot.  The mutator's thread;
 * the functions that take `m` may run the program's own code, and references expire there as at an allocation. */
#ifndef GC_GC_CONTROL_H
#define GC_GC_CONTROL_H

#include "runtime/object/ref.h"

struct gc_heap;
struct gc_mutator;

enum { GC_GENERATIONS = 3, GC_FROZEN = GC_GENERATIONS, GC_UNLISTED = -1 };

struct gc_generation_stats {
  uint64_t collections, collected, uncollectable; /* the latter two: objects */
};

/* Bits, with Python's values. */
enum gc_debug {
  GC_DEBUG_STATS = 1,         /* a line to stderr for each collection */
  GC_DEBUG_COLLECTABLE = 2,   /* ... for each object found dead */
  GC_DEBUG_UNCOLLECTABLE = 4, /* ... for each that cannot be freed */
  GC_DEBUG_SAVEALL = 32,      /* what is found dead goes to the garbage list instead of being freed */
  GC_DEBUG_LEAK = GC_DEBUG_COLLECTABLE | GC_DEBUG_UNCOLLECTABLE | GC_DEBUG_SAVEALL,
};

enum gc_finalizer {
  GC_FINALIZE_ONCE,   /* called once in the object's life, also if it is found dead again */
  GC_FINALIZE_LEGACY, /* called at each death by its count; a cycle that it is part of cannot be freed */
};

/* The program's own code that the collector calls in the middle of a store, set, pop, allocation or collection.
 * Objects that are passed are rooted by the caller, unless said otherwise.  Each may be NULL. */
struct gc_delivery {
  void *context;
  void (*finalize)(void *context, struct gc_mutator *m, gc_ref object, enum gc_finalizer kind);
  /* Before and after each collection; the counts are 0 before. */
  void (*collection)(void *context, struct gc_mutator *m, bool ended, int generation, uint64_t collected,
                     uint64_t uncollectable);
  /* The memory of `object` is about to be freed; its references are null already.  No call of gc.h. */
  void (*died)(void *context, gc_ref object);
};

struct gc_control {
  /* While a delivery is set, finalizers and callbacks of weak references run at once, and finalizers are attached by
   * `attach_finalizer`; while none is (NULL), they wait to be asked for, as under every collector (gc.h). */
  void (*deliver)(struct gc_heap *heap, const struct gc_delivery *delivery);
  void (*attach_finalizer)(struct gc_heap *heap, gc_ref object, enum gc_finalizer kind);

  /* Collects generations 0 to `generation`; returns how many objects were found dead, those that cannot be freed
   * included; 0 inside another collection. */
  uint64_t (*collect)(struct gc_mutator *m, int generation);

  /* Collections that allocations start: generation 0 when `count` of it exceeds its threshold, unless that is 0. */
  void (*enable)(struct gc_heap *heap, bool enabled);
  bool (*is_enabled)(struct gc_heap *heap);
  void (*set_threshold)(struct gc_heap *heap, int generation, uint32_t threshold);
  uint32_t (*threshold)(struct gc_heap *heap, int generation);
  uint32_t (*count)(struct gc_heap *heap, int generation);
  void (*reset_counts)(struct gc_heap *heap); /* all are 0 */
  struct gc_generation_stats (*stats)(struct gc_heap *heap, int generation);

  /* Takes all listed objects out of the generations, and puts them back into the oldest. */
  void (*freeze)(struct gc_heap *heap);
  void (*unfreeze)(struct gc_heap *heap);

  void (*set_debug)(struct gc_heap *heap, uint32_t flags);
  size_t (*garbage_count)(struct gc_heap *heap);
  gc_ref (*garbage)(struct gc_heap *heap, size_t index);
  void (*clear_garbage)(struct gc_mutator *m);

  /* An object of nature GC_NATURE_TABLE is born unlisted; `list` says that it refers to a listed object now. */
  void (*list)(struct gc_heap *heap, gc_ref object);
  bool (*may_be_listed)(struct gc_heap *heap, gc_ref object); /* may a table that refers to it be in a cycle? */
  int (*generation_of)(struct gc_heap *heap, gc_ref object);  /* also GC_FROZEN or GC_UNLISTED */
  bool (*is_finalized)(struct gc_heap *heap, gc_ref object);
  uint64_t (*references)(struct gc_heap *heap, gc_ref object); /* from fields, rooted locals and the garbage list */

  /* Calls visit for each object in `generation`, oldest first; for each reference that `object` holds, its parts'
   * included; once for each object in the generations that holds a reference to `object`. */
  void (*for_objects)(struct gc_heap *heap, int generation, void *context, void (*visit)(void *context, gc_ref object));
  void (*for_referents)(struct gc_heap *heap, gc_ref object, void *context,
                        void (*visit)(void *context, gc_ref object));
  void (*for_referrers)(struct gc_heap *heap, gc_ref object, void *context,
                        void (*visit)(void *context, gc_ref object));
};

#endif
