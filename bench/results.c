#include "bench/results.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bench/options.h"

bool results_make_folder(const char *folder) {
  char path[RESULTS_PATH_BYTES];
  if ((size_t)snprintf(path, sizeof path, "%s", folder) >= sizeof path) {
    errno = ENAMETOOLONG;
    return false;
  }
  for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
    *slash = 0;
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
      return false;
    *slash = '/';
  }
  return mkdir(path, 0777) == 0 || errno == EEXIST;
}

void results_require_folder(const char *folder) {
  if (!results_make_folder(folder) || access(folder, W_OK | X_OK) != 0)
    environment_error("the folder '%s' cannot be made or written: %s; name another with -o", folder, strerror(errno));
}

/* A folder that nobody else has: the second of two in one second gets -2. */
static bool make_own_folder(struct results *results, const char *folder, const char *label) {
  char date[32];
  time_t now = time(NULL);
  struct tm local;
  strftime(date, sizeof date, "%Y%m%d-%H%M%S", localtime_r(&now, &local));
  for (unsigned number = 1; number < 1000; number++) {
    char suffix[16] = "";
    if (number > 1)
      snprintf(suffix, sizeof suffix, "-%u", number);
    snprintf(results->id, sizeof results->id, "%.80s-%s%s", label, date, suffix);
    if ((size_t)snprintf(results->folder, sizeof results->folder, "%s/%s", folder, results->id) >=
        sizeof results->folder) {
      errno = ENAMETOOLONG;
      return false;
    }
    if (mkdir(results->folder, 0777) == 0)
      return true;
    if (errno != EEXIST)
      return false;
  }
  return false;
}

static void open_records(struct results *results) {
  snprintf(results->path, sizeof results->path, "%s/records.jsonl", results->folder);
  results->fd = open(results->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (results->fd < 0)
    environment_error("'%s' cannot be written: %s; name another folder with -o", results->path, strerror(errno));
}

void results_open(struct results *results, const char *folder, const char *label) {
  *results = (struct results){.fd = -1};
  if (strchr(label, '/'))
    usage_error("--label is a word, without '/': '%s'", label);
  if (!results_make_folder(folder) || !make_own_folder(results, folder, label))
    environment_error("no folder for records can be made in '%s': %s; name another with -o", folder, strerror(errno));
  open_records(results);
}

/* The end of the last whole line. */
static off_t whole_lines_end(int fd) {
  char block[4096];
  off_t end = lseek(fd, 0, SEEK_END);
  while (end > 0) {
    size_t bytes = end < (off_t)sizeof block ? (size_t)end : sizeof block;
    if (pread(fd, block, bytes, end - (off_t)bytes) != (ssize_t)bytes)
      return -1;
    const char *newline = memrchr(block, '\n', bytes);
    if (newline)
      return end - (off_t)bytes + (newline + 1 - block);
    end -= (off_t)bytes;
  }
  return 0;
}

bool results_reopen(struct results *results, const char *folder) {
  *results = (struct results){.fd = -1};
  snprintf(results->folder, sizeof results->folder, "%s", folder);
  const char *slash = strrchr(folder, '/');
  snprintf(results->id, sizeof results->id, "%.127s", slash ? slash + 1 : folder);
  snprintf(results->path, sizeof results->path, "%s/records.jsonl", results->folder);
  results->fd = open(results->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  off_t end = results->fd < 0 ? -1 : whole_lines_end(results->fd);
  return end >= 0 && ftruncate(results->fd, end) == 0;
}

static void each_line(const char *path, void (*visit)(void *context, json_t *record), void *context) {
  FILE *file = fopen(path, "re");
  char *line = NULL;
  size_t capacity = 0;
  while (file && getline(&line, &capacity, file) > 0) {
    json_t *record = json_loads(line, 0, NULL);
    if (json_is_object(record))
      visit(context, record);
    json_decref(record);
  }
  free(line);
  if (file)
    fclose(file);
}

void results_each(const struct results *results, void (*visit)(void *context, json_t *record), void *context) {
  each_line(results->path, visit, context);
}

static void superseded_path(const struct results *results, char path[RESULTS_PATH_BYTES]) {
  snprintf(path, RESULTS_PATH_BYTES, "%s/superseded.jsonl", results->folder);
}

void results_each_superseded(const struct results *results, void (*visit)(void *context, json_t *record),
                             void *context) {
  char path[RESULTS_PATH_BYTES];
  superseded_path(results, path);
  each_line(path, visit, context);
}

void results_close(struct results *results) {
  if (results->fd >= 0)
    close(results->fd);
  results->fd = -1;
}

/* ---- one invocation ---- */

/* Removes what an invocation that was killed has left. */
static void empty_folder(const char *path) {
  DIR *folder = opendir(path);
  for (struct dirent *entry; folder && (entry = readdir(folder));)
    if (*entry->d_name != '.')
      unlinkat(dirfd(folder), entry->d_name, 0);
  if (folder)
    closedir(folder);
}

void results_invocation_path(const struct results *results, const char *key, unsigned invocation,
                             char path[RESULTS_PATH_BYTES]) {
  snprintf(path, RESULTS_PATH_BYTES, "%s/inv/%.8s/%03u", results->folder, key, invocation);
}

bool results_make_invocation(const struct results *results, const char *key, unsigned invocation,
                             char path[RESULTS_PATH_BYTES]) {
  results_invocation_path(results, key, invocation, path);
  if (!results_make_folder(path))
    return false;
  empty_folder(path);
  return true;
}

/* {"gc": "inv/1234abcd/000/gc.csv", …}: those that exist, by their path inside the run's folder. */
static json_t *list_files(const struct results *results, const char *path) {
  static const struct {
    const char *name, *file;
  } rows[] = {{"stderr", "stderr.log"},       {"gc", "gc.csv"},
              {"pauses", "pauses.csv"},       {"samples", "samples.csv"},
              {"pauses_hlog", "pauses.hlog"}, {"latency_hlog", "latency.hlog"},
              {"profile", "profile.csv"},     {"profile_folded", "profile.folded"},
              {"leaks", "leaks.txt"},         {"snapshot", "snapshot.csv"},
              {"snapshot_lines", "snapshot_lines.csv"}};
  json_t *files = json_object();
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char file[RESULTS_PATH_BYTES + 16];
    snprintf(file, sizeof file, "%s/%s", path, rows[i].file);
    if (access(file, F_OK) == 0)
      json_object_set_new(files, rows[i].name, json_string(file + strlen(results->folder) + 1));
  }
  return files;
}

static bool write_all(int fd, const char *text, size_t length) {
  for (size_t done = 0; done < length;) {
    ssize_t written = write(fd, text + done, length - done);
    if (written < 0 && errno != EINTR)
      return false;
    done += written > 0 ? (size_t)written : 0;
  }
  return true;
}

/* Writes the text and a new line; synced. */
static bool write_line(int fd, const json_t *json, size_t flags) {
  char *text = json_dumps(json, flags);
  if (!text)
    return false;
  size_t length = strlen(text);
  text[length++] = '\n'; /* in the place of its final zero */
  bool whole = write_all(fd, text, length) && fsync(fd) == 0;
  free(text);
  return whole;
}

bool results_write_json(const char *path, const json_t *json, size_t flags) {
  char beside[RESULTS_PATH_BYTES + 32];
  snprintf(beside, sizeof beside, "%s.new", path);
  int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0)
    return false;
  bool whole = write_line(fd, json, flags);
  whole = close(fd) == 0 && whole && rename(beside, path) == 0;
  if (!whole) {
    int why = errno;
    unlink(beside);
    errno = why;
  }
  return whole;
}

