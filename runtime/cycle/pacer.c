#include "runtime/cycle/pacer.h"

#include "runtime/cycle/heap.h"

/* ---- formulas ---- */

size_t pacer_budget_by_rate(size_t free_bytes, double rate_bytes_per_s, double cycle_s, double margin) {
  double during = margin * rate_bytes_per_s * cycle_s;
  return during < (double)(free_bytes / 2) ? free_bytes - (size_t)during : free_bytes / 2;
}

size_t pacer_budget_fixed(size_t limit_bytes, size_t free_bytes, unsigned start_percent) {
  size_t kept_free_bytes = limit_bytes / 100 * (100 - start_percent);
  return kept_free_bytes < free_bytes / 2 ? free_bytes - kept_free_bytes : free_bytes / 2;
}

double pacer_estimate(double before, double measured) {
  return measured > before ? measured : (before + measured) / 2;
}

double pacer_next_margin(double margin, bool exhausted) {
  double next = exhausted ? margin * 2 : margin * 7 / 8;
  if (next > PACER_MARGIN_MOST)
    return PACER_MARGIN_MOST;
  return next < PACER_MARGIN_LEAST ? PACER_MARGIN_LEAST : next;
}

/* ---- mutators ---- */

/* relaxed throughout: numbers whose only consequence is a request, which takes a lock */
void pacer_allocated(struct pacer *pacer, struct gc_heap *heap, size_t bytes) {
  size_t allocated = atomic_fetch_add_explicit(&pacer->allocated_bytes, bytes, memory_order_relaxed) + bytes;
  size_t budget = atomic_load_explicit(&pacer->budget_bytes, memory_order_relaxed);
  int64_t external = atomic_load_explicit(&heap->external_bytes, memory_order_relaxed) -
                     atomic_load_explicit(&pacer->external_bytes, memory_order_relaxed);
  if (GC_LIKELY(allocated + (external > 0 ? (size_t)external : 0) < budget) || budget == SIZE_MAX)
    return;
  if (atomic_compare_exchange_strong_explicit(&pacer->budget_bytes, &budget, SIZE_MAX, memory_order_relaxed,
                                              memory_order_relaxed))
    cycle_request(heap, GC_REASON_PACING);
}

void pacer_exhausted(struct pacer *pacer) {
  atomic_store_explicit(&pacer->exhausted, true, memory_order_relaxed);
}

/* ---- the cycle's thread ---- */

static void set_budget(struct pacer *pacer, size_t free_bytes) {
  size_t budget = pacer->start_percent ? pacer_budget_fixed(pacer->limit_bytes, free_bytes, pacer->start_percent)
                  : pacer->cycle_s > 0 ? pacer_budget_by_rate(free_bytes, pacer->rate_bytes_per_s, pacer->cycle_s,
                                                              pacer->margin)
                                       : free_bytes / 2; /* nothing is known yet */
  atomic_store_explicit(&pacer->budget_bytes, budget, memory_order_relaxed);
}

void pacer_init(struct pacer *pacer, size_t limit_bytes, unsigned start_percent) {
  *pacer = (struct pacer){.limit_bytes = limit_bytes, .start_percent = start_percent, .margin = PACER_MARGIN_LEAST};
  set_budget(pacer, limit_bytes);
}

bool pacer_is_due(struct pacer *pacer) {
  return atomic_load_explicit(&pacer->budget_bytes, memory_order_relaxed) == SIZE_MAX;
}

void pacer_begin(struct pacer *pacer, uint64_t now_ns) {
  atomic_store_explicit(&pacer->budget_bytes, SIZE_MAX, memory_order_relaxed);
  pacer->begun_ns = now_ns;
  if (!pacer->flipped_ns || now_ns <= pacer->flipped_ns)
    return;
  size_t allocated = atomic_load_explicit(&pacer->allocated_bytes, memory_order_relaxed);
  double rate = (double)allocated / ((double)(now_ns - pacer->flipped_ns) * 1e-9);
  pacer->rate_bytes_per_s = pacer_estimate(pacer->rate_bytes_per_s, rate);
}

void pacer_flip(struct pacer *pacer, int64_t external_bytes, uint64_t now_ns) {
  pacer->flipped_ns = now_ns;
  atomic_store_explicit(&pacer->external_bytes, external_bytes, memory_order_relaxed);
  atomic_store_explicit(&pacer->allocated_bytes, 0, memory_order_relaxed);
}

void pacer_end(struct pacer *pacer, size_t live_bytes, size_t metadata_bytes, uint64_t now_ns) {
  pacer->cycle_s = pacer_estimate(pacer->cycle_s, (double)(now_ns - pacer->begun_ns) * 1e-9);
  bool exhausted = atomic_exchange_explicit(&pacer->exhausted, false, memory_order_relaxed);
  pacer->margin = pacer_next_margin(pacer->margin, exhausted);
  size_t held = live_bytes + metadata_bytes;
  set_budget(pacer, held < pacer->limit_bytes ? pacer->limit_bytes - held : 0);
}
