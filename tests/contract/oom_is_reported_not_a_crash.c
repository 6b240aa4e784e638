/* oom_is_reported_not_a_crash.c -- a program that keeps too much ends in out_of_memory, called on the thread that
 * allocated, with a heap that is still whole; for small objects, large ones, and several threads. */
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/verify/verify.h"
#include "tests/support/suite.h"

enum { OOM_REPORTED = 42 };
static _Atomic unsigned reports;

static void report_oom(struct gc_heap *heap, struct gc_mutator *m, size_t bytes) {
  if (atomic_fetch_add(&reports, 1))
    for (;;) /* another thread was first and is about to end the process */
      pause();
  if (!m || !pthread_equal(m->thread, pthread_self()) || bytes == 0)
    _exit(2);
  if (m->safepoint->count == 1) { /* the world is this thread */
    struct verify_report verified;
    heap->collector->mutator_flush(heap, m);
    verify_report(heap, &verified);
    if (verified.objects == 0)
      _exit(3);
  }
  fprintf(stderr, "out of memory for %zu bytes\n", bytes);
  _exit(OOM_REPORTED);
}

static void keep_forever(struct gc_mutator *m, size_t large_bytes) {
  GC_ROOTS(m, r, list, extra);
  for (;;) {
    if (large_bytes)
      gc_set(m, &r.extra, gc_alloc_raw(m, large_bytes));
    gc_ref node = GC_NEW(m, node);
    GC_INIT(m, node, node, left, gc_get(m, &r.list));
    GC_INIT(m, node, node, right, gc_get(m, &r.extra));
    gc_set(m, &r.list, node);
  }
}

struct plea {
  size_t large_bytes;
  unsigned threads;
};

static void fill_heap(struct gc_mutator *m, unsigned index, void *argument) {
  const struct plea *plea = argument;
  keep_forever(m, index % 2 ? 0 : plea->large_bytes);
}

static void exhaust(void *argument) {
  const struct plea *plea = argument;
  struct gc_heap_config config = suite_config(4 * GC_MIB);
  config.out_of_memory = report_oom;
  suite_calm(&config);
  struct gc_mutator *m = suite_begin_with(&config);
  if (plea->threads > 1)
    suite_run_threads(m, plea->threads, fill_heap, argument);
  else
    fill_heap(m, 0, argument);
}

TEST(oom_is_reported_not_a_crash) {
  NOT_UNDER_STRESS();
  const struct plea pleas[] = {{0, 1}, {100 * 1000, 1}, {64 * GC_MIB, 1}, {(size_t)1 << 45, 1}, {20 * 1000, 3}};
  for (size_t i = 0; i < sizeof pleas / sizeof pleas[0]; i++) {
    if (pleas[i].threads > 1 && !suite.collector->attrs.threads)
      continue;
    char text[2048];
    int status = suite_child(exhaust, (void *)&pleas[i], text, sizeof text);
    EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == OOM_REPORTED, "plea %zu: wait status %x, having said: %s", i,
           status, text);
  }
}
