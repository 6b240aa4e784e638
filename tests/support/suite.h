/* suite.h -- what the tests that are compiled for every plan share: a heap, threads, expectations, child processes.
 *
 * A suite (tests/contract, tests/checked, tests/stress) is one program for each plan: its files, these, and the
 * plan.  Each file holds one TEST(name), named for the promise that it keeps, and is registered by one line of
 * CMakeLists.txt.  `<suite>_<plan> NAME [--seed N] …` runs one test, `--all` runs every test in a child of its own.
 * A promise that the plan's attributes exclude is skipped with exit status 77, which ctest shows.
 *
 * Rules for tests, so that they hold under every plan: what is used again after an allocation, a poll or a store
 * that may drop the last reference to it is rooted; threads other than the main one are started by
 * suite_run_threads; a test forks before it creates a heap. */
#ifndef TESTS_SUPPORT_SUITE_H
#define TESTS_SUPPORT_SUITE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/rng.h"
#include "runtime/cycle/heap.h"
#include "runtime/gc.h"

#define TEST(name) void test_##name(void)

enum { SUITE_SKIPPED = 77 };

/* What the command line chose. */
extern struct suite {
  const struct gc_collector *collector;
  const char *test;
  uint64_t seed;
  uint64_t stress_every; /* a collection at every Nth allocation; checked forms only */
  bool stress_polls;
  unsigned gc_threads;
  unsigned seconds; /* of the long forms of stress tests; 0: the short form */
  const char *options; /* of the plan, with commas between; NULL: the defaults */
} suite;

/* ---- types that every test may use ---- */

struct node {
  struct gc_header header;
  gc_field left, right;
  uint64_t key;
};
struct link {
  struct gc_header header;
  gc_field next;
  uint64_t key;
};
struct leaf {
  struct gc_header header;
  uint64_t key;
};
struct scattered { /* references that do not follow one another */
  struct gc_header header;
  uint64_t before;
  gc_field first;
  uint64_t between;
  gc_field second;
};
struct holder { /* a weak reference that holds another object */
  struct gc_weak weak;
  gc_field held;
  uint64_t key;
};
/* TYPE_part: an array of references that belongs to one object (GC_NATURE_PART). */
struct fixed { /* immutable once its references are set */
  struct gc_header header;
  gc_field first, second;
};
enum {
  TYPE_node = GC_TYPE_FIRST,
  TYPE_link,
  TYPE_leaf,
  TYPE_scattered,
  TYPE_holder,
  TYPE_fixed,
  TYPE_part,
  TYPE_unregistered,
};

/* ---- expectations ---- */

_Noreturn void suite_fail(const char *file, int line, const char *condition, const char *format, ...)
    GC_PRINTF(4, 5);
_Noreturn void suite_skip(const char *why);

/* Ends the process with the condition, the words, the plan and the seed, unless the condition holds. */
#define EXPECT(condition, ...)                                                                   \
  do {                                                                                           \
    if (!(condition))                                                                            \
      suite_fail(__FILE__, __LINE__, #condition, __VA_ARGS__);                                   \
  } while (0)

/* Skips the test unless the plan has attribute `name` (struct gc_attrs). */
#define NEEDS(name)                                                                              \
  do {                                                                                           \
    if (!suite.collector->attrs.name)                                                            \
      suite_skip("the plan lacks: " #name);                                                      \
  } while (0)

/* First in a test that asks for its collections itself, or for none (suite_calm): with stress it would do once more
 * what it does without. */
#define NOT_UNDER_STRESS()                                                                       \
  do {                                                                                           \
    if (suite.stress_every || suite.stress_polls)                                                \
      suite_skip("stress changes nothing here");                                                 \
  } while (0)

/* ---- heaps ---- */

/* A heap for this plan, with the options of the command line, that is verified after every cycle. */
struct gc_heap_config suite_config(size_t heap_bytes);
/* Creates the heap and attaches the calling thread. */
struct gc_mutator *suite_begin(size_t heap_bytes);
struct gc_mutator *suite_begin_with(const struct gc_heap_config *config);
/* Detaches and destroys. */
void suite_end(struct gc_mutator *m);

/* No collections that the program does not ask for, and no random yields: for tests of millions of steps. */
void suite_calm(struct gc_heap_config *config);

/* Whether the plan has the option `name`; whether it has one with that choice. */
bool suite_has_option(const char *name);
bool suite_has_choice(const char *name, const char *choice);
/* Sets the options of `text`, `name=value` with commas between, all others being as the command line says; for one heap
 * at a time. */
void suite_set_option(struct gc_heap_config *config, const char *text);

/* Where an object is; for tests that plant faults past the interface. */
static inline uintptr_t suite_address(gc_ref object) { return checked_strip(object).bits; }

/* `full`, or less of it where sanitizers, checks or a collection at every allocation make each step slow. */
size_t suite_count(size_t full);

/* After this, what was unreachable before has been found dead, and memory that waited for a poll is free. */
static inline void suite_settle(struct gc_mutator *m) {
  gc_poll(m);
  gc_collect(m, 1);
  gc_poll(m);
}

/* Allocates and drops suite_count(`bytes`) in small objects, if the plan reclaims. */
void suite_churn(struct gc_mutator *m, size_t bytes);

/* Bytes that the plan's spaces hold now. */
size_t suite_used_bytes(struct gc_mutator *m);

/* ---- threads ---- */

typedef void suite_body(struct gc_mutator *m, unsigned index, void *argument);

/* Runs `body` on `count` new mutators of m's heap; `m` is blocked until all have ended. */
void suite_run_threads(struct gc_mutator *m, unsigned count, suite_body *body, void *argument);

/* ---- child processes ---- */

/* Runs `body` in a child, which exits with 0 if it returns.  Returns its wait status; what it wrote to stderr
 * is in `text`. */
int suite_child(void (*body)(void *argument), void *argument, char *text, size_t text_bytes);

/* Expects that `body` ends by abort(), with `words` in what it wrote to stderr. */
void suite_expect_abort(void (*body)(void *argument), void *argument, const char *words);

#endif
