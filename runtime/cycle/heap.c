#include "runtime/cycle/heap.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/check.h"
#include "runtime/cycle/trigger.h"
#include "runtime/gc_checked.h"
#include "runtime/gc_control.h"
#include "runtime/gc_usage.h"
#include "runtime/mutator/grace.h"
#include "runtime/os/clock.h"
#include "runtime/os/thread.h"

/* ---- creation ---- */

static bool refuse(char *message, size_t message_bytes, const char *format, ...) GC_PRINTF(3, 4);
static bool refuse(char *message, size_t message_bytes, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, message_bytes, format, arguments);
  va_end(arguments);
  return false;
}

static bool copy_options(struct gc_heap *heap) {
  const struct gc_option *table = heap->collector->options;
  size_t count = option_count(table);
  heap->options = calloc(count + 1, sizeof *heap->options);
  if (!heap->options)
    return false;
  option_defaults(table, heap->options);
  if (heap->config.options)
    memcpy(heap->options, heap->config.options, count * sizeof *heap->options);
  return true;
}

/* One immortal object in a chunk of its own: never moved, never freed, its fields are roots. */
static bool make_globals(struct gc_heap *heap) {
  uintptr_t address = memory_take_region(&heap->memory, CHUNK_BYTES, SPACE_IMMORTAL, 0);
  if (!address)
    return false;
  memory_count_region(&heap->memory, (int64_t)align_up(sizeof(struct gc_globals), PAGE_BYTES), MEMORY_BEYOND_LIMIT);
  object_init(address, GC_TYPE_GLOBALS, 0);
  heap->globals = (gc_ref){address};
  return true;
}

size_t heap_least_bytes(const struct gc_collector *collector) {
  (void)collector;
  return 1 * GC_MIB;
}

static void poll_plan(struct gc_heap *heap, struct gc_mutator *m) {
  if (heap->collector->poll)
    heap->collector->poll(heap, m);
}
static void poll_stress(struct gc_heap *heap, struct gc_mutator *m) { cycle_run(heap, m, GC_REASON_EXPLICIT_FULL); }

static bool build(struct gc_heap *heap, char *message, size_t message_bytes) {
  const struct gc_heap_config *config = &heap->config;
  bool interleave = config->placement && strcmp(config->placement, "interleave") == 0;
  if (config->heap_bytes < heap_least_bytes(config->collector))
    return refuse(message, message_bytes, "a heap of %zu bytes is too small: every collector needs at least %zu",
                  config->heap_bytes, heap_least_bytes(config->collector));
  if (!copy_options(heap))
    return refuse(message, message_bytes, "no memory for the options");
  if (!memory_init(&heap->memory, config->heap_bytes, interleave, config->refuse_chunk)) {
    free(heap->options);
    return refuse(message, message_bytes, "the system refused the address space for a heap of %zu bytes",
                  config->heap_bytes);
  }
  if (config->watch)
    gc_type_count = GC_TYPE_TABLE; /* copies of types come while threads run; what is no type yet has no name */
  heap->memory.poisons = GC_CHECK_LEVEL >= 2 || config->verify & VERIFY(free);
  safepoint_init(&heap->safepoint, heap);
  heap_measure(heap, !config->unmeasured);
  heap->safepoint.poll_plan = poll_plan;
  heap->safepoint.poll_stress = poll_stress;
  weak_table_init(&heap->weak);
  final_table_init(&heap->final);
  pause_log_init(&heap->pauses);
  verify_init(heap);
  const char *problem = NULL;
  if (!gang_init(&heap->gang, heap, &heap->memory, config->gc_threads)) {
    problem = "the system refused a collector thread";
    goto fail_gang;
  }
  memory_add_metadata(&heap->memory, (int64_t)gang_metadata_bytes(&heap->gang));
  if (!make_globals(heap)) {
    problem = "the system refused memory for the globals";
    goto fail_globals;
  }
  problem = heap->collector->init(heap);
  if (problem)
    goto fail_globals;
  if (!cycle_driver_init(heap)) {
    problem = "the system refused the cycle thread";
    goto fail_driver;
  }
  return true;
fail_driver:
  cycle_driver_fini(heap);
  heap->collector->fini(heap);
fail_globals:
  gang_fini(&heap->gang);
fail_gang:
  verify_fini(heap);
  pause_log_fini(&heap->pauses);
  cycle_log_fini(&heap->cycle_log);
  final_table_fini(&heap->final);
  weak_table_fini(&heap->weak);
  safepoint_fini(&heap->safepoint);
  memory_fini(&heap->memory);
  free(heap->options);
  return refuse(message, message_bytes, "%s", problem);
}

