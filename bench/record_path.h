/* record_path.h -- a field of a record by its path: "pauses.stw_total.p99_ns".
 *
 * Called by whatever reads records back.  Paths are data (a metric's, a filter's), so that one table row is enough for
 * one more of them.  Parent only. */
#ifndef GC_BENCH_RECORD_PATH_H
#define GC_BENCH_RECORD_PATH_H

#include <jansson.h>

/* The value at `path`, names apart by dots; NULL if there is none.  Not a new reference. */
const json_t *record_at(const json_t *record, const char *path);

/* The number there; NaN for null, for what is no number and for what is not there. */
double record_number(const json_t *record, const char *path);
/* The text there, or "". */
const char *record_text(const json_t *record, const char *path);

#endif
