/* verifier_finds_a_wild_reference.c -- a field of a live object is overwritten, at the end of a cycle, by what is no
 * object; the verification of that cycle fails and names the edge. */
#include "tests/support/suite.h"

enum { WILD_VICTIM = 9, WILD_ROWS_MOST = 32 };
static struct gc_phase faulty_rows[WILD_ROWS_MOST];
static uintptr_t planted_bits; /* what the victim's field holds from now on; 0: it is left alone */

static enum gc_phase_result plant(struct gc_heap *heap) {
  const struct gc_globals *globals = (const struct gc_globals *)object_header(heap->globals);
  uintptr_t word = field_bits(&globals->slot[WILD_VICTIM]);
  struct node *victim = (struct node *)(heap->collector->verify_decode
                                            ? object_header(heap->collector->verify_decode(heap, word))
                                            : (struct gc_header *)word);
  if (planted_bits)
    field_set_bits(&victim->left, planted_bits == 1 ? (uintptr_t)victim + 4 : planted_bits);
  return GC_NEXT;
}

static void collect_with_wild_reference(void *argument) {
  uintptr_t fault = *(const uintptr_t *)argument;
  struct gc_collector faulty = *suite.collector;
  unsigned rows = 0;
  for (const struct gc_phase *row = faulty.cycles[GC_CYCLE_MAJOR]; row->name; row++) {
    EXPECT(rows + 2 < WILD_ROWS_MOST, "more rows than this test copies");
    faulty_rows[rows++] = *row;
  }
  faulty_rows[rows] = (struct gc_phase){.name = "planted_bits", .mode = GC_STW, .run = plant};
  faulty.cycles[GC_CYCLE_MAJOR] = faulty_rows;
  struct gc_heap_config config = suite_config(16 * GC_MIB);
  config.collector = &faulty;
  struct gc_mutator *m = suite_begin_with(&config);
  gc_ref node = GC_NEW(m, node);
  gc_global_store(m, WILD_VICTIM, node);
  suite_settle(m);
  planted_bits = fault;
  suite_settle(m);
  suite_end(m);
}

TEST(verifier_finds_a_wild_reference) {
  NEEDS(reclaims);
  if (!suite.collector->cycles[GC_CYCLE_MAJOR])
    suite_skip("the plan has no major cycle");
  char text[2048];
  uintptr_t fault = 0;
  int status = suite_child(collect_with_wild_reference, &fault, text, sizeof text);
  EXPECT(status == 0, "the extra row alone: wait status %x, having said: %s", status, text);
  fault = 1;
  suite_expect_abort(collect_with_wild_reference, &fault, "is not aligned");
  fault = 4096;
  suite_expect_abort(collect_with_wild_reference, &fault, "lies outside the heap");
}