struct gc_heap *heap_create(const struct gc_heap_config *config, char *message, size_t message_bytes) {
  size_t bytes = align_up(config->collector->heap_bytes, GC_CACHE_LINE_BYTES);
  struct gc_heap *heap = aligned_alloc(GC_CACHE_LINE_BYTES, bytes);
  if (!heap) {
    refuse(message, message_bytes, "no memory for the heap's own structure");
    return NULL;
  }
  memset(heap, 0, bytes);
  heap->collector = config->collector;
  heap->config = *config;
  if (heap->config.gc_threads == 0)
    heap->config.gc_threads = 1;
  heap->seconds_origin_ns = clock_now_ns();
  check_set_seed(config->seed);
  if (!build(heap, message, message_bytes)) {
    free(heap);
    return NULL;
  }
  return heap;
}

void heap_destroy(struct gc_heap *heap) {
  cycle_driver_fini(heap);
  grace_barrier(&heap->safepoint);
  heap->collector->fini(heap);
  gang_fini(&heap->gang);
  verify_fini(heap);
  memory_log_fini(&heap->memory_log);
  pause_log_fini(&heap->pauses);
  cycle_log_fini(&heap->cycle_log);
  final_table_fini(&heap->final);
  weak_table_fini(&heap->weak);
  safepoint_fini(&heap->safepoint);
  memory_fini(&heap->memory);
  free(heap->options);
  free(heap);
}

/* ---- mutators ---- */

static void attach_init(struct gc_heap *heap, struct gc_mutator *m) {
  GC_CHECK(0, heap->collector->attrs.threads || heap->safepoint.count == 1, "%s has one mutator, and another attaches",
           heap->collector->name);
  m->node = topology_current_node();
  m->stress_left = (uint32_t)heap->config.stress_every;
  if (heap->config.stress_polls)
    mutator_request_poll(m, POLL_STRESS);
  const struct alloc_watch *watch = heap->config.watch;
  m->sample_at_bytes = watch && watch->sampled ? 0 : UINT64_MAX;
  m->notes_allocs = watch && watch->each;
  m->notes_stores = atomic_load_explicit(&heap->verify.noting, memory_order_relaxed);
  heap->collector->mutator_init(heap, m);
}

struct gc_mutator *gc_attach(struct gc_heap *heap) {
  size_t bytes = align_up(heap->collector->mutator_bytes, GC_CACHE_LINE_BYTES);
  struct gc_mutator *m = aligned_alloc(GC_CACHE_LINE_BYTES, bytes);
  if (!m)
    return NULL;
  memset(m, 0, bytes);
  m->heap = heap;
  memory_add_metadata(&heap->memory, (int64_t)bytes);
  safepoint_attach(&heap->safepoint, m, attach_init);
  if (heap->collector->mutator_attached)
    heap->collector->mutator_attached(heap, m);
  return m;
}

static void detach_fini(struct gc_heap *heap, struct gc_mutator *m) {
  heap->collector->mutator_flush(heap, m);
  if (heap->collector->mutator_fini)
    heap->collector->mutator_fini(heap, m);
}

