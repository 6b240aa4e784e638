/* record_label.h -- what a record's collector is called beside others: "satb", "satb (counting build)".
 *
 * In parentheses stands whatever keeps its times from being those of a plain run: verifiers, checks, random yields, a
 * counting build, no instrumentation.  As it is part of the name, compare, lbo and the report keep such records apart
 * from plain ones and say so wherever they are shown.  Parent only. */
#ifndef GC_BENCH_RECORD_LABEL_H
#define GC_BENCH_RECORD_LABEL_H

#include <jansson.h>
#include <stddef.h>

/* Cuts what does not fit.  "" for a record that names no collector. */
void record_label(const json_t *record, char *text, size_t text_bytes);

#endif
