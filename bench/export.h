/* export.h -- `gclab export`: the records of a run as other programs read them.
 *
 * Every number in it is a record's; what is not finite is null (empty in csv).  Each writer reads the run itself, one
 * record at a time.  Parent only. */
#ifndef GC_BENCH_EXPORT_H
#define GC_BENCH_EXPORT_H

#include <stdio.h>

#include "bench/options.h"
#include "bench/run_folder.h"

int command_export(const struct options *options);

/* bench/export_json.c */
void export_gbench(struct run_folder *run, FILE *file);
void export_hyperfine(struct run_folder *run, FILE *file);
/* bench/export_sqlite.c: exits with EXIT_ENVIRONMENT if the file cannot be written; an older one is replaced. */
void export_sqlite(struct run_folder *run, const char *path);

/* A row for each iteration, or one without it for an invocation that had none: what csv and sqlite hold. */
struct export_column {
  const char *name; /* with its unit */
  const char *path; /* in the record, or in the iteration */
  bool of_iteration, is_text;
};
extern const struct export_column export_columns[];
extern const size_t export_column_count;
const json_t *export_value(const struct export_column *column, const json_t *record, const json_t *iteration);

#endif
