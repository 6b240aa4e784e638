/* checklist_profile.c -- the statements of checklist.def about profiles by line: an exact one, of a list of numbers. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/launch.h"
#include "bench/runner.h"
#include "bench/vectors/checklist.h"

enum { NUMBERS = 10000, MESSAGE_BYTES = 256 };
/* A list of numbers, and numbers that come and go in hundreds. */
static const char list_text[] = "layout,variant=boxed,elements=10000";
static const char stream_text[] = "stream,chunk=100,items=10000";

/* What profile.csv says of the line that makes the numbers, and of all lines together. */
struct told {
  struct {
    double bytes, objects, live_bytes, freed_bytes;
  } numbers, all;
  unsigned lines, number_line;
};

static bool read_rows(const char *folder, struct told *told) {
  char path[128], row[512];
  double bytes, objects, live_bytes, live_objects, freed_bytes;
  unsigned line;
  snprintf(path, sizeof path, "%s/profile.csv", folder);
  FILE *file = fopen(path, "r");
  *told = (struct told){0};
  while (file && fgets(row, sizeof row, file)) {
    if (sscanf(row, "%*[^,],%*[^,],%u,%*[^,],%lf,%lf,%lf,%lf,%lf", &line, &bytes, &objects, &live_bytes, &live_objects,
               &freed_bytes) != 6)
      continue;
    told->lines++;
    told->all.bytes += bytes;
    told->all.live_bytes += live_bytes;
    told->all.freed_bytes += freed_bytes;
    if (objects == NUMBERS) {
      told->number_line = line;
      told->numbers.bytes = bytes;
      told->numbers.objects = objects;
      told->numbers.live_bytes = live_bytes;
      told->numbers.freed_bytes = freed_bytes;
    }
  }
  if (file)
    fclose(file);
  return told->lines > 0;
}

static void remove_folder(const char *folder) {
  DIR *directory = opendir(folder);
  char path[512];
  for (struct dirent *entry; directory && (entry = readdir(directory));) {
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (entry->d_name[0] != '.')
      unlink(path);
  }
  if (directory)
    closedir(directory);
  rmdir(folder);
}

static bool profile(const struct checklist_question *question, const char *workload, struct told *told,
                    char message[MESSAGE_BYTES]) {
  char folder[] = "/tmp/gclab-profile-XXXXXX", collector[64];
  struct collector_choice c;
  struct workload_choice w;
  struct options options = *question->options;
  const struct gc_value one = {1, 1}, none = {0};
  options.iterations = options.threads = one;
  options.warmup = none;
  options.has_warmup = true;
  options.profile = "exact";
  runner_settle(&options);
  snprintf(collector, sizeof collector, "checked,of=%s", question->performer->name);
  if (!subject_read_collector(&c, collector, message, MESSAGE_BYTES) ||
      !subject_read_workload(&w, workload, message, MESSAGE_BYTES))
    return false;
  if (!mkdtemp(folder)) {
    snprintf(message, MESSAGE_BYTES, "no folder can be made in /tmp: %m");
    return false;
  }
  struct launch_request request = {.options = &options,
                                   .collector = &c,
                                   .workload = &w,
                                   .heap_bytes = (size_t)1 << 30,
                                   .timeout_s = 60,
                                   .artifacts = folder};
  struct launch_result result = launch(&request);
  bool read = result.outcome == OUTCOME_ok && read_rows(folder, told);
  if (!read)
    snprintf(message, MESSAGE_BYTES, "%s ended as %s, without a profile", workload, outcome_names[result.outcome]);
  json_decref(result.report);
  remove_folder(folder);
  return read;
}

bool lines_are_told(const struct checklist_question *question, char *said, size_t said_bytes) {
  struct told told;
  char message[MESSAGE_BYTES] = "";
  if (!profile(question, list_text, &told, message)) {
    snprintf(said, said_bytes, "%s", message);
    return false;
  }
  snprintf(said, said_bytes, "%d ints: %.0f objects and %.0f bytes from line %u", NUMBERS, told.numbers.objects,
           told.numbers.bytes, told.number_line);
  return told.number_line && told.numbers.bytes == NUMBERS * 32.0 && told.numbers.live_bytes == told.numbers.bytes;
}

bool lines_are_kept(const struct checklist_question *question, char *said, size_t said_bytes) {
  struct told told;
  char message[MESSAGE_BYTES] = "";
  if (!profile(question, stream_text, &told, message)) {
    snprintf(said, said_bytes, "%s", message);
    return false;
  }
  snprintf(said, said_bytes,
           "%u lines allocated %.0f bytes, of which %.0f live; of the %.0f bytes of line %u %.0f were "
           "freed",
           told.lines, told.all.bytes, told.all.live_bytes, told.numbers.bytes, told.number_line,
           told.numbers.freed_bytes);
  return told.lines > 1 && told.all.live_bytes + told.all.freed_bytes == told.all.bytes &&
         told.numbers.freed_bytes == told.numbers.bytes - told.numbers.live_bytes &&
         told.numbers.freed_bytes > 0.98 * told.numbers.bytes && told.numbers.live_bytes > 0;
}
