#include "runtime/mutator/safepoint.h"

#include "runtime/base/chaos.h"
#include "runtime/base/check.h"
#include "runtime/base/mutant.h"
#include "runtime/mutator/grace.h"
#include "runtime/os/clock.h"
#include "runtime/os/thread.h"
#include "runtime/stats/events.h"

/* heap.h is above this layer; the heap hands its safepoint to each mutator when it attaches. */
static struct safepoint *safepoint_of(struct gc_mutator *m) { return m->safepoint; }

void safepoint_init(struct safepoint *safepoint, struct gc_heap *heap) {
  *safepoint = (struct safepoint){.heap = heap};
  pthread_mutex_init(&safepoint->lock, NULL);
  thread_cond_init(&safepoint->changed);
  thread_log_init(&safepoint->departed_log);
}

void safepoint_fini(struct safepoint *safepoint) {
  GC_CHECK(0, safepoint->count == 0, "%u mutators are still attached", safepoint->count);
  thread_log_fini(&safepoint->departed_log);
  pthread_cond_destroy(&safepoint->changed);
  pthread_mutex_destroy(&safepoint->lock);
}

/* ---- sleeping until something changed ---- */

static void notify(struct safepoint *safepoint) {
  /* seq_cst: pairs with the increment in wait_locked; a sleeper that misses this notices within a millisecond */
  if (atomic_load(&safepoint->sleepers) == 0)
    return;
  pthread_mutex_lock(&safepoint->lock);
  pthread_cond_broadcast(&safepoint->changed);
  pthread_mutex_unlock(&safepoint->lock);
}

static void wait_locked(struct safepoint *safepoint) {
  atomic_fetch_add(&safepoint->sleepers, 1);
  thread_wait_briefly(&safepoint->changed, &safepoint->lock);
  atomic_fetch_sub(&safepoint->sleepers, 1);
}

/* ---- what keeps a mutator from its work ---- */

static uint64_t now_if_measured(const struct safepoint *safepoint) {
  return safepoint->unmeasured ? 0 : clock_now_ns();
}

static void note_until(struct gc_mutator *m, enum thread_event_kind kind, uint64_t begin_ns, uint64_t end_ns) {
  struct safepoint *safepoint = safepoint_of(m);
  if (safepoint->unmeasured)
    return;
  /* relaxed: a number that stands beside the event */
  thread_log_record(&m->log, (struct thread_event){begin_ns, end_ns - begin_ns,
                                                   atomic_load_explicit(&safepoint->cycle, memory_order_relaxed),
                                                   m->index, kind});
}

void safepoint_note(struct gc_mutator *m, enum thread_event_kind kind, uint64_t begin_ns) {
  note_until(m, kind, begin_ns, now_if_measured(safepoint_of(m)));
}

/* ---- state of one mutator ---- */

static void become_blocked(struct gc_mutator *m) {
  /* release: the claimer sees this thread's frames and buffers; pairs with the acquire in try_claim.
   * seq_cst, so that a stop that was decided before sees the thread blocked or the thread sees the stop */
  atomic_store(&m->state, MUTATOR_BLOCKED);
  notify(safepoint_of(m));
}

static bool try_claim(struct gc_mutator *m) {
  uint32_t blocked = MUTATOR_BLOCKED;
  /* acquire: pairs with become_blocked; seq_cst: pairs with become_running */
  return atomic_compare_exchange_strong(&m->state, &blocked, MUTATOR_CLAIMED);
}

static void unclaim(struct gc_mutator *m) {
  /* release: the owner sees what was done for it; pairs with become_running */
  atomic_store(&m->state, MUTATOR_BLOCKED);
}

/* BLOCKED → RUNNING, unless the world is stopping; waits until then.  Returns since when a stop kept it waiting;
 * 0 if none did, or if the heap is unmeasured. */
