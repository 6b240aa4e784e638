/* tools_stop_a_running_world.c -- an answer is that of one moment: what other threads change between two of their polls
 * is seen whole or not at all, while all of them ask, allocate and collect. */
#include "runtime/gc_tools.h"
#include "tests/support/suite.h"

enum { RUNNING_THREADS = 3, RUNNING_GLOBAL = 20, RUNNING_QUESTIONS = 300 };

static _Atomic bool running_asked;

/* Lets both fields of the pair refer to one leaf, then to the other. */
static void change_together(struct gc_mutator *m) {
  GC_ROOTS(m, r, pair, first, second);
  gc_set(m, &r.pair, gc_global_load(m, RUNNING_GLOBAL));
  gc_set(m, &r.first, GC_NEW(m, leaf));
  gc_set(m, &r.second, GC_NEW(m, leaf));
  for (unsigned i = 0; i < 1000; i++) {
    gc_ref leaf = gc_get(m, i % 2 ? &r.first : &r.second);
    GC_STORE(m, gc_get(m, &r.pair), node, left, leaf);
    GC_STORE(m, gc_get(m, &r.pair), node, right, leaf);
    gc_poll(m);
  }
  gc_frame_pop(m, &r.frame);
}

static void ask(struct gc_mutator *m) {
  GC_ROOTS(m, r, pair);
  gc_set(m, &r.pair, gc_global_load(m, RUNNING_GLOBAL));
  for (size_t i = 0; i < suite_count(RUNNING_QUESTIONS); i++) {
    struct gc_reference found[2] = {{0}};
    uint64_t count = gc_referents(m, &r.pair, found, 2);
    EXPECT(count == 0 || (count == 2 && found[0].id == found[1].id), "%llu referents, at %zx and %zx",
           (unsigned long long)count, (size_t)found[0].id, (size_t)found[1].id);
    if (i % 32 == 0)
      gc_collect(m, 1);
  }
  gc_frame_pop(m, &r.frame);
}

static void ask_or_change(struct gc_mutator *m, unsigned index, void *argument) {
  (void)argument;
  if (index == 1)
    while (!atomic_load(&running_asked))
      change_together(m);
  else
    ask(m);
  if (index == 0)
    atomic_store(&running_asked, true);
}

TEST(tools_stop_a_running_world) {
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  gc_ref pair = GC_NEW(m, node);
  gc_global_store(m, RUNNING_GLOBAL, pair);
  if (suite.collector->attrs.threads)
    suite_run_threads(m, RUNNING_THREADS, ask_or_change, NULL);
  else
    ask(m);
  suite_end(m);
}
