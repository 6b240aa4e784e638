/* suite.c -- heaps, threads and child processes of suite.h.  The test's main thread, and the threads it starts. */
#include "tests/support/suite.h"

#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/chaos.h"
#include "runtime/os/thread.h"

#if defined(__SANITIZE_ADDRESS__) || GC_TSAN
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

static const uint16_t scattered_more[] = {offsetof(struct scattered, second), 0};
static const struct gc_type types[] = {
    GC_TYPE(node, left, 2),
    GC_TYPE(link, next, 1),
    GC_TYPE_LEAF(leaf),
    {.name = "scattered", .size_bytes = sizeof(struct scattered), .refs_offset = offsetof(struct scattered, first),
     .refs_count = 1, .more_refs = scattered_more},
    {.name = "holder", .kind = GC_KIND_WEAK, .size_bytes = sizeof(struct holder),
     .refs_offset = offsetof(struct holder, held), .refs_count = 1},
    {.name = "fixed", .size_bytes = sizeof(struct fixed), .refs_offset = offsetof(struct fixed, first),
     .refs_count = 2, .nature = GC_NATURE_IMMUTABLE},
    {.name = "part", .kind = GC_KIND_REF_ARRAY, .nature = GC_NATURE_PART},
};

/* ---- expectations ---- */

void suite_fail(const char *file, int line, const char *condition, const char *format, ...) {
  flockfile(stderr);
  fprintf(stderr, "%s:%d: %s: ", file, line, condition);
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fprintf(stderr, " [%s %s --seed %llu]\n", suite.collector->name, suite.test, (unsigned long long)suite.seed);
  fflush(stderr);
  _exit(1);
}

void suite_skip(const char *why) {
  printf("skipped %s %s: %s\n", suite.collector->name, suite.test, why);
  fflush(stdout);
  _exit(SUITE_SKIPPED);
}

/* ---- heaps ---- */

/* The defaults, then what the command line says, then `text`; until the next call. */
static const struct gc_value *read_options(const char *text) {
  enum { OPTIONS_MOST = 32 };
  static struct gc_value values[OPTIONS_MOST];
  const struct gc_option *table = suite.collector->options;
  const char *texts[] = {suite.options, text};
  char message[256];
  EXPECT(option_count(table) <= OPTIONS_MOST, "more options than this function holds");
  option_defaults(table, values);
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    for (const char *rest = texts[i]; rest && *rest;) {
      size_t length = strcspn(rest, ",");
      EXPECT(option_set(table, values, rest, length, message, sizeof message), "%s", message);
      rest += length + (rest[length] != 0);
    }
  return values;
}

static void unexpected_out_of_memory(struct gc_heap *heap, struct gc_mutator *m, size_t bytes) {
  (void)m;
  EXPECT(false, "out of memory for %zu bytes in a heap of %zu", bytes, heap->config.heap_bytes);
}

struct gc_heap_config suite_config(size_t heap_bytes) {
  return (struct gc_heap_config){.collector = suite.collector,
                                 .options = suite.options ? read_options(suite.options) : NULL,
                                 .heap_bytes = heap_bytes,
                                 .gc_threads = suite.gc_threads,
                                 .verify = VERIFY_ALL,
                                 .stress_every = suite.stress_every,
                                 .stress_polls = suite.stress_polls,
                                 .seed = suite.seed,
                                 .out_of_memory = unexpected_out_of_memory};
}

void suite_calm(struct gc_heap_config *config) {
  config->stress_every = 0;
  config->stress_polls = false;
  chaos_set(suite.seed, 0);
}

bool suite_has_option(const char *name) {
  for (size_t i = 0; i < option_count(suite.collector->options); i++)
    if (strcmp(suite.collector->options[i].name, name) == 0)
      return true;
  return false;
}

bool suite_has_choice(const char *name, const char *choice) {
  for (size_t i = 0; i < option_count(suite.collector->options); i++) {
    const struct gc_option *option = &suite.collector->options[i];
    for (const char *const *word = option->choices; word && *word; word++)
      if (strcmp(option->name, name) == 0 && strcmp(*word, choice) == 0)
        return true;
  }
  return false;
}