static uint64_t become_running(struct gc_mutator *m) {
  struct safepoint *safepoint = safepoint_of(m);
  uint64_t since_ns = 0;
  unsigned step = 0;
  for (;;) {
    uint32_t blocked = MUTATOR_BLOCKED;
    if (GC_MUTANT(unblock_ignores_claim)) {
      atomic_store(&m->state, MUTATOR_RUNNING);
      return since_ns;
    }
    if (!atomic_load(&safepoint->stopping) &&
        atomic_compare_exchange_strong(&m->state, &blocked, MUTATOR_RUNNING)) {
      GC_CHAOS("safepoint.running");
      /* seq_cst: a stopper that missed this thread's RUNNING wrote `stopping` before; then go back */
      if (!atomic_load(&safepoint->stopping))
        return since_ns;
      become_blocked(m);
    }
    if (!since_ns && atomic_load(&safepoint->stopping))
      since_ns = now_if_measured(safepoint);
    if (!thread_spin(&step))
      continue;
    pthread_mutex_lock(&safepoint->lock);
    if (atomic_load(&safepoint->busy))
      wait_locked(safepoint); /* release_list broadcasts under this lock */
    pthread_mutex_unlock(&safepoint->lock);
  }
}

/* `m` holds no reference in a register: what was hidden before (qsbr.h) is unknown to it from now on.
 * seq_cst: pairs with qsbr_goal; release: what it did with such references is done, pairs with qsbr_reached. */
static void mutator_copy_hidden(struct gc_mutator *m) {
  atomic_store_explicit(&m->seen_hidden, atomic_load(&safepoint_of(m)->hidden), memory_order_release);
}

void mutator_block(struct gc_mutator *m) {
  GC_CHECK(1, atomic_load(&m->state) == MUTATOR_RUNNING, "mutator %u blocks twice", m->index);
  GC_EVENT(block_begin, m->index, 0);
  grace_offline();
  m->stop_ns = 0;
  become_blocked(m);
}

void mutator_unblock(struct gc_mutator *m) {
  uint64_t since_ns = become_running(m);
  grace_online();
  mutator_copy_hidden(m);
  if (since_ns)
    safepoint_note(m, THREAD_PAUSE, since_ns);
  GC_EVENT(block_end, m->index, 0);
}

/* ---- polls ---- */

static void run_pending_action(struct gc_mutator *m) {
  struct safepoint *safepoint = safepoint_of(m);
  uint64_t number = atomic_load_explicit(&safepoint->handshake_number, memory_order_acquire);
  if (atomic_load_explicit(&m->handshake_done, memory_order_relaxed) == number)
    return;
  handshake_action *action = atomic_load_explicit(&safepoint->action, memory_order_relaxed);
  uint64_t request_ns = safepoint->handshake_request_ns, begin_ns = now_if_measured(safepoint);
  if (GC_MUTANT(handshake_acknowledged_early)) {
    atomic_store_explicit(&m->handshake_done, number, memory_order_release);
    GC_CHAOS("mutant");
  }
  GC_EVENT(action_begin, m->index, 0);
  action(safepoint->heap, m);
  GC_EVENT(action_end, m->index, 0);
  uint64_t end_ns = now_if_measured(safepoint);
  if (GC_MUTANT(handshake_unordered))
    atomic_store_explicit(&m->handshake_done, number, memory_order_relaxed);
  else /* release: the driver sees what the action did; pairs with the acquire in safepoint_handshake */
    atomic_store_explicit(&m->handshake_done, number, memory_order_release);
  notify(safepoint);
  note_until(m, THREAD_HANDSHAKE, request_ns, end_ns);
  note_until(m, THREAD_ACTION, begin_ns, end_ns);
}

/* Returns how long the thread stood still. */
static uint64_t stop_here(struct gc_mutator *m) {
  struct safepoint *safepoint = safepoint_of(m);
  if (!atomic_load(&safepoint->stopping))
    return 0;
  m->stop_ns = now_if_measured(safepoint);
  GC_EVENT(stop_begin, m->index, 0);
  grace_offline();
  become_blocked(m);
  become_running(m);
  uint64_t stopped_ns = now_if_measured(safepoint) - m->stop_ns;
  grace_online();
  GC_EVENT(stop_end, m->index, 0);
  note_until(m, THREAD_PAUSE, m->stop_ns, m->stop_ns + stopped_ns);
  return stopped_ns;
}

