#include "bench/killers.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/launch.h"
#include "bench/vectors/player.h"
#include "runtime/os/clock.h"
#include "runtime/registry.h"

const char *const kill_way_names[KILL_WAY_COUNT] = {
#define KILL_NAME(name) #name,
    KILL_WAYS(KILL_NAME)
#undef KILL_NAME
};

/* ---- the killers, in the order in which they are tried ---- */

enum for_whom {
  FOR_CODE,
  FOR_CODE_ONCE, /* whatever the plan */
  FOR_THREADS,   /* plans with several mutators */
  FOR_EXACT,     /* plans that answer the vectors word for word */
  FOR_FENCES,
  FOR_FENCES_ONCE,
  FOR_TWINS,
};

/* In a command, %D is the folder of this build, %T that of the build with ThreadSanitizer, %S the sources, %P the plan,
 * %M the mutant's model and twin. */
#define CONTRACT " --all --first-failure --hangs-after 120 --seed 1"
#define SMALL_RUN "-c %P --heap 8M --timeout 20 -t 3 --gc-threads 2 --verify 3 --json -o %D/killers -w "
#define VECTORS(name) " %S/tests/vectors/" name ".txt"
#define UNIT(name) {"unit " name, FOR_CODE_ONCE, "%D/test." name}
static const struct killer {
  const char *name;
  enum for_whom whom;
  const char *command;
} killers[] = {
    {"vectors", FOR_EXACT, "%D/gclab vectors -c %P" VECTORS("python") VECTORS("more") VECTORS("checklist")},
    {"contract", FOR_CODE, "%D/contract_%P" CONTRACT},
    {"random program", FOR_CODE, "%D/stress_%P random_program --seed 1"},
    {"run graph_mutate", FOR_THREADS, "%D/gclab run " SMALL_RUN "graph_mutate,anchors=1024,steps=8000,hops=3"},
    {"run weak_cache", FOR_THREADS, "%D/gclab run " SMALL_RUN "weak_cache,keys=400,hot=100,requests=3000,bytes=64"},
    {"explore weak_cache", FOR_THREADS, "%D/gclab explore --until-failure --seeds 60 " SMALL_RUN "weak_cache"},
    {"explore relay", FOR_THREADS, "%D/gclab explore --until-failure --seeds 60 " SMALL_RUN "relay"},
    {"explore short relay", FOR_THREADS,
     "%D/gclab explore --until-failure --seeds 200 --schedule-depth 64 " SMALL_RUN
     "relay,steps=40,laps=2,collect=8,leaves=0"},
    {"explore long relay", FOR_THREADS,
     "%D/gclab explore --until-failure --seeds 60 --schedule-depth 60 " SMALL_RUN "relay,steps=6000,laps=2,leaves=0"},
    {"checked", FOR_CODE, "%D/checked_%P" CONTRACT},
    {"contract checked", FOR_CODE, "%D/contract_checked_%P --stress-every 3" CONTRACT},
    {"contract at every poll", FOR_CODE, "%D/contract_%P --stress-polls" CONTRACT},
    UNIT("barrier.biased"),
    UNIT("barrier.rc"),
    UNIT("barrier.satb"),
    UNIT("barrier.ssb"),
    UNIT("heap.cell_space"),
    UNIT("heap.large_space"),
    UNIT("heap.memory"),
    UNIT("heap.private_heap"),
    UNIT("heap.tlab"),
    UNIT("heap.young_space"),
    UNIT("mutator.qsbr"),
    UNIT("mutator.safepoint"),
    UNIT("object.forward"),
    UNIT("trace.deque"),
    UNIT("trace.gang"),
    UNIT("trace.owners"),
    UNIT("trace.rc_delay"),
    UNIT("trace.rc_grace"),
    UNIT("trace.weak_death"),
    {"tsan unit barrier.biased", FOR_FENCES_ONCE, "%T/test.barrier.biased"},
    {"tsan unit barrier.rc", FOR_FENCES_ONCE, "%T/test.barrier.rc"},
    {"tsan unit barrier.satb", FOR_FENCES_ONCE, "%T/test.barrier.satb"},
    {"tsan unit trace.deque", FOR_FENCES_ONCE, "%T/test.trace.deque"},
    {"tsan unit object.forward", FOR_FENCES_ONCE, "%T/test.object.forward"},
    {"tsan contract", FOR_FENCES, "%T/contract_%P --all --first-failure --hangs-after 200 --seed 1"},
    {"tsan random program", FOR_FENCES, "%T/stress_%P random_program --seed 1"},
    {"model", FOR_TWINS, "%S/tests/model/run.sh %M"},
};
enum { KILLER_COUNT = sizeof killers / sizeof killers[0] };

