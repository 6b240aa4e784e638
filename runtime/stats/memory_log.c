#include "runtime/stats/memory_log.h"

void memory_log_fini(struct memory_log *log) {
  histogram_fini(&log->post_gc);
  histogram_fini(&log->live);
}

void memory_log_settle(struct memory_log *log) {
  for (unsigned i = 0; i < log->waiting; i++) {
    histogram_record(&log->post_gc, log->values[i].used_bytes);
    if (log->values[i].live_bytes)
      histogram_record(&log->live, log->values[i].live_bytes);
  }
  log->waiting = 0;
}

void memory_log_reset(struct memory_log *log) {
  log->waiting = 0;
  histogram_reset(&log->post_gc);
  histogram_reset(&log->live);
}

void memory_log_record(struct memory_log *log, struct memory_sample sample) {
  log->values[log->waiting].used_bytes = sample.used_bytes;
  log->values[log->waiting].live_bytes = sample.live_bytes;
  if (++log->waiting == MEMORY_LOG_WAITING)
    memory_log_settle(log);
  uint64_t written = atomic_load_explicit(&log->written, memory_order_relaxed);
  /* acquire: pairs with the release in memory_log_take, which has read the entry that is overwritten now */
  if (written - atomic_load_explicit(&log->taken, memory_order_acquire) == MEMORY_LOG_SAMPLES) {
    atomic_fetch_add_explicit(&log->dropped, 1, memory_order_relaxed);
    return;
  }
  log->ring[written % MEMORY_LOG_SAMPLES] = sample;
  /* release: the sample is written; pairs with the acquire in memory_log_take */
  atomic_store_explicit(&log->written, written + 1, memory_order_release);
}

bool memory_log_take(struct memory_log *log, struct memory_sample *sample) {
  uint64_t taken = atomic_load_explicit(&log->taken, memory_order_relaxed);
  if (atomic_load_explicit(&log->written, memory_order_acquire) == taken) /* acquire: see memory_log_record */
    return false;
  *sample = log->ring[taken % MEMORY_LOG_SAMPLES];
  atomic_store_explicit(&log->taken, taken + 1, memory_order_release); /* release: see memory_log_record */
  return true;
}
