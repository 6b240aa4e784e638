/* table.h -- records summed up for a reader: one row for each workload, threads, collector and heap.
 * 80 columns.
 *
 * Parent only.  Numbers come from the records, so the table shows nothing that is not kept. */
#ifndef GC_BENCH_TABLE_H
#define GC_BENCH_TABLE_H

#include <jansson.h>
#include <stdio.h>

struct table_row;
struct table {
  struct table_row *rows;
  size_t count, capacity;
};

/* Rows stand in the order in which they were expected, or else came; one without records is not printed. */
void table_expect(struct table *table, const char *workload, const char *collector, size_t heap_bytes,
                  unsigned threads);
void table_add(struct table *table, const json_t *record);
void table_print(const struct table *table, FILE *file);
void table_free(struct table *table);

#endif
