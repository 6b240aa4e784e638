#include "bench/run_folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/options.h"
#include "bench/record.h"
#include "bench/record_path.h"

static const char records_name[] = "records.jsonl";

/* One sentence, cut at the end of run->message. */
static void GC_PRINTF(2, 3) say(struct run_folder *run, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(run->message, sizeof run->message, format, arguments);
  va_end(arguments);
}

/* ---- opening ---- */

enum path_kind { PATH_NONE, PATH_FOLDER, PATH_FILE };

static enum path_kind kind_of(const char *path) {
  struct stat status;
  if (stat(path, &status) != 0)
    return PATH_NONE;
  return S_ISDIR(status.st_mode) ? PATH_FOLDER : PATH_FILE;
}

/* Where the filter begins in RUN:filter, or NULL: a path may hold colons of its own. */
static const char *find_filter(const char *name) {
  const char *colon = strrchr(name, ':');
  if (!colon || kind_of(name) != PATH_NONE)
    return NULL;
  return colon;
}

/* Writes the entry of `folder` that is nearest to `word`; false if none is near. */
static bool nearest_entry(const char *folder, const char *word, char *text, size_t text_bytes) {
  enum { ENTRIES_MAX = 4096 };
  char **names = calloc(ENTRIES_MAX, sizeof *names);
  size_t count = 0;
  DIR *entries = names ? opendir(folder) : NULL;
  for (struct dirent *entry; entries && count < ENTRIES_MAX && (entry = readdir(entries));)
    if (*entry->d_name != '.' && (names[count] = strdup(entry->d_name)))
      count++;
  if (entries)
    closedir(entries);
  const char *nearest = option_nearest(word, (const char *const *)names, count);
  if (nearest)
    snprintf(text, text_bytes, "%s/%s", folder, nearest);
  while (count)
    free(names[--count]);
  free(names);
  return nearest;
}

static void complain_missing(struct run_folder *run, const char *path) {
  const char *slash = strrchr(path, '/');
  char folder[RESULTS_PATH_BYTES] = "results", nearest[2 * RESULTS_PATH_BYTES];
  if (slash)
    snprintf(folder, sizeof folder, "%.*s", slash == path ? 1 : (int)(slash - path), path);
  if (nearest_entry(folder, slash ? slash + 1 : path, nearest, sizeof nearest))
    say(run, "there is no run '%s'; did you mean '%s'?", path, nearest);
  else
    say(run, "there is no run '%s': name a folder that `gclab run` or `gclab suite` wrote, such as results/run-…",
        path);
}

/* From the path that the user wrote to the folder and its records. */
static bool find_records(struct run_folder *run, const char *written) {
  char path[RESULTS_PATH_BYTES], inside[RESULTS_PATH_BYTES];
  if ((size_t)snprintf(path, sizeof path, "%s", written) >= sizeof path - sizeof records_name - sizeof "results/") {
    say(run, "the name of a run is too long: '%.60s…'", written);
    return false;
  }
  for (size_t end = strlen(path); end > 1 && path[end - 1] == '/';)
    path[--end] = 0;
  if (kind_of(path) == PATH_NONE && !strchr(path, '/')) {
    snprintf(inside, sizeof inside, "results/%.*s", (int)(sizeof inside - sizeof "results/"), path);
    if (kind_of(inside) != PATH_NONE)
      memcpy(path, inside, sizeof path);
  }
  switch (kind_of(path)) {
  case PATH_NONE: complain_missing(run, written); return false;
  case PATH_FOLDER:
    memcpy(run->folder, path, sizeof run->folder);
    snprintf(run->path, sizeof run->path, "%.*s/%s", (int)(sizeof path - sizeof records_name - 1), path, records_name);
    return true;
  case PATH_FILE: break;
  }
  memcpy(run->path, path, sizeof run->path);
  char *slash = strrchr(path, '/');
  if (slash)
    *slash = 0;
  memcpy(run->folder, slash ? path : ".", slash ? sizeof run->folder : sizeof ".");
  return true;
}

