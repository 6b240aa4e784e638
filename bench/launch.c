#include "bench/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/watchdog.h"
#include "runtime/os/clock.h"
#include "runtime/verify/verify.h"

const char *const outcome_names[OUTCOME_COUNT] = {
#define OUTCOME_NAME(name) #name,
    OUTCOMES(OUTCOME_NAME)
#undef OUTCOME_NAME
};

/* ---- signals ---- */

static volatile sig_atomic_t interrupted;
static volatile sig_atomic_t running_child; /* process group, or 0 */

static void on_signal(int signal_number) {
  (void)signal_number;
  interrupted = 1;
  if (running_child)
    kill(-(pid_t)running_child, SIGKILL);
}

void launch_catch_signals(void) {
  struct sigaction action = {.sa_handler = on_signal};
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error that is told, like a full disk */
}

bool launch_interrupted(void) { return interrupted; }

/* ---- the child's command line ---- */

enum { ARGUMENTS_MAX = 48, ARGUMENT_BYTES = SUBJECT_TEXT_BYTES + 32, RECORD_FD = 3 };
struct arguments {
  int count;
  char text[ARGUMENTS_MAX][ARGUMENT_BYTES];
  char *vector[ARGUMENTS_MAX + 1];
};

static void add(struct arguments *arguments, const char *format, ...) GC_PRINTF(2, 3);
static void add(struct arguments *arguments, const char *format, ...) {
  va_list list;
  va_start(list, format);
  vsnprintf(arguments->text[arguments->count], ARGUMENT_BYTES, format, list);
  va_end(list);
  arguments->vector[arguments->count] = arguments->text[arguments->count];
  arguments->vector[++arguments->count] = NULL;
}

static void build_arguments(struct arguments *arguments, const struct launch_request *request) {
  const struct options *o = request->options;
  char verifiers[64];
  verify_format(o->verify, verifiers, sizeof verifiers);
  arguments->count = 0;
  add(arguments, "gclab");
  add(arguments, "invoke");
  add(arguments, "--record-fd=%d", RECORD_FD);
  add(arguments, "--collector=%s", request->collector->text);
  add(arguments, "--workload=%s", request->workload->text);
  add(arguments, "--heap=%zu", request->heap_bytes);
  add(arguments, "--threads=%lld", (long long)o->threads.integer);
  add(arguments, "--gc-threads=%lld", (long long)o->gc_threads.integer);
  add(arguments, "--iterations=%lld", (long long)o->iterations.integer);
  add(arguments, "--warmup=%lld", (long long)o->warmup.integer);
  add(arguments, "--seed=%lld", (long long)o->seed.integer);
  add(arguments, "--verify=%s", verifiers);
  add(arguments, "--placement=%s", placements[o->placement.integer]);
  add(arguments, "--refuse-chunk=%lld", (long long)o->refuse_chunk.integer);
  add(arguments, "--stress-every=%lld", (long long)o->stress_every.integer);
  if (o->stress_polls)
    add(arguments, "--stress-polls");
  if (o->no_pin)
    add(arguments, "--no-pin");
  add(arguments, "--instrumentation=%s", instrumentations[o->instrumentation.integer]);
  if (o->profile)
    add(arguments, "--profile=%s", o->profile);
  if (o->leaks)
    add(arguments, "--leaks");
  if (o->snapshot)
    add(arguments, "--snapshot");
  if (o->fault)
    add(arguments, "--fault=%s", o->fault);
  if (request->artifacts)
    add(arguments, "--artifacts=%s", request->artifacts);
  if (o->trace_file)
    add(arguments, "--trace-file=%s", o->trace_file);
  if (o->topology)
    add(arguments, "--topology=%s", o->topology);
  if (!o->has_schedule)
    return;
  add(arguments, "--schedule=%lld", (long long)o->schedule.integer);
  add(arguments, "--schedule-steps=%lld", (long long)o->schedule_steps.integer);
  add(arguments, "--schedule-depth=%lld", (long long)o->schedule_depth.integer);
  if (o->schedule_log)
    add(arguments, "--schedule-log=%s", o->schedule_log);
}

/* ---- where things lie in the child's memory ---- */

