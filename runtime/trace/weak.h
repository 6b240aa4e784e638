/* weak.h -- weak references and ephemerons: registered in tables, decided when marking is complete.
 *
 * Their fields are never scanned (scan.h).  Each table has an old part, [0, young), whose entries refer to old
 * objects only, and a young part that a minor cycle can process alone.  Mutators register under the lock;
 * everything else is the cycle driver's, the world stopped.
 *
 * Two functions come from the plan and inline:
 *     resolve(heap, ref)   the object's address now, or null if the cycle found it dead
 *     is_young(heap, ref)  whether a later minor cycle may move or free it
 * Order of the weak phase: ephemerons to a fix-point; weak references to the dead are cleared; finalizable objects
 * are kept once more (final.h) and traced; ephemerons again; the rest are cleared.  So a weak reference is null
 * before its referent's finalizer can run.
 * A weak reference's target and an ephemeron's key hold plain addresses even where a plan colours fields: keys are
 * found by address.  An ephemeron's value is a field like any other. */
#ifndef GC_TRACE_WEAK_H
#define GC_TRACE_WEAK_H

#include <pthread.h>
#include <string.h>

#include "runtime/base/mutant.h"
#include "runtime/object/type.h"
#include "runtime/heap/address_index.h"
#include "runtime/trace/closure.h"

struct gc_mutator;

struct weak_entry {
  uintptr_t weak, target;
  void (*callback)(struct gc_mutator *, void *);
  void *argument;
};

struct weak_notice { /* a cleared reference whose callback is due */
  void (*callback)(struct gc_mutator *, void *);
  void *argument;
};

struct ephemeron_entry {
  uintptr_t ephemeron;
  uint32_t next;   /* pending with a key in the same bucket; index + 1 */
};

struct weak_table {
  pthread_mutex_t lock;
  struct weak_entry *weaks;
  size_t weak_count, weak_capacity, weak_young;
  struct weak_notice *notices; /* capacity: at least weak_count + notice_count, so that clearing never allocates */
  size_t notice_count, notice_capacity;

  struct ephemeron_entry *ephemerons;
  size_t ephemeron_count, ephemeron_capacity, ephemeron_young;
  uint32_t *buckets;    /* ephemeron_capacity of them, a power of two: pending ephemerons by key */
  size_t pending;       /* ephemerons in the buckets; 0: the buckets hold nothing of this cycle */
  uintptr_t *ready;     /* ephemeron_capacity of them: key live, value not yet traced */
  size_t ready_count;
  bool reached_unready; /* an ephemeron was first reached in this round and its key is not live yet */

  struct address_index by_target, by_key; /* of weaks and ephemerons, for plans that know each death (weak_death.c) */
  size_t metadata_bytes; /* of all of the above */
};

bool weak_table_init(struct weak_table *table);
void weak_table_fini(struct weak_table *table);

/* False if memory was refused.  Any mutator. */
bool weak_table_add(struct weak_table *table, gc_ref weak, gc_ref target, void (*callback)(struct gc_mutator *, void *),
                    void *argument);
bool weak_table_add_ephemeron(struct weak_table *table, gc_ref ephemeron);

/* Room for the notices of `weaks` weak references that a plan keeps elsewhere; false if memory was refused. */
bool weak_table_reserve_notices(struct weak_table *table, size_t weaks);
/* The next due callback; false if there is none.  Any mutator. */
bool weak_table_take_notice(struct weak_table *table, struct weak_notice *notice);

/* ---- plans that know a death when it happens; any mutator ---- */

/* Clears the weak references to `target` and makes their callbacks due.  Linear in how many there are. */
void weak_table_clear_target(struct weak_table *table, gc_ref target);
/* Clears the ephemerons whose key is `key` and calls release(context, ephemeron, value) for each value that is thereby
 * no longer referred to, after they are cleared and under the table's lock. */
void weak_table_clear_key(struct weak_table *table, gc_ref key, void *context,
                          void (*release)(void *context, gc_ref ephemeron, gc_ref value));
/* Calls visit(context, ephemeron) for each ephemeron whose key is `key`.  The world is stopped. */
void weak_table_for_key(struct weak_table *table, gc_ref key, void *context,
                        void (*visit)(void *context, gc_ref ephemeron));
/* A weak reference or ephemeron object itself dies; its target or key may be null or about to die. */
void weak_table_drop(struct weak_table *table, gc_ref dying);

