/* page.h -- `gclab report RUN… -o FILE`: one HTML page that works offline.
 *
 * The page is report.html with report.css, d3 and our scripts put in, and the numbers as JSON that C has aggregated, so
 * that it stays small whatever the size of the runs.  Returns its exit code.  One thread. */
#ifndef GC_PAGE_PAGE_H
#define GC_PAGE_PAGE_H

#include "bench/options.h"

int command_report(const struct options *options);

#endif