/* Our environment and a variable of `padding_bytes`; NULL if there is no memory.  One allocation. */
static char **build_environment(unsigned padding_bytes) {
  static const char name[] = "GCLAB_PADDING=";
  size_t count = 0;
  while (environ[count])
    count++;
  char **vector = malloc((count + 2) * sizeof *vector + sizeof name + padding_bytes);
  if (!vector)
    return NULL;
  char *padding = (char *)(vector + count + 2);
  memcpy(vector, environ, count * sizeof *vector);
  vector[count] = padding_bytes ? padding : NULL;
  vector[count + 1] = NULL;
  memset(padding + sizeof name - 1, 'x', padding_bytes);
  memcpy(padding, name, sizeof name - 1);
  padding[sizeof name - 1 + padding_bytes] = 0;
  return vector;
}

static bool system_has_aslr(void) {
  FILE *file = fopen("/proc/sys/kernel/randomize_va_space", "r");
  int mode = 2;
  if (file && fscanf(file, "%d", &mode) != 1)
    mode = 2;
  if (file)
    fclose(file);
  return mode > 0;
}

/* What the next process will inherit; returns whether its addresses are random then. */
static bool set_aslr(bool wanted) {
  int before = personality(0xffffffff);
  int after = wanted ? before & ~ADDR_NO_RANDOMIZE : before | ADDR_NO_RANDOMIZE;
  bool set = before != -1 && personality((unsigned long)after) != -1;
  return (set ? wanted : before == -1 || !(before & ADDR_NO_RANDOMIZE)) && system_has_aslr();
}

/* ---- the child ---- */

enum { TAIL_BYTES = 4096, TICK_MS = 200, LOG_BYTES_MAX = 1 << 20 };

struct child {
  pid_t pid;
  int record_fd, stderr_fd;
  int log_fd; /* stderr.log, or -1 */
  size_t log_bytes;
  char *line; /* of the record pipe, not yet complete */
  size_t line_bytes, line_capacity;
  char tail[TAIL_BYTES + 1]; /* the end of what it wrote to stderr */
  size_t tail_bytes;
  json_t *report;
  struct watchdog watchdog;
  bool aslr;
  int status;
  struct rusage usage;
};

/* Between fork and exec: only calls that are safe there. */
static _Noreturn void become_child(const char *program, char **arguments, char **environment, int record_fd,
                                   int stderr_fd, pid_t parent) {
  setpgid(0, 0);                    /* the terminal's ^C goes to the parent alone, which ends the whole group */
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* no invocation outlives the one who wants its record */
  if (getppid() != parent)
    _exit(127);
  int null_fd = open("/dev/null", O_RDWR);
  dup2(null_fd, STDIN_FILENO);
  dup2(stderr_fd, STDOUT_FILENO);
  dup2(stderr_fd, STDERR_FILENO);
  if (record_fd == RECORD_FD)
    fcntl(record_fd, F_SETFD, 0);
  else
    dup2(record_fd, RECORD_FD);
  struct rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  execve(program, arguments, environment);
  _exit(127);
}

static bool start(struct child *child, const struct launch_request *request, char **arguments) {
  int record[2], errors[2];
  /* hashes of addresses take part in what a schedule repeats */
  bool wants_aslr = !request->layout.fixed_addresses && !request->options->has_schedule;
  const char *program = request->program && *request->program ? request->program : "/proc/self/exe";
  char **environment = build_environment(request->layout.env_padding_bytes);
  if (!environment)
    return false;
  if (pipe2(record, O_CLOEXEC) != 0) {
    free(environment);
    return false;
  }
  if (pipe2(errors, O_CLOEXEC) != 0) {
    close(record[0]);
    close(record[1]);
    free(environment);
    return false;
  }
  fflush(NULL);
  pid_t parent = getpid();
  int personality_before = personality(0xffffffff);
  child->aslr = set_aslr(wants_aslr);
  child->pid = fork();
  if (child->pid == 0)
    become_child(program, arguments, environment, record[1], errors[1], parent);
  if (personality_before != -1)
    personality((unsigned long)personality_before);
  free(environment);
  close(record[1]);
  close(errors[1]);
  child->record_fd = record[0];
  child->stderr_fd = errors[0];
  if (child->pid < 0)
    return false;
  setpgid(child->pid, child->pid); /* also here: whoever comes first */
  running_child = child->pid;
  if (interrupted)
    kill(-child->pid, SIGKILL);
  return true;
}

/* Takes complete lines out of the buffer. */
static void take_lines(struct child *child) {
  char *end;
  while ((end = memchr(child->line, '\n', child->line_bytes))) {
    size_t length = (size_t)(end - child->line) + 1;
    json_t *line = json_loadb(child->line, length, 0, NULL);
    if (json_is_object(line))
      json_object_update(child->report, line);
    json_decref(line);
    watchdog_feed(&child->watchdog);
    child->line_bytes -= length;
    memmove(child->line, child->line + length, child->line_bytes);
  }
}

