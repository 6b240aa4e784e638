#include "bench/program.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/env.h"

void program_self(struct program *program) { *program = (struct program){.build = env_build()}; }

void program_fini(struct program *program) {
  json_decref(program->build);
  program->build = NULL;
}

const char *program_build_id(const struct program *program) {
  const char *id = json_string_value(json_object_get(program->build, "build_id"));
  return id ? id : "";
}

const char *program_differs(const struct program *a, const struct program *b) {
  static const char *const names[] = {"git", "dirty", "cc", "cflags", "features"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (!json_equal(json_object_get(a->build, names[i]), json_object_get(b->build, names[i])))
      return names[i];
  return NULL;
}

/* What `path version --json` prints; NULL if it cannot be run or prints no JSON. */
static json_t *ask(const char *path) {
  int answer[2];
  if (pipe2(answer, O_CLOEXEC) != 0)
    return NULL;
  fflush(NULL);
  pid_t pid = fork();
  if (pid == 0) {
    dup2(answer[1], STDOUT_FILENO);
    execl(path, path, "version", "--json", (char *)NULL);
    _exit(127);
  }
  close(answer[1]);
  json_t *build = json_loadfd(answer[0], JSON_DISABLE_EOF_CHECK, NULL);
  close(answer[0]);
  int status = 0;
  if (pid > 0)
    waitpid(pid, &status, 0);
  if (status == 0)
    return build;
  json_decref(build);
  return NULL;
}

bool program_read(struct program *program, const char *path, char *message, size_t message_bytes) {
  *program = (struct program){0};
  if ((size_t)snprintf(program->path, sizeof program->path, "%s", path) >= sizeof program->path)
    snprintf(message, message_bytes, "the path of a binary is longer than %zu letters", sizeof program->path - 1);
  else if (access(path, X_OK) != 0)
    snprintf(message, message_bytes,
             "there is no binary '%s'; build one: cmake --preset bench -B build/seed1 -DGC_LINK_SEED=1 && "
             "cmake --build build/seed1",
             path);
  else if (!json_is_object(program->build = ask(path)))
    snprintf(message, message_bytes, "'%s' is no gclab that tells what it was built from", path);
  else
    return true;
  program_fini(program);
  return false;
}
