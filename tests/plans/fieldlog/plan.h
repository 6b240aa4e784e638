/* fieldlog/plan.h -- a skeleton that proves field logging: marksweep with the barrier of barrier/field_log.h.
 *
 * Nothing uses the log but its own test: at each collection the entries are compared with what really changed since
 * the last one (fieldlog.c). */
#ifndef GC_PLAN_FIELDLOG_H
#define GC_PLAN_FIELDLOG_H

#define PLAN_CELLS
#define PLAN_OWN_BEFORE_STORE
#define PLAN_LARGE_BYTES CELL_MAX_BYTES

#include "runtime/barrier/field_log.h"
#include "runtime/heap/cell_space.h"
#include "runtime/plan.h"

struct plan_mutator {
  struct gc_mutator base;
  struct cell_cache cells;
  struct field_log *log; /* the heap's */
  struct field_log_buffer changes;
};

static GC_INLINE void plan_before_store(struct gc_mutator *m, gc_ref object, gc_field *field, gc_ref value) {
  struct plan_mutator *mine = (struct plan_mutator *)m;
  (void)object, (void)value;
  field_log_before_store(mine->log, &mine->changes, field);
}

#include "runtime/plan_default.h"

#endif
