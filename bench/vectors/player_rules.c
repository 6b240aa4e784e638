/* player_rules.c -- experiments of the checklist about what a program may ask of the collector, and is told. */
#include "bench/vectors/player_measure.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- generations ---- */

enum { LOOP_LIMIT_S = 20 };

/* Whether a process ends that does this with a generation that there is not: CPython raises ValueError. */
static bool is_refused(struct gc_mutator *m, void (*act)(struct gc_mutator *m, int generation), int generation) {
  int status = 0;
  fflush(NULL);
  pid_t pid = fork();
  if (pid == 0) {
    alarm(LOOP_LIMIT_S); /* a heap whose lists it has torn may be walked for ever */
    if (freopen("/dev/null", "w", stderr))
      act(m, generation);
    _exit(0);
  }
  return pid > 0 && waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void act_collect(struct gc_mutator *m, int generation) { PLAYER_(control)()->collect(m, generation); }
static void act_threshold(struct gc_mutator *m, int generation) {
  PLAYER_(control)()->set_threshold(m->heap, generation, 1);
}
static void act_count(struct gc_mutator *m, int generation) { PLAYER_(control)()->count(m->heap, generation); }

bool PLAYER_(generations_are_three)(struct gc_mutator *m, char *said, size_t said_bytes) {
  static void (*const acts[])(struct gc_mutator * m, int generation) = {act_collect, act_threshold, act_count};
  static const int others[] = {-1, GC_GENERATIONS, 1000};
  enum { ACTS = sizeof acts / sizeof acts[0], OTHERS = sizeof others / sizeof others[0] };
  const struct gc_control *control = PLAYER_(control)();
  unsigned refused = 0;
  bool enabled = control->is_enabled(m->heap);
  for (unsigned a = 0; a < ACTS; a++)
    for (unsigned i = 0; i < OTHERS; i++)
      refused += is_refused(m, acts[a], others[i]);
  for (int generation = 0; generation < GC_GENERATIONS; generation++)
    control->collect(m, generation);
  bool collected = control->stats(m->heap, GC_GENERATIONS - 1).collections == 1;
  control->enable(m->heap, !enabled);
  bool switched = control->is_enabled(m->heap) != enabled;
  snprintf(said, said_bytes,
           "collect, threshold and count of generations -1, 3 and 1000: %u of %d refused; 0 to 2 are "
           "%s; isenabled is %s",
           refused, ACTS * OTHERS, collected ? "taken" : "not taken", switched ? "what was set" : "not what was set");
  return refused == ACTS * OTHERS && collected && switched;
}

/* ---- debug flags ---- */

static void make_self_cycle(struct gc_mutator *m, bool legacy) {
  GC_ROOTS(m, r, pair);
  gc_set(m, &r.pair, GC_NEW(m, mpair));
  GC_STORE(m, gc_get(m, &r.pair), mpair, first, gc_get(m, &r.pair));
  if (legacy)
    PLAYER_(control)()->attach_finalizer(m->heap, gc_get(m, &r.pair), GC_FINALIZE_LEGACY);
  gc_frame_pop(m, &r.frame);
}

/* What a full collection of two such cycles says to stderr under these flags; the caller's to free. */
static char *collect_and_listen(struct gc_mutator *m, uint32_t flags) {
  const struct gc_control *control = PLAYER_(control)();
  FILE *file = tmpfile();
  int stderr_before = dup(STDERR_FILENO);
  char *text = calloc(1, 4096);
  if (!file || stderr_before < 0 || !text || dup2(fileno(file), STDERR_FILENO) < 0)
    return text;
  control->set_debug(m->heap, flags);
  make_self_cycle(m, false);
  make_self_cycle(m, true);
  control->collect(m, GC_GENERATIONS - 1);
  control->set_debug(m->heap, 0);
  fflush(stderr);
  dup2(stderr_before, STDERR_FILENO);
  close(stderr_before);
  rewind(file);
  text[fread(text, 1, 4095, file)] = '\0';
  fclose(file);
  return text;
}

static unsigned count_lines(const char *text) {
  unsigned lines = 0;
  for (; *text; text++)
    lines += *text == '\n';
  return lines;
}

bool PLAYER_(debug_is_told)(struct gc_mutator *m, char *said, size_t said_bytes) {
  char *silent = collect_and_listen(m, 0), *stats = collect_and_listen(m, GC_DEBUG_STATS);
  char *objects = collect_and_listen(m, GC_DEBUG_COLLECTABLE | GC_DEBUG_UNCOLLECTABLE);
  const char *told = stats ? strstr(stats, "unreachable") : NULL;
  bool values = GC_DEBUG_STATS == 1 && GC_DEBUG_COLLECTABLE == 2 && GC_DEBUG_UNCOLLECTABLE == 4 &&
                GC_DEBUG_SAVEALL == 32 && GC_DEBUG_LEAK == 38;
  bool holds = silent && !*silent && told && count_lines(stats) == 2 && strstr(stats, "generation 2") &&
               strstr(stats, "2 unreachable, 1 uncollectable") && objects && count_lines(objects) == 2 &&
               strstr(objects, "gc: collectable <mpair ") && strstr(objects, "gc: uncollectable <mpair ");
  snprintf(said, said_bytes,
           "flags 1, 2, 4, 32 and 38; a collection told of %u lines without any, %u with STATS, %u of "
           "what is collectable and what is not",
           silent ? count_lines(silent) : 0, stats ? count_lines(stats) : 0, objects ? count_lines(objects) : 0);
  free(silent);
  free(stats);
  free(objects);
  return values && holds;
}
