/* metric.h -- a number of a record by its short name, and how it is written.
 *
 * A name is looked for in an iteration (wall_ns: the mean over those that are no warm-up), in pauses
 * (stw_total.p99_ns), latency (simple.p99_ns), memory (peak_rss_bytes), quality, counters (page-faults.value), and in
 * the record itself; the first that has it wins.  Its last word is its unit: _ns, _bytes, _per_s.  Stateless. */
#ifndef GC_BENCH_STATS_METRIC_H
#define GC_BENCH_STATS_METRIC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* The record's sample; NaN if it has none. */
double metric_of(const json_t *record, const char *metric);

/* Adds {name: true} for each metric that the record has, null ones too: those may be asked for as well. */
void metric_collect_names(json_t *names, const json_t *record);

/* "1.28s", "64.0M": at most eight columns. */
void metric_format(const char *metric, double value, char *text, size_t text_bytes);

/* What a ratio below 1 (less) or above 1 is called: "faster" and "slower"; "smaller" and "larger"; … */
const char *metric_word(const char *metric, bool less);

#endif
