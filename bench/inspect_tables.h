/* inspect_tables.h -- what the tools found, as tables of 80 columns for people and of commas for programs.
 *
 * A table for people has the largest rows, one of commas has all.  One thread. */
#ifndef GC_BENCH_INSPECT_TABLES_H
#define GC_BENCH_INSPECT_TABLES_H

#include <stdio.h>

#include "runtime/gc_tools.h"
#include "runtime/tools/profile.h"

enum { INSPECT_ROWS_SHOWN = 20 };

/* ---- lines that allocate ---- */

void profile_print(FILE *file, const struct profile *profile, const struct profile_row *rows, size_t count);
void profile_write_csv(FILE *file, const struct profile_row *rows, size_t count);
/* "outer (file:line);inner (file:line);type bytes" for each call stack.  False if memory was refused. */
bool profile_write_folded(FILE *file, const struct profile *profile, struct lines *lines);

/* ---- what is alive, and what changed: of types, and of lines if site_count > 0 ---- */

/* One row of a snapshot.  `site` is NULL where rows are types. */
struct alive_row {
  const char *type, *site;
  int64_t objects, bytes, objects_change, bytes_change;
};
/* `changes`: whether there was an earlier snapshot. */
void alive_print(FILE *file, const struct alive_row *rows, size_t count, bool changes);
void alive_write_csv(FILE *file, const struct alive_row *rows, size_t count, bool changes);

/* ---- leaks ---- */

/* `count`: GC_UNKNOWN, or at most INSPECT_ROWS_SHOWN of them. */
void leaks_print(FILE *file, const struct gc_leak *leaks, uint64_t count);

#endif
