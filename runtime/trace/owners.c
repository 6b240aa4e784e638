#include "runtime/trace/owners.h"

#include <stdlib.h>

#include "runtime/base/check.h"

void owners_init(struct owners *owners, struct rc_pool *pool) {
  *owners = (struct owners){.pool = pool};
  atomic_store_explicit(&owners->used, 1, memory_order_relaxed);
}

void owners_fini(struct owners *owners) {
  for (uint32_t number = 1; number < owners_used(owners); number++) {
    struct owner *owner = owners->by_number[number];
    rc_buffer_clear(&owner->queue); /* an empty chunk */
    pthread_mutex_destroy(&owner->lock);
    free(owner);
  }
}

/* ---- numbers ---- */

static uint32_t new_number(struct owners *owners) {
  uint32_t number = owners_used(owners);
  if (number == BIASED_OWNER_LIMIT)
    return 0;
  struct owner *owner = calloc(1, sizeof *owner);
  if (!owner)
    return 0;
  pthread_mutex_init(&owner->lock, NULL);
  rc_buffer_init(&owner->queue, owners->pool, NULL, 0);
  owners->by_number[number] = owner;
  atomic_store_explicit(&owners->used, number + 1, memory_order_relaxed);
  return number;
}

uint32_t owners_attach(struct owners *owners, struct gc_mutator *m) {
  uint32_t number = 1, used = owners_used(owners);
  while (number < used && owners->by_number[number]->mutator)
    number++;
  if (number == used && !(number = new_number(owners)))
    return 0;
  struct owner *owner = owners->by_number[number];
  pthread_mutex_lock(&owner->lock); /* what the number's last bearer, and who acted for it, counted is seen */
  owner->mutator = m;
  pthread_mutex_unlock(&owner->lock);
  return number;
}

/* ---- queues ---- */

/* Each object counts in one place from now on, so that its entry is a decrement like any other.  In a queue it is in
 * use: its entry is one reference. */
static void give_up_locked(struct owner *owner, struct rc_buffer *drops) {
  for (uintptr_t item; (item = rc_buffer_pop(&owner->queue));) {
    enum biased_drop became = biased_merge((gc_ref){item});
    GC_CHECK(1, became == BIASED_IN_USE, "%p is in a queue, which does not count", (void *)item);
    rc_buffer_push(drops, item);
  }
  atomic_store_explicit(&owner->any, false, memory_order_relaxed);
}

static void take(struct owner *owner, struct rc_buffer *drops) {
  pthread_mutex_lock(&owner->lock);
  give_up_locked(owner, drops);
  pthread_mutex_unlock(&owner->lock);
}

void owners_detach(struct owners *owners, uint32_t number, struct rc_buffer *left) {
  struct owner *owner = owners->by_number[number];
  pthread_mutex_lock(&owner->lock);
  give_up_locked(owner, left);
  owner->mutator = NULL;
  pthread_mutex_unlock(&owner->lock);
}

enum biased_drop owners_hand_over(struct owners *owners, gc_ref object) {
  uint32_t number = biased_number(biased_word(object));
  if (number == 0) /* its owner gave it up meanwhile */
    return biased_drop_shared(object);
  struct owner *owner = owners->by_number[number];
  GC_CHAOS("owners.hand_over");
  pthread_mutex_lock(&owner->lock);
  bool owned = owner->mutator != NULL;
  if (owned) {
    rc_buffer_push(&owner->queue, object.bits);
    atomic_store_explicit(&owner->any, true, memory_order_relaxed); /* relaxed: the poll word carries the news */
    mutator_request_poll(owner->mutator, POLL_PLAN);
  } else {
    biased_merge(object);
  }
  pthread_mutex_unlock(&owner->lock);
  return owned ? BIASED_IN_USE : biased_drop_shared(object);
}

void owners_take(struct owners *owners, uint32_t number, struct rc_buffer *drops) {
  struct owner *owner = owners->by_number[number];
  if (atomic_load_explicit(&owner->any, memory_order_relaxed))
    take(owner, drops);
}

void owners_take_all_stw(struct owners *owners, struct rc_buffer *drops) {
  for (uint32_t number = 1; number < owners_used(owners); number++)
    take(owners->by_number[number], drops);
}
