#include "bench/results.h"

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
  char path[512];
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
  char date[32], path[400];
  time_t now = time(NULL);
  struct tm local;
  strftime(date, sizeof date, "%Y%m%d-%H%M%S", localtime_r(&now, &local));
  for (unsigned number = 1; number < 1000; number++) {
    char suffix[16] = "";
    if (number > 1)
      snprintf(suffix, sizeof suffix, "-%u", number);
    snprintf(results->id, sizeof results->id, "%.80s-%s%s", label, date, suffix);
    if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, results->id) >= sizeof path) {
      errno = ENAMETOOLONG;
      return false;
    }
    if (mkdir(path, 0777) == 0) {
      snprintf(results->path, sizeof results->path, "%s/records.jsonl", path);
      return true;
    }
    if (errno != EEXIST)
      return false;
  }
  return false;
}

void results_open(struct results *results, const char *folder, const char *label) {
  *results = (struct results){.fd = -1};
  if (strchr(label, '/'))
    usage_error("--label is a word, without '/': '%s'", label);
  if (!results_make_folder(folder) || !make_own_folder(results, folder, label))
    environment_error("no folder for records can be made in '%s': %s; name another with -o", folder, strerror(errno));
  results->fd = open(results->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (results->fd < 0)
    environment_error("'%s' cannot be written: %s; name another folder with -o", results->path, strerror(errno));
}

bool results_append(struct results *results, const json_t *record) {
  char *text = json_dumps(record, JSON_COMPACT);
  if (!text)
    return false;
  size_t length = strlen(text), done = 0;
  text[length++] = '\n'; /* in the place of its final zero */
  while (done < length) {
    ssize_t written = write(results->fd, text + done, length - done);
    if (written < 0 && errno != EINTR)
      break;
    done += written > 0 ? (size_t)written : 0;
  }
  free(text);
  return fsync(results->fd) == 0 && done == length;
}

void results_close(struct results *results) {
  if (results->fd >= 0)
    close(results->fd);
  results->fd = -1;
}
