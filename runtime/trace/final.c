#include "runtime/trace/final.h"

#include <stdlib.h>

bool final_table_init(struct final_table *table) {
  *table = (struct final_table){0};
  return pthread_mutex_init(&table->lock, NULL) == 0;
}

void final_table_fini(struct final_table *table) {
  free(table->entries);
  free(table->ready);
  address_index_fini(&table->by_object);
  pthread_mutex_destroy(&table->lock);
}

static bool grow_locked(gc_field **array, size_t *capacity, size_t needed) {
  if (needed <= *capacity)
    return true;
  size_t larger = needed < 32 ? 64 : needed * 2;
  gc_field *moved = realloc(*array, larger * sizeof **array);
  if (!moved)
    return false;
  *array = moved;
  *capacity = larger;
  return true;
}

static void compact_ready_locked(struct final_table *table) {
  for (size_t i = 0; table->ready_first && i < table->ready_count; i++)
    field_set_bits(&table->ready[i], field_bits(&table->ready[table->ready_first + i]));
  table->ready_first = 0;
}

bool final_table_add(struct final_table *table, gc_ref object) {
  pthread_mutex_lock(&table->lock);
  size_t due = table->ready_first + table->ready_count + table->count + 1; /* all may become due at once */
  if (due > table->ready_capacity)
    compact_ready_locked(table);
  bool room = grow_locked(&table->entries, &table->capacity, table->count + 1) &&
              grow_locked(&table->ready, &table->ready_capacity,
                          table->ready_count + table->count + 1 + table->ready_first);
  if (room) {
    address_index_add(&table->by_object, object.bits, table->count);
    field_set_bits(&table->entries[table->count++], object.bits);
  }
  table->metadata_bytes = (table->capacity + table->ready_capacity) * sizeof(gc_field);
  pthread_mutex_unlock(&table->lock);
  if (room)
    object_set_flag(object, GC_FLAG_FINALIZE);
  return room;
}

gc_ref final_table_take(struct final_table *table) {
  pthread_mutex_lock(&table->lock);
  gc_ref object = GC_NULL;
  if (table->ready_count) {
    object.bits = field_bits(&table->ready[table->ready_first++]);
    if (--table->ready_count == 0)
      table->ready_first = 0;
  }
  pthread_mutex_unlock(&table->lock);
  return object;
}

/* ---- deaths that are known at once ---- */

static bool index_locked(struct final_table *table) {
  if (table->by_object.built)
    return true;
  if (!address_index_begin(&table->by_object, table->capacity))
    return false;
  for (size_t i = 0; i < table->count; i++)
    address_index_add(&table->by_object, field_bits(&table->entries[i]), i);
  return true;
}

/* Position + 1 of an entry of `object`; 0 if there is none. */
static size_t find_locked(struct final_table *table, gc_ref object) {
  bool indexed = index_locked(table);
  size_t found = indexed ? address_index_first(&table->by_object, object.bits) : table->count;
  while (found && field_bits(&table->entries[found - 1]) != object.bits)
    found = indexed ? address_index_next(&table->by_object, found - 1) : found - 1;
  return found;
}

/* The last entry moves to the place of the one that goes. */
static void forget_locked(struct final_table *table, size_t at) {
  size_t last = --table->count;
  uintptr_t moved = field_bits(&table->entries[last]);
  address_index_remove(&table->by_object, field_bits(&table->entries[at]), at);
  if (at != last) {
    address_index_remove(&table->by_object, moved, last);
    field_set_bits(&table->entries[at], moved);
    address_index_add(&table->by_object, moved, at);
  }
  if (table->young > table->count)
    table->young = table->count;
}

bool final_table_due(struct final_table *table, gc_ref object) {
  pthread_mutex_lock(&table->lock);
  size_t found = find_locked(table, object);
  if (found) {
    forget_locked(table, found - 1);
    field_set_bits(&table->ready[table->ready_first + table->ready_count++], object.bits);
    if (!find_locked(table, object))
      object_clear_flag(object, GC_FLAG_FINALIZE);
  }
  pthread_mutex_unlock(&table->lock);
  return found;
}
