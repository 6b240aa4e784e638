/* attach_detach_in_mid_cycle.c -- threads come and go while collections run; what they leave in globals is whole. */
#include <pthread.h>

#include "tests/support/suite.h"

enum { VISITORS = 4, LINKS = 50 };

struct hotel {
  struct gc_heap *heap;
  size_t visits;
  _Atomic unsigned guests;
};

/* A short life of one thread: builds a list and leaves it in its global. */
static void stay(struct gc_heap *heap, unsigned index) {
  struct gc_mutator *m = gc_attach(heap);
  GC_ROOTS(m, r, list);
  for (uint64_t i = 0; i < LINKS; i++) {
    gc_ref link = GC_NEW(m, link);
    GC_INIT(m, link, link, next, gc_get(m, &r.list));
    GC_PUT(m, link, link, key, i);
    gc_set(m, &r.list, link);
  }
  gc_global_store(m, index, gc_get(m, &r.list));
  gc_frame_pop(m, &r.frame);
  gc_detach(m);
}

struct guest {
  struct hotel *hotel;
  unsigned index;
};

static void *guest_body(void *argument) {
  struct guest *guest = argument;
  for (size_t i = 0; i < guest->hotel->visits; i++)
    stay(guest->hotel->heap, guest->index);
  atomic_fetch_sub(&guest->hotel->guests, 1);
  return NULL;
}

TEST(attach_detach_in_mid_cycle) {
  NEEDS(threads);
  struct gc_mutator *m = suite_begin(64 * GC_MIB);
  struct hotel hotel = {m->heap, suite_count(300), VISITORS};
  struct guest guests[VISITORS];
  pthread_t threads[VISITORS];
  for (unsigned i = 0; i < VISITORS; i++) {
    guests[i] = (struct guest){&hotel, i};
    EXPECT(pthread_create(&threads[i], NULL, guest_body, &guests[i]) == 0, "thread %u", i);
  }
  do
    gc_collect(m, 1);
  while (atomic_load(&hotel.guests));
  gc_block(m);
  for (unsigned i = 0; i < VISITORS; i++)
    pthread_join(threads[i], NULL);
  gc_unblock(m);
  suite_settle(m);
  for (unsigned i = 0; i < VISITORS; i++) {
    uint64_t expected = LINKS;
    for (gc_ref link = gc_global_load(m, i); !gc_is_null(link); link = GC_LOAD(m, link, link, next))
      EXPECT(GC_DEREF(m, link, link)->key == --expected, "list %u", i);
    EXPECT(expected == 0, "%llu links are missing from list %u", (unsigned long long)expected, i);
  }
  EXPECT(m->safepoint->count == 1, "%u mutators are left", m->safepoint->count);
  suite_end(m);
}
