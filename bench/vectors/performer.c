#include "bench/vectors/performer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/options.h"
#include "runtime/registry.h"

enum { SAID_BYTES = 256 };
static const char cpython_name[] = "cpython";

/* ---- a player, in a process of its own ---- */

struct child {
  const struct script *script;
  FILE *out;
};

static void tell(void *context, const struct script_op *op, const char *text) {
  const struct child *child = context;
  fprintf(child->out, "%zu\t%s\n", (size_t)(op - child->script->ops), text);
  fflush(child->out); /* of a script that ends in a crash, too */
}

static _Noreturn void play(const struct performer *performer, const struct script *script, int fd) {
  struct child child = {script, fdopen(fd, "w")};
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const char *problem = performer->player->play(script, performer->collector.values, tell, &child);
  fprintf(child.out, problem ? "error %s\n" : "end\n", problem);
  fflush(child.out);
  _exit(0);
}

/* A script that was not played to its end: the signal that ended it is the better reason. */
static void look_at_end(pid_t pid, struct answers *answers) {
  int status = 0;
  bool ended = !*answers->problem;
  if (!ended)
    kill(pid, SIGKILL);
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
    continue;
  if (!ended && WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
    snprintf(answers->problem, sizeof answers->problem, "it crashed: %s", strsignal(WTERMSIG(status)));
}

static bool play_in_child(const struct performer *performer, const struct script *script, struct answers *answers) {
  int ends[2];
  pid_t pid;
  fflush(NULL);
  if (pipe2(ends, O_CLOEXEC) != 0 || (pid = fork()) < 0) {
    snprintf(answers->problem, sizeof answers->problem, "no process can be started: %s", strerror(errno));
    return false;
  }
  if (pid == 0)
    play(performer, script, ends[1]);
  close(ends[1]);
  struct answer_pipe from = {.fd = ends[0]};
  bool whole = answers_read(answers, &from);
  look_at_end(pid, answers);
  answer_pipe_fini(&from);
  return whole;
}

/* ---- an experiment, in a process of its own ---- */

/* What the child says: y or n, then the sentence. */
static bool read_said(int fd, char *said, size_t said_bytes) {
  size_t got = 0;
  char kind = 0;
  ssize_t bytes = read(fd, &kind, 1);
  while (bytes > 0 && got + 1 < said_bytes && (bytes = read(fd, said + got, said_bytes - 1 - got)) > 0)
    got += (size_t)bytes;
  said[got] = '\0';
  return kind == 'y';
}

static _Noreturn void measure(const struct player *player, enum experiment experiment, int fd) {
  char said[SAID_BYTES] = "";
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  bool holds = player->measure(experiment, said, sizeof said);
  dprintf(fd, "%c%s", holds ? 'y' : 'n', said);
  _exit(0);
}

bool performer_measure(const struct performer *performer, enum experiment experiment, char *said, size_t said_bytes) {
  int ends[2], status = 0;
  pid_t pid;
  fflush(NULL);
  if (pipe2(ends, O_CLOEXEC) != 0 || (pid = fork()) < 0) {
    snprintf(said, said_bytes, "no process can be started: %s", strerror(errno));
    return false;
  }
  if (pid == 0)
    measure(performer->player, experiment, ends[1]);
  close(ends[1]);
  bool holds = read_said(ends[0], said, said_bytes);
  close(ends[0]);
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
    continue;
  if (WIFSIGNALED(status))
    snprintf(said, said_bytes, "it crashed: %s", strsignal(WTERMSIG(status)));
  return holds && status == 0;
}

/* ---- both ---- */

static const struct player *find_player(const char *name) {
  for (size_t i = 0; i < registry_player_count; i++)
    if (strcmp(registry_players[i]->collector, name) == 0)
      return registry_players[i];
  return NULL;
}

static const struct player *require_player(struct collector_choice *choice, const char *text) {
  char message[1024];
  if (!subject_read_collector(choice, text, message, sizeof message))
    usage_error("%s (CPython itself is -c cpython)", message);
  const struct player *player = choice->checked ? NULL : find_player(choice->collector->name);
  if (!player)
    usage_error("this build has no player for %s; -c cpython asks CPython itself", text);
  return player;
}

void performer_open(struct performer *performer, const char *name) {
  char message[256];
  *performer = (struct performer){.name = name};
  if (strcmp(name, cpython_name) != 0)
    performer->player = require_player(&performer->collector, name);
  else if (!cpython_open(&performer->cpython, message, sizeof message))
    environment_error("%s", message);
}

bool performer_play(struct performer *performer, const struct script *script, struct answers *answers) {
  return performer->player ? play_in_child(performer, script, answers)
                           : cpython_play(&performer->cpython, script, answers);
}

void performer_close(struct performer *performer) {
  if (!performer->player)
    cpython_close(&performer->cpython);
}

enum judge_rules performer_rules(const struct performer *performer) {
  const struct collector_choice *choice = &performer->collector;
  if (!performer->player)
    return JUDGE_EXACT;
  if (!performer->player->exact)
    return JUDGE_RELAXED;
  return registry_attrs(choice->collector, choice->values).generational ? JUDGE_EXACT : JUDGE_FULL;
}