void mutator_poll_slow(struct gc_mutator *m) {
  struct safepoint *safepoint = safepoint_of(m);
  uint64_t begin_ns = now_if_measured(safepoint), stopped_ns = 0;
  /* acquire: whoever set a reason wrote its data before */
  uint32_t reasons = atomic_fetch_and(&m->poll, (uint32_t)POLL_STRESS);
  m->counts.slow_polls++;
  TALLY(slow_polls);
  GC_CHAOS("safepoint.poll");
  if (reasons & POLL_HANDSHAKE)
    run_pending_action(m);
  if (reasons & POLL_STOP)
    stopped_ns = stop_here(m);
  grace_quiescent();
  mutator_copy_hidden(m);
  m->counts.transition_ns += now_if_measured(safepoint) - begin_ns - stopped_ns;
  if (reasons & POLL_PLAN)
    safepoint->poll_plan(safepoint->heap, m);
  if (reasons & POLL_STRESS)
    safepoint->poll_stress(safepoint->heap, m);
}

/* ---- attach and detach ---- */

static void wait_not_busy_locked(struct safepoint *safepoint) {
  while (atomic_load(&safepoint->busy))
    wait_locked(safepoint);
}

void safepoint_attach(struct safepoint *safepoint, struct gc_mutator *m, handshake_action *init) {
  pthread_mutex_lock(&safepoint->lock);
  wait_not_busy_locked(safepoint);
  m->safepoint = safepoint;
  m->thread = pthread_self();
  m->tallies = tally_begin();
  thread_log_init(&m->log);
  m->index = safepoint->attached_ever++;
  atomic_store(&m->state, MUTATOR_RUNNING);
  atomic_store(&m->handshake_done, atomic_load(&safepoint->handshake_number));
  mutator_copy_hidden(m);
  m->next = safepoint->mutators;
  safepoint->mutators = m;
  safepoint->count++;
  init(safepoint->heap, m);
  pthread_mutex_unlock(&safepoint->lock);
  grace_attach();
  GC_EVENT(attached, m->index, 0);
}

static void add_counts(struct mutator_counts *sum, const struct gc_mutator *m) {
  const struct mutator_counts *counts = &m->counts;
  sum->alloc_bytes += counts->alloc_bytes;
  sum->alloc_local_bytes += counts->alloc_local_bytes;
  sum->alloc_remote_bytes += counts->alloc_remote_bytes;
  sum->slow_allocs += counts->slow_allocs;
  sum->slow_polls += counts->slow_polls;
  sum->stall_ns += counts->stall_ns;
  sum->stalls += counts->stalls;
  sum->transition_ns += counts->transition_ns;
  sum->assist_ns += counts->assist_ns;
  tally_sum(sum->tallies, m->tallies);
}

void safepoint_detach(struct safepoint *safepoint, struct gc_mutator *m, handshake_action *fini) {
  GC_CHECK(0, m->frames == NULL, "mutator %u detaches with frames pushed", m->index);
  GC_EVENT(detached, m->index, 0);
  grace_detach();
  become_blocked(m); /* a stop or handshake under way claims us and runs our pending action */
  pthread_mutex_lock(&safepoint->lock);
  wait_not_busy_locked(safepoint);
  fini(safepoint->heap, m);
  struct gc_mutator **link = &safepoint->mutators;
  while (*link != m)
    link = &(*link)->next;
  *link = m->next;
  safepoint->count--;
  add_counts(&safepoint->departed, m);
  thread_log_move(&safepoint->departed_log, &m->log);
  thread_log_fini(&m->log);
  pthread_mutex_unlock(&safepoint->lock);
}

/* ---- the driver's side ---- */

/* Keeps the list still.  Who attaches or detaches waits until the list is released. */
static void hold_list(struct safepoint *safepoint) {
  pthread_mutex_lock(&safepoint->lock);
  GC_CHECK(0, !atomic_load(&safepoint->busy), "two stops or handshakes at once");
  atomic_store(&safepoint->busy, true);
  pthread_mutex_unlock(&safepoint->lock);
}

static void release_list(struct safepoint *safepoint) {
  pthread_mutex_lock(&safepoint->lock);
  atomic_store(&safepoint->busy, false);
  pthread_cond_broadcast(&safepoint->changed);
  pthread_mutex_unlock(&safepoint->lock);
}

