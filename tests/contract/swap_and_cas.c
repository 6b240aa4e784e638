/* swap_and_cas.c -- swap returns exactly what was there, cas stores exactly when it says so: threads push to and pop
 * from shared stacks, and every node is seen once. */
#include "tests/support/suite.h"

enum { STACK = 3, MAILBOX = 4, RACERS = 4 };

struct tally {
  size_t pushes;
  _Atomic uint64_t pushed, popped, sent, received;
};

static void push(struct gc_mutator *m, const gc_root *link) {
  gc_ref globals = gc_globals(m);
  gc_field *head = GC_FIELD(m, globals, gc_globals, slot[STACK]);
  for (;;) {
    gc_ref top = gc_load(m, globals, head);
    GC_STORE(m, gc_get(m, link), link, next, top);
    if (gc_cas(m, globals, head, top, gc_get(m, link)))
      return;
  }
}

/* Returns the key, 0 if the stack is empty. */
static uint64_t pop(struct gc_mutator *m) {
  GC_ROOTS(m, r, top, next);
  uint64_t key = 0;
  for (;;) {
    gc_ref globals = gc_globals(m);
    gc_field *head = GC_FIELD(m, globals, gc_globals, slot[STACK]);
    gc_set(m, &r.top, gc_load(m, globals, head));
    if (gc_is_null(gc_get(m, &r.top)))
      break;
    gc_set(m, &r.next, GC_LOAD(m, gc_get(m, &r.top), link, next));
    if (gc_cas(m, globals, head, gc_get(m, &r.top), gc_get(m, &r.next))) {
      key = GC_DEREF(m, link, gc_get(m, &r.top))->key;
      break;
    }
    gc_poll(m);
  }
  gc_frame_pop(m, &r.frame);
  return key;
}

static uint64_t take_from_mailbox(struct gc_mutator *m, gc_ref value) {
  GC_ROOTS(m, r, old);
  gc_ref globals = gc_globals(m);
  gc_set(m, &r.old, gc_swap(m, globals, GC_FIELD(m, globals, gc_globals, slot[MAILBOX]), value));
  gc_ref old = gc_get(m, &r.old);
  uint64_t key = gc_is_null(old) ? 0 : GC_DEREF(m, link, old)->key;
  gc_frame_pop(m, &r.frame);
  return key;
}

static void race(struct gc_mutator *m, unsigned index, void *argument) {
  struct tally *tally = argument;
  uint64_t pushed = 0, popped = 0, sent = 0, received = 0;
  GC_ROOTS(m, r, link);
  for (size_t i = 0; i < tally->pushes; i++) {
    uint64_t key = (uint64_t)index << 32 | (i + 1);
    gc_set(m, &r.link, GC_NEW(m, link));
    GC_PUT(m, gc_get(m, &r.link), link, key, key);
    push(m, &r.link);
    pushed += key;
    if (i % 2)
      popped += pop(m);
    gc_set(m, &r.link, GC_NEW(m, link));
    GC_PUT(m, gc_get(m, &r.link), link, key, key);
    sent += key;
    received += take_from_mailbox(m, gc_get(m, &r.link));
    if (i % 512 == 0)
      gc_collect(m, 0);
  }
  gc_frame_pop(m, &r.frame);
  atomic_fetch_add(&tally->pushed, pushed);
  atomic_fetch_add(&tally->popped, popped);
  atomic_fetch_add(&tally->sent, sent);
  atomic_fetch_add(&tally->received, received);
}

TEST(swap_and_cas) {
  struct gc_mutator *m = suite_begin(32 * GC_MIB);
  struct tally tally = {.pushes = suite_count(4000)};
  if (suite.collector->attrs.threads)
    suite_run_threads(m, RACERS, race, &tally);
  else
    race(m, 0, &tally);
  for (uint64_t key; (key = pop(m)) != 0;)
    tally.popped += key;
  tally.received += take_from_mailbox(m, GC_NULL);
  EXPECT(tally.pushed == tally.popped, "pushed %llx, popped %llx", (unsigned long long)tally.pushed,
         (unsigned long long)tally.popped);
  EXPECT(tally.sent == tally.received, "sent %llx, received %llx", (unsigned long long)tally.sent,
         (unsigned long long)tally.received);
  gc_ref globals = gc_globals(m);
  gc_field *head = GC_FIELD(m, globals, gc_globals, slot[STACK]);
  EXPECT(gc_is_null(gc_load(m, globals, head)), "the stack is empty");
  EXPECT(!gc_cas(m, globals, head, globals, GC_NULL), "cas with a wrong expectation succeeded");
  EXPECT(gc_cas(m, globals, head, GC_NULL, GC_NULL), "cas of null failed");
  suite_end(m);
}
