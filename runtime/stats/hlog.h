/* hlog.h -- histograms as a log that HdrHistogram's tools read (log format 1.3, encoding V2, compressed).
 *
 * A line of text for each histogram: its tag, the seconds since the log began, the interval's length, its maximum in
 * milliseconds, and base64 of: cookie, length, and deflated the counts as zigzag LEB128, runs of zeros as one negative
 * number.  Our buckets (histogram.h) are not HdrHistogram's, whose sub-buckets at 3 significant digits are 2048 for the
 * first and 1024 for each further power of two: the same widths, counted from the same 0, so each count goes over as it
 * is.  One thread. */
#ifndef GC_STATS_HLOG_H
#define GC_STATS_HLOG_H

#include <stdio.h>

#include "runtime/stats/histogram.h"

/* The head of a log that began at start_s, seconds since 1970. */
void hlog_begin(FILE *file, double start_s);

/* The values of an interval [begin_s, end_s) since then.  A tag has neither comma nor space nor line break.  Without
 * values there is no line.  False if memory was refused. */
bool hlog_add(FILE *file, const char *tag, double begin_s, double end_s, const struct histogram *h);

#endif
