/* generational.h -- the collector's own structure, and what its two files do for each other.
 *
 *     generational.c  the heap, sizes, allocation, the phase tables, the old space
 *     copy.c          the young space is copied: the phases `copy` and `weak` */
#ifndef GC_GENERATIONAL_GENERATIONAL_H
#define GC_GENERATIONAL_GENERATIONAL_H

#include "collectors/generational/plan.h"

#include "runtime/cycle/mark.h"

/* What one worker copies into, and what it remembers for the next cycle. */
struct copier {
  GC_CACHE_ALIGNED struct cell_cache old;
  struct tlab survivors;
  struct ssb_buffer remembered;
};

struct generational {
  struct gc_heap heap;
  struct mark_spaces old;
  struct young_space young;
  struct ssb_set remembered; /* filled by mutators, and by copiers for the next cycle */
  struct ssb_set looked_at;  /* in this cycle */
  struct copier *copiers; /* by worker; the last one is the solo worker's */
  pthread_mutex_t born_old_lock;
  gc_ref *born_old;       /* large objects since the last cycle: remembered whole */
  size_t born_old_count, born_old_capacity;
  _Atomic bool kept;      /* a pinned object was met since the marks of the young range were cleared */
  size_t nursery_bytes;   /* wanted until the next cycle */
  size_t survivor_bytes;  /* young when the last cycle ended */
  size_t new_bytes;       /* young since then, when the running cycle began */
  uint64_t copied_before_bytes; /* by all cycles before the running one */
  uint32_t old_age;       /* cycles survived from which this cycle promotes; 1 empties the young space */
  size_t old_after_major_bytes;
  _Atomic bool major_due; /* an allocation in the old space failed, or promotion went beyond the limit */
};

static GC_INLINE struct generational *plan_of(struct gc_heap *heap) { return (struct generational *)heap; }
static GC_INLINE bool is_young(struct gc_heap *heap, gc_ref object) {
  const struct young_space *young = &plan_of(heap)->young;
  return young_contains(young->base, young->bytes, object.bits);
}

/* ---- copy.c: phases of both cycles; the world is stopped ---- */

/* What roots, remembered fields and objects that were born old refer to, and all that this reaches among the young. */
enum gc_phase_result PLAN_(copy)(struct gc_heap *heap);
/* Weak references to young objects, ephemerons with young keys, finalizers of young objects. */
enum gc_phase_result PLAN_(weak_young)(struct gc_heap *heap);

#endif
