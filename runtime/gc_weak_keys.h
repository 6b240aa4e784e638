/* gc_weak_keys.h -- tables of weak keys: a program hangs values on objects, which the table does not keep; a value
 * lives as long as its key.
 *
 *   gc_set(m, &r.table, gc_weak_table_new(m));                        and so are its size and walks (gc_weak_table.h)
 *   gc_weak_keys_put(m, &r.table, &r.key, &r.value);
 *   gc_ref value = gc_weak_keys_get(m, gc_get(m, &r.table), gc_get(m, &r.key));
 *
 * An entry is an ephemeron, whose value may refer to its key.  Collectors without ephemerons have a weak reference that
 * holds the value instead, as CPython's WeakKeyDictionary: there a value that leads to its key keeps both.  The weak
 * reference has a callback, so that a collector whose callbacks run at a death drops the value when the key dies; under
 * others the value goes when the table needs the room.  Keys are told apart by identity.
 * Compiled with its user, for one plan, not for `bare`.  One thread at a time uses a table. */
#ifndef GC_GC_WEAK_KEYS_H
#define GC_GC_WEAK_KEYS_H

#include "runtime/cycle/heap.h"
#include "runtime/gc_weak_table.h"

_Static_assert(offsetof(struct gc_ephemeron, key) == offsetof(struct gc_weak, target),
               "gc_weak_get reads the key of either form of an entry");

static inline bool gc_weak_keys_are_ephemerons(const struct gc_mutator *m) {
  return m->heap->collector->attrs.ephemerons;
}

/* The value was let go already: a death takes the first strong reference out of a weak reference with a callback. */
static inline void gc_weak_keys_entry_died(struct gc_mutator *m, void *argument) { (void)m, (void)argument; }

static inline gc_ref gc_weak_keys_entry_new(struct gc_mutator *m, const gc_root *key, const gc_root *value) {
  if (gc_weak_keys_are_ephemerons(m))
    return gc_ephemeron_new(m, key, value);
  gc_ref entry = gc_alloc(m, GC_TYPE_WEAK_ENTRY, sizeof(struct gc_weak_entry));
  gc_weak_init(m, entry, key, gc_weak_keys_entry_died, NULL);
  GC_INIT(m, entry, gc_weak_entry, value, gc_get(m, value));
  return entry;
}

/* `key` leads to `value` from now on.  As gc_alloc: references that are not rooted expire. */
static inline void gc_weak_keys_put(struct gc_mutator *m, const gc_root *table, const gc_root *key,
                                    const gc_root *value) {
  GC_ROOTS(m, r, entry);
  gc_set(m, &r.entry, gc_weak_keys_entry_new(m, key, value));
  gc_weak_table_add(m, table, gc_hash(m, gc_get(m, key)), key, &r.entry);
  gc_frame_pop(m, &r.frame);
}

/* The value of the entry that a walk met last; null if the key died since. */
static inline gc_ref gc_weak_keys_value(struct gc_mutator *m, gc_ref table, uint64_t number) {
  gc_ref entry = gc_array_load(m, gc_weak_table_entries(m, table), number);
  if (gc_is_null(entry))
    return GC_NULL;
  if (gc_weak_keys_are_ephemerons(m))
    return gc_ephemeron_value(m, entry);
  return gc_is_null(gc_weak_get(m, entry)) ? GC_NULL : GC_LOAD(m, entry, gc_weak_entry, value);
}

/* Null: the key has no entry. */
static inline gc_ref gc_weak_keys_get(struct gc_mutator *m, gc_ref table, gc_ref key) {
  uint64_t number = gc_weak_table_find(m, table, gc_hash(m, key), key);
  return number == GC_WEAK_TABLE_NONE ? GC_NULL : gc_weak_keys_value(m, table, number);
}

/* Whether there was an entry. */
static inline bool gc_weak_keys_remove(struct gc_mutator *m, gc_ref table, gc_ref key) {
  return gc_weak_table_take(m, table, gc_hash(m, key), key);
}

#endif
