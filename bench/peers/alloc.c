/* alloc.c -- workloads/alloc.c on a peer: objects of one size, first word written, dropped at once. */
#include "bench/peers/peer.h"

enum { P_BYTES, P_COUNT };
static const char *const bytes_choices[] = {"16", "32", "64", NULL};
static const struct gc_option params[] = {
    {"bytes", GC_OPTION_CHOICE, .choices = bytes_choices, .fallback = "32", .help = "size of an object"},
    {"count", GC_OPTION_INT, 1, 1e12, .fallback = "50000000", .help = "objects that each thread allocates"},
    {0}};

/* `bytes` is a constant at each call.  The volatile store keeps the compiler from dropping object and all. */
static GC_INLINE void allocate_and_drop(size_t bytes, uint64_t count) {
  struct memory_pool pool = {0};
  for (uint64_t i = 0; i < count; i++) {
    volatile uint64_t *object = memory_new(&pool, bytes);
    *object = i;
    if (!MEMORY_COLLECTS)
      memory_free((void *)object);
  }
}

static void run(struct peer_thread *thread) {
  uint64_t count = (uint64_t)peer_int(thread, P_COUNT);
  switch (peer_int(thread, P_BYTES)) {
  case 0: allocate_and_drop(16, count); break;
  case 1: allocate_and_drop(32, count); break;
  case 2: allocate_and_drop(64, count); break;
  }
  thread->ops = count;
}

static void check(const struct peer_run *run) {
  for (unsigned i = 0; i < run->threads; i++)
    if (run->thread[i].ops != (uint64_t)run->params[P_COUNT].integer)
      peer_fail("thread %u allocated %llu objects", i, (unsigned long long)run->thread[i].ops);
}

static void drop(struct peer_thread *thread) { (void)thread; }

const struct peer_program peer_alloc = {.name = "alloc", .params = params, .run = run, .check = check, .drop = drop};
