/* catalog.h -- `gclab list`, `gclab show` and `gclab version`: what this binary holds.  Each returns its exit code. */
#ifndef GC_BENCH_CATALOG_H
#define GC_BENCH_CATALOG_H

#include <jansson.h>

#include "bench/options.h"
#include "runtime/collector.h"

int command_list(const struct options *options);
int command_show(const struct options *options);
int command_version(const struct options *options);

/* The names of gc_attrs that are true, as {"reclaims": true, …}. */
json_t *catalog_attrs(const struct gc_attrs *attrs);

#endif
