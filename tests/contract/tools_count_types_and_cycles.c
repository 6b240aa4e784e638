/* tools_count_types_and_cycles.c -- a histogram has what the program made and kept, a difference of two snapshots what
 * it made and dropped since, and cycles are counted by type. */
#include "runtime/gc_tools.h"
#include "tests/support/suite.h"

enum { TYPES_GLOBAL = 3, TYPES_ROWS = 16, TYPES_NODES = 300, TYPES_RING = 50 };

static struct gc_type_count count_of(const struct gc_type_count *rows, uint64_t count, const char *type) {
  for (uint64_t i = 0; i < count && i < TYPES_ROWS; i++)
    if (strcmp(rows[i].type, type) == 0)
      return rows[i];
  return (struct gc_type_count){.type = type};
}

static void expect_count(struct gc_type_count row, int64_t objects, size_t each_bytes) {
  EXPECT(row.objects == objects && row.bytes == objects * (int64_t)each_bytes, "%s: %lld objects, %lld bytes",
         row.type, (long long)row.objects, (long long)row.bytes);
}

/* A ring of `count` links, and as many nodes that hang together but make no cycle, both in a new array of globals. */
static void build_types(struct gc_mutator *m) {
  GC_ROOTS(m, r, head, first);
  for (unsigned i = 0; i < TYPES_NODES; i++) {
    gc_ref node = GC_NEW(m, node);
    GC_INIT(m, node, node, left, gc_get(m, &r.head));
    GC_INIT(m, node, node, right, gc_get(m, &r.head));
    gc_set(m, &r.head, node);
  }
  gc_global_store(m, TYPES_GLOBAL, gc_get(m, &r.head));
  gc_set(m, &r.head, GC_NEW(m, link));
  gc_set(m, &r.first, gc_get(m, &r.head));
  for (unsigned i = 1; i < TYPES_RING; i++) {
    gc_ref link = GC_NEW(m, link);
    GC_INIT(m, link, link, next, gc_get(m, &r.head));
    gc_set(m, &r.head, link);
  }
  GC_STORE(m, gc_get(m, &r.first), link, next, gc_get(m, &r.head));
  gc_global_store(m, TYPES_GLOBAL + 1, gc_get(m, &r.first));
  gc_frame_pop(m, &r.frame);
}

static void expect_cycles(struct gc_mutator *m, int64_t live, int64_t garbage_least) {
  struct gc_cycle_count rows[TYPES_ROWS];
  uint64_t count = gc_count_cycles(m, rows, TYPES_ROWS);
  if (live == 0 && garbage_least == 0) {
    EXPECT(count == 0, "%llu types in cycles", (unsigned long long)count);
    return;
  }
  EXPECT(count == 1 && strcmp(rows[0].type, "link") == 0, "%llu types in cycles, the first %s",
         (unsigned long long)count, rows[0].type);
  EXPECT(rows[0].live == live && rows[0].garbage >= garbage_least && rows[0].largest == TYPES_RING,
         "%lld live, %lld garbage, the largest %lld", (long long)rows[0].live, (long long)rows[0].garbage,
         (long long)rows[0].largest);
  EXPECT(rows[0].live_bytes == live * (int64_t)GC_SIZEOF(link), "%lld live bytes", (long long)rows[0].live_bytes);
}

TEST(tools_count_types_and_cycles) {
  struct gc_mutator *m = suite_begin(16 * GC_MIB);
  struct gc_type_count rows[TYPES_ROWS];
  struct gc_snapshot *before = gc_snapshot_take(m);
  build_types(m);
  struct gc_snapshot *after = gc_snapshot_take(m);
  EXPECT(before && after, "a snapshot was refused");
  uint64_t count = gc_type_histogram(m, rows, TYPES_ROWS);
  expect_count(count_of(rows, count, "node"), TYPES_NODES, GC_SIZEOF(node));
  expect_count(count_of(rows, count, "link"), TYPES_RING, GC_SIZEOF(link));
  expect_count(count_of(rows, count, "globals"), 1, sizeof(struct gc_globals));
  EXPECT(count == 3 && strcmp(rows[0].type, "node") == 0, "%llu types, the first %s", (unsigned long long)count,
         rows[0].type);
  count = gc_snapshot_diff(before, after, rows, TYPES_ROWS);
  expect_count(count_of(rows, count, "node"), TYPES_NODES, GC_SIZEOF(node));
  EXPECT(count == 2, "the globals did not change: %llu rows", (unsigned long long)count);
  expect_cycles(m, TYPES_RING, 0);

  bool listed = suite.collector->verify_for_objects && !suite.collector->verify_young; /* young ones are not listed */
  gc_global_store(m, TYPES_GLOBAL, GC_NULL);
  gc_global_store(m, TYPES_GLOBAL + 1, GC_NULL);
  if (listed && suite.stress_every == 0 && !suite.stress_polls)
    expect_cycles(m, 0, TYPES_RING);
  gc_snapshot_free(after);
  after = gc_snapshot_take(m);
  count = gc_snapshot_diff(before, after, rows, TYPES_ROWS);
  EXPECT(count == 0, "dropped, but %llu types differ", (unsigned long long)count);
  gc_snapshot_free(before);
  gc_snapshot_free(after);
  suite_end(m);
}