/* A line that was cut short would hide the next one. */
bool results_append(struct results *results, const json_t *record) {
  off_t before = lseek(results->fd, 0, SEEK_END);
  if (write_line(results->fd, record, JSON_COMPACT))
    return true;
  int why = errno;
  if (before < 0 || ftruncate(results->fd, before) != 0)
    fprintf(stderr, "gclab: the last line of '%s' is cut short\n", results->path);
  errno = why;
  return false;
}

bool results_keep(struct results *results, json_t *record, const char *path) {
  char file[RESULTS_PATH_BYTES + 16];
  snprintf(file, sizeof file, "%s/record.json", path);
  json_object_set_new(record, "files", list_files(results, path));
  return results_write_json(file, record, JSON_COMPACT) && results_append(results, record);
}

/* ---- running some again ---- */

static void rename_folder(const struct results *results, const json_t *record) {
  const json_t *identity = json_object_get(record, "identity");
  const char *key = json_string_value(json_object_get(identity, "key"));
  char path[RESULTS_PATH_BYTES], aside[RESULTS_PATH_BYTES + 24];
  results_invocation_path(results, key ? key : "",
                          (unsigned)json_integer_value(json_object_get(identity, "invocation")), path);
  snprintf(aside, sizeof aside, "%s.%lld", path, (long long)json_integer_value(json_object_get(identity, "attempt")));
  rename(path, aside); /* if it is not there, nothing is lost */
}

/* The records that stay, and those that go; the latter reach their file first, so that none is in neither. */
struct parting {
  const struct results *results;
  bool (*is_superseded)(void *context, const json_t *record);
  void *context;
  int stay_fd, go_fd;
  bool whole;
};

static void part(void *context, json_t *record) {
  struct parting *p = context;
  bool goes = p->is_superseded(p->context, record);
  if (!p->whole)
    return;
  p->whole = write_line(goes ? p->go_fd : p->stay_fd, record, JSON_COMPACT);
  if (goes && p->whole)
    rename_folder(p->results, record);
}

bool results_supersede(struct results *results, bool (*is_superseded)(void *context, const json_t *record),
                       void *context) {
  char go[RESULTS_PATH_BYTES], stay[RESULTS_PATH_BYTES + 8];
  superseded_path(results, go);
  snprintf(stay, sizeof stay, "%s.new", results->path);
  struct parting p = {.results = results, .is_superseded = is_superseded, .context = context};
  p.stay_fd = open(stay, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
  p.go_fd = open(go, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  p.whole = p.stay_fd >= 0 && p.go_fd >= 0;
  if (p.whole)
    results_each(results, part, &p);
  p.whole = p.whole && rename(stay, results->path) == 0;
  if (p.go_fd >= 0)
    close(p.go_fd);
  if (!p.whole) {
    close(p.stay_fd);
    return false;
  }
  close(results->fd);
  results->fd = p.stay_fd;
  return true;
}
