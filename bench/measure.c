#include "bench/measure.h"

#include <sys/resource.h>

#include "runtime/os/clock.h"

static uint64_t timeval_ns(struct timeval t) { return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_usec * 1000u; }

static void snapshot_take(struct gc_heap *heap, struct snapshot *snapshot) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  snapshot->user_ns = timeval_ns(usage.ru_utime);
  snapshot->sys_ns = timeval_ns(usage.ru_stime);
  snapshot->process_cpu_ns = clock_process_cpu_ns();
  heap_stats(heap, &snapshot->heap);
}

bool measure_quiesce(struct gc_heap *heap) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until); /* the clock of timedlock */
  until.tv_sec++;
  return pthread_mutex_timedlock(&heap->driver.running, &until) == 0;
}

void measure_release(struct gc_heap *heap, bool quiet) {
  if (quiet)
    pthread_mutex_unlock(&heap->driver.running);
}

void measure_begin(struct gc_heap *heap, struct iteration *iteration) {
  pause_log_reset(&heap->pauses);
  memory_log_reset(&heap->memory_log);
  cycle_log_reset(&heap->cycle_log);
  safepoint_take_log(&heap->safepoint, NULL);
  snapshot_take(heap, &iteration->before);
}

/* The part of all pauses that lies in [begin_ns, end_ns). */
static uint64_t paused_ns(const struct pause_log *log, uint64_t begin_ns, uint64_t end_ns) {
  uint64_t sum = 0;
  for (size_t i = 0; i < log->count; i++) {
    uint64_t from = log->events[i].request_ns > begin_ns ? log->events[i].request_ns : begin_ns;
    uint64_t to = log->events[i].resumed_ns < end_ns ? log->events[i].resumed_ns : end_ns;
    sum += to > from ? to - from : 0;
  }
  return sum;
}

void measure_end(struct gc_heap *heap, struct iteration *iteration, uint64_t begin_ns, uint64_t end_ns,
                 struct measured *measured) {
  const struct pause_log *log = &heap->pauses;
  pause_log_settle(&heap->pauses);
  memory_log_settle(&heap->memory_log);
  snapshot_take(heap, &iteration->after);
  iteration->wall_ns = end_ns > begin_ns ? end_ns - begin_ns : 0;
  iteration->stw_ns = paused_ns(log, begin_ns, end_ns);
  iteration->pauses = log->total.count;
  if (iteration->aside)
    return;
  measured->origin_ns = heap->seconds_origin_ns;
  measured->threads.count = measured->threads.added = 0;
  safepoint_take_log(&heap->safepoint, &measured->threads);
  if (!heap->config.unmeasured)
    utilisation_add(&measured->utilisations, heap, &measured->threads, begin_ns, end_ns);
  histogram_merge(&measured->total, &log->total);
  histogram_merge(&measured->ttsp, &log->ttsp);
  histogram_merge(&measured->operation, &log->operation);
  histogram_merge(&measured->handshake, &log->handshake);
  histogram_merge(&measured->total_net, &log->total_net);
  histogram_merge(&measured->lost, &log->lost);
  histogram_merge(&measured->post_gc, &heap->memory_log.post_gc);
  histogram_merge(&measured->live, &heap->memory_log.live);
  measured->pauses_dropped += log->dropped;
  measured->stalls += iteration->after.heap.stalls - iteration->before.heap.stalls;
  measured->stw_cpu_ns += iteration->after.heap.gc_stw_cpu_ns - iteration->before.heap.gc_stw_cpu_ns;
  measured->unmeasured = heap->config.unmeasured;
  measured->wall_ns += iteration->wall_ns;
  measured->cpu_readings += iteration->after.heap.cpu_readings - iteration->before.heap.cpu_readings;
  measured->slow_polls += iteration->after.heap.slow_polls - iteration->before.heap.slow_polls;
  measured->stall_ns += iteration->after.heap.stall_ns - iteration->before.heap.stall_ns;
}
