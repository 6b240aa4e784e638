/* results.h -- where records are kept: results/<label>-<date-time>/records.jsonl, one record a line.
 *
 * A line is written whole and synced, so that whatever ends the program leaves valid lines.  Parent only. */
#ifndef GC_BENCH_RESULTS_H
#define GC_BENCH_RESULTS_H

#include <jansson.h>
#include <stdbool.h>

struct results {
  char id[128];   /* name of the folder */
  char path[512]; /* of records.jsonl */
  int fd;
};

/* Exits with EXIT_ENVIRONMENT if the folder cannot be made or written. */
void results_open(struct results *results, const char *folder, const char *label);
/* False if the record could not be written whole. */
bool results_append(struct results *results, const json_t *record);
void results_close(struct results *results);

/* Makes `folder` and those above it; false with errno. */
bool results_make_folder(const char *folder);
/* The same, and that it can be written; or exits with EXIT_ENVIRONMENT. */
void results_require_folder(const char *folder);

#endif