/* Each returns false at the end of its pipe. */
static bool read_record(struct child *child) {
  if (child->line_capacity - child->line_bytes < 4096) {
    size_t capacity = 2 * child->line_capacity + 65536;
    char *line = realloc(child->line, capacity);
    if (!line)
      return false;
    child->line = line;
    child->line_capacity = capacity;
  }
  ssize_t bytes = read(child->record_fd, child->line + child->line_bytes, child->line_capacity - child->line_bytes);
  if (bytes > 0) {
    child->line_bytes += (size_t)bytes;
    take_lines(child);
  }
  return bytes > 0 || (bytes < 0 && errno == EINTR);
}

/* Of a process that writes without end the beginning is kept. */
static void log_stderr(struct child *child, const char *text, size_t bytes) {
  if (child->log_fd < 0 || child->log_bytes >= LOG_BYTES_MAX)
    return;
  child->log_bytes += bytes;
  if (write(child->log_fd, text, bytes) != (ssize_t)bytes)
    child->log_bytes = LOG_BYTES_MAX; /* a full disk; the record, which has the tail, will not fit either */
}

static bool read_stderr(struct child *child) {
  char text[TAIL_BYTES];
  ssize_t bytes = read(child->stderr_fd, text, sizeof text);
  if (bytes <= 0)
    return bytes < 0 && errno == EINTR;
  log_stderr(child, text, (size_t)bytes);
  size_t kept = TAIL_BYTES - (size_t)bytes;
  if (child->tail_bytes > kept) {
    memmove(child->tail, child->tail + child->tail_bytes - kept, kept);
    child->tail_bytes = kept;
  }
  memcpy(child->tail + child->tail_bytes, text, (size_t)bytes);
  child->tail_bytes += (size_t)bytes;
  return true;
}

/* Reads both pipes until the child closed them, which it does when it ends. */
static void watch(struct child *child, const struct launch_request *request) {
  struct pollfd fds[2] = {{child->record_fd, POLLIN, 0}, {child->stderr_fd, POLLIN, 0}};
  while (fds[0].fd >= 0 || fds[1].fd >= 0) {
    watchdog_look(&child->watchdog);
    uint64_t now_ns = clock_now_ns(), deadline_ns = child->watchdog.deadline_ns;
    uint64_t left_ms = now_ns >= deadline_ns ? TICK_MS : (deadline_ns - now_ns) / 1000000 + 1;
    if (poll(fds, 2, left_ms < TICK_MS ? (int)left_ms : TICK_MS) > 0) {
      if (fds[0].revents && !read_record(child))
        fds[0].fd = -1;
      if (fds[1].revents && !read_stderr(child))
        fds[1].fd = -1;
    }
    if (request->tick)
      request->tick(request->context);
  }
}

/* ---- how it ended ---- */

/* The last line that the child wrote to stderr, for a reason. */
static const char *last_words(struct child *child) {
  child->tail[child->tail_bytes] = 0;
  while (child->tail_bytes && child->tail[child->tail_bytes - 1] == '\n')
    child->tail[--child->tail_bytes] = 0;
  char *line = strrchr(child->tail, '\n');
  return line ? line + 1 : child->tail;
}

enum outcome outcome_by_name(const char *name) {
  for (unsigned i = 0; name && i < OUTCOME_COUNT; i++)
    if (strcmp(outcome_names[i], name) == 0)
      return (enum outcome)i;
  return OUTCOME_harness_error;
}