bool run_folder_open(struct run_folder *run, const char *name) {
  *run = (struct run_folder){0};
  const char *filter = find_filter(name);
  char *path = strndup(name, filter ? (size_t)(filter - name) : strlen(name));
  if (!path) {
    say(run, "no memory to open '%s'", name);
    return false;
  }
  bool found = (!filter || run_filter_read(&run->filter, filter + 1, run->message, sizeof run->message)) &&
               find_records(run, path);
  free(path);
  if (!found)
    return false;
  run->file = fopen(run->path, "re");
  if (!run->file && errno == ENOENT)
    say(run, "'%s' holds no %s, so it is not the folder of a run", run->folder, records_name);
  else if (!run->file)
    say(run, "'%s' cannot be read: %s", run->path, strerror(errno));
  else if (getc(run->file) == EOF)
    say(run, "'%s' is empty: the run ended before its first invocation did", run->path);
  if (*run->message) {
    run_folder_close(run);
    return false;
  }
  rewind(run->file);
  return true;
}

void run_folder_close(struct run_folder *run) {
  if (run->file)
    fclose(run->file);
  free(run->text);
  run_filter_free(&run->filter);
  run->file = NULL;
  run->text = NULL;
}

/* ---- reading ---- */

static enum run_line read_line(struct run_folder *run, json_t **record) {
  errno = 0;
  ssize_t length = getline(&run->text, &run->text_bytes, run->file);
  if (length < 0 && errno == 0)
    return RUN_END;
  run->line++;
  if (length < 0) {
    say(run, "%s, line %zu cannot be read: %s", run->path, run->line, strerror(errno));
    return RUN_CUT;
  }
  bool whole = run->text[length - 1] == '\n';
  json_error_t error;
  *record = json_loadb(run->text, (size_t)length, 0, &error);
  if (!*record && !whole) {
    say(run,
        "%s, line %zu is cut short, as when a disk is full; the %zu before are whole, and without it they can be read",
        run->path, run->line, run->line - 1);
    return RUN_CUT;
  }
  if (!json_is_object(*record)) {
    say(run, "%s, line %zu is no record: %s", run->path, run->line, *record ? "it is no JSON object" : error.text);
    return RUN_BROKEN;
  }
  const json_t *schema = record_at(*record, "identity.schema");
  if (!json_is_integer(schema)) {
    say(run, "%s, line %zu is no record: it has no identity.schema", run->path, run->line);
    return RUN_FOREIGN;
  }
  if (json_integer_value(schema) != RECORD_SCHEMA) {
    say(run, "%s, line %zu is a record of schema %lld, and this gclab reads schema %d: use the one that wrote it",
        run->path, run->line, (long long)json_integer_value(schema), RECORD_SCHEMA);
    return RUN_FOREIGN;
  }
  return RUN_RECORD;
}

enum run_line run_folder_next(struct run_folder *run, json_t **record) {
  for (;;) {
    *record = NULL;
    enum run_line line = read_line(run, record);
    if (line == RUN_RECORD && run_filter_passes(&run->filter, *record)) {
      run->passed++;
      return line;
    }
    json_decref(*record);
    *record = NULL;
    if (line != RUN_RECORD)
      return line;
  }
}

/* ---- for commands that need all of it ---- */

void run_folder_require(struct run_folder *run, const char *name) {
  if (!run_folder_open(run, name))
    usage_error("%s", run->message);
}

static _Noreturn void complain_none_passed(const struct run_folder *run) {
  for (size_t i = 0; i < run->filter.count; i++)
    if (!run->filter.conditions[i].met) {
      const struct run_condition *condition = &run->filter.conditions[i];
      const char *nearest = run_filter_nearest(condition);
      usage_error("no record of '%s' has %s=%s%s%s%s", run->folder, condition->key, condition->value,
                  nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    }
  usage_error("no record of '%s' meets all conditions at once", run->folder);
}

json_t *run_folder_require_next(struct run_folder *run) {
  json_t *record;
  switch (run_folder_next(run, &record)) {
  case RUN_RECORD: return record;
  case RUN_END: break;
  default: environment_error("%s", run->message);
  }
  if (run->passed == 0)
    complain_none_passed(run);
  return NULL;
}
