/* verifier_finds_a_lost_mark.c -- one mark bit of a live object is cleared behind the collector's back; verifier `heap`
 * alone finds it, and so does `remark` where the plan says when marking is complete.  For plans that mark beside the
 * heap. */
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/suite.h"

enum { LOST_VICTIM = 9, LOST_ROWS_MOST = 32 };
static struct gc_phase lossy_rows[LOST_ROWS_MOST];
static bool lossy_armed, lossy_planted;

/* The object that global LOST_VICTIM refers to. */
static struct gc_header *victim_of(struct gc_heap *heap) {
  const struct gc_globals *globals = (const struct gc_globals *)object_header(heap->globals);
  uintptr_t word = field_bits(&globals->slot[LOST_VICTIM]);
  return heap->collector->verify_decode ? object_header(heap->collector->verify_decode(heap, word))
                                        : (struct gc_header *)word;
}

static enum gc_phase_result lose_a_mark(struct gc_heap *heap) {
  const struct sidemap *marks = &gang_driver(&heap->gang)->marks;
  uintptr_t victim = (uintptr_t)victim_of(heap);
  if (!lossy_armed)
    return GC_NEXT;
  if (!marks->words || !sidemap_test(marks, victim))
    _exit(SUITE_SKIPPED); /* this plan's marks are elsewhere */
  sidemap_clear_par(marks, victim);
  return GC_NEXT;
}

/* The plan with one more row, once marking is complete and before anybody looks. */
static struct gc_collector lossy_collector(void) {
  struct gc_collector lossy = *suite.collector;
  unsigned to = 0;
  for (const struct gc_phase *row = lossy.cycles[GC_CYCLE_MAJOR]; row && row->name; row++) {
    EXPECT(to + 2 < LOST_ROWS_MOST, "more rows than this test copies");
    lossy_rows[to++] = *row;
    if (strcmp(row->name, "weak") == 0) {
      lossy_rows[to - 1].moment = GC_UNREMARKABLE;
      lossy_rows[to++] = (struct gc_phase){
          .name = "planted", .mode = GC_STW, .moment = row->moment, .run = lose_a_mark};
      lossy_planted = true;
    }
  }
  lossy.cycles[GC_CYCLE_MAJOR] = lossy_rows;
  return lossy;
}

struct loss {
  bool arm;
  unsigned verify;
};

static void collect_with_loss(void *argument) {
  const struct loss *loss = argument;
  struct gc_collector lossy = lossy_collector();
  struct gc_heap_config config = suite_config(16 * GC_MIB);
  config.collector = &lossy;
  config.verify = loss->verify;
  struct gc_mutator *m = suite_begin_with(&config);
  gc_ref leaf = GC_NEW(m, leaf);
  gc_global_store(m, LOST_VICTIM, leaf);
  suite_settle(m);
  lossy_armed = loss->arm;
  suite_settle(m);
  suite_end(m);
}

TEST(verifier_finds_a_lost_mark) {
  NEEDS(reclaims);
  lossy_collector();
  if (!lossy_planted)
    suite_skip("no row of the plan's cycle completes marking");
  char text[2048];
  struct loss loss = {.arm = false, .verify = VERIFY_ALL};
  int status = suite_child(collect_with_loss, &loss, text, sizeof text);
  EXPECT(status == 0, "the extra row alone: wait status %x, having said: %s", status, text);
  loss = (struct loss){.arm = true, .verify = VERIFY(heap)};
  status = suite_child(collect_with_loss, &loss, text, sizeof text);
  if (WIFEXITED(status) && WEXITSTATUS(status) == SUITE_SKIPPED)
    suite_skip("the plan keeps no marks beside the heap");
  suite_expect_abort(collect_with_loss, &loss, "verifier heap: 1 bad edges");
  if (!suite.collector->verify_marked)
    return;
  loss.verify = VERIFY(remark);
  suite_expect_abort(collect_with_loss, &loss, "verifier remark: 1 bad edges");
}
