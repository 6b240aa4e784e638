/* python/plan.h -- CPython 3.11: every field and rooted local counts, and an object at zero dies; what only cycles
 * keep is found by collections of three generations.  One mutator.
 *
 * The plan word of the header:
 *
 *    31       30       29       28     27     26        25 … 0
 *   +--------+--------+--------+------+------+---------+-------+
 *   | linked | legacy | queued | part | weak | visited | count |
 *   +--------+--------+--------+------+------+---------+-------+
 *
 *   linked  links lie before the object (generation.h)
 *   legacy  it has a finalizer of the old kind (gc_control.h)
 *   queued  the mutator's queue of zeros holds it, which alone may find it dead
 *   part    its type is of GC_NATURE_PART;  weak: of GC_KIND_WEAK.  These two and `linked` never change.
 *   visited whether the running scavenge was here (increment.c)
 *
 * A reference in a register does not count.  A program that takes part in deaths (gc_control.h, deliver) gets Python's
 * own order: an object dies inside the store, set or pop that drops its last reference, and the program roots what it
 * goes on using.  Other programs may use a reference until the next allocation or poll (gc.h), so there zeros are
 * queued until then.  In both, two references are never lost: the newest object, and what a swap or the queue of due
 * finalizers returned; each has a slot in the mutator. */
#ifndef GC_PLAN_PYTHON_H
#define GC_PLAN_PYTHON_H

#define PLAN_CONTROLS 1
#define PLAN_LARGE_BYTES CELL_MAX_BYTES
#define PLAN_OWN_ALLOC
#define PLAN_OWN_INIT_STORE
#define PLAN_OWN_BEFORE_STORE
#define PLAN_OWN_AFTER_STORE
#define PLAN_OWN_STORE
#define PLAN_OWN_SWAP
#define PLAN_OWN_ROOT_SET
#define PLAN_OWN_POP
#define PLAN_OWN_TAKEN

#include <string.h>

#include "collectors/python/generation.h"
#include "runtime/heap/private_heap.h"
#include "runtime/base/check.h"
#include "runtime/heap/cell_space.h"
#include "runtime/object/type.h"
#include "runtime/plan.h"
#include "runtime/stats/tally.h"
#include "runtime/trace/rc_buffer.h"

#define COUNT_LINKED ((uint32_t)1 << 31)
#define COUNT_LEGACY ((uint32_t)1 << 30)
#define COUNT_QUEUED ((uint32_t)1 << 29)
#define COUNT_PART ((uint32_t)1 << 28)
#define COUNT_WEAK ((uint32_t)1 << 27)
#define COUNT_VISITED ((uint32_t)1 << 26)
#define COUNT_MASK (COUNT_VISITED - 1)

/* What allocation wants to know of a type. */
struct python_birth {
  uint32_t word;        /* the plan word */
  uint8_t around_bytes; /* what the block holds besides the object; 0: no links either */
  bool unlisted;
};

/* What mutators inline of the heap (python.h holds the rest). */
struct python_core {
  struct private_heap blocks;
  struct generation generation[GC_GENERATIONS];
  uint32_t young_limit; /* generation 0 is collected when its count exceeds this: its threshold, or never */
  struct python_birth birth[GC_TYPE_LIMIT];
};

struct plan_mutator {
  struct gc_mutator base;
  struct python_core *core;
  gc_ref newborn, returned; /* perhaps at zero, and alive */
  struct rc_buffer zeros;    /* queued */
  struct cell_cache cells;
  uint64_t remote_bytes; /* of pools that it took, on another node */
};

/* `object` has no reference any more: it dies now, with all that dies with it, or is queued. */
void PLAN_(die)(struct gc_mutator *m, gc_ref object);
/* No register refers to an object any more: what is queued dies, if it is still at zero, and what the slots keep. */
void PLAN_(settle)(struct gc_mutator *m);
/* A profile is told of a fast allocation too, since it may take what was just freed: the slow ones are no sample. */
void PLAN_(sample)(struct gc_mutator *m, gc_ref object, uint32_t type, size_t bytes) GC_COLD;
/* Generation 0 is over its limit. */
void PLAN_(collect_young)(struct gc_mutator *m) GC_COLD;

static GC_INLINE struct plan_mutator *plan_python(struct gc_mutator *m) { return (struct plan_mutator *)m; }

/* relaxed throughout: there is one mutator */
static GC_INLINE uint32_t count_word(gc_ref object) {
  return atomic_load_explicit(header_plan_word(object), memory_order_relaxed);
}
static GC_INLINE void count_set_word(gc_ref object, uint32_t word) {
  atomic_store_explicit(header_plan_word(object), word, memory_order_relaxed);
}
static GC_INLINE uint32_t count_get(gc_ref object) { return count_word(object) & COUNT_MASK; }
static GC_INLINE bool count_is_linked(gc_ref object) { return count_word(object) & COUNT_LINKED; }

