/* closure.h -- the tracing loop: pop an object, visit its references, push what is new, until nothing is left.
 *
 * The loop is shared, the visit is the collector's, and it inlines: no indirect call remains.  Every item is grey:
 * visited, to be scanned.  Testing before the push keeps edges to known objects off the stack.
 *     bits 0..47   the address of the object
 *     bits 48..63  reference arrays: the slice to scan, see scan.h (arrays of up to 2^27 references)
 *
 * Two orders, same result.  Plain: scan what was pushed last; best where the heap lies in the order of tracing.
 * Prefetched: what is popped passes a FIFO while its memory is fetched; on a shuffled heap twice as fast and
 * more.  CLOSURE_ADAPTIVE measures both on small batches and uses the faster. */
#ifndef GC_TRACE_CLOSURE_H
#define GC_TRACE_CLOSURE_H

#include "runtime/base/chaos.h"
#include "runtime/base/check.h"
#include "runtime/base/cpu.h"
#include "runtime/base/mutant.h"
#include "runtime/heap/memory.h"
#include "runtime/object/scan.h"
#include "runtime/trace/gang.h"

/* Decides about one reference, found in `slot` of `source` (null: a root): returns the object to scan, at its new
 * address if it moved, or null if it was visited before.  May update the slot. */
typedef gc_ref closure_visit(struct gc_worker *worker, gc_ref source, gc_field *slot, gc_ref target);

enum closure_mode { CLOSURE_PLAIN, CLOSURE_ADAPTIVE };

#define CLOSURE_SLICE_SHIFT 48
#define CLOSURE_ADDRESS(item) ((uintptr_t)((item) & (((uint64_t)1 << CLOSURE_SLICE_SHIFT) - 1)))

static GC_INLINE void closure_push_grey(struct gc_worker *worker, gc_ref object) { worker_push(worker, object.bits); }

/* What the scan of one object needs, on the stack of the loop. */
struct closure_edge {
  struct gc_worker *worker;
  closure_visit *visit;
};

static GC_INLINE void closure_edge(void *context, gc_ref source, gc_field *slot) {
  struct closure_edge *edge = context;
  gc_ref target = {field_bits_acquire(slot)};
  if (gc_is_null(target))
    return;
  gc_ref grey = edge->visit(edge->worker, source, slot, target);
  if (!gc_is_null(grey))
    closure_push_grey(edge->worker, grey);
}

/* A reference array: its first slice now, the others as items of their own, so that they can be shared. */
static GC_INLINE void closure_scan_array(struct closure_edge *edge, gc_ref array, size_t slice) {
  size_t slices = scan_slice_count(((struct gc_array *)array.bits)->length);
  if (slice == 0)
    for (size_t i = slices; i-- > 1 + GC_MUTANT(slice_skipped);)
      worker_push(edge->worker, array.bits | (uint64_t)i << CLOSURE_SLICE_SHIFT);
  if (slices)
    scan_slice(edge, array, slice, closure_edge);
}

static GC_INLINE void closure_count_node(struct gc_worker *worker, gc_ref object) {
  if (memory_node_of(worker->memory, object.bits) == worker->node)
    worker->counts.local++;
  else
    worker->counts.remote++;
}

static GC_INLINE void closure_scan(struct closure_edge *edge, uint64_t item) {
  gc_ref object = {CLOSURE_ADDRESS(item)};
  const struct gc_type *type = object_descriptor(object);
  if (GC_UNLIKELY(edge->worker->memory->node_count > 1))
    closure_count_node(edge->worker, object);
  GC_CHECK(2, header_tag(object_word(object)) == GC_TAG_NORMAL && type->name, "tracing reached %p with header %llx",
           (void *)object.bits, (unsigned long long)object_word(object));
  if (GC_LIKELY(type->kind != GC_KIND_REF_ARRAY)) /* as in scan_object */
    scan_fixed(edge, type, object, closure_edge);
  else
    closure_scan_array(edge, object, item >> CLOSURE_SLICE_SHIFT);
}

