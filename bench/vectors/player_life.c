/* player_life.c -- experiments of the checklist about how long objects live, and what that costs. */
#include "bench/vectors/player_measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/cycle/heap.h"
#include "runtime/gc_exit.h"
#include "runtime/gc_usage.h"
#include "runtime/os/clock.h"

/* ---- roots ---- */

bool PLAYER_(immortal_object)(struct gc_mutator *m, char *said, size_t said_bytes) {
  enum { TIMES = 1000000 };
  const struct gc_control *control = PLAYER_(control)();
  GC_ROOTS(m, r, globals);
  uint64_t before = control->references(m->heap, gc_globals(m));
  for (unsigned i = 0; i < TIMES; i++) {
    gc_set(m, &r.globals, gc_globals(m));
    gc_set(m, &r.globals, GC_NULL);
  }
  for (int i = 0; i < GC_GENERATIONS; i++)
    control->collect(m, GC_GENERATIONS - 1);
  gc_ref object = GC_NEW(m, mobject);
  gc_global_store(m, 0, object);
  uint64_t after = control->references(m->heap, gc_globals(m));
  bool lives = !gc_is_null(gc_global_load(m, 0));
  snprintf(said, said_bytes, "the globals were rooted and let go %d times, %d full collections: count %llu, then %llu",
           TIMES, GC_GENERATIONS, (unsigned long long)before, (unsigned long long)after);
  gc_frame_pop(m, &r.frame);
  return lives && before == after;
}

/* Pushes `depth` frames, each with a root that holds the object; returns how many references it has then. */
static uint64_t push_frames(struct gc_mutator *m, const gc_root *object, unsigned depth) {
  GC_ROOTS(m, r, held);
  gc_set(m, &r.held, gc_get(m, object));
  uint64_t references = depth > 1 ? push_frames(m, object, depth - 1)
                                  : PLAYER_(control)()->references(m->heap, gc_get(m, object));
  gc_frame_pop(m, &r.frame);
  return references;
}

bool PLAYER_(frames_take_no_heap)(struct gc_mutator *m, char *said, size_t said_bytes) {
  enum { DEPTH = 1000, TIMES = 1000 };
  const struct gc_control *control = PLAYER_(control)();
  struct gc_type_count counts[8];
  uint64_t held = 0;
  GC_ROOTS(m, r, object);
  gc_set(m, &r.object, GC_NEW(m, mpair));
  struct gc_snapshot *before = gc_snapshot_take(m);
  double allocated_bytes = gc_allocated_bytes(m);
  for (unsigned i = 0; i < TIMES; i++)
    held = push_frames(m, &r.object, DEPTH);
  allocated_bytes = gc_allocated_bytes(m) - allocated_bytes;
  struct gc_snapshot *after = gc_snapshot_take(m);
  uint64_t changed = gc_snapshot_diff(before, after, counts, 8);
  uint64_t left = control->references(m->heap, gc_get(m, &r.object));
  snprintf(said, said_bytes, "%d roots pushed and popped, %llu at once: %.0f bytes of heap, %llu types changed",
           DEPTH * TIMES, (unsigned long long)held - 1, allocated_bytes, (unsigned long long)changed);
  gc_snapshot_free(before);
  gc_snapshot_free(after);
  gc_frame_pop(m, &r.frame);
  return held == DEPTH + 1 && left == 1 && allocated_bytes == 0 && changed == 0;
}

/* ---- what is reachable stays ---- */

bool PLAYER_(free_does_nothing)(struct gc_mutator *m, char *said, size_t said_bytes) {
  GC_ROOTS(m, r, number);
  gc_set(m, &r.number, GC_NEW(m, mfloat));
  GC_PUT(m, gc_get(m, &r.number), mfloat, value, 1.5);
  gc_free(m, gc_get(m, &r.number));
  for (unsigned i = 0; i < 1000; i++)
    GC_NEW(m, mfloat); /* whoever got its memory would have nulled it */
  bool lives = GC_DEREF(m, mfloat, gc_get(m, &r.number))->value == 1.5;
  uint64_t references = PLAYER_(control)()->references(m->heap, gc_get(m, &r.number));
  snprintf(said, said_bytes, "after gc_free an object is %s, with %llu reference", lives ? "what it was" : "gone",
           (unsigned long long)references);
  gc_frame_pop(m, &r.frame);
  return lives && references == 1;
}

/* Stores `value` in place `at` of a new pair, whose other place stays null; `value` becomes the pair. */
static void wrap(struct gc_mutator *m, gc_root *value) {
  gc_ref pair = GC_NEW(m, mpair);
  GC_INIT(m, pair, mpair, first, gc_get(m, value));
  gc_set(m, value, pair);
}

