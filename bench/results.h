/* results.h -- where records are kept: results/<label>-<date-time>/, a folder of its own for each run.
 *
 *   records.jsonl               one record a line, in the order in which the invocations ended
 *   inv/<key8>/<NNN>/           of one invocation: the first 8 digits of its key, its number among those of this key
 *     record.json stderr.log    the record once more, and what the process wrote to stderr
 *     gc.csv pauses.csv …       what the process itself wrote; named by the record's group `files`
 *
 * An invocation is kept from the moment its record.json has that name: it is written beside, synced and renamed, and
 * only then added to records.jsonl, which is synced too.  So whatever ends the program loses at most the invocation
 * that runs.  Parent only. */
#ifndef GC_BENCH_RESULTS_H
#define GC_BENCH_RESULTS_H

#include <jansson.h>
#include <stdbool.h>

enum { RESULTS_PATH_BYTES = 512 };

struct results {
  char id[128];                  /* name of the folder */
  char folder[400];              /* its path */
  char path[RESULTS_PATH_BYTES]; /* of records.jsonl */
  int fd;
};

/* Exits with EXIT_ENVIRONMENT if the folder cannot be made or written. */
void results_open(struct results *results, const char *folder, const char *label);
/* Opens the folder of an earlier run to add to it.  A line that was cut short, the last one, is taken out.  False with
 * errno. */
bool results_reopen(struct results *results, const char *folder);
void results_close(struct results *results);

/* Calls `visit` with each record, in order; lines that are no JSON are passed over. */
void results_each(const struct results *results, void (*visit)(void *context, json_t *record), void *context);
/* The same with those that results_supersede has taken out. */
void results_each_superseded(const struct results *results, void (*visit)(void *context, json_t *record),
                             void *context);

/* Moves the records that `is_superseded` chooses to superseded.jsonl, so that their invocations may run again, and
 * their folders inv/<key8>/<NNN> to <NNN>.<attempt>.  False with errno: then no record is lost. */
bool results_supersede(struct results *results, bool (*is_superseded)(void *context, const json_t *record),
                       void *context);

/* The folder of an invocation; the second makes it, and makes it empty.  False with errno. */
void results_invocation_path(const struct results *results, const char *key, unsigned invocation,
                             char path[RESULTS_PATH_BYTES]);
bool results_make_invocation(const struct results *results, const char *key, unsigned invocation,
                             char path[RESULTS_PATH_BYTES]);
/* Adds the group `files` to the record of the invocation whose folder is `path`, and keeps it.  False with errno if it
 * could not be written whole: then nothing of it is left in records.jsonl. */
bool results_keep(struct results *results, json_t *record, const char *path);
/* The line alone, for what is no invocation. */
bool results_append(struct results *results, const json_t *record);

/* Writes `json` to `path` by way of a file beside it, synced and renamed: it is there whole or not at all. */
bool results_write_json(const char *path, const json_t *json, size_t flags);

/* Makes `folder` and those above it; false with errno. */
bool results_make_folder(const char *folder);
/* The same, and that it can be written; or exits with EXIT_ENVIRONMENT. */
void results_require_folder(const char *folder);

#endif