/* Exchanges `item` for the oldest one in the FIFO; 0 in or out: none. */
static GC_INLINE uint64_t closure_fifo(struct gc_worker *worker, uint64_t item) {
  uint32_t place = worker->fifo_next++ % WORKER_FIFO_ITEMS;
  uint64_t oldest = worker->fifo[place];
  worker->fifo[place] = item;
  cpu_prefetch((void *)CLOSURE_ADDRESS(item));
  return oldest;
}

/* Pops and scans up to `limit` objects of the private stack.  Returns how many were scanned. */
static GC_INLINE uint32_t closure_batch(struct gc_worker *worker, uint32_t limit, bool use_fifo, closure_visit *visit) {
  struct closure_edge edge = {worker, visit};
  uint32_t scanned = 0, empty = 0;
  while (scanned < limit) {
    uint64_t item = worker_pop(worker);
    if (use_fifo) {
      empty = item ? 0 : empty + 1; /* with nothing to pop, push the FIFO along until it is empty */
      if (empty > WORKER_FIFO_ITEMS)
        break;
      item = closure_fifo(worker, item);
      if (!item)
        continue;
    }
    if (!item)
      break;
    GC_STEP("mark");
    closure_scan(&edge, item);
    scanned++;
    if (GC_UNLIKELY(--worker->share_countdown == 0))
      worker_share(worker);
  }
  return scanned;
}

/* Moves what waits in the FIFO back to the stack, before the other order or another worker takes over. */
static GC_INLINE void closure_fifo_flush(struct gc_worker *worker) {
  for (unsigned i = 0; i < WORKER_FIFO_ITEMS; i++)
    if (worker->fifo[i]) {
      worker_push(worker, worker->fifo[i]);
      worker->fifo[i] = 0;
    }
}

enum { CLOSURE_BATCH = 2048, CLOSURE_PROBE_EVERY = 32 };

/* One batch in the order that was faster so far; every 32nd in the other one, to notice when that changes. */
static GC_INLINE uint32_t closure_adaptive_batch(struct gc_worker *worker, closure_visit *visit) {
  struct closure_order *order = &worker->order;
  bool probe = order->batches++ % CLOSURE_PROBE_EVERY == CLOSURE_PROBE_EVERY - 1;
  bool use_fifo = order->prefetch != probe;
  uint64_t begin = cpu_ticks();
  uint32_t scanned = use_fifo ? closure_batch(worker, CLOSURE_BATCH, true, visit)
                              : closure_batch(worker, CLOSURE_BATCH, false, visit);
  uint64_t ticks = cpu_ticks() - begin;
  if (use_fifo && probe)
    closure_fifo_flush(worker);
  if (scanned == CLOSURE_BATCH) {
    uint64_t *mean = &order->ticks_per_1024_objects[use_fifo], now = ticks * 1024 / CLOSURE_BATCH;
    *mean = *mean ? (*mean * 3 + now) / 4 : now;
    uint64_t at_edge = order->ticks_per_1024_objects[0], prefetched = order->ticks_per_1024_objects[1];
    if (at_edge && prefetched && (prefetched < at_edge) != order->prefetch) {
      order->prefetch = prefetched < at_edge;
      closure_fifo_flush(worker);
    }
  }
  return scanned;
}

/* Traces from everything on the worker's stack until no worker has work.  Once per job.
 * `concurrent`: mutators run; yields to the driver between batches. */
static GC_INLINE void closure_drain(struct gc_worker *worker, enum closure_mode mode, bool concurrent,
                                    closure_visit *visit) {
  do {
    while (worker->stack_count) {
      worker->counts.objects += mode == CLOSURE_ADAPTIVE
                                    ? closure_adaptive_batch(worker, visit)
                                    : closure_batch(worker, CLOSURE_BATCH, false, visit);
      if (worker->stack_count == 0 || (concurrent && gang_yield_wanted(worker->gang)))
        closure_fifo_flush(worker);
      if (concurrent)
        gang_yield(worker);
    }
  } while (worker_refill(worker));
}

/* The same by the cycle's thread alone, between jobs; may be called repeatedly. */
static GC_INLINE void closure_drain_alone(struct gc_worker *worker, closure_visit *visit) {
  do
    worker->counts.objects += closure_batch(worker, CLOSURE_BATCH, false, visit);
  while (worker->stack_count || worker_refill_alone(worker));
}

#endif
