#include "runtime/trace/gang.h"

#include <limits.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/chaos.h"
#include "runtime/base/check.h"
#include "runtime/os/cpu_clock.h"
#include "runtime/os/run_delay.h"
#include "runtime/os/thread.h"
#include "runtime/os/topology.h"
#include "runtime/stats/events.h"

#define GATE_OPEN 0x80000000u

/* ---- parking ---- */

static void sleep_on(_Atomic uint32_t *word, uint32_t seen) {
  if (schedule_is_on()) {
    if (atomic_load(word) == seen) /* no step lies between the look and the sleep, as in the kernel */
      schedule_sleep("futex", word, UINT64_MAX);
    return;
  }
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
}
static void wake_all(_Atomic uint32_t *word) {
  schedule_wake(word);
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

void gang_wake(struct gang *gang) {
  if (atomic_load(&gang->asleep) != 0)
    wake_all(&gang->serial);
}

/* Joins the open job.  False if it has ended. */
static bool enter_gate(struct gang *gang) {
  uint32_t gate = atomic_load(&gang->gate);
  while (gate & GATE_OPEN)
    /* acquire: pairs with the release that opened the gate, so `job` is seen */
    if (atomic_compare_exchange_weak(&gang->gate, &gate, gate + 1))
      return true;
  return false;
}

/* Of a helper, before it leaves a job or parks. */
static void tell_cpu_time(struct gc_worker *worker) {
  uint64_t asked = 0;
  /* relaxed: the decrement of `gate`, or the increment of `yielded`, that follows publishes it to the driver */
  atomic_store_explicit(&worker->job_cpu_ns, cpu_clock_ns(&asked), memory_order_relaxed);
}

static void *helper_body(void *argument) {
  struct gc_worker *worker = argument;
  struct gang *gang = worker->gang;
  uint32_t served = 0;
  atomic_store(&worker->run_delay, run_delay_of_this_thread());
  for (;;) {
    unsigned step = 0;
    uint32_t serial;
    while ((serial = atomic_load(&gang->serial)) == served && !atomic_load(&gang->quit))
      if (thread_spin(&step)) {
        atomic_fetch_add(&gang->asleep, 1); /* seq_cst: pairs with gang_wake, which looks after it offered */
        if (atomic_load(&gang->serial) == served)
          sleep_on(&gang->serial, served);
        atomic_fetch_sub(&gang->asleep, 1);
      }
    if (atomic_load(&gang->quit))
      return NULL;
    served = serial;
    GC_CHAOS("gang.join");
    if (!enter_gate(gang))
      continue;
    worker->node = topology_current_node();
    cpu_clock_skip();
    atomic_fetch_add(&gang->busy, 1);
    GC_EVENT(work_begin, worker->index, 0);
    gang->job(worker);
    GC_EVENT(work_end, worker->index, worker->counts.objects);
    tell_cpu_time(worker);
    atomic_fetch_sub(&gang->gate, 1); /* release: pairs with the acquire loop in gang_run */
  }
}

/* ---- jobs ---- */

static void check_worker_empty(struct gc_worker *worker) {
  GC_CHECK(1, worker->stack_count == 0 && deque_seems_empty(&worker->deque), "worker %u keeps work", worker->index);
  (void)worker;
}

/* A job inside a yield; the outer job's argument and shares are put back afterwards. */
static void run_nested(struct gang *gang, gang_job *job, void *argument) {
  void *outer_argument = gang->argument;
  size_t outer_share = atomic_load(&gang->next_share);
  gang->argument = argument;
  atomic_store(&gang->next_share, 0);
  GC_EVENT(work_begin, gang->solo->index, 0);
  job(gang->solo);
  GC_EVENT(work_end, gang->solo->index, gang->solo->counts.objects);
  check_worker_empty(gang->solo);
  gang->argument = outer_argument;
  atomic_store(&gang->next_share, outer_share);
}

void gang_run(struct gang *gang, enum gang_start start, gang_job *job, void *argument) {
  if (gang->nested) {
    run_nested(gang, job, argument);
    return;
  }
  struct gc_worker *driver = gang->workers[0];
  driver->node = topology_current_node();
  gang->job = job;
  gang->argument = argument;
  atomic_store(&gang->next_share, 0);
  driver->shares = 0;
  atomic_store(&gang->busy, 1); /* the driver */
  bool helpers = gang->count > 1;
  if (helpers) {
    atomic_store(&gang->gate, GATE_OPEN); /* release: publishes `job` */
    atomic_fetch_add(&gang->serial, 1);
    if (start == GANG_WAKE)
      gang_wake(gang);
  }
  GC_EVENT(work_begin, driver->index, 0);
  job(driver);
  GC_EVENT(work_end, driver->index, driver->counts.objects);
  if (helpers) {
    uint32_t gate = atomic_fetch_and(&gang->gate, ~GATE_OPEN);
    for (unsigned step = 0; (gate & ~GATE_OPEN) != 0; gate = atomic_load(&gang->gate))
      if (thread_spin(&step))
        sched_yield();
  }
  for (unsigned i = 0; i < gang->count; i++)
    check_worker_empty(gang->workers[i]);
}

/* ---- sharing ---- */

static void export_oldest(struct gc_worker *worker, uint32_t items) {
  uint32_t moved = 0;
  while (moved < items && deque_push(&worker->deque, worker->stack[moved]))
    moved++;
  memmove(worker->stack, worker->stack + moved, (worker->stack_count - moved) * sizeof worker->stack[0]);
  worker->stack_count -= moved;
}

void worker_spill(struct gc_worker *worker) {
  export_oldest(worker, WORKER_STACK_ITEMS / 2);
  GC_CHECK(0, worker->stack_count < WORKER_STACK_ITEMS, "no memory for the mark queue of worker %u", worker->index);
}

/* Depth-first tracing of a tree keeps few items, the oldest of them large subtrees: so two items are worth
 * sharing.  A sleeping helper is worth waking once a job has shown that it is not tiny. */
enum { SHARE_EVERY = 64, SHARE_LEAST = 2, WAKE_AFTER_SHARES = 16 };

void worker_share(struct gc_worker *worker) {
  struct gang *gang = worker->gang;
  worker->share_countdown = SHARE_EVERY;
  worker->shares++;
  if (gang->count == 1 || gang->nested || worker->stack_count < SHARE_LEAST || !deque_seems_empty(&worker->deque))
    return;
  uint32_t inside = (atomic_load_explicit(&gang->gate, memory_order_relaxed) & ~GATE_OPEN) + 1;
  if (inside < gang->count && worker->shares % WAKE_AFTER_SHARES == 0)
    gang_wake(gang);
  if (atomic_load_explicit(&gang->busy, memory_order_relaxed) < inside)
    export_oldest(worker, worker->stack_count / 2);
}

static bool refill_from_own(struct gc_worker *worker) {
  for (unsigned i = 0; i < WORKER_FIFO_ITEMS; i++) {
    uint64_t item = deque_pop(&worker->deque);
    if (!item)
      return i > 0;
    worker_push(worker, item);
  }
  return true;
}

bool worker_refill_alone(struct gc_worker *worker) { return refill_from_own(worker); }

static bool steal_one(struct gc_worker *worker) {
  struct gang *gang = worker->gang;
  for (unsigned i = 1; i < gang->count; i++) {
    struct gc_worker *victim = gang->workers[(worker->index + i) % gang->count];
    uint64_t item = deque_steal(&victim->deque);
    if (!item)
      continue;
    worker_push(worker, item);
    if (victim->node == worker->node)
      worker->counts.steals_local++;
    else
      worker->counts.steals_remote++;
    return true;
  }
  return false;
}

static bool work_in_sight(struct gang *gang) {
  for (unsigned i = 0; i < gang->count; i++)
    if (!deque_seems_empty(&gang->workers[i]->deque))
      return true;
  return false;
}

bool worker_refill(struct gc_worker *worker) {
  struct gang *gang = worker->gang;
  if (refill_from_own(worker))
    return true;
  if (gang->count == 1 || gang->nested || worker == gang->solo)
    return false;
  if (steal_one(worker))
    return true;
  atomic_fetch_sub(&gang->busy, 1);
  for (unsigned step = 0;;) {
    gang_yield(worker);
    if (work_in_sight(gang)) {
      atomic_fetch_add(&gang->busy, 1); /* before the attempt: busy never misses an item in flight */
      GC_CHAOS("gang.steal");
      if (steal_one(worker))
        return true;
      atomic_fetch_sub(&gang->busy, 1);
    }
    if (atomic_load(&gang->busy) == 0)
      return false;
    if (thread_spin(&step))
      sched_yield();
  }
}

/* ---- yielding to the driver ---- */

void gang_yield_slow(struct gc_worker *worker) {
  struct gang *gang = worker->gang;
  if (worker == gang->solo)
    return;
  if (worker->index != 0) {
    if (!atomic_load(&gang->parking)) /* worker 0 has not come here yet */
      return;
    tell_cpu_time(worker);
    atomic_fetch_add(&gang->yielded, 1);
    for (unsigned step = 0; atomic_load(&gang->parking);)
      if (thread_spin(&step))
        sched_yield();
    atomic_fetch_sub(&gang->yielded, 1);
    return;
  }
  /* worker 0: keep latecomers out, wait until all inside have parked, run the other table, go on */
  uint32_t was_open = atomic_fetch_and(&gang->gate, ~GATE_OPEN) & GATE_OPEN;
  atomic_store(&gang->parking, 1);
  for (unsigned step = 0; atomic_load(&gang->yielded) < atomic_load(&gang->gate);)
    if (thread_spin(&step))
      sched_yield();
  gang->nested = true;
  gang->yield(gang->heap);
  gang->nested = false;
  atomic_store(&gang->parking, 0); /* not before `nested` is false, or a helper would take it for its own */
  while (atomic_load(&gang->yielded) != 0)
    cpu_relax();
  atomic_fetch_or(&gang->gate, was_open);
}

/* ---- life ---- */

static struct gc_worker *worker_new(struct gang *gang, unsigned index) {
  struct gc_worker *worker = aligned_alloc(GC_CACHE_LINE_BYTES, sizeof *worker);
  if (!worker)
    return NULL;
  memset(worker, 0, sizeof *worker);
  worker->gang = gang;
  worker->heap = gang->heap;
  worker->memory = gang->memory;
  worker->index = index;
  worker->alone = gang->count == 1;
  atomic_store(&worker->run_delay, -1);
  worker->share_countdown = SHARE_EVERY;
  if (!deque_init(&worker->deque)) {
    free(worker);
    return NULL;
  }
  return worker;
}

static void worker_free(struct gc_worker *worker) {
  if (!worker)
    return;
  deque_fini(&worker->deque);
  free(worker);
}

bool gang_init(struct gang *gang, struct gc_heap *heap, const struct heap_memory *memory, unsigned count) {
  memset(gang, 0, sizeof *gang);
  gang->heap = heap;
  gang->memory = memory;
  gang->count = count;
  gang->workers = calloc(count, sizeof *gang->workers);
  gang->threads = calloc(count, sizeof *gang->threads);
  gang->solo = worker_new(gang, 0);
  unsigned started = 1;
  if (!gang->workers || !gang->threads || !gang->solo)
    goto fail;
  gang->solo->alone = true;
  for (unsigned i = 0; i < count; i++)
    if (!(gang->workers[i] = worker_new(gang, i)))
      goto fail;
  for (; started < count; started++) {
    char name[16];
    snprintf(name, sizeof name, "gc-%u", started);
    if (!thread_start(&gang->threads[started], name, helper_body, gang->workers[started]))
      goto fail;
  }
  return true;
fail:
  gang->count = started;
  gang_fini(gang);
  return false;
}

void gang_fini(struct gang *gang) {
  atomic_store(&gang->quit, 1);
  atomic_fetch_add(&gang->serial, 1);
  wake_all(&gang->serial);
  for (unsigned i = 1; gang->threads && i < gang->count; i++)
    pthread_join(gang->threads[i], NULL);
  for (unsigned i = 0; gang->workers && i < gang->count; i++)
    worker_free(gang->workers[i]);
  worker_free(gang->solo);
  free(gang->workers);
  free(gang->threads);
}

void gang_set_marks(struct gang *gang, const struct sidemap *marks) {
  gang->solo->marks = *marks;
  for (unsigned i = 0; i < gang->count; i++)
    gang->workers[i]->marks = *marks;
}

struct worker_counts gang_counts(struct gang *gang) {
  struct worker_counts sum = gang->solo->counts;
  for (unsigned i = 0; i < gang->count; i++) {
    const struct worker_counts *counts = &gang->workers[i]->counts;
    sum.objects += counts->objects;
    sum.local += counts->local;
    sum.remote += counts->remote;
    sum.steals_local += counts->steals_local;
    sum.steals_remote += counts->steals_remote;
    sum.copied_bytes += counts->copied_bytes;
  }
  return sum;
}

uint64_t gang_cpu_ns(struct gang *gang) {
  uint64_t sum = 0;
  for (unsigned i = 1; i < gang->count; i++)
    sum += thread_cpu_ns(gang->threads[i]);
  return sum;
}

uint64_t gang_job_cpu_ns(const struct gang *gang) {
  uint64_t sum = 0;
  for (unsigned i = 1; i < gang->count; i++)
    sum += atomic_load_explicit(&gang->workers[i]->job_cpu_ns, memory_order_relaxed); /* see tell_cpu_time */
  return sum;
}

void gang_begin_run_delays(struct gang *gang) {
  for (unsigned i = 1; i < gang->count; i++) {
    struct gc_worker *worker = gang->workers[i];
    if (!run_delay_read(atomic_load(&worker->run_delay), &worker->run_delay_begin_ns))
      worker->run_delay_begin_ns = UINT64_MAX; /* its thread has not told its number yet: no wait is known */
  }
}

uint64_t gang_longest_run_delay(struct gang *gang) {
  uint64_t longest_ns = 0;
  for (unsigned i = 1; i < gang->count; i++) {
    struct gc_worker *worker = gang->workers[i];
    uint64_t now_ns;
    if (worker->run_delay_begin_ns != UINT64_MAX && run_delay_read(atomic_load(&worker->run_delay), &now_ns) &&
        now_ns - worker->run_delay_begin_ns > longest_ns)
      longest_ns = now_ns - worker->run_delay_begin_ns;
  }
  return longest_ns;
}

size_t gang_metadata_bytes(struct gang *gang) {
  size_t bytes = 0;
  for (unsigned i = 0; i < gang->count; i++)
    bytes += sizeof(struct gc_worker) + gang->workers[i]->deque.bytes;
  return bytes;
}
