/* page_json.h -- all numbers of a report as one JSON object, what the page's scripts draw from.
 *
 * {"runs", "cases", "groups", "forests", "confidence", "made_utc", "made_by"}; missing is null, with its
 * reason beside it.  One thread. */
#ifndef GC_PAGE_PAGE_JSON_H
#define GC_PAGE_PAGE_JSON_H

#include "bench/page/gather.h"

json_t *page_json(const struct gathered *gathered);

#endif
