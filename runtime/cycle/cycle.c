#include "runtime/cycle/cycle.h"

#include "runtime/base/check.h"
#include "runtime/cycle/heap.h"
#include "runtime/os/clock.h"
#include "runtime/os/cpu_clock.h"
#include "runtime/os/thread.h"
#include "runtime/stats/events.h"
#include "runtime/verify/verify.h"

static size_t used_bytes(struct gc_heap *heap) {
  return atomic_load_explicit(&heap->memory.used_bytes, memory_order_relaxed);
}

/* ---- pauses ---- */

/* CPU time of the calling thread, which drives. */
static uint64_t driver_cpu_ns(struct gc_heap *heap) { return cpu_clock_ns(&heap->driver.cpu_readings); }

/* Of that, and of the gang's helpers in their jobs. */
static uint64_t collector_cpu_ns(struct gc_heap *heap) { return driver_cpu_ns(heap) + gang_job_cpu_ns(&heap->gang); }

static void pause_open(struct gc_heap *heap) {
  struct cycle_driver *driver = &heap->driver;
  bool measured = !heap->config.unmeasured;
  GC_EVENT(pause_request, driver->kind, 0);
  driver->pause = (struct pause_event){.cycle_kind = driver->kind};
  if (measured) {
    driver->pause_cpu_begin_ns = collector_cpu_ns(heap);
    lost_begin(&driver->lost, &heap->gang);
    driver->pause.request_ns = clock_now_ns();
  }
  driver->pause.mutators = safepoint_stop(&heap->safepoint);
  if (measured)
    driver->pause.stopped_ns = clock_now_ns();
  GC_EVENT(pause_stopped, driver->pause.mutators, 0);
  driver->paused = true;
  for (struct gc_mutator *m = heap->safepoint.mutators; m; m = m->next)
    heap->collector->mutator_flush(heap, m);
  verify_stopped(heap);
}

static void pause_close(struct gc_heap *heap) {
  struct cycle_driver *driver = &heap->driver;
  verify_resuming(heap);
  driver->paused = false;
  safepoint_resume(&heap->safepoint);
  GC_EVENT(pause_resumed, 0, 0);
  if (heap->config.unmeasured)
    return;
  driver->pause.resumed_ns = clock_now_ns();
  driver->pause.lost_known = lost_end(&driver->lost, &heap->gang, &driver->pause.lost_ns);
  atomic_fetch_add_explicit(&driver->stw_cpu_ns, collector_cpu_ns(heap) - driver->pause_cpu_begin_ns,
                            memory_order_relaxed);
  driver->pause.cycle = driver->event.id;
  driver->event.pauses++;
  driver->event.stw_ns += driver->pause.resumed_ns - driver->pause.request_ns;
  pause_record(&heap->pauses, driver->pause);
}

/* ---- events ---- */

/* A cycle begins.  Returns the event of the one in which it runs, for event_close. */
static struct cycle_event event_open(struct gc_heap *heap, enum gc_reason reason) {
  struct cycle_driver *driver = &heap->driver;
  struct cycle_event outer = driver->event;
  if (heap->config.unmeasured)
    return outer;
  driver->event = (struct cycle_event){.id = ++driver->event_count,
                                       .kind = driver->kind,
                                       .reason = reason,
                                       .begin_ns = clock_now_ns(),
                                       .cpu_ns = collector_cpu_ns(heap),
                                       .used_before_bytes = used_bytes(heap)};
  atomic_store_explicit(&heap->safepoint.cycle, driver->event.id, memory_order_relaxed); /* relaxed: see note_until */
  return outer;
}

static void event_close(struct gc_heap *heap, struct cycle_event outer) {
  struct cycle_driver *driver = &heap->driver;
  if (heap->config.unmeasured)
    return;
  driver->event.end_ns = clock_now_ns();
  driver->event.cpu_ns = collector_cpu_ns(heap) - driver->event.cpu_ns;
  driver->event.used_after_bytes = used_bytes(heap);
  driver->event.metadata_bytes = atomic_load_explicit(&heap->memory.metadata_bytes, memory_order_relaxed);
  cycle_log_record(&heap->cycle_log, &driver->event);
  outer.cpu_ns += driver->event.cpu_ns; /* its begin, so that none of this is its own */
  driver->event = outer;
  if (outer.id)
    atomic_store_explicit(&heap->safepoint.cycle, outer.id, memory_order_relaxed);
}