static bool is_exact(const char *plan) {
  for (size_t i = 0; i < registry_player_count; i++)
    if (strcmp(registry_players[i]->collector, plan) == 0)
      return registry_players[i]->exact;
  return false;
}

static bool fits(const struct killer *killer, const struct mutant_row *row, const char *plan) {
  bool fence = row->kind == MUTANT_FENCE;
  switch (killer->whom) {
  case FOR_CODE:
  case FOR_CODE_ONCE: return !fence;
  case FOR_THREADS: return !fence && registry_collector(plan)->attrs.threads;
  case FOR_EXACT: return !fence && is_exact(plan);
  case FOR_FENCES:
  case FOR_FENCES_ONCE: return fence;
  case FOR_TWINS: return *row->model;
  }
  return false;
}

/* ---- command lines ---- */

enum { WORDS_MAX = 40, COMMAND_BYTES = 2048 };
struct line {
  char text[COMMAND_BYTES]; /* words, each ended by a zero byte */
  char *words[WORDS_MAX + 1];
};

static const char *build_folder(void) {
  static char folder[1024];
  if (!*folder) {
    ssize_t bytes = readlink("/proc/self/exe", folder, sizeof folder - 1);
    folder[bytes < 0 ? 0 : bytes] = '\0';
    dirname(folder);
  }
  return folder;
}

static void append(char **to, char *end, const char *text) {
  while (*text && *to < end)
    *(*to)++ = *text++;
}

/* The mutant's model and twin are two words; without a mutant only the model is run. */
static void append_model(char **to, char *end, const struct mutant_row *row, bool with_mutant) {
  char model[64], *twin;
  snprintf(model, sizeof model, "%s", row->model);
  twin = strchr(model, ' ');
  if (twin)
    *twin++ = '\0';
  append(to, end, model);
  if (with_mutant && twin) {
    append(to, end, " ");
    append(to, end, twin);
  }
}

static void build_command(struct line *command, const struct killer *killer, const struct mutant_row *row,
                          const char *plan, bool with_mutant) {
  char *to = command->text, *end = command->text + COMMAND_BYTES - 1;
  for (const char *from = killer->command; *from; from++) {
    if (*from != '%') {
      append(&to, end, (char[]){*from, 0});
      continue;
    }
    switch (*++from) {
    case 'D': append(&to, end, build_folder()); break;
    case 'T': append(&to, end, build_folder()), append(&to, end, "/../mutants-tsan"); break;
    case 'S': append(&to, end, build_folder()), append(&to, end, "/../.."); break;
    case 'P': append(&to, end, plan); break;
    default: append_model(&to, end, row, with_mutant);
    }
  }
  *to = '\0';
  int count = 0;
  for (char *word = strtok(command->text, " "); word && count < WORDS_MAX; word = strtok(NULL, " "))
    command->words[count++] = word;
  command->words[count] = NULL;
}

/* ---- one process ---- */

enum { SAID_BYTES = 1 << 16 };
struct ended {
  int status; /* as wait gives it */
  bool timed_out;
  double seconds;
  char said[SAID_BYTES]; /* the last of what it wrote to stdout and stderr */
};

static void become(struct line *command, const char *mutant, bool assertions, int output) {
  struct rlimit no_core = {0, 0};
  setpgid(0, 0);
  setrlimit(RLIMIT_CORE, &no_core);
  setenv("GC_MUTANT", mutant, 1);
  setenv("GC_CHECKS", assertions ? "3" : "0", 1);
  setenv("TSAN_OPTIONS", "halt_on_error=1", 1);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execv(command->words[0], command->words);
  fprintf(stderr, "%s: %s\n", command->words[0], strerror(errno));
  _exit(127);
}

/* Keeps the end of what is read; returns false at the end of the file. */
static bool read_more(int from, struct ended *ended, size_t *used) {
  char text[4096];
  ssize_t got = read(from, text, sizeof text);
  if (got <= 0)
    return got < 0 && errno == EINTR;
  if (*used + (size_t)got >= SAID_BYTES) {
    memmove(ended->said, ended->said + SAID_BYTES / 2, SAID_BYTES / 2);
    *used = *used > SAID_BYTES / 2 ? *used - SAID_BYTES / 2 : 0;
  }
  memcpy(ended->said + *used, text, (size_t)got);
  *used += (size_t)got;
  return true;
}

