/* verifier_finds_a_lost_mark.c -- one mark bit of a live object is cleared behind the collector's back; the cycle's
 * verification fails.  For plans that mark beside the heap. */
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/suite.h"

enum { VICTIM = 9, ROWS_MOST = 32 };
static struct gc_phase faulty_rows[ROWS_MOST];
static bool armed, planted;

/* The object that global VICTIM refers to. */
static struct gc_header *victim_of(struct gc_heap *heap) {
  const struct gc_globals *globals = (const struct gc_globals *)object_header(heap->globals);
  uintptr_t word = field_bits(&globals->slot[VICTIM]);
  return heap->collector->verify_decode ? object_header(heap->collector->verify_decode(heap, word))
                                        : (struct gc_header *)word;
}

static enum gc_phase_result lose_a_mark(struct gc_heap *heap) {
  const struct sidemap *marks = &gang_driver(&heap->gang)->marks;
  uintptr_t victim = (uintptr_t)victim_of(heap);
  if (!armed)
    return GC_NEXT;
  if (!marks->words || !sidemap_test(marks, victim))
    _exit(SUITE_SKIPPED); /* this plan's marks are elsewhere */
  sidemap_clear_par(marks, victim);
  return GC_NEXT;
}

/* The plan with one more row, once marking is complete. */
static struct gc_collector faulty_collector(void) {
  struct gc_collector faulty = *suite.collector;
  unsigned to = 0;
  for (const struct gc_phase *row = faulty.cycles[GC_CYCLE_MAJOR]; row && row->name; row++) {
    EXPECT(to + 2 < ROWS_MOST, "more rows than this test copies");
    faulty_rows[to++] = *row;
    if (strcmp(row->name, "weak") == 0) {
      faulty_rows[to++] = (struct gc_phase){.name = "planted", .mode = GC_STW, .run = lose_a_mark};
      planted = true;
    }
  }
  faulty.cycles[GC_CYCLE_MAJOR] = faulty_rows;
  return faulty;
}

static void collect_with_fault(void *argument) {
  struct gc_collector faulty = faulty_collector();
  struct gc_heap_config config = suite_config(16 * GC_MIB);
  config.collector = &faulty;
  struct gc_mutator *m = suite_begin_with(&config);
  gc_ref leaf = GC_NEW(m, leaf);
  gc_global_store(m, VICTIM, leaf);
  suite_settle(m);
  armed = *(const bool *)argument;
  suite_settle(m);
  suite_end(m);
}

TEST(verifier_finds_a_lost_mark) {
  NEEDS(reclaims);
  faulty_collector();
  if (!planted)
    suite_skip("no row of the plan's cycle completes marking");
  char text[2048];
  bool arm = false;
  int status = suite_child(collect_with_fault, &arm, text, sizeof text);
  EXPECT(status == 0, "the extra row alone: wait status %x, having said: %s", status, text);
  arm = true;
  status = suite_child(collect_with_fault, &arm, text, sizeof text);
  if (WIFEXITED(status) && WEXITSTATUS(status) == SUITE_SKIPPED)
    suite_skip("the plan keeps no marks beside the heap");
  suite_expect_abort(collect_with_fault, &arm, "bad edges");
}
