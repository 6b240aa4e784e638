/* run_folder.h -- the one reader of results: opens a run that the user names and streams its records, line by line.
 *
 * Called by every command that looks at what was measured (compare, lbo, export, verify, report).  One record is in
 * memory at a time, whatever their number.  Nothing is ever written.  Parent only.
 *
 * RUN, as the user writes it:  results/run-20261121-094003                 a folder
 *                              run-20261121-094003                         the same, looked for in results/
 *                              results/…/records.jsonl                     the file itself
 *                              RUN:collector=satb,heap_factor=2            some of its records (run_filter.h) */
#ifndef GC_BENCH_RUN_FOLDER_H
#define GC_BENCH_RUN_FOLDER_H

#include <stdio.h>

#include "bench/results.h"
#include "bench/run_filter.h"

enum run_line {
  RUN_RECORD,
  RUN_END,
  RUN_CUT,     /* the last line stops in its middle */
  RUN_BROKEN,  /* no JSON object */
  RUN_FOREIGN, /* of another schema version */
};

struct run_folder {
  char folder[RESULTS_PATH_BYTES]; /* what a record's `files` are relative to */
  char path[RESULTS_PATH_BYTES];   /* of records.jsonl */
  struct run_filter filter;
  FILE *file;
  char *text; /* of the line read last, and room for the next */
  size_t text_bytes, line, passed;
  char message[1024]; /* one sentence, after anything but RUN_RECORD and RUN_END */
};

/* Opens the run that `name` names.  False with one sentence in run->message: no such folder (with the nearest), no
 * records in it, an unknown key. */
bool run_folder_open(struct run_folder *run, const char *name);

/* Reads the next record that the filter lets pass; *record is a new reference, and NULL with all but RUN_RECORD.
 * After RUN_BROKEN and RUN_FOREIGN reading can go on with the next line. */
enum run_line run_folder_next(struct run_folder *run, json_t **record);

void run_folder_close(struct run_folder *run);

/* The same for commands that need whole runs: a sentence and EXIT_USAGE if it cannot be opened, EXIT_ENVIRONMENT if a
 * line cannot be read, EXIT_USAGE at the end if no record has passed. */
void run_folder_require(struct run_folder *run, const char *name);
/* A new reference, or NULL at the end. */
json_t *run_folder_require_next(struct run_folder *run);

#endif
