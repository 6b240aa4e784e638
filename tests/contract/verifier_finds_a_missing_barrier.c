/* verifier_finds_a_missing_barrier.c -- while a snapshot is marked, a store overwrites the only reference to a list,
 * which is garbage from then on.  Without the store barrier it is not marked, and no traversal misses it; verifier
 * `shadow` does.  With the barrier it is floating garbage, which verifier `remark` measures to the byte.
 *
 * For plans that mark a snapshot.  An extra row of the cycle, between snapshot and marking, waits for the store. */
#include <sched.h>

#include "tests/support/suite.h"

enum { WINDOW_HOLDER = 9, WINDOW_ROWS_MOST = 32, WINDOW_LIST = 100 };
enum overwrite { OVERWRITE_STORE, OVERWRITE_SWAP, OVERWRITE_CAS, OVERWRITE_COPY, OVERWRITE_KINDS };

struct window {
  enum overwrite kind;
  const char *option; /* of the plan, or NULL */
  unsigned verify;
  bool floats;        /* expect the list to be measured as floating garbage */
};

static struct gc_phase window_rows[WINDOW_ROWS_MOST];
static _Atomic enum { WINDOW_SHUT, WINDOW_WANTED, WINDOW_OPEN, WINDOW_USED } window_state;

/* On the cycle's thread. */
static enum gc_phase_result open_window(struct gc_heap *heap) {
  (void)heap;
  if (atomic_load(&window_state) != WINDOW_WANTED)
    return GC_NEXT;
  atomic_store(&window_state, WINDOW_OPEN);
  while (atomic_load(&window_state) != WINDOW_USED)
    sched_yield();
  return GC_NEXT;
}

/* The plan with one more row after the snapshot; false if it takes none. */
static bool windowed_collector(struct gc_collector *windowed) {
  bool found = false;
  unsigned to = 0;
  *windowed = *suite.collector;
  for (const struct gc_phase *row = windowed->cycles[GC_CYCLE_MAJOR]; row && row->name; row++) {
    EXPECT(to + 2 < WINDOW_ROWS_MOST, "more rows than this test copies");
    window_rows[to++] = *row;
    if (row->moment == GC_SNAPSHOT) {
      window_rows[to++] = (struct gc_phase){.name = "window", .mode = GC_CONCURRENT, .run = open_window};
      found = true;
    }
  }
  windowed->cycles[GC_CYCLE_MAJOR] = window_rows;
  return found;
}

/* The holder's left reference, until now the only one to the list, becomes null. */
static void overwrite(struct gc_mutator *m, enum overwrite kind) {
  gc_ref holder = gc_global_load(m, WINDOW_HOLDER);
  gc_field *left = GC_FIELD(m, holder, node, left), *right = GC_FIELD(m, holder, node, right);
  switch (kind) {
  case OVERWRITE_STORE: gc_store(m, holder, left, GC_NULL); break;
  case OVERWRITE_SWAP: gc_swap(m, holder, left, GC_NULL); break;
  case OVERWRITE_CAS: gc_cas(m, holder, left, gc_load(m, holder, left), GC_NULL); break;
  default: gc_copy_fields(m, holder, left, holder, right, 1);
  }
}

static void make_list(struct gc_mutator *m) {
  GC_ROOTS(m, r, holder, list);
  gc_set(m, &r.holder, GC_NEW(m, node));
  gc_global_store(m, WINDOW_HOLDER, gc_get(m, &r.holder));
  for (unsigned i = 0; i < WINDOW_LIST; i++) {
    gc_ref link = GC_NEW(m, link);
    GC_INIT(m, link, link, next, gc_get(m, &r.list));
    gc_set(m, &r.list, link);
  }
  GC_STORE(m, gc_get(m, &r.holder), node, left, gc_get(m, &r.list));
  gc_frame_pop(m, &r.frame);
}

static void expect_floating(struct gc_mutator *m, size_t objects) {
  struct gc_heap_stats stats;
  heap_stats(m->heap, &stats);
  EXPECT(stats.floating_objects == objects && stats.floating_bytes == objects * sizeof(struct link) &&
             stats.floating_peak_bytes == stats.floating_bytes,
         "%llu objects of %llu bytes float, at most %llu at once", (unsigned long long)stats.floating_objects,
         (unsigned long long)stats.floating_bytes, (unsigned long long)stats.floating_peak_bytes);
}

static void overwrite_while_marking(void *argument) {
  const struct window *window = argument;
  struct gc_collector windowed;
  windowed_collector(&windowed);
  struct gc_heap_config config = suite_config(16 * GC_MIB);
  config.collector = &windowed;
  config.verify = window->verify;
  suite_calm(&config);
  if (window->option)
    suite_set_option(&config, window->option);
  struct gc_mutator *m = suite_begin_with(&config);
  make_list(m);
  suite_settle(m);
  if (window->floats)
    expect_floating(m, 0);
  atomic_store(&window_state, WINDOW_WANTED);
  cycle_request(m->heap, GC_REASON_EXPLICIT_FULL);
  while (atomic_load(&window_state) != WINDOW_OPEN)
    gc_poll(m);
  overwrite(m, window->kind);
  atomic_store(&window_state, WINDOW_USED);
  suite_settle(m); /* ends after the cycle of the window */
  if (window->floats)
    expect_floating(m, WINDOW_LIST);
  suite_end(m);
}

TEST(verifier_finds_a_missing_barrier) {
  NOT_UNDER_STRESS();
  struct gc_collector windowed;
  char text[4096];
  if (!windowed_collector(&windowed))
    suite_skip("the plan marks no snapshot");
  for (enum overwrite kind = 0; kind < OVERWRITE_KINDS; kind++) {
    struct window window = {.kind = kind, .verify = VERIFY_ALL, .floats = true};
    int status = suite_child(overwrite_while_marking, &window, text, sizeof text);
    EXPECT(status == 0, "with the barrier, store %d: wait status %x, having said: %s", kind, status, text);
    if (!suite_has_option("barrier"))
      continue;
    window = (struct window){.kind = kind, .option = "barrier=off", .verify = VERIFY_ALL & ~VERIFY(shadow)};
    status = suite_child(overwrite_while_marking, &window, text, sizeof text);
    EXPECT(status == 0, "nobody misses garbage, store %d: wait status %x, having said: %s", kind, status, text);
    window.verify = VERIFY(shadow);
    if (GC_SHADOW)
      suite_expect_abort(overwrite_while_marking, &window, "verifier shadow: 1 bad stores");
  }
}
