/* report.h -- what an invocation measured, as the JSON groups of its record.
 *
 * Every name carries its unit.  What was not measured is null, and the group's `why_null` says why.
 * Written in the invocation's process, by one thread while the world is quiet (or after it failed). */
#ifndef GC_BENCH_REPORT_H
#define GC_BENCH_REPORT_H

#include <jansson.h>

#include "bench/measure.h"
#include "bench/options.h"

/* {name: null} in `group`, with the reason. */
void report_null(json_t *group, const char *name, const char *why);

/* {name: count for each second of `ns`}, or null, with the reason, if there was none. */
void report_rate(json_t *group, const char *name, uint64_t count, uint64_t ns, const char *why_none);

json_t *report_iteration(const struct iteration *iteration);
json_t *report_pauses(const struct measured *measured);
/* The group `mmu` (utilisation.h). */
json_t *report_mmu(const struct measured *measured);
/* n, sum, mean, quantiles, max.  A quantile beyond which less than one event lies is null; `few` names those beyond
 * which fewer than ten lie. */
json_t *report_distribution(const struct histogram *h);
json_t *report_memory(struct gc_heap *heap, const struct measured *measured);
json_t *report_numa(struct gc_heap *heap, bool pinned);
/* migrations: of the mutator threads, or -1 if the kernel does not tell. */
json_t *report_quality(const struct measured *measured, int64_t migrations);
/* What --schedule did so far. */
json_t *report_schedule(const struct options *options);

/* Takes back what the other functions said of the bytes of objects, for a collector with attrs.foreign. */
void report_foreign(json_t *report);

#endif
