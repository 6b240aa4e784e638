#include "runtime/trace/rc_grace.h"

#include <stdlib.h>

#include "runtime/base/chaos.h"
#include "runtime/mutator/grace.h"

struct rc_batch {
  struct rcu_head head;
  struct rc_grace *grace;
  struct rc_batch *previous, *next;
  struct rc_buffer items; /* empty once the stopped world took them */
};

bool rc_grace_init(struct rc_grace *grace, struct safepoint *safepoint, struct rc_pool *pool) {
  *grace = (struct rc_grace){.safepoint = safepoint};
  rc_buffer_init(&grace->ready, pool, NULL, 0);
  return pthread_mutex_init(&grace->lock, NULL) == 0;
}

void rc_grace_fini(struct rc_grace *grace) {
  rc_buffer_clear(&grace->ready);
  pthread_mutex_destroy(&grace->lock);
}

static void link_locked(struct rc_batch *batch) {
  batch->next = batch->grace->in_flight;
  if (batch->next)
    batch->next->previous = batch;
  batch->grace->in_flight = batch;
}

static void unlink_locked(struct rc_batch *batch) {
  if (batch->previous)
    batch->previous->next = batch->next;
  else
    batch->grace->in_flight = batch->next;
  if (batch->next)
    batch->next->previous = batch->previous;
}

/* liburcu's thread. */
static void batch_ready(struct rcu_head *head) {
  grace_elapsed();
  struct rc_batch *batch = GC_CONTAINER_OF(head, struct rc_batch, head);
  struct rc_grace *grace = batch->grace;
  GC_CHAOS("rc_grace.ready");
  pthread_mutex_lock(&grace->lock);
  unlink_locked(batch);
  bool any = !rc_buffer_is_empty(&batch->items);
  rc_buffer_move(&grace->ready, &batch->items);
  if (any)
    atomic_store_explicit(&grace->any_ready, true, memory_order_relaxed);
  pthread_mutex_unlock(&grace->lock);
  rc_buffer_clear(&batch->items);
  free(batch);
  if (any)
    safepoint_request_polls(grace->safepoint, POLL_PLAN);
}

void rc_grace_defer(struct rc_grace *grace, struct rc_buffer *buffer) {
  struct rc_batch *batch = calloc(1, sizeof *batch);
  if (!batch)
    return;
  batch->grace = grace;
  rc_buffer_init(&batch->items, buffer->pool, NULL, 0);
  rc_buffer_move(&batch->items, buffer);
  pthread_mutex_lock(&grace->lock);
  link_locked(batch);
  pthread_mutex_unlock(&grace->lock);
  grace_defer(grace->safepoint, &batch->head, batch_ready);
}

static void take_ready_locked(struct rc_grace *grace, struct rc_buffer *buffer) {
  rc_buffer_move(buffer, &grace->ready);
  atomic_store_explicit(&grace->any_ready, false, memory_order_relaxed);
}

void rc_grace_take(struct rc_grace *grace, struct rc_buffer *buffer) {
  pthread_mutex_lock(&grace->lock);
  take_ready_locked(grace, buffer);
  pthread_mutex_unlock(&grace->lock);
}

void rc_grace_take_all_stw(struct rc_grace *grace, struct rc_buffer *buffer) {
  pthread_mutex_lock(&grace->lock);
  take_ready_locked(grace, buffer);
  for (struct rc_batch *batch = grace->in_flight; batch; batch = batch->next)
    rc_buffer_move(buffer, &batch->items);
  pthread_mutex_unlock(&grace->lock);
}
