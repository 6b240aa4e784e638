/* table.h -- records summed up for a reader: one row for each workload, collector and heap, in 80 columns.
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

void table_add(struct table *table, const json_t *record);
void table_print(const struct table *table, FILE *file);
void table_free(struct table *table);

#endif