void suite_set_option(struct gc_heap_config *config, const char *text) { config->options = read_options(text); }

struct gc_mutator *suite_begin_with(const struct gc_heap_config *config) {
  const char *problem = type_table_register(types, sizeof types / sizeof types[0]);
  EXPECT(!problem, "%s", problem);
  char message[256] = "";
  struct gc_heap *heap = heap_create(config, message, sizeof message);
  EXPECT(heap, "%s", message);
  struct gc_mutator *m = gc_attach(heap);
  EXPECT(m, "no mutator");
  return m;
}

struct gc_mutator *suite_begin(size_t heap_bytes) {
  struct gc_heap_config config = suite_config(heap_bytes);
  return suite_begin_with(&config);
}

void suite_end(struct gc_mutator *m) {
  struct gc_heap *heap = m->heap;
  gc_detach(m);
  heap_destroy(heap);
}

size_t suite_count(size_t full) {
  size_t divisor = (SANITIZED ? 8 : 1) * (suite.stress_every || suite.stress_polls ? 16 : 1);
  return size_max(full / divisor, 1);
}

void suite_churn(struct gc_mutator *m, size_t bytes) {
  for (size_t done = 0; suite.collector->attrs.reclaims && done < suite_count(bytes); done += sizeof(struct node))
    GC_NEW(m, node);
}

size_t suite_used_bytes(struct gc_mutator *m) {
  return atomic_load_explicit(&m->heap->memory.used_bytes, memory_order_relaxed);
}

/* ---- threads ---- */

struct thread_start {
  struct gc_heap *heap;
  unsigned index;
  suite_body *body;
  void *argument;
};

static void *thread_body(void *argument) {
  struct thread_start *start = argument;
  struct gc_mutator *m = gc_attach(start->heap);
  EXPECT(m, "no mutator %u", start->index);
  start->body(m, start->index, start->argument);
  gc_detach(m);
  return NULL;
}

enum { THREADS_MOST = 128 };

void suite_run_threads(struct gc_mutator *m, unsigned count, suite_body *body, void *argument) {
  pthread_t threads[THREADS_MOST];
  struct thread_start starts[THREADS_MOST];
  EXPECT(count <= THREADS_MOST, "%u threads", count);
  gc_block(m);
  for (unsigned i = 0; i < count; i++) {
    starts[i] = (struct thread_start){m->heap, i, body, argument};
    EXPECT(thread_start(&threads[i], "mutator", thread_body, &starts[i]), "thread %u was refused", i);
  }
  for (unsigned i = 0; i < count; i++)
    pthread_join(threads[i], NULL);
  gc_unblock(m);
}

/* ---- child processes ---- */

static void child_main(void (*body)(void *), void *argument, int text_to) {
  struct rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  dup2(text_to, STDERR_FILENO);
  body(argument);
  fflush(stdout);
  _exit(0);
}

int suite_child(void (*body)(void *argument), void *argument, char *text, size_t text_bytes) {
  int ends[2];
  EXPECT(pipe(ends) == 0, "no pipe");
  fflush(stdout);
  pid_t child = fork();
  EXPECT(child >= 0, "no child");
  if (child == 0) {
    close(ends[0]);
    child_main(body, argument, ends[1]);
  }
  close(ends[1]);
  size_t used = 0;
  char beyond[256];
  for (ssize_t got;;) { /* reads to the end, so that the child never blocks; keeps what fits */
    bool room = used + 1 < text_bytes;
    got = read(ends[0], room ? text + used : beyond, room ? text_bytes - 1 - used : sizeof beyond);
    if (got <= 0)
      break;
    if (room)
      used += (size_t)got;
  }
  text[used] = '\0';
  close(ends[0]);
  int status = 0;
  EXPECT(waitpid(child, &status, 0) == child, "the child was lost");
  return status;
}

void suite_expect_abort(void (*body)(void *argument), void *argument, const char *words) {
  char text[4096];
  int status = suite_child(body, argument, text, sizeof text);
  EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "wait status %x instead of abort, having said: %s", status,
         text);
  EXPECT(strstr(text, words), "\"%s\" is not in: %s", words, text);
}
