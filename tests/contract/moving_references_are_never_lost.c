/* moving_references_are_never_lost.c -- threads move the only references to objects between boxes, old and new ones,
 * while collections run; every object is found in the end.  And where a plan can be told to leave its barrier out,
 * two verifiers notice, each alone. */
#include <sched.h>

#include "tests/support/suite.h"

enum { THREADS = 3, BOXES = 24, TOKENS = 16, GLOBAL_BOXES = 3, GLOBAL_CLOSED = 4 };

struct move {
  size_t collections;  /* by thread 0; the others move until they are done */
  const char *option;  /* of the plan, `name=value`, or NULL */
  unsigned verify;     /* the verifiers that run */
  _Atomic bool done;
};

static gc_ref closed(struct gc_mutator *m) { return gc_global_load(m, GLOBAL_CLOSED); }

static gc_ref box_at(struct gc_mutator *m, uint64_t place) {
  return gc_array_load(m, gc_global_load(m, GLOBAL_BOXES), place);
}

/* Takes what is in the box out, into `held`, which is then the only reference to it; null if nothing was.  Leaves
 * `instead` in the box. */
static void take(struct gc_mutator *m, const gc_root *box, gc_root *held, gc_ref instead) {
  for (;;) {
    gc_ref token = GC_LOAD(m, gc_get(m, box), link, next);
    bool shut = gc_same(m, token, closed(m));
    gc_set(m, held, shut ? GC_NULL : token);
    if (shut || gc_cas(m, gc_get(m, box), GC_FIELD(m, gc_get(m, box), link, next), token, instead))
      return;
  }
}

static bool put(struct gc_mutator *m, const gc_root *box, const gc_root *held) {
  return gc_cas(m, gc_get(m, box), GC_FIELD(m, gc_get(m, box), link, next), GC_NULL, gc_get(m, held));
}

/* The owner of `place` closes its box and puts a new one with the same content there. */
static void replace_box(struct gc_mutator *m, uint64_t place) {
  GC_ROOTS(m, r, box, held);
  gc_set(m, &r.box, box_at(m, place));
  take(m, &r.box, &r.held, closed(m));
  gc_ref box = GC_NEW(m, link);
  GC_INIT(m, box, link, next, gc_get(m, &r.held));
  gc_array_store(m, gc_global_load(m, GLOBAL_BOXES), place, box);
  gc_frame_pop(m, &r.frame);
}

static gc_ref token_new(struct gc_mutator *m, uint64_t key) {
  gc_ref token = GC_NEW(m, link);
  GC_PUT(m, token, link, key, key);
  return token;
}

static void move_one(struct gc_mutator *m, uint64_t *rng, unsigned index) {
  unsigned owners = suite.collector->attrs.threads ? THREADS : 1;
  GC_ROOTS(m, r, box, held);
  gc_set(m, &r.box, box_at(m, rng_below(rng, BOXES)));
  take(m, &r.box, &r.held, GC_NULL);
  if (rng_below(rng, 4) == 0) {
    gc_poll(m);    /* a handshake may find the reference in the root alone, */
    sched_yield(); /* and others may be a handshake ahead when it is put back */
  }
  if (!gc_is_null(gc_get(m, &r.held)) && rng_below(rng, 8) == 0) {
    gc_ref twin = token_new(m, GC_DEREF(m, link, gc_get(m, &r.held))->key);
    gc_set(m, &r.held, twin);
  }
  if (rng_below(rng, 2) == 0)
    replace_box(m, index + owners * rng_below(rng, (BOXES - index + owners - 1) / owners));
  while (!gc_is_null(gc_get(m, &r.held))) {
    gc_set(m, &r.box, box_at(m, rng_below(rng, BOXES)));
    if (put(m, &r.box, &r.held))
      gc_set(m, &r.held, GC_NULL);
    gc_poll(m);
  }
  gc_frame_pop(m, &r.frame);
}

static void move_references(struct gc_mutator *m, unsigned index, void *argument) {
  struct move *move = argument;
  uint64_t rng = rng_stream(suite.seed, index);
  if (index != 0) {
    while (!atomic_load(&move->done))
      move_one(m, &rng, index);
    return;
  }
  for (size_t i = 0; i < move->collections; i++) {
    for (unsigned step = 0; step < 16; step++)
      move_one(m, &rng, index);
    gc_collect(m, (int)(i & 1));
  }
  atomic_store(&move->done, true);
}

static void prepare(struct gc_mutator *m) {
  gc_ref shut = GC_NEW(m, leaf);
  gc_global_store(m, GLOBAL_CLOSED, shut);
  gc_ref boxes = gc_alloc_array(m, BOXES);
  gc_global_store(m, GLOBAL_BOXES, boxes);
  GC_ROOTS(m, r, token);
  for (unsigned i = 0; i < BOXES; i++) {
    gc_set(m, &r.token, GC_NULL);
    if (i < TOKENS)
      gc_set(m, &r.token, token_new(m, i));
    gc_ref box = GC_NEW(m, link);
    GC_INIT(m, box, link, next, gc_get(m, &r.token));
    gc_array_store(m, gc_global_load(m, GLOBAL_BOXES), i, box);
  }
  gc_frame_pop(m, &r.frame);
}

static void check(struct gc_mutator *m) {
  uint64_t found = 0;
  for (unsigned i = 0; i < BOXES; i++) {
    gc_ref token = GC_LOAD(m, box_at(m, i), link, next);
    if (gc_is_null(token))
      continue;
    uint64_t key = GC_DEREF(m, link, token)->key;
    EXPECT(key < TOKENS && !(found >> key & 1), "box %u holds key %llu", i, (unsigned long long)key);
    found |= 1ull << key;
  }
  EXPECT(found == (1ull << TOKENS) - 1, "keys found: %llx", (unsigned long long)found);
}

static void move_tokens(void *argument) {
  const struct move *move = argument;
  struct gc_heap_config config = suite_config(16 * GC_MIB);
  config.verify = move->verify;
  if (move->option)
    suite_set_option(&config, move->option);
  struct gc_mutator *m = suite_begin_with(&config);
  prepare(m);
  if (suite.collector->attrs.threads)
    suite_run_threads(m, THREADS, move_references, argument);
  else
    move_references(m, 0, argument);
  suite_settle(m);
  check(m);
  suite_end(m);
}

TEST(moving_references_are_never_lost) {
  struct move move = {.collections = suite_count(1500), .verify = VERIFY_ALL};
  if (suite_has_option("barrier")) {
    struct move without = {.collections = 20000, .option = "barrier=off", .verify = VERIFY(heap)};
    suite_expect_abort(move_tokens, &without, "verifier heap: ");
    without.verify = VERIFY(remark);
    suite_expect_abort(move_tokens, &without, "verifier remark: ");
  }
  move_tokens(&move);
}