/* A list of 10^6 places, its cell, the tuple of cells, the function, and the dictionary that the function is in. */
bool PLAYER_(closure_keeps)(struct gc_mutator *m, char *said, size_t said_bytes) {
  enum { PLACES = 1000000 };
  const struct gc_control *control = PLAYER_(control)();
  char path[160];
  GC_ROOTS(m, r, chain, dictionary, list);
  gc_set(m, &r.list, gc_alloc_array(m, PLACES));
  gc_set(m, &r.chain, gc_get(m, &r.list));
  for (unsigned i = 0; i < 4; i++)
    wrap(m, &r.chain);
  gc_set(m, &r.dictionary, gc_get(m, &r.chain));
  gc_set(m, &r.chain, GC_NULL);
  control->collect(m, GC_GENERATIONS - 1);
  uint64_t held = gc_sizeof_deep(m, &r.dictionary), steps = gc_why_alive(m, &r.list, path, sizeof path);
  GC_STORE(m, gc_get(m, &r.dictionary), mpair, first, GC_NULL); /* del: the function goes, and all that it held */
  gc_set(m, &r.list, GC_NULL);
  uint64_t left = gc_sizeof_deep(m, &r.dictionary);
  snprintf(said, said_bytes, "%llu bytes after a full collection by %s; %llu without the closure",
           (unsigned long long)held, path, (unsigned long long)left);
  gc_frame_pop(m, &r.frame);
  return held >= PLACES * sizeof(gc_field) && steps == 5 && left == sizeof(struct mpair);
}

/* ---- what lives costs ---- */

/* Adds to the list in `head` until it has `count` pairs. */
static void lengthen(struct gc_mutator *m, gc_root *head, unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    gc_ref pair = GC_NEW(m, mpair);
    GC_INIT(m, pair, mpair, first, gc_get(m, head));
    gc_set(m, head, pair);
  }
}

/* The fastest of some full collections. */
static uint64_t full_collection_ns(struct gc_mutator *m) {
  uint64_t best_ns = UINT64_MAX;
  for (unsigned i = 0; i < 5; i++) {
    uint64_t begin_ns = clock_now_ns();
    PLAYER_(control)()->collect(m, GC_GENERATIONS - 1);
    uint64_t ns = clock_now_ns() - begin_ns;
    best_ns = ns < best_ns ? ns : best_ns;
  }
  return best_ns;
}

bool PLAYER_(pauses_follow_what_lives)(struct gc_mutator *m, char *said, size_t said_bytes) {
  enum { FEW = 20000, MANY = 10 * FEW };
  const struct gc_control *control = PLAYER_(control)();
  GC_ROOTS(m, r, head);
  control->enable(m->heap, false);
  lengthen(m, &r.head, FEW);
  uint64_t few_ns = full_collection_ns(m);
  lengthen(m, &r.head, MANY - FEW);
  uint64_t many_ns = full_collection_ns(m);
  control->freeze(m->heap);
  uint64_t frozen_ns = full_collection_ns(m);
  snprintf(said, said_bytes,
           "a full collection: %.2f ms with %d objects, %.2f ms with %d, %.3f ms when they are frozen",
           (double)few_ns / 1e6, FEW, (double)many_ns / 1e6, MANY, (double)frozen_ns / 1e6);
  gc_frame_pop(m, &r.frame);
  return many_ns > 3 * few_ns && many_ns > 20 * frozen_ns;
}

double PLAYER_(resident_mb)(void) {
  unsigned long total = 0, resident = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (!file || fscanf(file, "%lu %lu", &total, &resident) != 2)
    resident = 0;
  if (file)
    fclose(file);
  return (double)resident * (double)sysconf(_SC_PAGESIZE) / 1e6;
}

bool PLAYER_(resident_memory_follows)(struct gc_mutator *m, char *said, size_t said_bytes) {
  enum { INTS = 2000000 };
  GC_ROOTS(m, r, list);
  double before = PLAYER_(resident_mb)();
  gc_set(m, &r.list, gc_alloc_array(m, INTS));
  for (uint64_t i = 0; i < INTS; i++) {
    gc_ref number = GC_NEW(m, mint);
    gc_array_store(m, gc_get(m, &r.list), i, number);
  }
  double full = PLAYER_(resident_mb)();
  gc_set(m, &r.list, GC_NULL);
  double after = PLAYER_(resident_mb)();
  snprintf(said, said_bytes, "resident memory with %d ints in a list: %.0f, then %.0f, after their release %.0f MB "
           "(CPython: 14, 94, 15)", INTS, before, full, after);
  gc_frame_pop(m, &r.frame);
  return full - before > 60 && after - before < 0.1 * (full - before);
}

/* ---- what is unreachable goes, and nothing else does ---- */

static void count_death(void *context, gc_ref object) {
  (void)object;
  ++*(unsigned *)context;
}

