/* other_mutator.h -- for tests of what threads wait for: a mutator on a thread of its own, which polls and blocks when
 * it is told to, and at no other time.  The test's thread tells; each call returns when that has been done. */
#ifndef TESTS_RUNTIME_OTHER_MUTATOR_H
#define TESTS_RUNTIME_OTHER_MUTATOR_H

#include <time.h>

#include "runtime/mutator/safepoint.h"
#include "tests/runtime/cmocka.h"

enum other_order { OTHER_ATTACH, OTHER_WAITS, OTHER_POLL, OTHER_BLOCK, OTHER_UNBLOCK, OTHER_QUIT };

struct other_mutator {
  struct safepoint *safepoint;
  pthread_t thread;
  _Atomic int order;
};

static inline void other_nothing(struct gc_heap *heap, struct gc_mutator *m) { (void)heap, (void)m; }

static inline struct gc_mutator *mutator_attach(struct safepoint *safepoint) {
  size_t bytes = align_up(sizeof(struct gc_mutator), GC_CACHE_LINE_BYTES);
  struct gc_mutator *m = aligned_alloc(GC_CACHE_LINE_BYTES, bytes);
  memset(m, 0, bytes);
  safepoint_attach(safepoint, m, other_nothing);
  return m;
}
static inline void mutator_detach(struct safepoint *safepoint, struct gc_mutator *m) {
  safepoint_detach(safepoint, m, other_nothing);
  free(m);
}

static inline int other_next(struct other_mutator *other) {
  int order;
  atomic_store(&other->order, OTHER_WAITS);
  while ((order = atomic_load(&other->order)) == OTHER_WAITS)
    nanosleep(&(struct timespec){0, 50000}, NULL);
  return order;
}

static inline void *other_obey(void *argument) {
  struct other_mutator *other = argument;
  struct gc_mutator *m = mutator_attach(other->safepoint);
  for (int order; (order = other_next(other)) != OTHER_QUIT;) {
    if (order == OTHER_POLL && mutator_poll_pending(m))
      mutator_poll_slow(m);
    if (order == OTHER_BLOCK)
      mutator_block(m);
    if (order == OTHER_UNBLOCK)
      mutator_unblock(m);
  }
  mutator_detach(other->safepoint, m);
  return NULL;
}

static inline void other_await(struct other_mutator *other) {
  while (atomic_load(&other->order) != OTHER_WAITS)
    nanosleep(&(struct timespec){0, 50000}, NULL);
}

static inline void other_tell(struct other_mutator *other, enum other_order order) {
  atomic_store(&other->order, order);
  if (order == OTHER_QUIT)
    pthread_join(other->thread, NULL);
  else
    other_await(other);
}

static inline void other_start(struct other_mutator *other, struct safepoint *safepoint) {
  *other = (struct other_mutator){.safepoint = safepoint};
  assert_int_equal(pthread_create(&other->thread, NULL, other_obey, other), 0);
  other_await(other);
}

#endif