/* ---- rows ---- */

static void run_each(struct gc_heap *heap, struct gc_mutator *m) {
  const struct gc_phase *row = heap->driver.row;
  row->each(heap, m);
  if (row->moment == GC_SNAPSHOT)
    verify_snapshot(heap, m);
}

static void run_each_stw(struct gc_heap *heap, const struct gc_phase *row) {
  for (struct gc_mutator *m = heap->safepoint.mutators; row->each && m; m = m->next)
    run_each(heap, m);
}

static void run_handshake(struct gc_heap *heap) {
  uint64_t begin_ns = heap->config.unmeasured ? 0 : clock_now_ns();
  GC_EVENT(handshake_begin, 0, 0);
  safepoint_handshake(&heap->safepoint, run_each);
  GC_EVENT(handshake_end, 0, 0);
  atomic_fetch_add_explicit(&heap->driver.handshakes, 1, memory_order_relaxed);
  if (!heap->config.unmeasured)
    histogram_record_at(&heap->pauses.handshake, clock_now_ns() - begin_ns, begin_ns);
}

static bool take_nested(struct gc_heap *heap);

static enum gc_phase_result run_row(struct gc_heap *heap, const struct gc_phase *row, bool stopped) {
  check_set_phase(row->name);
  heap->driver.row = row;
  GC_EVENT(phase_begin, (uintptr_t)row->name, stopped);
  if (stopped)
    run_each_stw(heap, row);
  else if (row->mode == GC_HANDSHAKE && row->each)
    run_handshake(heap);
  enum gc_phase_result result = row->run ? row->run(heap) : GC_NEXT;
  if (row->moment == GC_SNAPSHOT)
    verify_snapshot_complete(heap);
  if (row->moment == GC_MARKED && result == GC_NEXT)
    verify_marked(heap);
  if (!stopped && row->mode == GC_CONCURRENT)
    take_nested(heap); /* wanted after the row's last yield */
  GC_EVENT(phase_end, (uintptr_t)row->name, result);
  return result;
}

/* Runs the table of `kind`.  The calling thread drives; it is no running mutator. */
static void run_table(struct gc_heap *heap, enum gc_cycle_kind kind) {
  struct cycle_driver *driver = &heap->driver;
  bool degraded = false;
  for (const struct gc_phase *row = heap->collector->cycles[kind]; row->name;) {
    if (row->wanted && !row->wanted(heap)) {
      row++;
      continue;
    }
    bool stopped = degraded || row->mode == GC_STW;
    if (stopped && !driver->paused)
      pause_open(heap);
    if (!stopped && driver->paused)
      pause_close(heap);
    switch (run_row(heap, row, stopped)) {
    case GC_NEXT: row++; break;
    case GC_AGAIN: break;
    case GC_DEGRADE:
      GC_CHECK(0, !degraded, "phase %s degrades twice", row->name);
      degraded = true;
      atomic_fetch_add_explicit(&driver->degraded, 1, memory_order_relaxed);
    }
  }
  if (driver->paused)
    pause_close(heap);
  check_set_phase("mutators");
}

/* What worker 0 runs while the gang is parked in a concurrent row, or the driver after one. */
static bool take_nested(struct gc_heap *heap) {
  struct cycle_driver *driver = &heap->driver;
  enum gc_cycle_kind kind = (enum gc_cycle_kind)atomic_load(&driver->nested_kind);
  if (kind == GC_CYCLE_NONE)
    return false;
  enum gc_cycle_kind outer = driver->kind;
  driver->kind = kind;
  bool was_nested = heap->gang.nested;
  heap->gang.nested = true;
  struct cycle_event outer_event = event_open(heap, GC_REASON_ALLOCATION);
  run_table(heap, kind);
  event_close(heap, outer_event);
  heap->gang.nested = was_nested;
  driver->kind = outer;
  atomic_fetch_add_explicit(&driver->cycles[kind], 1, memory_order_relaxed);
  pthread_mutex_lock(&driver->lock); /* as cycle_run_nested: a new request comes before both or after both */
  atomic_store(&heap->gang.yield_wanted, 0);
  atomic_store(&driver->nested_kind, GC_CYCLE_NONE);
  pthread_cond_broadcast(&driver->changed);
  pthread_mutex_unlock(&driver->lock);
  return true;
}