/* What the child said of itself, unless it did not live to say it or died after that. */
static enum outcome judge(struct child *child, const struct launch_request *request, json_t *said, char *reason,
                          size_t reason_bytes) {
  const char *words = last_words(child);
  if (interrupted) {
    snprintf(reason, reason_bytes, "interrupted");
    return OUTCOME_interrupted;
  }
  if (child->watchdog.verdict == WATCHDOG_TOO_LONG) {
    snprintf(reason, reason_bytes, "not done after %g s", request->timeout_s);
    return OUTCOME_timeout;
  }
  if (child->watchdog.verdict == WATCHDOG_STALLED) {
    snprintf(reason, reason_bytes, "neither CPU time nor a report for %g s", request->options->stalled_s.real);
    return OUTCOME_timeout;
  }
  if (WIFSIGNALED(child->status)) {
    int number = WTERMSIG(child->status);
    /* a verifier's verdict is an invariant that broke (runtime/base/check.h), in words that say which one's it is */
    bool verifier = number == SIGABRT && strstr(words, ": verifier ");
    if (number == SIGABRT && *words)
      snprintf(reason, reason_bytes, "%.900s", words);
    else
      snprintf(reason, reason_bytes, "ended by signal %d, %s%s%.900s", number, strsignal(number), *words ? ": " : "",
               words);
    return verifier ? OUTCOME_verify_failed : OUTCOME_crash;
  }
  const char *said_reason = json_string_value(json_object_get(said, "reason"));
  if (said) {
    snprintf(reason, reason_bytes, "%s", said_reason ? said_reason : "");
    return outcome_by_name(json_string_value(json_object_get(said, "status")));
  }
  snprintf(reason, reason_bytes, "the process ended with status %d and no record%s%.900s", WEXITSTATUS(child->status),
           *words ? ": " : "", words);
  return OUTCOME_harness_error;
}

static json_t *describe(struct child *child, enum outcome outcome, json_t *said, const char *reason) {
  bool signalled = WIFSIGNALED(child->status), ok = outcome == OUTCOME_ok;
  const char *checksum = ok ? json_string_value(json_object_get(said, "checksum")) : NULL;
  json_t *progress = json_object_get(child->report, "progress");
  const char *phase = ok ? NULL : json_string_value(json_object_get(progress, "phase"));
  return json_pack("{ss so so ss? ss? ss? ss? so so?}", "status", outcome_names[outcome], "exit_code",
                   signalled ? json_null() : json_integer(WEXITSTATUS(child->status)), "signal",
                   signalled ? json_integer(WTERMSIG(child->status)) : json_null(), "reason", *reason ? reason : NULL,
                   "checksum", checksum, "phase_at_failure", phase, "stderr_tail",
                   child->tail_bytes && !ok ? child->tail : NULL, "iteration_at_failure",
                   ok || !progress ? json_null() : json_incref(json_object_get(progress, "iteration")), "threads",
                   child->watchdog.threads);
}

/* A child that died could not report its memory; the kernel did. */
static void add_peak_rss(struct child *child) {
  json_t *memory = json_object_get(child->report, "memory");
  if (!memory) {
    memory = json_object();
    json_object_set_new(child->report, "memory", memory);
  }
  json_object_set_new(memory, "peak_rss_bytes", json_integer((json_int_t)child->usage.ru_maxrss * 1024));
}

static struct launch_result refuse_to_start(const char *reason) {
  json_t *report = json_pack("{s{ss ss}}", "outcome", "status", outcome_names[OUTCOME_harness_error], "reason", reason);
  return (struct launch_result){OUTCOME_harness_error, report, 0, true};
}

static int open_log(const char *artifacts) {
  char path[ARGUMENT_BYTES];
  snprintf(path, sizeof path, "%s/stderr.log", artifacts ? artifacts : "");
  return artifacts ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : -1;
}

struct launch_result launch(const struct launch_request *request) {
  struct arguments arguments;
  struct child child = {.report = json_object(), .log_fd = open_log(request->artifacts)};
  uint64_t begin_ns = clock_now_ns();
  build_arguments(&arguments, request);
  if (!start(&child, request, arguments.vector)) {
    json_decref(child.report);
    close(child.log_fd);
    return refuse_to_start("the system refused a new process");
  }
  watchdog_begin(&child.watchdog, child.pid, request->timeout_s, request->options->stalled_s.real);
  watch(&child, request);
  while (wait4(child.pid, &child.status, 0, &child.usage) < 0 && errno == EINTR)
    ;
  running_child = 0;
  close(child.record_fd);
  close(child.stderr_fd);
  close(child.log_fd);
  free(child.line);
  add_peak_rss(&child);

  char reason[1024];
  json_t *said = json_object_get(child.report, "outcome");
  enum outcome outcome = judge(&child, request, said, reason, sizeof reason);
  json_object_set_new(child.report, "outcome", describe(&child, outcome, said, reason));
  json_object_del(child.report, "progress");
  return (struct launch_result){outcome, child.report, clock_now_ns() - begin_ns, child.aslr};
}

struct launch_result launch_unsupported(const char *why) {
  json_t *report = json_pack("{s{ss ss}}", "outcome", "status", outcome_names[OUTCOME_unsupported], "reason", why);
  return (struct launch_result){OUTCOME_unsupported, report, 0, true};
}
