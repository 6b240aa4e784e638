#include "runtime/verify/verify.h"

#include <stdlib.h>

#include "runtime/base/check.h"
#include "runtime/cycle/heap.h"
#include "runtime/verify/internal.h"

static bool is_chosen(struct gc_heap *heap, unsigned verifier) { return heap->config.verify & verifier; }

void verify_init(struct gc_heap *heap) { pthread_mutex_init(&heap->verify.shadow_lock, NULL); }

void verify_fini(struct gc_heap *heap) {
  free(heap->verify.shadow);
  pthread_mutex_destroy(&heap->verify.shadow_lock);
}

void verify_stopped(struct gc_heap *heap) {
  if (!is_chosen(heap, VERIFY(remset)))
    return;
  check_set_phase("verify");
  verify_remembered(heap);
}

void verify_marked(struct gc_heap *heap) {
  if (!is_chosen(heap, VERIFY(shadow) | VERIFY(remark)))
    return;
  check_set_phase("verify");
  if (is_chosen(heap, VERIFY(shadow)))
    verify_shadow(heap);
  if (is_chosen(heap, VERIFY(remark)))
    verify_remark(heap);
}

void verify_resuming(struct gc_heap *heap) {
  if (!is_chosen(heap, VERIFY(heap) | VERIFY(counts)))
    return;
  check_set_phase("verify");
  if (is_chosen(heap, VERIFY(heap)))
    verify_heap(heap);
  if (is_chosen(heap, VERIFY(counts)))
    verify_counts(heap);
  atomic_fetch_add_explicit(&heap->driver.verified, 1, memory_order_relaxed);
}
