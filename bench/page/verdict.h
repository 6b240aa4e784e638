/* verdict.h -- what the records say about which collector to use: ranks, overheads, ratios and one sentence.
 *
 * Everything is relative within a group: the cases of one workload, heap, number of threads, placement and machine.
 * A difference whose interval holds 1 is none.  One thread. */
#ifndef GC_PAGE_VERDICT_H
#define GC_PAGE_VERDICT_H

#include "bench/page/gather.h"

struct group {
  const struct page_case **cases; /* those that completed, by wall time; then the others */
  size_t count, ok_count;
};

struct groups {
  struct group *items;
  size_t count;
  const struct page_case **cases; /* what the groups point into */
};

#define VERDICT_CONFIDENCE 0.95

void groups_make(struct groups *groups, const struct gathered *gathered);
void groups_free(struct groups *groups);

/* "2x" or "64.0M". */
void case_format_heap(const struct page_case *c, char *text, size_t text_bytes);

/* False for a collector of this binary that never frees: a floor, nothing to recommend. */
bool case_reclaims(const struct page_case *c);

/* wall(c) / wall(the fastest of the group that reclaims). */
struct interval group_ratio(const struct group *group, const struct page_case *c, enum page_metric metric);

/* The lower-bound overhead: total over the least of (total - explicit cost) of all completed cases of the workload and
 * threads, whatever their heap, foreign ones left out (bench/stats/overhead.h).  Explicit is stopped time for wall,
 * all collector CPU for task clock. */
struct interval verdict_overhead(const struct gathered *gathered, const struct page_case *c, enum page_metric metric);

/* Which collector to use in this group, and why: one sentence, the caller's to free.  Names stand in `backquotes`. */
char *verdict_sentence(const struct group *group);
/* [{"heap":, "threads":, "baseline":, "rows": [{"collector":, "workload":, "ratio":}, …], "geomeans": […]}, …]. */
json_t *verdict_forests(const struct groups *groups);

#endif
