/* series.h -- the files of invocations, streamed into what a chart can hold: quantile curves of pauses, series of at
 * most so many points, the longest of the spans of a timeline.
 *
 * Memory does not depend on the length of the files.  One thread. */
#ifndef GC_PAGE_SERIES_H
#define GC_PAGE_SERIES_H

#include <jansson.h>

#include "bench/page/gather.h"

struct series_limits {
  size_t spans, points; /* that one case may add to the page */
};

/* {"<kind>": {"n":, "max_ns":, "curve": [[1 - q, ns], …], "sum_ns":}, …} over all ok invocations of the case; NULL if
 * none of them wrote pauses. */
json_t *series_pauses(const struct page_case *c);

/* Of the first ok invocation that wrote pauses or cycles: {"file":, "end_ns":, "total": spans there were, "lanes":
 * [{"name":, "spans": [[begin_ns, duration_ns, text], …]}, …]}; or NULL. */
json_t *series_timeline(const struct page_case *c, const struct series_limits *limits);

/* Of the first ok invocation that wrote samples or cycles: {"file":, "<series>": [[t_ns, bytes], …], …}; or NULL. */
json_t *series_memory(const struct page_case *c, const struct series_limits *limits);

#endif
