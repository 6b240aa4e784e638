/* weak_death.c -- weak references and ephemerons under plans that know each death when it happens.
 *
 * Such a plan asks for the entries of one object, so the table finds them by address (address_index.h); where memory
 * for the index is refused, by looking at all.  Any mutator, under the table's lock. */
#include "runtime/trace/weak.h"

static uintptr_t key_of(const struct ephemeron_entry *entry) {
  return field_bits(&ephemeron_of((gc_ref){entry->ephemeron})->key);
}

static bool index_weaks_locked(struct weak_table *table) {
  if (table->by_target.built)
    return true;
  if (!address_index_begin(&table->by_target, table->weak_capacity))
    return false;
  for (size_t i = 0; i < table->weak_count; i++)
    address_index_add(&table->by_target, table->weaks[i].target, i);
  return true;
}

static bool index_ephemerons_locked(struct weak_table *table) {
  if (table->by_key.built)
    return true;
  if (!address_index_begin(&table->by_key, table->ephemeron_capacity))
    return false;
  for (size_t i = 0; i < table->ephemeron_count; i++)
    address_index_add(&table->by_key, key_of(&table->ephemerons[i]), i);
  return true;
}

/* Position + 1 of an entry for `target` (and `weak`, unless it is 0); 0 if there is none. */
static size_t find_weak_locked(struct weak_table *table, uintptr_t target, uintptr_t weak) {
  bool indexed = index_weaks_locked(table);
  size_t found = indexed ? address_index_first(&table->by_target, target) : table->weak_count;
  while (found && (table->weaks[found - 1].target != target || (weak && table->weaks[found - 1].weak != weak)))
    found = indexed ? address_index_next(&table->by_target, found - 1) : found - 1;
  return found;
}

static size_t find_ephemeron_locked(struct weak_table *table, uintptr_t key, uintptr_t ephemeron) {
  bool indexed = index_ephemerons_locked(table);
  size_t found = indexed ? address_index_first(&table->by_key, key) : table->ephemeron_count;
  while (found && (key_of(&table->ephemerons[found - 1]) != key ||
                   (ephemeron && table->ephemerons[found - 1].ephemeron != ephemeron)))
    found = indexed ? address_index_next(&table->by_key, found - 1) : found - 1;
  return found;
}

/* The last entry moves to the place of the one that goes. */
static void forget_weak_locked(struct weak_table *table, size_t at) {
  size_t last = --table->weak_count;
  address_index_remove(&table->by_target, table->weaks[at].target, at);
  if (at != last) {
    address_index_remove(&table->by_target, table->weaks[last].target, last);
    table->weaks[at] = table->weaks[last];
    address_index_add(&table->by_target, table->weaks[at].target, at);
  }
  if (table->weak_young > table->weak_count)
    table->weak_young = table->weak_count;
}

static void forget_ephemeron_locked(struct weak_table *table, size_t at) {
  size_t last = --table->ephemeron_count;
  address_index_remove(&table->by_key, key_of(&table->ephemerons[at]), at);
  if (at != last) {
    address_index_remove(&table->by_key, key_of(&table->ephemerons[last]), last);
    table->ephemerons[at] = table->ephemerons[last];
    address_index_add(&table->by_key, key_of(&table->ephemerons[at]), at);
  }
  if (table->ephemeron_young > table->ephemeron_count)
    table->ephemeron_young = table->ephemeron_count;
}

void weak_table_clear_target(struct weak_table *table, gc_ref target) {
  pthread_mutex_lock(&table->lock);
  size_t announced = table->notice_count;
  for (size_t found; (found = find_weak_locked(table, target.bits, 0));) {
    struct weak_entry entry = table->weaks[found - 1];
    forget_weak_locked(table, found - 1);
    field_set_bits(weak_field((gc_ref){entry.weak}), 0);
    weak_notice_push(table, &entry);
  }
  weak_notices_reverse(table, announced);
  pthread_mutex_unlock(&table->lock);
}

void weak_table_clear_key(struct weak_table *table, gc_ref key, void *context,
                          void (*release)(void *context, gc_ref ephemeron, gc_ref value)) {
  pthread_mutex_lock(&table->lock);
  for (size_t found; (found = find_ephemeron_locked(table, key.bits, 0));) {
    gc_ref ephemeron = {table->ephemerons[found - 1].ephemeron};
    struct gc_ephemeron *e = ephemeron_of(ephemeron);
    gc_ref value = {field_bits(&e->value)};
    forget_ephemeron_locked(table, found - 1);
    field_set_bits(&e->key, 0);
    field_set_bits(&e->value, 0);
    if (!gc_is_null(value))
      release(context, ephemeron, value);
  }
  pthread_mutex_unlock(&table->lock);
}

void weak_table_for_key(struct weak_table *table, gc_ref key, void *context,
                        void (*visit)(void *context, gc_ref ephemeron)) {
  bool indexed = index_ephemerons_locked(table);
  size_t found = indexed ? address_index_first(&table->by_key, key.bits) : table->ephemeron_count;
  for (; found; found = indexed ? address_index_next(&table->by_key, found - 1) : found - 1)
    if (key_of(&table->ephemerons[found - 1]) == key.bits)
      visit(context, (gc_ref){table->ephemerons[found - 1].ephemeron});
}

void weak_table_drop(struct weak_table *table, gc_ref dying) {
  pthread_mutex_lock(&table->lock);
  size_t found;
  if (object_type(dying) != GC_TYPE_EPHEMERON) { /* a weak reference of any type */
    found = find_weak_locked(table, field_bits(weak_field(dying)), dying.bits);
    if (found)
      forget_weak_locked(table, found - 1);
  } else {
    found = find_ephemeron_locked(table, field_bits(&ephemeron_of(dying)->key), dying.bits);
    if (found)
      forget_ephemeron_locked(table, found - 1);
  }
  pthread_mutex_unlock(&table->lock);
}