void gc_detach(struct gc_mutator *m) {
  struct gc_heap *heap = m->heap;
  safepoint_detach(&heap->safepoint, m, detach_fini);
  memory_add_metadata(&heap->memory, -(int64_t)align_up(heap->collector->mutator_bytes, GC_CACHE_LINE_BYTES));
  free(m);
}

/* ---- the rest of gc.h that is not inlined ---- */

gc_ref heap_globals(struct gc_heap *heap) { return heap->globals; }

void alloc_note(struct gc_mutator *m, gc_ref object, uint32_t type, size_t bytes) {
  m->heap->config.watch->each(m->heap->config.watch, m, object, type, bytes, __builtin_return_address(0));
}

int64_t gc_collect(struct gc_mutator *m, int generation) {
  m->stamp++; /* as checked_expire: this file is compiled once, for both forms */
  m->newborn = 0;
  return cycle_run(m->heap, m, generation == 0 ? GC_REASON_EXPLICIT_YOUNG : GC_REASON_EXPLICIT_FULL);
}

size_t gc_deliver(struct gc_mutator *m) {
  size_t delivered = 0;
  struct weak_notice notice;
  for (; weak_table_take_notice(&m->heap->weak, &notice); delivered++)
    notice.callback(m, notice.argument);
  return delivered;
}

void gc_external_bytes(struct gc_mutator *m, int64_t bytes) {
  atomic_fetch_add_explicit(&m->heap->external_bytes, bytes, memory_order_relaxed);
}

static double known(const struct gc_heap *heap, uint64_t count) {
  return heap->collector->attrs.foreign ? NAN : (double)count;
}
double gc_allocated_bytes(const struct gc_mutator *m) { return known(m->heap, m->counts.alloc_bytes); }
/* relaxed: a sum that other threads change meanwhile, read by itself */
double gc_held_bytes(const struct gc_mutator *m) {
  return known(m->heap, atomic_load_explicit(&m->heap->memory.used_bytes, memory_order_relaxed));
}
double gc_collection_count(const struct gc_mutator *m) {
  uint64_t count = 0;
  for (unsigned kind = 0; kind < GC_CYCLE_KINDS; kind++)
    count += atomic_load_explicit(&m->heap->driver.cycles[kind], memory_order_relaxed); /* relaxed: as above */
  return known(m->heap, count);
}
bool gc_set_automatic(struct gc_mutator *m, bool automatic) {
  const struct gc_control *control = m->heap->collector->control;
  if (control)
    control->enable(m->heap, automatic);
  return control != NULL;
}

static void require_table(struct gc_heap *heap, bool entered) {
  if (!entered && heap->config.out_of_memory)
    heap->config.out_of_memory(heap, NULL, sizeof(struct weak_entry));
  GC_CHECK(0, entered, "no memory for a table of weak references or finalizers");
}

void weak_register(struct gc_heap *heap, gc_ref weak, gc_ref target, void (*callback)(struct gc_mutator *, void *),
                   void *argument) {
  const struct gc_collector *collector = heap->collector;
  if (collector->weak_register)
    require_table(heap, collector->weak_register(heap, weak, target, callback, argument));
  else
    require_table(heap, weak_table_add(&heap->weak, weak, target, callback, argument));
}
gc_ref weak_find_shared(struct gc_heap *heap, gc_ref target) {
  return heap->collector->weak_shared ? heap->collector->weak_shared(heap, target) : GC_NULL;
}
void ephemeron_register(struct gc_heap *heap, gc_ref ephemeron, gc_ref key) {
  (void)key;
  require_table(heap, weak_table_add_ephemeron(&heap->weak, ephemeron));
}
void finalizer_register(struct gc_heap *heap, gc_ref object) {
  require_table(heap, final_table_add(&heap->final, object));
}
gc_ref finalizer_take(struct gc_heap *heap) { return final_table_take(&heap->final); }

/* ---- statistics ---- */

