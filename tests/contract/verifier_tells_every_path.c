/* verifier_tells_every_path.c -- in slow mode the verifier goes on after the first bad edge, and prints each one with
 * the way from a root to it: types' names and fields' offsets. */
#include <signal.h>
#include <sys/wait.h>

#include "tests/support/suite.h"

enum { PATH_GLOBAL = 9, PATH_ROWS_MOST = 32, PATH_LENGTH = 40 };
static struct gc_phase path_rows[PATH_ROWS_MOST];
static bool path_armed;

static gc_ref path_load(struct gc_heap *heap, const gc_field *field) {
  uintptr_t word = field_bits(field);
  return heap->collector->verify_decode ? heap->collector->verify_decode(heap, word) : (gc_ref){word};
}

/* Every element of the array that the global node's right field refers to becomes an odd number. */
static enum gc_phase_result plant_wild_elements(struct gc_heap *heap) {
  if (!path_armed)
    return GC_NEXT;
  const struct gc_globals *globals = (const struct gc_globals *)object_header(heap->globals);
  const struct node *node = (const struct node *)object_header(path_load(heap, &globals->slot[PATH_GLOBAL]));
  struct gc_array *array = (struct gc_array *)object_header(path_load(heap, &node->right));
  for (unsigned i = 0; i < PATH_LENGTH; i++)
    field_set_bits(&array->slot[i], (uintptr_t)array + 1);
  return GC_NEXT;
}

static void collect_with_wild_elements(void *argument) {
  struct gc_collector wild = *suite.collector;
  unsigned rows = 0;
  for (const struct gc_phase *row = wild.cycles[GC_CYCLE_MAJOR]; row->name; row++) {
    EXPECT(rows + 2 < PATH_ROWS_MOST, "more rows than this test copies");
    path_rows[rows++] = *row;
  }
  path_rows[rows] = (struct gc_phase){.name = "planted", .mode = GC_STW, .run = plant_wild_elements};
  wild.cycles[GC_CYCLE_MAJOR] = path_rows;
  struct gc_heap_config config = suite_config(16 * GC_MIB);
  config.collector = &wild;
  config.verify = *(const unsigned *)argument;
  suite_calm(&config);
  struct gc_mutator *m = suite_begin_with(&config);
  GC_ROOTS(m, r, node);
  gc_set(m, &r.node, GC_NEW(m, node));
  gc_global_store(m, PATH_GLOBAL, gc_get(m, &r.node));
  gc_ref array = gc_alloc_array(m, PATH_LENGTH);
  GC_STORE(m, gc_get(m, &r.node), node, right, array);
  gc_frame_pop(m, &r.frame);
  suite_settle(m);
  path_armed = true;
  suite_settle(m);
  suite_end(m);
}

static unsigned occurrences(const char *text, const char *words) {
  unsigned count = 0;
  for (const char *at = text; (at = strstr(at, words)); at++)
    count++;
  return count;
}

TEST(verifier_tells_every_path) {
  NOT_UNDER_STRESS();
  NEEDS(reclaims);
  if (!suite.collector->cycles[GC_CYCLE_MAJOR])
    suite_skip("the plan has no major cycle");
  static char text[1 << 16];
  unsigned fast = VERIFY(heap), slow = VERIFY(heap) | VERIFY_SLOW;
  int status = suite_child(collect_with_wild_elements, &fast, text, sizeof text);
  EXPECT(WIFSIGNALED(status) && occurrences(text, "which is not aligned") < PATH_LENGTH &&
             occurrences(text, " is in ") == 0,
         "at first few words are enough: wait status %x, %s", status, text);
  status = suite_child(collect_with_wild_elements, &slow, text, sizeof text);
  char step[64];
  EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "wait status %x, %s", status, text);
  EXPECT(occurrences(text, "\ngclab: verifier heap: ") + 1 == PATH_LENGTH, "not each edge: %s", text);
  snprintf(step, sizeof step, "verifier heap: %u bad edges", PATH_LENGTH);
  EXPECT(occurrences(text, step) == 1, "no sum: %s", text);
  snprintf(step, sizeof step, "+%zu\n", offsetof(struct node, right));
  EXPECT(occurrences(text, " is in node ") == PATH_LENGTH && occurrences(text, step) >= PATH_LENGTH,
         "no step from the array to the node: %s", text);
  snprintf(step, sizeof step, "+%zu\n", offsetof(struct gc_globals, slot) + PATH_GLOBAL * sizeof(gc_field));
  EXPECT(occurrences(text, step) == PATH_LENGTH, "no step from the node to the globals: %s", text);
}