/* ---- cycles ---- */

static void tell_heap(struct gc_heap *heap) {
  GC_EVENT(heap, atomic_load_explicit(&heap->memory.used_bytes, memory_order_relaxed),
           atomic_load_explicit(&heap->memory.metadata_bytes, memory_order_relaxed));
}

static void note_memory(struct gc_heap *heap, enum gc_cycle_kind kind, size_t used) {
  if (heap->config.unmeasured)
    return;
  struct memory_sample sample = {.at_ns = clock_now_ns(),
                                 .used_bytes = used,
                                 .committed_bytes = memory_committed(&heap->memory),
                                 .metadata_bytes = atomic_load_explicit(&heap->memory.metadata_bytes,
                                                                        memory_order_relaxed)};
  if (kind != GC_CYCLE_MINOR && heap->collector->live_bytes)
    sample.live_bytes = heap->collector->live_bytes(heap);
  memory_log_record(&heap->memory_log, sample);
}

/* One cycle, under driver->running.  Returns the bytes freed, or -1 if the collector chose none. */
static int64_t run_cycle(struct gc_heap *heap, enum gc_reason reason) {
  struct cycle_driver *driver = &heap->driver;
  enum gc_cycle_kind kind = heap->collector->choose(heap, reason);
  if (kind == GC_CYCLE_NONE)
    return -1;
  pthread_mutex_lock(&driver->lock);
  driver->begun++;
  pthread_mutex_unlock(&driver->lock);
  driver->kind = kind;
  size_t before = used_bytes(heap);
  tell_heap(heap);
  GC_EVENT(cycle_begin, kind, reason);
  struct cycle_event outer = event_open(heap, reason);
  run_table(heap, kind);
  event_close(heap, outer);
  size_t after = used_bytes(heap);
  note_memory(heap, kind, after);
  GC_EVENT(cycle_end, kind, before > after ? before - after : 0);
  tell_heap(heap);
  atomic_fetch_add_explicit(&driver->cycles[kind], 1, memory_order_relaxed);
  return before > after ? (int64_t)(before - after) : 0;
}

static void announce_end(struct cycle_driver *driver) {
  pthread_mutex_lock(&driver->lock);
  driver->ended = driver->begun;
  pthread_cond_broadcast(&driver->changed);
  pthread_mutex_unlock(&driver->lock);
}

/* The calling mutator's thread drives. */
static int64_t drive_here(struct gc_heap *heap, enum gc_reason reason) {
  struct cycle_driver *driver = &heap->driver;
  pthread_mutex_lock(&driver->lock);
  uint64_t seen = driver->ended;
  pthread_mutex_unlock(&driver->lock);
  pthread_mutex_lock(&driver->running);
  pthread_mutex_lock(&driver->lock);
  bool served = driver->ended != seen && reason == GC_REASON_ALLOCATION;
  pthread_mutex_unlock(&driver->lock);
  int64_t freed = -1;
  if (!served) {
    uint64_t begin_ns = heap->config.unmeasured ? 0 : driver_cpu_ns(heap);
    freed = run_cycle(heap, reason);
    if (!heap->config.unmeasured)
      atomic_fetch_add_explicit(&driver->driven_cpu_ns, driver_cpu_ns(heap) - begin_ns, memory_order_relaxed);
    announce_end(driver);
  }
  pthread_mutex_unlock(&driver->running);
  return freed;
}

static void request_locked(struct cycle_driver *driver, enum gc_reason reason) {
  if (!driver->requested || reason > driver->reason)
    driver->reason = reason;
  driver->requested = true;
  pthread_cond_broadcast(&driver->changed);
}

void cycle_request(struct gc_heap *heap, enum gc_reason reason) {
  struct cycle_driver *driver = &heap->driver;
  pthread_mutex_lock(&driver->lock);
  request_locked(driver, reason);
  pthread_mutex_unlock(&driver->lock);
}

/* The cycle thread drives; the caller waits for the end of a cycle that began after its request.  A request that only
 * wants memory is content with the one that is running. */