static void run(struct line *command, const char *mutant, bool assertions, double timeout_s, struct ended *ended) {
  int ends[2];
  size_t used = 0;
  uint64_t begin_ns = clock_now_ns();
  *ended = (struct ended){.status = 127 << 8};
  if (pipe2(ends, O_CLOEXEC) != 0)
    return;
  pid_t child = fork();
  if (child == 0)
    become(command, mutant, assertions, ends[1]);
  close(ends[1]);
  struct pollfd wait = {ends[0], POLLIN, 0};
  while (child > 0) {
    if ((double)(clock_now_ns() - begin_ns) / 1e9 > timeout_s || launch_interrupted()) {
      ended->timed_out = true;
      kill(-child, SIGKILL);
      break;
    }
    if (poll(&wait, 1, 100) > 0 && !read_more(ends[0], ended, &used))
      break;
  }
  ended->said[used] = '\0';
  close(ends[0]);
  if (child > 0)
    waitpid(child, &ended->status, 0);
  ended->seconds = (double)(clock_now_ns() - begin_ns) / 1e9;
}

/* ---- what it died of ---- */

/* The line of `said` that holds `words`, into `line`; false if there is none. */
static bool find_line(const char *said, const char *words, char *line, size_t line_bytes) {
  const char *found = strstr(said, words);
  if (!found)
    return false;
  while (found > said && found[-1] != '\n')
    found--;
  snprintf(line, line_bytes, "%.*s", (int)strcspn(found, "\n"), found);
  return true;
}

static enum kill_way way_of_invariant(const char *line) {
  bool verifier = strstr(line, "phase verify") || strstr(line, "at runtime/verify/") || strstr(line, "recount.c");
  return verifier ? KILL_verifier : KILL_check;
}

/* The record of `gclab run` or `gclab explore` in `said`; NULL if there is none. */
static json_t *find_record(const char *said) {
  json_t *record = NULL;
  for (const char *line = said; line && !record; line = strchr(line, '\n'), line += line != NULL)
    if (*line == '{')
      record = json_loads(line, JSON_DISABLE_EOF_CHECK, NULL);
  return record;
}

/* What a record says of a run or of the first schedule that failed: its checksum, or NULL and the reason. */
static json_t *outcome_in(json_t *record) {
  json_t *failure = json_array_get(json_object_get(record, "failures"), 0);
  return failure ? failure : json_object_get(record, "outcome");
}

static enum kill_way way_of_record(json_t *record, struct kill *kill) {
  json_t *outcome = outcome_in(record);
  const char *status = json_string_value(json_object_get(outcome, "status"));
  const char *reason = json_string_value(json_object_get(outcome, "reason"));
  json_t *seed = json_object_get(outcome, "seed");
  char under[40] = "";
  if (!status || strcmp(status, "ok") == 0)
    return KILL_survived;
  if (seed)
    snprintf(under, sizeof under, "schedule %lld: ", (long long)json_integer_value(seed));
  snprintf(kill->evidence, sizeof kill->evidence, "%s%s: %s", under, status, reason ? reason : "");
  if (reason && strstr(reason, "broken invariant"))
    return way_of_invariant(reason);
  if (strcmp(status, "timeout") == 0 || (reason && strstr(reason, "deadlock")))
    return KILL_hang;
  return strcmp(status, "verify_failed") == 0 ? KILL_checksum : KILL_crash;
}

static enum kill_way way_of_death(const struct ended *ended, struct kill *kill) {
  if (ended->timed_out) {
    snprintf(kill->evidence, sizeof kill->evidence, "not done after %.0f s", ended->seconds);
    return KILL_hang;
  }
  if (ended->status == 0)
    return KILL_survived;
  char *line = kill->evidence;
  size_t bytes = sizeof kill->evidence;
  if (find_line(ended->said, "WARNING: ThreadSanitizer", line, bytes))
    return KILL_tsan;
  if (find_line(ended->said, "broken invariant at", line, bytes))
    return way_of_invariant(line);
  if (find_line(ended->said, "wait status e", line, bytes)) /* SIGALRM */
    return KILL_hang;
  if (find_line(ended->said, "--seed 1]", line, bytes) || find_line(ended->said, "[  FAILED  ]", line, bytes))
    return KILL_test;
  if (find_line(ended->said, " => ", line, bytes)) /* a query of a vector that is answered otherwise */
    return KILL_test;
  if (!find_line(ended->said, "wait status", line, bytes))
    snprintf(line, bytes, "ended with wait status %x", ended->status);
  return KILL_crash;
}

static enum kill_way judge(const struct killer *killer, const struct ended *ended, struct kill *kill) {
  if (killer->whom == FOR_TWINS) { /* the script succeeds if the search finds the twin's fault */
    find_line(ended->said, "pan:1: ", kill->evidence, sizeof kill->evidence);
    return ended->status == 0 && !ended->timed_out ? KILL_model : KILL_survived;
  }
  json_t *record = find_record(ended->said);
  enum kill_way way = record ? way_of_record(record, kill) : way_of_death(ended, kill);
  json_decref(record);
  return way;
}

