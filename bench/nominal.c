#include "bench/nominal.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/record_path.h"
#include "bench/run_folder.h"

static void *checked(void *memory) {
  if (!memory)
    environment_error("no memory for nominal statistics");
  return memory;
}

/* ---- reading ---- */

static struct nominal_work *find_or_add(struct nominal *nominal, const char *text) {
  for (size_t i = 0; i < nominal->count; i++)
    if (strcmp(nominal->works[i].text, text) == 0)
      return &nominal->works[i];
  if (nominal->count == nominal->capacity) {
    nominal->capacity = 2 * nominal->capacity + 16;
    nominal->works = checked(realloc(nominal->works, nominal->capacity * sizeof *nominal->works));
  }
  struct nominal_work *work = &nominal->works[nominal->count++];
  *work = (struct nominal_work){.text = checked(strdup(text))};
  for (int source = 0; source < NOMINAL_SOURCES; source++)
    work->records[source] = checked(json_array());
  return work;
}

/* Runs are read from the newest on: the first with a record of a workload, of one thread, is the one that counts. */
static void add_record(struct nominal *nominal, const char *run, json_t *record) {
  bool counting = json_is_true(record_at(record, "subject.build.features.counting"));
  enum nominal_source source = counting ? NOMINAL_COUNTS : NOMINAL_TIMES;
  const char *text = record_text(record, "subject.workload_text");
  if (strcmp(record_text(record, "outcome.status"), "ok") != 0 || !*text ||
      record_number(record, "subject.mutator_threads") != 1)
    return;
  struct nominal_work *work = find_or_add(nominal, text);
  if (!work->runs[source])
    work->runs[source] = checked(strdup(run));
  if (strcmp(work->runs[source], run) == 0)
    json_array_append(work->records[source], record);
}

static void read_run(struct nominal *nominal, const char *folder, const char *name) {
  char path[RESULTS_PATH_BYTES];
  struct run_folder run;
  if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >= sizeof path || !run_folder_open(&run, path)) {
    fprintf(stderr, "gclab: %s/%s is passed over: it holds no records\n", folder, name);
    return;
  }
  enum run_line line;
  for (json_t *record; (line = run_folder_next(&run, &record)) != RUN_END;) {
    if (line == RUN_RECORD)
      add_record(nominal, name, record);
    else
      fprintf(stderr, "gclab: %s\n", run.message);
    json_decref(record);
    if (line == RUN_CUT)
      break;
  }
  run_folder_close(&run);
}

static int is_visible(const struct dirent *entry) { return *entry->d_name != '.'; }

void nominal_read(struct nominal *nominal, const char *results) {
  char folder[RESULTS_PATH_BYTES];
  struct dirent **entries = NULL;
  *nominal = (struct nominal){0};
  snprintf(folder, sizeof folder, "%.400s/nominal", results);
  int count = scandir(folder, &entries, is_visible, versionsort);
  if (count < 0 && errno != ENOENT && errno != ENOTDIR)
    environment_error("'%s' cannot be read: %s", folder, strerror(errno));
  while (count > 0) {
    read_run(nominal, folder, entries[--count]->d_name);
    free(entries[count]);
  }
  free(entries);
}

void nominal_free(struct nominal *nominal) {
  for (size_t i = 0; i < nominal->count; i++) {
    struct nominal_work *work = &nominal->works[i];
    for (int source = 0; source < NOMINAL_SOURCES; source++) {
      json_decref(work->records[source]);
      free(work->runs[source]);
    }
    free(work->text);
  }
  free(nominal->works);
  *nominal = (struct nominal){0};
}

const struct nominal_work *nominal_find(const struct nominal *nominal, const char *text) {
  for (size_t i = 0; i < nominal->count; i++)
    if (strcmp(nominal->works[i].text, text) == 0)
      return &nominal->works[i];
  return NULL;
}