/* Reads the target of a weak reference or a member of an ephemeron while no death is being announced: what
 * keep(referent) returns true for is returned, else null.  For plans whose objects may be freed beside the reader. */
static GC_INLINE gc_ref weak_table_read(struct weak_table *table, gc_field *field, bool (*keep)(gc_ref referent)) {
  pthread_mutex_lock(&table->lock);
  gc_ref referent = {field_bits(field)};
  if (!gc_is_null(referent) && !keep(referent))
    referent = GC_NULL;
  pthread_mutex_unlock(&table->lock);
  return referent;
}

enum weak_scope { WEAK_YOUNG, WEAK_ALL };

typedef gc_ref weak_resolve(struct gc_heap *heap, gc_ref object);
typedef bool weak_is_young(struct gc_heap *heap, gc_ref object);

static GC_INLINE bool weak_never_young(struct gc_heap *heap, gc_ref object) {
  (void)heap, (void)object;
  return false;
}

void weak_notice_push(struct weak_table *table, const struct weak_entry *entry);
/* Notices from number `first` on were pushed newest reference first: now that one is taken first. */
void weak_notices_reverse(struct weak_table *table, size_t first);

static GC_INLINE gc_field *weak_field(gc_ref weak) { return &((struct gc_weak *)weak.bits)->target; }
static GC_INLINE struct gc_ephemeron *ephemeron_of(gc_ref object) { return (struct gc_ephemeron *)object.bits; }

/* Clears the references whose referent is dead and forgets those that are dead themselves; updates the others.
 * A dead weak reference is cleared too: a finalizer may still bring it back. */
static GC_INLINE void weak_process(struct weak_table *table, struct gc_heap *heap, enum weak_scope scope,
                                   weak_resolve *resolve, weak_is_young *is_young) {
  size_t kept = scope == WEAK_ALL ? 0 : table->weak_young, old = kept;
  for (size_t i = kept; i < table->weak_count; i++) {
    struct weak_entry entry = table->weaks[i];
    gc_ref weak = resolve(heap, (gc_ref){entry.weak}), target = resolve(heap, (gc_ref){entry.target});
    if (gc_is_null(weak)) {
      field_set_bits(weak_field((gc_ref){entry.weak}), 0);
      continue;
    }
    if (!GC_MUTANT(weak_not_cleared) || !gc_is_null(target))
      field_set_bits(weak_field(weak), target.bits);
    if (gc_is_null(target)) {
      weak_notice_push(table, &entry);
      continue;
    }
    entry.weak = weak.bits;
    entry.target = target.bits;
    bool young = is_young(heap, weak) || is_young(heap, target);
    table->weaks[kept] = entry;
    if (!young) { /* old entries first */
      struct weak_entry first_young = table->weaks[old];
      table->weaks[old] = entry;
      table->weaks[kept] = first_young;
      old++;
    }
    kept++;
  }
  table->weak_count = kept;
  table->weak_young = old;
  table->by_target.built = false;
}

/* ---- ephemerons ---- */

static GC_INLINE uint32_t *ephemeron_bucket(struct weak_table *table, uintptr_t key) {
  return &table->buckets[(key * 0x9e3779b97f4a7c15u >> 20) & (table->ephemeron_capacity - 1)];
}

/* A live ephemeron: its value is due if the key is live, else it waits for its key. */
static GC_INLINE void ephemeron_consider(struct weak_table *table, struct gc_heap *heap, size_t index, gc_ref ephemeron,
                                         weak_resolve *resolve) {
  gc_ref key = {field_bits(&ephemeron_of(ephemeron)->key)};
  if (gc_is_null(key))
    return;
  if (!gc_is_null(resolve(heap, key))) {
    table->ready[table->ready_count++] = ephemeron.bits;
    return;
  }
  uint32_t *bucket = ephemeron_bucket(table, key.bits);
  table->ephemerons[index].next = *bucket;
  *bucket = (uint32_t)index + 1;
  table->pending++;
}

/* Moves the ephemerons that wait for `key`, now live, to the ready list. */
static GC_INLINE void ephemeron_key_reached(struct weak_table *table, struct gc_heap *heap, uintptr_t key,
                                            weak_resolve *resolve) {
  for (uint32_t *link = ephemeron_bucket(table, key); *link;) {
    struct ephemeron_entry *entry = &table->ephemerons[*link - 1];
    gc_ref ephemeron = resolve(heap, (gc_ref){entry->ephemeron});
    if (field_bits(&ephemeron_of(ephemeron)->key) == key) {
      *link = entry->next;
      table->pending--;
      table->ready[table->ready_count++] = ephemeron.bits;
    } else {
      link = &entry->next;
    }
  }
}

