/* fieldlog.c -- marks in place; at the end of each collection arms fields and notes what they hold, at the beginning
 * of the next one holds the log against it:
 *   - each entry is of an armed field, with the value noted, and no field is entered twice;
 *   - each field that holds something else now has an entry.
 * A heap of many objects has only its first FIELDS_MOST fields, in the oracle's order, armed.  The rows run on the
 * cycle's thread, the world stopped. */
#include "tests/plans/fieldlog/plan.h"

#include <stdlib.h>

#include "runtime/base/check.h"
#include "runtime/cycle/mark.h"
#include "runtime/verify/verify.h"

enum { FIELDS_MOST = 1 << 16 };

struct noted {
  gc_field *field;
  uintptr_t bits;
  bool entered;
};

struct fieldlog {
  struct mark_heap base;
  struct field_log log;
  struct noted *noted; /* sorted by address; FIELDS_MOST of them */
  size_t noted_count;
};

static struct fieldlog *fieldlog_of(struct gc_heap *heap) { return (struct fieldlog *)heap; }
static struct plan_mutator *mine(struct gc_mutator *m) { return (struct plan_mutator *)m; }

static const char *init(struct gc_heap *heap) {
  struct fieldlog *fieldlog = fieldlog_of(heap);
  fieldlog->noted = malloc(FIELDS_MOST * sizeof *fieldlog->noted);
  if (!fieldlog->noted)
    return "no memory to note fields";
  const char *problem = "the system refused the field log";
  if (!field_log_init(&fieldlog->log, &heap->memory))
    goto fail_log;
  problem = mark_heap_init(heap);
  if (!problem)
    return NULL;
  field_log_fini(&fieldlog->log);
fail_log:
  free(fieldlog->noted);
  return problem;
}

static void fini(struct gc_heap *heap) {
  mark_heap_fini(heap);
  field_log_fini(&fieldlog_of(heap)->log);
  free(fieldlog_of(heap)->noted);
}

static void mutator_init(struct gc_heap *heap, struct gc_mutator *m) { mine(m)->log = &fieldlog_of(heap)->log; }

static void mutator_flush(struct gc_heap *heap, struct gc_mutator *m) {
  field_log_flush(mine(m)->log, &mine(m)->changes);
  cell_cache_retire(&mark_heap_spaces(heap)->cells, &mine(m)->cells);
}

static gc_ref try_alloc(struct gc_mutator *m, uint32_t type, size_t bytes) {
  return mark_alloc(m, mark_heap_spaces(m->heap), &mine(m)->cells, type, bytes);
}

gc_ref PLAN_(alloc_slow)(struct gc_mutator *m, uint32_t type, size_t bytes) {
  return trigger_alloc(m, type, bytes, try_alloc);
}

/* ---- the log against the truth ---- */

static int by_address(const void *a, const void *b) {
  uintptr_t left = (uintptr_t)((const struct noted *)a)->field, right = (uintptr_t)((const struct noted *)b)->field;
  return (left > right) - (left < right);
}

static void check_entry(struct fieldlog *fieldlog, const struct field_log_entry *entry) {
  struct noted key = {.field = entry->field};
  struct noted *noted = bsearch(&key, fieldlog->noted, fieldlog->noted_count, sizeof key, by_address);
  GC_CHECK(0, noted, "field %p was logged and never armed", (void *)entry->field);
  GC_CHECK(0, !noted->entered, "field %p was logged twice", (void *)entry->field);
  GC_CHECK(0, noted->bits == entry->old_bits, "field %p was logged with %llx, it held %llx", (void *)entry->field,
           (unsigned long long)entry->old_bits, (unsigned long long)noted->bits);
  noted->entered = true;
}

static enum gc_phase_result compare(struct gc_heap *heap) {
  struct fieldlog *fieldlog = fieldlog_of(heap);
  struct field_log_segment *segment;
  while ((segment = field_log_take(&fieldlog->log))) {
    for (size_t i = 0; i < segment->count; i++)
      check_entry(fieldlog, &segment->entries[i]);
    field_log_release(&fieldlog->log, segment);
  }
  for (size_t i = 0; i < fieldlog->noted_count; i++) {
    struct noted *noted = &fieldlog->noted[i];
    GC_CHECK(0, noted->entered || field_bits(noted->field) == noted->bits, "field %p changed from %llx, unlogged",
             (void *)noted->field, (unsigned long long)noted->bits);
    field_log_disarm(&fieldlog->log, noted->field); /* its object may be freed now */
  }
  fieldlog->noted_count = 0;
  return GC_NEXT;
}

static void note_field(void *context, gc_ref source, gc_field *slot) {
  struct fieldlog *fieldlog = context;
  (void)source;
  if (fieldlog->noted_count == FIELDS_MOST)
    return;
  fieldlog->noted[fieldlog->noted_count++] = (struct noted){slot, field_bits(slot), false};
  field_log_arm(&fieldlog->log, slot);
}

static bool note_object(void *context, gc_ref object) {
  scan_object(context, object, note_field);
  return ((struct fieldlog *)context)->noted_count < FIELDS_MOST;
}

static enum gc_phase_result arm(struct gc_heap *heap) {
  struct fieldlog *fieldlog = fieldlog_of(heap);
  if (heap->config.verify & VERIFY(heap))
    verify_heap(heap); /* enumerating a broken heap would end in a trap */
  bool enumerated = verify_for_reachable(heap, fieldlog, note_object);
  GC_CHECK(0, enumerated, "no memory to enumerate the heap");
  qsort(fieldlog->noted, fieldlog->noted_count, sizeof *fieldlog->noted, by_address);
  return GC_NEXT;
}

static const struct gc_phase full[] = {{.name = "compare", .mode = GC_STW, .run = compare},
                                       {.name = "begin", .mode = GC_STW, .run = mark_row_begin},
                                       {.name = "mark", .mode = GC_STW, .run = mark_row_reachable},
                                       {.name = "weak", .mode = GC_STW, .run = mark_row_weak},
                                       {.name = "sweep", .mode = GC_STW, .run = mark_row_sweep},
                                       {.name = "arm", .mode = GC_STW, .run = arm},
                                       {0}};

static enum gc_cycle_kind choose(struct gc_heap *heap, enum gc_reason reason) {
  (void)heap, (void)reason;
  return GC_CYCLE_MAJOR;
}

const struct gc_collector PLAN_(collector) = {
    .name = GC_STRING(GC_PLAN),
    .summary = "marks in place; logs each field's old value before its first change",
    .attrs = {.reclaims = true, .cycles = true, .weak = true, .ephemerons = true, .finalizers = true, .threads = true},
    .copied_types = true,
    .heap_bytes = sizeof(struct fieldlog),
    .mutator_bytes = sizeof(struct plan_mutator),
    .init = init,
    .fini = fini,
    .mutator_init = mutator_init,
    .mutator_flush = mutator_flush,
    .choose = choose,
    .cycles = {[GC_CYCLE_MAJOR] = full, [GC_CYCLE_EMERGENCY] = full},
    .live_bytes = mark_heap_live_bytes,
    .verify_live = mark_heap_verify_live,
    .verify_object = mark_heap_verify_object,
};