static GC_INLINE void count_take(gc_ref object) {
  if (gc_is_null(object))
    return;
  TALLY(rc_increments);
  count_set_word(object, count_word(object) + 1);
}
/* Returns whether that was the last reference. */
static GC_INLINE bool count_drop(gc_ref object) {
  TALLY(rc_decrements);
  uint32_t word = count_word(object) - 1;
  GC_CHECK(1, (word & COUNT_MASK) != COUNT_MASK, "%p is dropped once too often", (void *)object.bits);
  count_set_word(object, word);
  return (word & COUNT_MASK) == 0;
}
static GC_INLINE void plan_drop(struct gc_mutator *m, gc_ref object) {
  if (!gc_is_null(object) && GC_UNLIKELY(count_drop(object)))
    PLAN_(die)(m, object);
}

/* `slot` keeps `object` from now on, and no longer what it kept before. */
static GC_INLINE void plan_keep(struct gc_mutator *m, gc_ref *slot, gc_ref object) {
  gc_ref before = *slot;
  *slot = object;
  if (GC_UNLIKELY(!gc_is_null(before) && before.bits != object.bits && count_get(before) == 0))
    PLAN_(die)(m, before);
}

/* ---- allocation ---- */

static GC_INLINE bool plan_must_settle(const struct plan_mutator *m) {
  return !gc_is_null(m->returned) || !rc_buffer_is_empty(&m->zeros) ||
         (!gc_is_null(m->newborn) && count_get(m->newborn) == 0);
}

/* Writes what lies before the object, and its header; the object is zeroed already. */
static GC_INLINE gc_ref plan_place(struct python_core *core, uintptr_t block, uint32_t type) {
  const struct python_birth *birth = &core->birth[type];
  if (!birth->around_bytes) {
    object_init(block, type, birth->word);
    return (gc_ref){block};
  }
  struct links *links = (struct links *)block;
  if (GC_LIKELY(!birth->unlisted))
    list_append_new(&core->generation[0].head, links);
  else
    *links = (struct links){.previous = LINKS_HERE};
  gc_ref object = object_of_links(links);
  object_init(object.bits, type, birth->word);
  return object;
}

static GC_INLINE gc_ref plan_alloc(struct gc_mutator *base, uint32_t type, size_t bytes) {
  struct plan_mutator *m = plan_python(base);
  struct python_core *core = m->core;
  size_t around_bytes = core->birth[type].around_bytes, total_bytes = bytes + around_bytes;
  uintptr_t block;
  if (GC_UNLIKELY(plan_must_settle(m)))
    PLAN_(settle)(base);
  if (around_bytes && GC_UNLIKELY(++core->generation[0].count + GC_MUTANT(python_collects_early) > core->young_limit))
    PLAN_(collect_young)(base);
  if (GC_UNLIKELY(total_bytes > POOL_BLOCK_MAX_BYTES || !(block = private_heap_take(&core->blocks, total_bytes)))) {
    m->newborn = PLAN_(alloc_slow)(base, type, bytes);
    return m->newborn;
  }
  memset((void *)(block + (around_bytes ? LINKS_BYTES : 0)), 0, bytes);
  base->counts.alloc_bytes += total_bytes;
  m->newborn = plan_place(core, block, type);
  if (GC_UNLIKELY(base->counts.alloc_bytes > base->sample_at_bytes))
    PLAN_(sample)(base, m->newborn, type, total_bytes);
  return m->newborn;
}

/* ---- fields: the new value is counted before the old one is dropped, since they may be the same object ---- */

static GC_INLINE void plan_store(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref value) {
  (void)object;
  gc_ref old = {field_bits(field)};
  count_take(value);
  field_set_bits(field, value.bits);
  plan_drop(m, old);
}

static GC_INLINE void plan_init_store(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref value) {
  plan_store(m, object, field, value);
}

/* For plan_cas, whose exchange never fails, since there is one mutator. */
static GC_INLINE void plan_before_store(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref value) {
  (void)m, (void)object, (void)field;
  count_take(value);
}
static GC_INLINE void plan_after_store(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref old, gc_ref value) {
  (void)object, (void)field, (void)value;
  plan_drop(m, old);
}

static GC_INLINE gc_ref plan_swap(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref value) {
  (void)object;
  gc_ref old = {field_bits(field)};
  count_take(value);
  field_set_bits(field, value.bits);
  if (!gc_is_null(old))
    count_drop(old);
  plan_keep(m, &plan_python(m)->returned, old);
  return old;
}

/* ---- rooted locals ---- */

static GC_INLINE void plan_root_set(struct gc_mutator *m, gc_root *root, gc_ref value) {
  gc_ref old = {root->bits};
  count_take(value);
  root->bits = value.bits;
  plan_drop(m, old);
}

/* Each root is null before what it held can die: a collection may look at the frame then. */
static GC_INLINE void plan_pop(struct gc_mutator *m, gc_root *roots, size_t count) {
  for (size_t i = 0; i < count; i++) {
    gc_ref old = {roots[i].bits};
    roots[i].bits = 0;
    plan_drop(m, old);
  }
}

/* The queue's own count is given up. */
static GC_INLINE void plan_taken(struct gc_mutator *m, gc_ref object) {
  count_drop(object);
  plan_keep(m, &plan_python(m)->returned, object);
}

#include "runtime/plan_default.h"

#endif
