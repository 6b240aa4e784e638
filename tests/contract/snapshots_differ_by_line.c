/* snapshots_differ_by_line.c -- of what came and what went between two snapshots, the exact profile (checked forms)
 * knows the lines that had made it; by type, both are one number. */
#include "runtime/gc_tools.h"
#include "runtime/tools/profile.h"
#include "tests/support/suite.h"

enum { SNAPSHOTS_OLD = 300, SNAPSHOTS_NEW = 100, SNAPSHOTS_ROWS = 8 };

static int snapshots_line; /* where the latest list was made */

static void make_old(struct gc_mutator *m, gc_root *head) {
  snapshots_line = __LINE__ + 2;
  for (int i = 0; i < SNAPSHOTS_OLD; i++) {
    gc_ref node = GC_NEW(m, node);
    GC_INIT(m, node, node, left, gc_get(m, head));
    gc_set(m, head, node);
  }
}

static void make_new(struct gc_mutator *m, gc_root *head) {
  snapshots_line = __LINE__ + 2;
  for (int i = 0; i < SNAPSHOTS_NEW; i++) {
    gc_ref node = GC_NEW(m, node);
    GC_INIT(m, node, node, right, gc_get(m, head));
    gc_set(m, head, node);
  }
}

static void expect_site(const struct gc_site_count *row, int line, int64_t objects) {
  char site[64];
  snprintf(site, sizeof site, "tests/contract/snapshots_differ_by_line.c:%d ", line);
  EXPECT(strcmp(row->type, "node") == 0 && strncmp(row->site, site, strlen(site)) == 0, "%s at %s, not node at %s",
         row->type, row->site, site);
  EXPECT(row->objects == objects && row->bytes == objects * (int64_t)GC_SIZEOF(node), "%s: %lld objects, %lld bytes",
         row->site, (long long)row->objects, (long long)row->bytes);
}

TEST(snapshots_differ_by_line) {
  if (!suite.collector->copied_types || !GC_CHECKED)
    suite_skip("no exact profile");
  struct gc_heap_config config = suite_config(16 * GC_MIB);
  struct profile *profile = profile_create(PROFILE_EXACT, 1, suite.seed);
  config.watch = profile_watch(profile);
  struct gc_mutator *m = suite_begin_with(&config);
  struct gc_site_count rows[SNAPSHOTS_ROWS];
  struct gc_type_count types[SNAPSHOTS_ROWS];
  GC_ROOTS(m, r, old, new);
  make_old(m, &r.old);
  int old_line = snapshots_line;
  struct gc_snapshot *early = gc_snapshot_take(m);
  make_new(m, &r.new);
  gc_set(m, &r.old, GC_NULL);
  struct gc_snapshot *late = gc_snapshot_take(m);
  EXPECT(early && late, "a snapshot was refused");

  uint64_t count = gc_snapshot_diff_sites(early, late, rows, SNAPSHOTS_ROWS);
  EXPECT(count == 2, "%llu lines changed", (unsigned long long)count);
  expect_site(&rows[0], snapshots_line, SNAPSHOTS_NEW);
  expect_site(&rows[1], old_line, -SNAPSHOTS_OLD);
  EXPECT(gc_snapshot_diff_sites(NULL, late, rows, SNAPSHOTS_ROWS) == 1, "more than one line is alive");
  expect_site(&rows[0], snapshots_line, SNAPSHOTS_NEW);
  const int64_t more = SNAPSHOTS_NEW - SNAPSHOTS_OLD;
  EXPECT(gc_snapshot_diff(early, late, types, SNAPSHOTS_ROWS) == 1 && types[0].objects == more &&
             types[0].bytes == more * (int64_t)GC_SIZEOF(node),
         "by type, %lld %s more, with %lld bytes", (long long)types[0].objects, types[0].type,
         (long long)types[0].bytes);
  gc_snapshot_free(early);
  gc_snapshot_free(late);
  gc_frame_pop(m, &r.frame);
  suite_end(m);
  profile_destroy(profile);
}