static int64_t wait_for_thread(struct gc_heap *heap, enum gc_reason reason) {
  struct cycle_driver *driver = &heap->driver;
  size_t before = used_bytes(heap);
  pthread_mutex_lock(&driver->lock);
  bool running = driver->begun != driver->ended;
  bool served = running && reason == GC_REASON_ALLOCATION;
  uint64_t target = driver->ended + 1;
  if (!served) {
    target = driver->begun + 1;
    request_locked(driver, reason);
  }
  while (driver->ended < target)
    pthread_cond_wait(&driver->changed, &driver->lock);
  pthread_mutex_unlock(&driver->lock);
  size_t after = used_bytes(heap);
  return served ? -1 : before > after ? (int64_t)(before - after) : 0;
}

int64_t cycle_run(struct gc_heap *heap, struct gc_mutator *m, enum gc_reason reason) {
  return heap->collector->collect ? heap->collector->collect(heap, m, reason) : cycle_drive(heap, m, reason);
}

int64_t cycle_drive(struct gc_heap *heap, struct gc_mutator *m, enum gc_reason reason) {
  mutator_block(m);
  int64_t freed = heap->driver.has_thread ? wait_for_thread(heap, reason) : drive_here(heap, reason);
  mutator_unblock(m);
  return freed;
}

/* Model of the request and of take_nested: tests/model/gang.pml. */
bool cycle_run_nested(struct gc_heap *heap, struct gc_mutator *m, enum gc_cycle_kind kind) {
  struct cycle_driver *driver = &heap->driver;
  mutator_block(m);
  pthread_mutex_lock(&driver->lock);
  bool running = driver->begun != driver->ended;
  if (running) {
    atomic_store(&driver->nested_kind, kind);
    atomic_store(&heap->gang.yield_wanted, 1);
    while (atomic_load(&driver->nested_kind) != GC_CYCLE_NONE && driver->begun != driver->ended)
      pthread_cond_wait(&driver->changed, &driver->lock);
  }
  pthread_mutex_unlock(&driver->lock);
  mutator_unblock(m);
  return running;
}

/* ---- the cycle thread ---- */

static void *cycle_thread(void *argument) {
  struct gc_heap *heap = argument;
  struct cycle_driver *driver = &heap->driver;
  pthread_mutex_lock(&driver->lock);
  for (;;) {
    while (!driver->requested && !driver->quit)
      pthread_cond_wait(&driver->changed, &driver->lock);
    if (driver->quit)
      break;
    enum gc_reason reason = driver->reason;
    driver->requested = false;
    pthread_mutex_unlock(&driver->lock);

    pthread_mutex_lock(&driver->running);
    bool none = run_cycle(heap, reason) < 0;
    pthread_mutex_unlock(&driver->running);

    pthread_mutex_lock(&driver->lock);
    if (none && !driver->requested)
      driver->begun++; /* a request that was declined counts as served, unless a new one may lead to a cycle */
    driver->ended = driver->begun;
    atomic_store(&driver->nested_kind, GC_CYCLE_NONE);
    atomic_store(&heap->gang.yield_wanted, 0);
    pthread_cond_broadcast(&driver->changed);
  }
  pthread_mutex_unlock(&driver->lock);
  return NULL;
}

bool cycle_driver_init(struct gc_heap *heap) {
  struct cycle_driver *driver = &heap->driver;
  pthread_mutex_init(&driver->running, NULL);
  pthread_mutex_init(&driver->lock, NULL);
  thread_cond_init(&driver->changed);
  heap->gang.yield = take_nested;
  if (!heap->collector->attrs.concurrent)
    return true;
  driver->has_thread = thread_start(&driver->thread, "gc-cycle", cycle_thread, heap);
  return driver->has_thread;
}

void cycle_driver_fini(struct gc_heap *heap) {
  struct cycle_driver *driver = &heap->driver;
  if (driver->has_thread) {
    pthread_mutex_lock(&driver->lock);
    driver->quit = true;
    pthread_cond_broadcast(&driver->changed);
    pthread_mutex_unlock(&driver->lock);
    pthread_join(driver->thread, NULL);
  }
  pthread_cond_destroy(&driver->changed);
  pthread_mutex_destroy(&driver->lock);
  pthread_mutex_destroy(&driver->running);
}
