#include "runtime/trace/weak.h"

#include <stdlib.h>

bool weak_table_init(struct weak_table *table) {
  *table = (struct weak_table){0};
  return pthread_mutex_init(&table->lock, NULL) == 0;
}

void weak_table_fini(struct weak_table *table) {
  free(table->weaks);
  free(table->notices);
  free(table->ephemerons);
  free(table->buckets);
  free(table->ready);
  address_index_fini(&table->by_target);
  address_index_fini(&table->by_key);
  pthread_mutex_destroy(&table->lock);
}

static bool resize(void **array, size_t count, size_t item_bytes) {
  void *larger = realloc(*array, count * item_bytes);
  if (larger)
    *array = larger;
  return larger != NULL;
}

static void measure_locked(struct weak_table *table) {
  table->metadata_bytes = table->weak_capacity * sizeof *table->weaks +
                          table->notice_capacity * sizeof *table->notices +
                          table->ephemeron_capacity *
                              (sizeof *table->ephemerons + sizeof *table->buckets + sizeof *table->ready);
}

static bool reserve_notices_locked(struct weak_table *table, size_t weaks) {
  size_t due = weaks + table->notice_count; /* all may be cleared by the next cycle */
  if (due <= table->notice_capacity)
    return true;
  if (!resize((void **)&table->notices, due * 2, sizeof *table->notices))
    return false;
  table->notice_capacity = due * 2;
  return true;
}

bool weak_table_reserve_notices(struct weak_table *table, size_t weaks) {
  pthread_mutex_lock(&table->lock);
  bool room = reserve_notices_locked(table, weaks);
  measure_locked(table);
  pthread_mutex_unlock(&table->lock);
  return room;
}

static bool reserve_weak_locked(struct weak_table *table) {
  if (table->weak_count == table->weak_capacity) {
    size_t capacity = table->weak_capacity ? table->weak_capacity * 2 : 64;
    if (!resize((void **)&table->weaks, capacity, sizeof *table->weaks))
      return false;
    table->weak_capacity = capacity;
  }
  if (!reserve_notices_locked(table, table->weak_count + 1))
    return false;
  measure_locked(table);
  return true;
}

bool weak_table_add(struct weak_table *table, gc_ref weak, gc_ref target, void (*callback)(struct gc_mutator *, void *),
                    void *argument) {
  pthread_mutex_lock(&table->lock);
  bool room = reserve_weak_locked(table);
  if (room) {
    address_index_add(&table->by_target, target.bits, table->weak_count);
    table->weaks[table->weak_count++] = (struct weak_entry){weak.bits, target.bits, callback, argument};
  }
  pthread_mutex_unlock(&table->lock);
  if (room && !gc_is_null(target))
    object_set_flag(target, GC_FLAG_WEAK_TARGET);
  return room;
}

static bool reserve_ephemeron_locked(struct weak_table *table) {
  if (table->ephemeron_count < table->ephemeron_capacity)
    return true;
  size_t capacity = table->ephemeron_capacity ? table->ephemeron_capacity * 2 : 64;
  if (!resize((void **)&table->ephemerons, capacity, sizeof *table->ephemerons) ||
      !resize((void **)&table->buckets, capacity, sizeof *table->buckets) ||
      !resize((void **)&table->ready, capacity, sizeof *table->ready))
    return false;
  table->ephemeron_capacity = capacity;
  measure_locked(table);
  return true;
}

bool weak_table_add_ephemeron(struct weak_table *table, gc_ref ephemeron) {
  gc_ref key = {field_bits(&ephemeron_of(ephemeron)->key)};
  pthread_mutex_lock(&table->lock);
  bool room = reserve_ephemeron_locked(table);
  if (room) {
    address_index_add(&table->by_key, key.bits, table->ephemeron_count);
    table->ephemerons[table->ephemeron_count++] = (struct ephemeron_entry){ephemeron.bits, 0};
  }
  pthread_mutex_unlock(&table->lock);
  if (room && !gc_is_null(key))
    object_set_flag(key, GC_FLAG_WEAK_TARGET);
  return room;
}

void weak_notice_push(struct weak_table *table, const struct weak_entry *entry) {
  if (entry->callback)
    table->notices[table->notice_count++] = (struct weak_notice){entry->callback, entry->argument};
}

void weak_notices_reverse(struct weak_table *table, size_t first) {
  for (size_t last = table->notice_count; first + 1 < last;) {
    struct weak_notice notice = table->notices[first];
    table->notices[first++] = table->notices[--last];
    table->notices[last] = notice;
  }
}

bool weak_table_take_notice(struct weak_table *table, struct weak_notice *notice) {
  pthread_mutex_lock(&table->lock);
  bool due = table->notice_count > 0;
  if (due)
    *notice = table->notices[--table->notice_count]; /* the newest reference first, as Python does */
  pthread_mutex_unlock(&table->lock);
  return due;
}
