#include "runtime/base/schedule.h"

#if GC_CHAOS_ENABLED

#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/rng.h"

enum { THREADS_MAX = 512, PATIENCE_MOST = 1024, CALM_STEPS = 16 };
#define STEPS_EXPECTED 100000u
#define STEPS_LIMIT 50000000u
#define FIRST_PRIORITIES ((uint64_t)1 << 32) /* those of a change lie below */

struct slot {
  sem_t baton; /* posted once when it is this thread's turn */
  uint64_t priority;
  uint64_t runs_at;    /* sleeps until then */
  const void *address; /* what it sleeps on; NULL: nothing that could be woken */
  uint64_t patience;   /* steps that its next spin leaves to others */
  uint64_t calm_steps; /* since its last spin */
  bool ended;
};

static struct {
  struct slot slots[THREADS_MAX];
  unsigned count, running, depth, changed;
  uint64_t changes[SCHEDULE_DEPTH_MAX]; /* steps, ascending */
  uint64_t now, steps, switches, limit, hash, random, lowest;
  FILE *log;
} schedule;

static _Thread_local struct slot *self;

bool schedule_is_on(void) { return self != NULL; }
uint64_t schedule_now_ns(void) { return schedule.now * SCHEDULE_STEP_NS; }

static unsigned number_of(const struct slot *slot) { return (unsigned)(slot - schedule.slots); }

static _Noreturn void give_up(const char *what) {
  fprintf(stderr, "gclab: schedule: %s after %llu steps\n", what, (unsigned long long)schedule.steps);
  for (unsigned i = 0; i < schedule.count; i++)
    if (!schedule.slots[i].ended)
      fprintf(stderr, "gclab: schedule: thread %u %s\n", i, schedule.slots[i].address ? "sleeps" : "spins or runs");
  fprintf(stderr, "gclab: schedule: %s after %llu steps\n", what, (unsigned long long)schedule.steps);
  abort();
}

/* ---- whose turn ---- */

/* The highest priority among those that do not sleep; if all sleep, time jumps to the first that wakes by itself. */
static struct slot *choose(void) {
  struct slot *best = NULL;
  uint64_t next = UINT64_MAX;
  for (unsigned i = 0; i < schedule.count; i++) {
    struct slot *slot = &schedule.slots[i];
    if (slot->ended)
      continue;
    next = slot->runs_at < next ? slot->runs_at : next;
    if (slot->runs_at <= schedule.now && (!best || slot->priority > best->priority))
      best = slot;
  }
  if (best)
    return best;
  if (next == UINT64_MAX)
    give_up("a deadlock, every thread sleeps");
  schedule.now = next;
  return choose();
}

/* Hands the baton on, and waits for it unless this thread keeps it or has ended. */
static void hand_over(void) {
  struct slot *next = choose();
  next->address = NULL;
  next->runs_at = 0;
  if (next == self)
    return;
  schedule.switches++;
  struct slot *mine = self;
  bool ends = mine->ended;
  sem_post(&next->baton);
  while (!ends && sem_wait(&mine->baton) != 0)
    ; /* interrupted by a signal */
}

static uint64_t hash_text(const char *text) {
  uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
  for (; *text; text++)
    hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
  return hash;
}

/* One step of the calling thread, counted, logged and hashed. */
static void count_step(const char *point) {
  schedule.now++;
  schedule.hash = (schedule.hash ^ hash_text(point) ^ number_of(self)) * 0x9e3779b97f4a7c15u;
  schedule.hash ^= schedule.hash >> 29;
  if (schedule.log)
    fprintf(schedule.log, "%llu %u %s\n", (unsigned long long)schedule.steps, number_of(self), point);
  if (++schedule.steps == schedule.limit)
    give_up("no end");
  if (schedule.changed < schedule.depth && schedule.steps >= schedule.changes[schedule.changed]) {
    schedule.changed++;
    self->priority = --schedule.lowest;
  }
}

void schedule_point(const char *point) {
  if (!self)
    return;
  count_step(point);
  if (++self->calm_steps == CALM_STEPS)
    self->patience = 1;
  hand_over();
}

void schedule_spin(void) {
  if (!self)
    return;
  count_step("spin");
  self->calm_steps = 0;
  self->runs_at = schedule.now + self->patience;
  if (self->patience < PATIENCE_MOST)
    self->patience *= 2;
  hand_over();
}

void schedule_sleep(const char *point, const void *address, uint64_t steps) {
  count_step(point);
  self->address = address;
  self->runs_at = steps < UINT64_MAX - schedule.now ? schedule.now + steps : UINT64_MAX;
  hand_over();
}

void schedule_wake(const void *address) {
  for (unsigned i = 0; self && i < schedule.count; i++)
    if (schedule.slots[i].address == address)
      schedule.slots[i].runs_at = 0;
}

/* ---- threads ---- */

unsigned schedule_thread_started(void) {
  if (schedule.count == THREADS_MAX)
    give_up("too many threads");
  struct slot *slot = &schedule.slots[schedule.count];
  *slot = (struct slot){.priority = FIRST_PRIORITIES + rng_below(&schedule.random, FIRST_PRIORITIES), .patience = 1};
  sem_init(&slot->baton, 0, 0);
  return schedule.count++;
}

void schedule_thread_begins(unsigned number) {
  self = &schedule.slots[number];
  while (sem_wait(&self->baton) != 0)
    ;
}

void schedule_thread_ends(void) {
  count_step("thread ends");
  self->ended = true;
  schedule_wake(self);
  hand_over();
  self = NULL;
}

const void *schedule_thread_address(unsigned number) { return &schedule.slots[number]; }
bool schedule_thread_has_ended(unsigned number) { return schedule.slots[number].ended; }

/* ---- life ---- */

static int compare_steps(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

void schedule_begin(const struct schedule_options *options) {
  static const unsigned depths[] = {1, 2, 3, 5, 8, 13, 21, 34};
  memset(&schedule, 0, sizeof schedule);
  schedule.random = rng_stream(options->seed, 0);
  schedule.lowest = FIRST_PRIORITIES;
  schedule.limit = options->limit ? options->limit : STEPS_LIMIT;
  schedule.log = options->log ? fopen(options->log, "w") : NULL;
  uint64_t drawn = rng_below(&schedule.random, sizeof depths / sizeof *depths);
  schedule.depth = options->depth ? options->depth : depths[drawn];
  for (unsigned i = 0; i < schedule.depth; i++)
    schedule.changes[i] = 1 + rng_below(&schedule.random, options->steps ? options->steps : STEPS_EXPECTED);
  qsort(schedule.changes, schedule.depth, sizeof schedule.changes[0], compare_steps);
  self = &schedule.slots[schedule_thread_started()];
}

struct schedule_result schedule_so_far(void) {
  return (struct schedule_result){schedule.steps, schedule.switches, schedule.hash, schedule.count, schedule.depth};
}

#endif
