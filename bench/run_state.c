#include "bench/run_state.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "bench/env.h"
#include "bench/options.h"
#include "bench/results.h"

static void state_path(const char *folder, char path[RESULTS_PATH_BYTES]) {
  snprintf(path, RESULTS_PATH_BYTES, "%s/state.json", folder);
}

void run_state_lock(const char *folder) {
  int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    environment_error("the folder '%s' cannot be opened: %s", folder, strerror(errno));
  if (flock(fd, LOCK_EX | LOCK_NB) == 0)
    return;
  char path[RESULTS_PATH_BYTES];
  state_path(folder, path);
  json_t *state = json_load_file(path, 0, NULL);
  environment_error("'%s' is being worked on by process %lld; wait for it, or end it", folder,
                    (long long)json_integer_value(json_object_get(state, "pid")));
}

void run_state_write(const char *folder, const struct run_state *state) {
  char path[RESULTS_PATH_BYTES], now[32];
  state_path(folder, path);
  env_format_utc(now, sizeof now);
  json_t *json = json_pack("{ss sI ss sI sI sI}", "state", state->state, "pid", (json_int_t)getpid(), "updated_utc",
                           now, "planned", (json_int_t)state->planned, "recorded", (json_int_t)state->recorded,
                           "failed", (json_int_t)state->failed);
  results_write_json(path, json, JSON_COMPACT);
  json_decref(json);
}
