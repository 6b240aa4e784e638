/* nth_chunk_refused.c -- whichever chunk the system refuses first, the heap says so when it is created, or the program
 * goes on with what there is until out_of_memory; nothing crashes and the heap stays whole. */
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/suite.h"

enum { REPORTED = 42, NOT_CREATED = 43, REFUSALS = 50 };

static void report(struct gc_heap *heap, struct gc_mutator *m, size_t bytes) {
  (void)heap, (void)m, (void)bytes;
  _exit(REPORTED);
}

/* Fills most of a heap of 64 chunks with small, middle and large objects, all of them kept for a while. */
static void fill(struct gc_mutator *m, size_t rounds) {
  GC_ROOTS(m, r, list, extra);
  for (size_t i = 0; i < rounds; i++) {
    gc_set(m, &r.extra, gc_alloc_raw(m, i % 3 == 0 ? 700 * 1000 : i % 3 * 3000));
    gc_ref node = GC_NEW(m, node);
    GC_INIT(m, node, node, left, gc_get(m, &r.list));
    GC_INIT(m, node, node, right, gc_get(m, &r.extra));
    GC_PUT(m, node, node, key, i);
    gc_set(m, &r.list, node);
    if (i % 50 == 49) {
      gc_collect(m, 1);
      EXPECT(GC_DEREF(m, node, gc_get(m, &r.list))->key == i, "node %zu", i);
    }
    if (i % 120 == 119)
      gc_set(m, &r.list, GC_NULL);
  }
  gc_frame_pop(m, &r.frame);
}

static void try_refusal(void *argument) {
  const uint64_t *refused = argument;
  struct gc_heap_config config = suite_config(256 * GC_MIB);
  config.out_of_memory = report;
  config.refuse_chunk = *refused;
  suite_calm(&config);
  char message[256] = "";
  struct gc_heap *heap = heap_create(&config, message, sizeof message);
  if (!heap && message[0])
    _exit(NOT_CREATED);
  EXPECT(heap, "a heap was refused without a reason");
  heap_destroy(heap);
  struct gc_mutator *m = suite_begin_with(&config); /* once more: what fini left behind would show */
  fill(m, 360);
  suite_end(m);
}

TEST(nth_chunk_refused) {
  NOT_UNDER_STRESS();
  unsigned complete = 0, reported = 0, not_created = 0;
  for (uint64_t refused = 1; refused <= REFUSALS; refused += suite_count(16) == 16 ? 1 : 7) {
    char text[2048];
    int status = suite_child(try_refusal, &refused, text, sizeof text);
    EXPECT(WIFEXITED(status), "chunk %llu refused: wait status %x, having said: %s", (unsigned long long)refused,
           status, text);
    complete += WEXITSTATUS(status) == 0;
    reported += WEXITSTATUS(status) == REPORTED;
    not_created += WEXITSTATUS(status) == NOT_CREATED;
    EXPECT(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == REPORTED || WEXITSTATUS(status) == NOT_CREATED,
           "chunk %llu refused: exit %d, having said: %s", (unsigned long long)refused, WEXITSTATUS(status), text);
  }
  EXPECT(not_created > 0, "no heap was refused: the first chunk is not needed?");
  EXPECT(reported > 0, "no program ran out: the refusal does nothing (%u completed)", complete);
}