/* ---- without a mutant ---- */

/* A killer as it behaves when nothing is wrong; kept, since many mutants are tried with it. */
struct healthy {
  char command[COMMAND_BYTES];
  double seconds;
  char checksum[32];
};
enum { HEALTHY_MAX = 128 };
static struct healthy healthy[HEALTHY_MAX];
static size_t healthy_count;

enum { TIMEOUT_LEAST_S = 60, TIMEOUT_FACTOR = 10 };

static void checksum_in(const char *said, char *checksum, size_t bytes) {
  json_t *record = find_record(said);
  const char *found = json_string_value(json_object_get(json_object_get(record, "outcome"), "checksum"));
  snprintf(checksum, bytes, "%s", found ? found : "");
  json_decref(record);
}

/* NULL if it fails: then kill->broken and the evidence are set. */
static const struct healthy *find_healthy(const struct killer *killer, const struct mutant_row *row, const char *plan,
                                          struct kill *kill) {
  static struct ended ended;
  struct line command;
  char text[COMMAND_BYTES] = "";
  build_command(&command, killer, row, plan, false);
  for (char **word = command.words; *word; word++)
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s ", *word);
  for (size_t i = 0; i < healthy_count; i++)
    if (strcmp(healthy[i].command, text) == 0)
      return &healthy[i];
  run(&command, "none", true, 600, &ended);
  struct kill none = {0};
  bool twin = killer->whom == FOR_TWINS;
  bool passes = twin ? ended.status == 0 : judge(killer, &ended, &none) == KILL_survived && ended.status == 0;
  if (!passes || healthy_count == HEALTHY_MAX) {
    kill->broken = true;
    snprintf(kill->evidence, sizeof kill->evidence, "fails without a mutant: %.200s: %.200s", text, none.evidence);
    return NULL;
  }
  struct healthy *found = &healthy[healthy_count++];
  found->seconds = ended.seconds;
  snprintf(found->command, sizeof found->command, "%s", text);
  checksum_in(ended.said, found->checksum, sizeof found->checksum);
  return found;
}

/* ---- public ---- */

static enum kill_way try_one(const struct killer *killer, const struct mutant_row *row, const char *plan,
                             bool assertions, struct kill *kill) {
  static struct ended ended;
  struct line command;
  char checksum[32];
  const struct healthy *well = find_healthy(killer, row, plan, kill);
  if (!well)
    return KILL_survived;
  double timeout_s = well->seconds * TIMEOUT_FACTOR;
  build_command(&command, killer, row, plan, true);
  run(&command, row->name, assertions, timeout_s > TIMEOUT_LEAST_S ? timeout_s : TIMEOUT_LEAST_S, &ended);
  enum kill_way way = judge(killer, &ended, kill);
  checksum_in(ended.said, checksum, sizeof checksum);
  if (way == KILL_survived && *checksum && strcmp(checksum, well->checksum) != 0) {
    snprintf(kill->evidence, sizeof kill->evidence, "checksum %s, without the mutant %s", checksum, well->checksum);
    way = KILL_checksum;
  }
  return way;
}

struct kill killers_try(const struct mutant_row *row, const char *plan, bool assertions) {
  struct kill kill = {0};
  bool first_plan = strncmp(row->plans, plan, strlen(plan)) == 0;
  for (size_t i = 0; i < KILLER_COUNT && !launch_interrupted() && !kill.broken; i++) {
    const struct killer *killer = &killers[i];
    bool once = killer->whom == FOR_CODE_ONCE || killer->whom == FOR_FENCES_ONCE || killer->whom == FOR_TWINS;
    if (!fits(killer, row, plan) || (once && !first_plan))
      continue;
    enum kill_way way = try_one(killer, row, plan, assertions, &kill);
    if (way == KILL_survived || (way == KILL_check && !assertions))
      continue;
    kill.way = way;
    if (once)
      snprintf(kill.killer, sizeof kill.killer, "%s", killer->name);
    else
      snprintf(kill.killer, sizeof kill.killer, "%s %s", plan, killer->name);
    break;
  }
  return kill;
}

const char *killers_lacking(const struct mutant_row *row) {
  char path[1100];
  snprintf(path, sizeof path, "%s/contract_marksweep", build_folder());
  if (access(path, X_OK) != 0)
    return "cmake --build --preset mutants";
  snprintf(path, sizeof path, "%s/../mutants-tsan/contract_marksweep", build_folder());
  if (row->kind == MUTANT_FENCE && access(path, X_OK) != 0)
    return "cmake --preset mutants-tsan && cmake --build --preset mutants-tsan";
  return NULL;
}