bool PLAYER_(cycles_are_found_automatically)(struct gc_mutator *m, char *said, size_t said_bytes) {
  enum { CYCLES = 20000 };
  const struct gc_control *control = PLAYER_(control)();
  unsigned died = 0;
  const struct gc_delivery delivery = {.context = &died, .died = count_death};
  control->deliver(m->heap, &delivery);
  GC_ROOTS(m, r, one, other);
  for (unsigned i = 0; i < CYCLES; i++) {
    gc_set(m, &r.one, GC_NEW(m, mpair));
    gc_set(m, &r.other, GC_NEW(m, mpair));
    GC_STORE(m, gc_get(m, &r.one), mpair, first, gc_get(m, &r.other));
    GC_STORE(m, gc_get(m, &r.other), mpair, first, gc_get(m, &r.one));
  }
  unsigned found = died / 2;
  uint64_t collections = control->stats(m->heap, 0).collections;
  snprintf(said, said_bytes, "of %d dropped cycles of two %u are gone without a call, in %llu collections of the young "
           "(CPython: 19760)", CYCLES, found, (unsigned long long)collections);
  gc_frame_pop(m, &r.frame);
  control->deliver(m->heap, &(struct gc_delivery){0});
  return found >= CYCLES / 100 * 98 && found < CYCLES && collections > 0;
}

/* There are no references that are let go when memory is scarce. */
bool PLAYER_(memory_is_no_reason)(struct gc_mutator *m, char *said, size_t said_bytes) {
  enum { MEGABYTES = 200 };
  GC_ROOTS(m, r, held, weak, blocks);
  gc_set(m, &r.held, GC_NEW(m, mpair));
  gc_set(m, &r.weak, gc_weak_new(m, &r.held, NULL, NULL));
  gc_set(m, &r.blocks, gc_alloc_array(m, MEGABYTES));
  for (uint64_t i = 0; i < MEGABYTES; i++) {
    gc_ref block = gc_alloc_raw(m, 1 << 20);
    gc_array_store(m, gc_get(m, &r.blocks), i, block);
  }
  bool lives = !gc_is_null(gc_weak_get(m, gc_get(m, &r.weak)));
  gc_set(m, &r.held, GC_NULL);
  bool dead = gc_is_null(gc_weak_get(m, gc_get(m, &r.weak)));
  snprintf(said, said_bytes, "what is referred to %s the allocation of %d MB; without its last reference it is %s",
           lives ? "outlives" : "does not outlive", MEGABYTES, dead ? "dead" : "alive");
  gc_frame_pop(m, &r.frame);
  return lives && dead;
}

/* ---- the end ---- */

static char heard[64]; /* of the one experiment in this process */

static void hear(void *word) {
  if (strlen(heard) + strlen(word) + 2 < sizeof heard)
    strcat(strcat(heard, *heard ? " " : ""), word);
}

bool PLAYER_(calls_at_exit)(struct gc_mutator *m, char *said, size_t said_bytes) {
  struct gc_exit calls;
  gc_exit_begin(m, &calls);
  GC_ROOTS(m, r, dying, staying);
  gc_set(m, &r.dying, GC_NEW(m, mpair));
  gc_set(m, &r.staying, GC_NEW(m, mpair));
  gc_global_store(m, 0, gc_get(m, &r.staying));
  gc_exit_at(m, &calls, &r.staying, hear, "1");
  gc_exit_at(m, &calls, &r.dying, hear, "2");
  gc_exit_at(m, &calls, &r.staying, hear, "3");
  gc_exit_at(m, &calls, &r.dying, hear, "4");
  gc_exit_cancel(gc_exit_at(m, &calls, &r.staying, hear, "5"));
  gc_set(m, &r.dying, GC_NULL);
  hear("exit");
  gc_frame_pop(m, &r.frame);
  gc_exit_end(m, &calls, NULL);
  snprintf(said, said_bytes, "of 1 to 4, 2 and 4 with an object that died before, 5 cancelled: %s", heard);
  return strcmp(heard, "4 2 exit 3 1") == 0;
}

static void hear_finalizer(void *context, struct gc_mutator *m, gc_ref object, enum gc_finalizer kind) {
  (void)context, (void)m, (void)object, (void)kind;
  hear("finalized");
}

bool PLAYER_(garbage_at_exit)(struct gc_mutator *m, char *said, size_t said_bytes) {
  const struct gc_control *control = PLAYER_(control)();
  const struct gc_delivery delivery = {.finalize = hear_finalizer};
  struct gc_exit calls;
  control->deliver(m->heap, &delivery);
  gc_exit_begin(m, &calls);
  GC_ROOTS(m, r, node);
  wrap(m, &r.node);
  GC_STORE(m, gc_get(m, &r.node), mpair, second, gc_get(m, &r.node));
  control->attach_finalizer(m->heap, gc_get(m, &r.node), GC_FINALIZE_ONCE);
  gc_frame_pop(m, &r.frame);
  hear("exit");
  gc_exit_end(m, &calls, NULL);
  snprintf(said, said_bytes, "a cycle with a finalizer, dropped: %s", heard);
  return strcmp(heard, "exit finalized") == 0;
}
