#include "runtime/tools/snapshot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/tools/take.h"

struct gc_snapshot *gc_snapshot_take(struct gc_mutator *m) {
  struct graph graph;
  struct gc_snapshot *snapshot = malloc(sizeof *snapshot);
  if (!snapshot || !take_graph(&graph, m->heap, m, TAKE_REACHABLE, NULL, NULL)) {
    free(snapshot);
    return NULL;
  }
  snapshot->profile = profile_of(m->heap);
  if (!census_init(&snapshot->census, &graph)) {
    free(snapshot);
    snapshot = NULL;
  }
  graph_fini(&graph);
  return snapshot;
}

void gc_snapshot_free(struct gc_snapshot *snapshot) {
  if (snapshot)
    census_fini(&snapshot->census);
  free(snapshot);
}

static bool subtract(struct census *diff, const struct gc_snapshot *early, const struct gc_snapshot *late) {
  static const struct census empty;
  return census_diff(diff, early ? &early->census : &empty, &late->census);
}

uint64_t gc_snapshot_diff(const struct gc_snapshot *early, const struct gc_snapshot *late, struct gc_type_count *counts,
                          size_t limit) {
  struct census diff;
  if (!subtract(&diff, early, late))
    return GC_UNKNOWN;
  census_merge_names(&diff);
  for (size_t i = 0; i < diff.count && i < limit; i++)
    counts[i] = (struct gc_type_count){gc_types[diff.rows[i].type].name, (int64_t)diff.rows[i].objects,
                                       (int64_t)diff.rows[i].bytes};
  uint64_t count = diff.count;
  census_fini(&diff);
  return count;
}

/* ---- by site ---- */

static int most_growth_first(const void *a, const void *b) {
  const struct profile_row *x = a, *y = b;
  return x->live_bytes == y->live_bytes ? 0 : x->live_bytes < y->live_bytes ? 1 : -1;
}

static uint64_t tell_sites(struct profile_row *rows, size_t row_count, struct gc_site_count *counts, size_t limit) {
  uint64_t count = 0;
  qsort(rows, row_count, sizeof *rows, most_growth_first);
  for (size_t i = 0; i < row_count; i++) {
    int64_t objects = llround(rows[i].live_objects), bytes = llround(rows[i].live_bytes);
    if ((objects || bytes) && count++ < limit) {
      struct gc_site_count *told = &counts[count - 1];
      *told = (struct gc_site_count){.type = rows[i].type, .objects = objects, .bytes = bytes};
      snprintf(told->site, sizeof told->site, "%s:%d %s", rows[i].file, rows[i].line, rows[i].function);
    }
  }
  return count;
}

uint64_t gc_snapshot_diff_sites(const struct gc_snapshot *early, const struct gc_snapshot *late,
                                struct gc_site_count *counts, size_t limit) {
  struct census diff;
  size_t row_count;
  if (!late->profile)
    return 0;
  if (!subtract(&diff, early, late))
    return GC_UNKNOWN;
  struct lines *lines = lines_open();
  profile_acquire(late->profile);
  struct profile_row *rows = profile_rows(late->profile, lines, &diff, &row_count);
  profile_release(late->profile);
  uint64_t count = rows ? tell_sites(rows, row_count, counts, limit) : GC_UNKNOWN;
  free(rows);
  lines_close(lines);
  census_fini(&diff);
  return count;
}
