/* profile_matches_the_allocator.c -- exact mode (checked forms) knows each line's bytes, objects and living ones to the
 * byte; samples stand for the bytes that the allocator handed out, and living ones for what is alive. */
#include <math.h>

#include "runtime/gc_tools.h"
#include "runtime/tools/profile.h"
#include "runtime/tools/take.h"
#include "tests/support/suite.h"

enum { MATCH_KEPT = 1000, MATCH_DROPPED = 5000, MATCH_GLOBAL = 40, MATCH_RAW = 48 };

static int match_kept_line, match_dropped_line;

static void make_kept_and_dropped(struct gc_mutator *m, size_t kept, size_t dropped) {
  GC_ROOTS(m, r, head);
  match_kept_line = __LINE__ + 2;
  for (size_t i = 0; i < kept; i++) {
    gc_ref node = GC_NEW(m, node);
    GC_INIT(m, node, node, left, gc_get(m, &r.head));
    gc_set(m, &r.head, node);
  }
  gc_global_store(m, MATCH_GLOBAL, gc_get(m, &r.head));
  gc_set(m, &r.head, GC_NULL);
  match_dropped_line = __LINE__ + 2;
  for (size_t i = 0; i < dropped; i++) {
    gc_ref dead = gc_alloc_raw(m, MATCH_RAW);
    gc_set(m, &r.head, dead);
  }
  gc_frame_pop(m, &r.frame);
}

static struct profile_row *take_rows(struct gc_mutator *m, struct lines *lines, size_t *count) {
  struct graph graph;
  struct census live;
  bool taken = take_graph(&graph, m->heap, m, TAKE_REACHABLE, NULL, NULL) && census_init(&live, &graph);
  EXPECT(taken, "no memory for a graph");
  struct profile_row *rows = profile_rows(profile_of(m->heap), lines, &live, count);
  census_fini(&live);
  graph_fini(&graph);
  EXPECT(rows, "no memory for rows");
  return rows;
}

static const struct profile_row *row_at(const struct profile_row *rows, size_t count, int line) {
  for (size_t i = 0; i < count; i++)
    if (rows[i].line == line && strcmp(rows[i].file, "tests/contract/profile_matches_the_allocator.c") == 0)
      return &rows[i];
  suite_fail(__FILE__, __LINE__, "a row for the line", "none of %zu rows is of line %d", count, line);
}

/* `told` is `true_value`, in exact mode; else as near as sums of so many samples are. */
static void expect_near(const char *what, double told, double true_value, double samples) {
  double most = GC_CHECKED ? 0 : 6 * true_value / sqrt(samples);
  EXPECT(fabs(told - true_value) <= most, "%s: %.0f, not %.0f", what, told, true_value);
}

TEST(profile_matches_the_allocator) {
  if (!suite.collector->copied_types)
    suite_skip("the plan keeps tables by type id");
  /* What is sampled is not made less for a sanitizer: 20 samples of what is kept are the least to say anything. */
  size_t dropped = GC_CHECKED ? suite_count(MATCH_DROPPED) : 40 * MATCH_DROPPED;
  size_t kept = GC_CHECKED ? suite_count(MATCH_KEPT) : 40 * MATCH_KEPT;
  kept = kept / 2 * 2; /* 64 bytes at once: they and the others fill blocks exactly */
  if (suite.stress_polls && !GC_CHECKED)
    suite_skip("too few samples where so little is allocated");
  struct gc_heap_config config = suite_config(64 * GC_MIB);
  struct profile *profile = profile_create(GC_CHECKED ? PROFILE_EXACT : PROFILE_SAMPLED, 64 * 1024, suite.seed);
  config.watch = profile_watch(profile);
  if (!GC_CHECKED)
    suite_calm(&config);
  struct gc_mutator *m = suite_begin_with(&config);
  make_kept_and_dropped(m, kept, dropped);

  size_t count, raw_bytes = align_up(sizeof(struct gc_raw) + MATCH_RAW, GC_OBJECT_ALIGN_BYTES);
  double kept_bytes = (double)(kept * GC_SIZEOF(node)), dropped_bytes = (double)(dropped * raw_bytes), bytes = 0;
  struct lines *lines = lines_open();
  struct profile_row *rows = take_rows(m, lines, &count);
  const struct profile_row *of_kept = row_at(rows, count, match_kept_line);
  const struct profile_row *of_dropped = row_at(rows, count, match_dropped_line);
  for (size_t i = 0; i < count; i++)
    bytes += rows[i].bytes;
  double kept_samples = kept_bytes / (64 * 1024), dropped_samples = dropped_bytes / (64 * 1024);
  expect_near("kept bytes", of_kept->bytes, kept_bytes, kept_samples);
  expect_near("kept objects", of_kept->objects, (double)kept, kept_samples);
  expect_near("kept bytes alive", of_kept->live_bytes, kept_bytes, kept_samples);
  expect_near("dropped bytes", of_dropped->bytes, dropped_bytes, dropped_samples);
  EXPECT(of_dropped->live_objects <= 0, "%.0f dropped objects are alive", of_dropped->live_objects);
  expect_near("all bytes", bytes, kept_bytes + dropped_bytes, kept_samples + dropped_samples);
  EXPECT(strcmp(of_kept->type, "node") == 0 && strcmp(of_kept->function, "make_kept_and_dropped") == 0, "%s in %s",
         of_kept->type, of_kept->function);
  if (strcmp(suite.collector->name, "epsilon") == 0 && GC_CHECKED) { /* its counts of bytes are exact, too */
    uint64_t handed_out_bytes = m->counts.alloc_bytes - (m->tlab.end - m->tlab.cursor);
    EXPECT((uint64_t)bytes == handed_out_bytes, "the profile has %.0f bytes, the allocator handed out %llu", bytes,
           (unsigned long long)handed_out_bytes);
  }
  free(rows);
  lines_close(lines);
  suite_end(m);
  profile_destroy(profile);
}