void heap_measure(struct gc_heap *heap, bool measured) {
  heap->config.unmeasured = !measured;
  heap->safepoint.unmeasured = !measured;
}

void heap_stats(struct gc_heap *heap, struct gc_heap_stats *stats) {
  *stats = (struct gc_heap_stats){0};
  struct cycle_driver *driver = &heap->driver;
  for (unsigned kind = 0; kind < GC_CYCLE_KINDS; kind++)
    stats->cycles[kind] = atomic_load_explicit(&driver->cycles[kind], memory_order_relaxed);
  stats->degraded_cycles = atomic_load_explicit(&driver->degraded, memory_order_relaxed);
  stats->verified_cycles = atomic_load_explicit(&driver->verified, memory_order_relaxed);
  stats->handshake_count = atomic_load_explicit(&driver->handshakes, memory_order_relaxed);

  struct mutator_counts counts = safepoint_counts(&heap->safepoint);
  stats->alloc_bytes = counts.alloc_bytes;
  stats->alloc_local_bytes = counts.alloc_local_bytes;
  stats->alloc_remote_bytes = counts.alloc_remote_bytes;
  stats->stalls = counts.stalls;
  stats->stall_ns = counts.stall_ns;
  stats->assist_ns = counts.assist_ns;
  stats->transition_ns = counts.transition_ns;
  stats->slow_polls = counts.slow_polls;
  stats->cpu_readings = driver->cpu_readings;
  stats->unmeasured = heap->config.unmeasured;
  memcpy(stats->tallies, counts.tallies, sizeof stats->tallies);

  stats->gc_cpu_ns = gang_cpu_ns(&heap->gang) + atomic_load_explicit(&driver->driven_cpu_ns, memory_order_relaxed) +
                     (driver->has_thread ? thread_cpu_ns(driver->thread) : 0);
  stats->gc_stw_cpu_ns = atomic_load_explicit(&driver->stw_cpu_ns, memory_order_relaxed);
  stats->gc_concurrent_cpu_ns = stats->gc_cpu_ns > stats->gc_stw_cpu_ns ? stats->gc_cpu_ns - stats->gc_stw_cpu_ns : 0;

  stats->pause_count = heap->pauses.pauses;
  stats->pause_total_ns = heap->pauses.total_ns;
  stats->pause_max_ns = heap->pauses.longest_ns;
  stats->ttsp_total_ns = heap->pauses.ttsp_ns;
  stats->ttsp_max_ns = heap->pauses.longest_ttsp_ns;

  struct worker_counts traced = gang_counts(&heap->gang);
  stats->copied_bytes = traced.copied_bytes;
  stats->objects_traced = traced.objects;
  bool one_node = heap->memory.node_count == 1;
  stats->trace_local = one_node ? traced.objects : traced.local;
  stats->trace_remote = traced.remote;
  stats->steals_local = traced.steals_local;
  stats->steals_remote = traced.steals_remote;

  stats->heap_used_bytes = atomic_load_explicit(&heap->memory.used_bytes, memory_order_relaxed);
  stats->heap_used_peak_bytes = atomic_load_explicit(&heap->memory.used_peak_bytes, memory_order_relaxed);
  stats->metadata_bytes = atomic_load_explicit(&heap->memory.metadata_bytes, memory_order_relaxed);
  stats->metadata_peak_bytes = atomic_load_explicit(&heap->memory.metadata_peak_bytes, memory_order_relaxed);
  stats->committed_bytes = memory_committed(&heap->memory);
  stats->committed_peak_bytes = atomic_load_explicit(&heap->memory.committed_peak_bytes, memory_order_relaxed);
  stats->remarks = heap->verify.remarks;
  stats->floating_objects = heap->verify.floating_objects;
  stats->floating_bytes = heap->verify.floating_bytes;
  stats->floating_peak_bytes = heap->verify.floating_peak_bytes;
  stats->live_bytes = heap->collector->live_bytes ? heap->collector->live_bytes(heap) : 0;
}