static bool acknowledged(struct gc_mutator *m, uint64_t number) {
  /* acquire: pairs with the release in run_pending_action */
  return number && atomic_load_explicit(&m->handshake_done, memory_order_acquire) == number;
}

/* Waits until `m` is claimed (true), or has acknowledged handshake `number` itself (false; 0: cannot). */
static bool claim(struct safepoint *safepoint, struct gc_mutator *m, uint64_t number) {
  for (unsigned step = 0;;) {
    GC_CHAOS("safepoint.claim");
    if (acknowledged(m, number))
      return false;
    if (try_claim(m))
      return true;
    if (!thread_spin(&step))
      continue;
    pthread_mutex_lock(&safepoint->lock);
    atomic_fetch_add(&safepoint->sleepers, 1); /* before the last look, so that its notify is not missed */
    bool claimed = try_claim(m);
    if (!claimed && !acknowledged(m, number))
      thread_wait_briefly(&safepoint->changed, &safepoint->lock);
    atomic_fetch_sub(&safepoint->sleepers, 1);
    pthread_mutex_unlock(&safepoint->lock);
    if (claimed)
      return true;
  }
}

unsigned safepoint_stop(struct safepoint *safepoint) {
  hold_list(safepoint);
  atomic_store(&safepoint->stopping, true); /* seq_cst: pairs with become_running */
  for (struct gc_mutator *m = safepoint->mutators; m; m = m->next)
    mutator_request_poll(m, POLL_STOP);
  unsigned count = 0;
  for (struct gc_mutator *m = safepoint->mutators; m; m = m->next, count++)
    claim(safepoint, m, 0);
  return count;
}

void safepoint_resume(struct safepoint *safepoint) {
  for (struct gc_mutator *m = safepoint->mutators; m; m = m->next)
    unclaim(m);
  atomic_store(&safepoint->stopping, false);
  release_list(safepoint);
}

void safepoint_handshake(struct safepoint *safepoint, handshake_action *action) {
  hold_list(safepoint);
  atomic_store_explicit(&safepoint->action, action, memory_order_relaxed);
  /* release: pairs with the acquire in run_pending_action */
  safepoint->handshake_request_ns = now_if_measured(safepoint); /* published by the number */
  uint64_t number = atomic_fetch_add_explicit(&safepoint->handshake_number, 1, memory_order_release) + 1;
  for (struct gc_mutator *m = safepoint->mutators; m; m = m->next)
    mutator_request_poll(m, POLL_HANDSHAKE);
  for (struct gc_mutator *m = safepoint->mutators; m; m = m->next) {
    if (!claim(safepoint, m, number))
      continue;
    if (!acknowledged(m, number)) {
      if (!GC_MUTANT(handshake_forgets_blocked))
        action(safepoint->heap, m);
      atomic_store_explicit(&m->handshake_done, number, memory_order_release);
      safepoint_note(m, THREAD_HANDSHAKE, safepoint->handshake_request_ns);
    }
    unclaim(m);
  }
  release_list(safepoint);
}

void safepoint_request_polls(struct safepoint *safepoint, enum poll_reason reason) {
  pthread_mutex_lock(&safepoint->lock);
  for (struct gc_mutator *m = safepoint->mutators; m; m = m->next)
    mutator_request_poll(m, reason);
  pthread_mutex_unlock(&safepoint->lock);
}

struct mutator_counts safepoint_counts(struct safepoint *safepoint) {
  pthread_mutex_lock(&safepoint->lock);
  struct mutator_counts sum = safepoint->departed;
  for (struct gc_mutator *m = safepoint->mutators; m; m = m->next)
    add_counts(&sum, m);
  pthread_mutex_unlock(&safepoint->lock);
  return sum;
}

void safepoint_take_log(struct safepoint *safepoint, struct thread_log *into) {
  pthread_mutex_lock(&safepoint->lock);
  thread_log_move(into, &safepoint->departed_log);
  for (struct gc_mutator *m = safepoint->mutators; m; m = m->next)
    thread_log_move(into, &m->log);
  pthread_mutex_unlock(&safepoint->lock);
}
