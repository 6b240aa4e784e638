/* final.h -- objects with finalizers: found dead, kept once more, handed to the program when it asks.
 *
 * Pull model: the collector runs no program code.  Registered objects are in `entries`; those found dead move to
 * `ready`, which is a root until the program takes them (gc_finalizer_next).  An object is registered for one
 * finalization; it may register again.  Mutators register and take under the lock; the rest is the cycle
 * driver's, the world stopped. */
#ifndef GC_TRACE_FINAL_H
#define GC_TRACE_FINAL_H

#include "runtime/base/mutant.h"
#include "runtime/trace/weak.h"

struct final_table {
  pthread_mutex_t lock;
  gc_field *entries;  /* registered */
  size_t count, capacity, young; /* [0, young) are old objects */
  gc_field *ready;    /* due; capacity: at least count + ready_count */
  size_t ready_first, ready_count, ready_capacity;
  struct address_index by_object; /* of entries, for plans that know each death */
  size_t metadata_bytes;
};

bool final_table_init(struct final_table *table);
void final_table_fini(struct final_table *table);
/* False if memory was refused.  Any mutator. */
bool final_table_add(struct final_table *table, gc_ref object);
/* The longest due object, or null.  Any mutator. */
gc_ref final_table_take(struct final_table *table);
/* Plans that know a death when it happens: moves one registration of `object` to the queue; false if there is none.
 * The object's flag stays as long as it is registered once more. */
bool final_table_due(struct final_table *table, gc_ref object);

/* Slots that are roots. */
static GC_INLINE void final_scan_ready(struct final_table *table, void *context, scan_visitor *visit) {
  scan_slots(context, GC_NULL, table->ready + table->ready_first, table->ready_count, visit);
}

/* Keeps every registered object that is dead: visits it, queues it, traces what it reaches. */
static GC_INLINE void final_process(struct gc_worker *worker, struct final_table *table, enum weak_scope scope,
                                    weak_resolve *resolve, weak_is_young *is_young, closure_visit *visit_noting) {
  struct gc_heap *heap = worker->heap;
  size_t first = scope == WEAK_ALL ? 0 : table->young, due = table->ready_first + table->ready_count;
  size_t kept = first, old = first, newly_due = 0;
  for (size_t i = first; i < table->count; i++) {
    gc_ref object = {field_bits(&table->entries[i])}, now = resolve(heap, object);
    if (gc_is_null(now)) { /* decided for all before any is traced: a finalizable object may reach another */
      field_set_bits(&table->ready[due + newly_due++], object.bits);
      if (GC_MUTANT(finalizer_twice))
        field_set_bits(&table->entries[kept++], object.bits);
      continue;
    }
    field_set_bits(&table->entries[kept], now.bits);
    if (!is_young(heap, now)) {
      field_set_bits(&table->entries[kept], field_bits(&table->entries[old]));
      field_set_bits(&table->entries[old++], now.bits);
    }
    kept++;
  }
  table->count = kept;
  table->young = old;
  table->by_object.built = false;
  for (size_t i = 0; i < newly_due; i++) {
    gc_field *slot = &table->ready[due + i];
    gc_ref object = {field_bits(slot)}, grey = visit_noting(worker, GC_NULL, slot, object);
    if (gc_is_null(grey)) { /* reached meanwhile from another one */
      field_set_bits(slot, resolve(heap, object).bits);
      continue;
    }
    field_set_bits(slot, grey.bits);
    if (!GC_MUTANT(finalizer_keeps_no_others))
      closure_push_grey(worker, grey);
  }
  table->ready_count += newly_due;
  closure_drain_alone(worker, visit_noting);
}

/* The whole weak phase, in the order of weak.h.  `visit_noting` calls weak_note_reached. */
static GC_INLINE void weak_phase(struct gc_worker *worker, struct weak_table *weak, struct final_table *final,
                                 enum weak_scope scope, weak_resolve *resolve, weak_is_young *is_young,
                                 closure_visit *visit_noting) {
  ephemeron_trace(worker, weak, scope, resolve, visit_noting);
  weak_process(weak, worker->heap, scope, resolve, is_young);
  final_process(worker, final, scope, resolve, is_young, visit_noting);
  ephemeron_trace(worker, weak, scope, resolve, visit_noting);
  ephemeron_process(weak, worker->heap, scope, resolve, is_young);
}

#endif