/* The plan's visit of the weak phase calls this for each object that it reaches first: `old_bits` is the address
 * by which it was referred to, `object` where it is now. */
static GC_INLINE void weak_note_reached(struct weak_table *table, struct gc_heap *heap, uintptr_t old_bits,
                                        gc_ref object, weak_resolve *resolve) {
  if (GC_UNLIKELY(table->pending && object_has_flag(object, GC_FLAG_WEAK_TARGET)) &&
      !GC_MUTANT(ephemeron_key_unnoticed))
    ephemeron_key_reached(table, heap, old_bits, resolve);
  if (GC_UNLIKELY(object_type(object) == GC_TYPE_EPHEMERON)) {
    gc_ref key = {field_bits(&ephemeron_of(object)->key)};
    if (gc_is_null(key))
      return;
    if (gc_is_null(resolve(heap, key)))
      table->reached_unready = true;
    else
      table->ready[table->ready_count++] = object.bits;
  }
}

/* Traces the values of ephemerons whose keys are live, until no more become so.  Linear in entries and in what is
 * reached; another round is needed only after an ephemeron object with a dead key was first reached through a
 * value.  Driver's worker, between jobs. */
static GC_INLINE void ephemeron_trace(struct gc_worker *worker, struct weak_table *table, enum weak_scope scope,
                                      weak_resolve *resolve, closure_visit *visit_noting) {
  struct gc_heap *heap = worker->heap;
  size_t first = scope == WEAK_ALL ? 0 : table->ephemeron_young;
  table->pending = 0;
  if (first == table->ephemeron_count)
    return;
  do {
    table->reached_unready = false;
    table->pending = 0;
    memset(table->buckets, 0, table->ephemeron_capacity * sizeof *table->buckets);
    for (size_t i = first; i < table->ephemeron_count; i++) {
      gc_ref ephemeron = resolve(heap, (gc_ref){table->ephemerons[i].ephemeron});
      if (!gc_is_null(ephemeron))
        ephemeron_consider(table, heap, i, ephemeron, resolve);
    }
    while (table->ready_count) {
      struct gc_ephemeron *e = (struct gc_ephemeron *)table->ready[--table->ready_count];
      gc_ref value = {field_bits(&e->value)};
      if (gc_is_null(value) || GC_MUTANT(ephemeron_value_forgotten))
        continue;
      gc_ref grey = visit_noting(worker, (gc_ref){(uintptr_t)e}, &e->value, value);
      if (!gc_is_null(grey))
        closure_push_grey(worker, grey);
      closure_drain_alone(worker, visit_noting);
    }
  } while (table->reached_unready);
}

/* Forgets dead ephemerons and clears those whose key is dead. */
static GC_INLINE void ephemeron_process(struct weak_table *table, struct gc_heap *heap, enum weak_scope scope,
                                        weak_resolve *resolve, weak_is_young *is_young) {
  size_t kept = scope == WEAK_ALL ? 0 : table->ephemeron_young, old = kept;
  for (size_t i = kept; i < table->ephemeron_count; i++) {
    struct ephemeron_entry entry = table->ephemerons[i];
    gc_ref ephemeron = resolve(heap, (gc_ref){entry.ephemeron});
    bool dead = gc_is_null(ephemeron);
    struct gc_ephemeron *e = ephemeron_of(dead ? (gc_ref){entry.ephemeron} : ephemeron);
    gc_ref key = dead ? GC_NULL : resolve(heap, (gc_ref){field_bits(&e->key)});
    field_set_bits(&e->key, key.bits);
    if (gc_is_null(key)) {
      field_set_bits(&e->value, 0);
      continue;
    }
    entry.ephemeron = ephemeron.bits;
    table->ephemerons[kept] = entry;
    if (!is_young(heap, ephemeron) && !is_young(heap, key)) {
      struct ephemeron_entry first_young = table->ephemerons[old];
      table->ephemerons[old] = entry;
      table->ephemerons[kept] = first_young;
      old++;
    }
    kept++;
  }
  table->ephemeron_count = kept;
  table->ephemeron_young = old;
  table->by_key.built = false;
}

#endif
