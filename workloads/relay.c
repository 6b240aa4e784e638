/* relay.c -- threads that come and go hand tokens to one another, and what a token carries moves in and out of locals.
 *
 * A board has slots with one token each.  A runner holds one token and, in a local alone, one cargo.  A step of it
 *   - exchanges its token for the one in a slot of the board, or
 *   - puts what its token carries into a new token, or
 *   - exchanges what its token carries for the cargo in its local, or
 *   - gives that cargo a new seal, or
 *   - pins the anchor that all cargos refer to, refers to it anew, and unpins it, or
 *   - looks at what a token on the board carries, while others may exchange it.
 * It polls after some steps, not after each.  So the only reference to an object is often a local of a thread that is
 * about to store it into an object which another thread has just made: what a collector that scans its threads one by
 * one must not lose.  Beside each thread's own runner runs a second one on a thread that lives for one lap.
 * Who gets what is up to the schedule; each token and each cargo is always in exactly one place, which the sum shows.
 * An array of leaves gives the collector's threads something to share. */
#include <pthread.h>

#include "workloads/seen.h"

struct token {
  struct gc_header header;
  gc_field cargo;
  uint64_t id; /* from 1 on */
};

struct cargo {
  struct gc_header header;
  gc_field anchor, seal;
  uint64_t id; /* from 1 on */
};

struct seal {
  struct gc_header header;
  uint64_t id; /* seal_id of the cargo; leaf_id; the anchor's is 0 */
};

enum { TYPE_token = GC_TYPE_FIRST, TYPE_cargo, TYPE_seal };
static const struct gc_type types[] = {GC_TYPE(token, cargo, 1), GC_TYPE(cargo, anchor, 2), GC_TYPE_LEAF(seal)};

enum { P_STEPS, P_LAPS, P_COLLECT, P_LEAVES, P_SLOTS, P_POLL };
static const struct gc_option params[] = {
    {"steps", GC_OPTION_INT, 0, 1e12, .fallback = "5000", .help = "steps of each runner in a lap"},
    {"laps", GC_OPTION_INT, 1, 1e9, .fallback = "40", .help = "laps: so many threads come and go beside each thread"},
    {"collect", GC_OPTION_INT, 1, 1e12, .fallback = "2500",
     .help = "steps after which the first runner asks for a collection"},
    {"leaves", GC_OPTION_INT, 0, 1e9, .fallback = "100000", .help = "leaves that stay"},
    {"slots", GC_OPTION_INT, 1, 1e6, .fallback = "4", .help = "slots of the board: with few, runners meet often"},
    {"poll", GC_OPTION_INT, 1, 1e12, .fallback = "8", .help = "steps between two polls"},
    {0}};

/* The board: tokens for all, a token for each runner, a cargo for each runner. */
enum { GLOBAL_BOARD, GLOBAL_ANCHOR, GLOBAL_LEAVES };

static uint64_t slot_count(const struct gc_work *work) { return (uint64_t)work_int(work, P_SLOTS); }
static uint64_t runner_count(const struct gc_work *work) { return 2 * (uint64_t)work->threads; }
static uint64_t token_count(const struct gc_work *work) { return slot_count(work) + runner_count(work); }
static uint64_t cargo_count(const struct gc_work *work) { return token_count(work) + runner_count(work); }

static uint64_t seal_id(uint64_t cargo) { return rng_mix(cargo, 1) | 1; }
static uint64_t leaf_id(uint64_t index) { return rng_mix(index, 2) | 1; }

/* ---- objects ---- */

static gc_ref seal_new(struct gc_mutator *m, uint64_t id) {
  gc_ref seal = GC_NEW(m, seal);
  GC_PUT(m, seal, seal, id, id);
  return seal;
}

static gc_ref cargo_new(struct gc_mutator *m, uint64_t id) {
  GC_ROOTS(m, r, seal);
  gc_set(m, &r.seal, seal_new(m, seal_id(id)));
  gc_ref cargo = GC_NEW(m, cargo);
  GC_INIT(m, cargo, cargo, anchor, gc_global_load(m, GLOBAL_ANCHOR));
  GC_INIT(m, cargo, cargo, seal, gc_get(m, &r.seal));
  GC_PUT(m, cargo, cargo, id, id);
  gc_frame_pop(m, &r.frame);
  return cargo;
}

static gc_ref token_new(struct gc_mutator *m, const gc_root *cargo, uint64_t id) {
  gc_ref token = GC_NEW(m, token);
  GC_INIT(m, token, token, cargo, gc_get(m, cargo));
  GC_PUT(m, token, token, id, id);
  return token;
}

static void prepare(struct gc_mutator *m, const struct gc_work *work) {
  uint64_t leaves = (uint64_t)work_int(work, P_LEAVES), tokens = token_count(work);
  GC_ROOTS(m, r, board, leaves, cargo);
  gc_ref anchor = seal_new(m, 0);
  gc_global_store(m, GLOBAL_ANCHOR, anchor);
  gc_set(m, &r.leaves, gc_alloc_array(m, leaves));
  gc_global_store(m, GLOBAL_LEAVES, gc_get(m, &r.leaves));
  for (uint64_t i = 0; i < leaves; i++) {
    gc_ref leaf = seal_new(m, leaf_id(i));
    gc_array_store(m, gc_get(m, &r.leaves), i, leaf);
  }
  gc_set(m, &r.board, gc_alloc_array(m, cargo_count(work)));
  gc_global_store(m, GLOBAL_BOARD, gc_get(m, &r.board));
  for (uint64_t i = 0; i < cargo_count(work); i++) {
    gc_set(m, &r.cargo, cargo_new(m, i + 1));
    gc_ref placed = gc_get(m, &r.cargo);
    if (i < tokens)
      placed = token_new(m, &r.cargo, i + 1);
    gc_array_store(m, gc_get(m, &r.board), i, placed);
  }
  gc_frame_pop(m, &r.frame);
}

/* ---- one runner ---- */

/* Puts `value` into a slot of the board and returns what was there. */
static gc_ref board_swap(struct gc_mutator *m, const gc_root *board, uint64_t slot, gc_ref value) {
  gc_ref array = gc_get(m, board);
  return gc_swap(m, array, gc_array_slot(m, array, slot), value);
}

static void rewrap(struct gc_mutator *m, gc_root *token) {
  GC_ROOTS(m, r, cargo);
  gc_set(m, &r.cargo, GC_LOAD(m, gc_get(m, token), token, cargo));
  gc_set(m, token, token_new(m, &r.cargo, GC_DEREF(m, token, gc_get(m, token))->id));
  gc_frame_pop(m, &r.frame);
}

static void exchange_cargo(struct gc_mutator *m, const gc_root *token, gc_root *pocket) {
  gc_ref holder = gc_get(m, token), cargo = GC_LOAD(m, holder, token, cargo);
  GC_STORE(m, holder, token, cargo, gc_get(m, pocket));
  gc_set(m, pocket, cargo);
}

static void reseal(struct gc_mutator *m, const gc_root *pocket) {
  gc_ref seal = seal_new(m, seal_id(GC_DEREF(m, cargo, gc_get(m, pocket))->id));
  GC_STORE(m, gc_get(m, pocket), cargo, seal, seal);
}

static void pin_anchor(struct gc_mutator *m, const gc_root *pocket) {
  GC_ROOTS(m, r, anchor);
  gc_set(m, &r.anchor, gc_global_load(m, GLOBAL_ANCHOR));
  gc_pin(m, gc_get(m, &r.anchor));
  GC_STORE(m, gc_get(m, pocket), cargo, anchor, gc_get(m, &r.anchor));
  gc_unpin(m, gc_get(m, &r.anchor));
  gc_frame_pop(m, &r.frame);
}

static void look(struct gc_mutator *m, const struct gc_work *work, const gc_root *board, uint64_t slot) {
  GC_ROOTS(m, r, token);
  gc_set(m, &r.token, gc_array_load(m, gc_get(m, board), slot));
  gc_ref cargo = GC_LOAD(m, gc_get(m, &r.token), token, cargo), seal = GC_LOAD(m, cargo, cargo, seal);
  if (GC_DEREF(m, seal, seal)->id != seal_id(GC_DEREF(m, cargo, cargo)->id))
    work_fail(work, "cargo on the board has lost its seal");
  gc_frame_pop(m, &r.frame);
}

/* Takes its token and its cargo from the board, where they are again at the end. */
static void lap(struct gc_mutator *m, const struct gc_work *work, uint64_t runner, uint64_t random) {
  uint64_t steps = (uint64_t)work_int(work, P_STEPS), collect = (uint64_t)work_int(work, P_COLLECT);
  uint64_t poll = (uint64_t)work_int(work, P_POLL);
  uint64_t slots = slot_count(work), own_token = slots + runner, own_cargo = token_count(work) + runner;
  GC_ROOTS(m, r, board, token, pocket);
  gc_set(m, &r.board, gc_global_load(m, GLOBAL_BOARD));
  gc_set(m, &r.token, board_swap(m, &r.board, own_token, GC_NULL));
  gc_set(m, &r.pocket, board_swap(m, &r.board, own_cargo, GC_NULL));
  for (uint64_t i = 1; i <= steps; i++) {
    switch (rng_below(&random, 8)) {
    case 0: rewrap(m, &r.token); break;
    case 1: reseal(m, &r.pocket); break;
    case 2: pin_anchor(m, &r.pocket); break;
    case 3: look(m, work, &r.board, rng_below(&random, slots)); break;
    case 4:
    case 5: exchange_cargo(m, &r.token, &r.pocket); break;
    default: gc_set(m, &r.token, board_swap(m, &r.board, rng_below(&random, slots), gc_get(m, &r.token)));
    }
    if (runner == 0 && i % collect == 0)
      gc_collect(m, i / collect % 2 ? 0 : 1);
    if (i % poll == 0)
      gc_poll(m);
  }
  board_swap(m, &r.board, own_token, gc_get(m, &r.token));
  board_swap(m, &r.board, own_cargo, gc_get(m, &r.pocket));
  gc_frame_pop(m, &r.frame);
}

/* ---- threads ---- */

struct visitor {
  const struct gc_work *work;
  uint64_t random;
};

static void *visitor_body(void *argument) {
  struct visitor *visitor = argument;
  const struct gc_work *work = visitor->work;
  struct gc_mutator *m = gc_attach(work->heap);
  if (!m)
    work_fail(work, "the system refused memory for a mutator");
  lap(m, work, work->threads + (uint64_t)work->thread, visitor->random);
  gc_detach(m);
  return NULL;
}

static uint64_t run(struct gc_mutator *m, const struct gc_work *work) {
  uint64_t laps = (uint64_t)work_int(work, P_LAPS), random = rng_stream(work->seed, work->thread);
  for (uint64_t i = 0; i < laps; i++) {
    struct visitor visitor = {work, rng_xorshift64(&random)};
    pthread_t thread;
    if (pthread_create(&thread, NULL, visitor_body, &visitor) != 0)
      work_fail(work, "the system refused a thread");
    lap(m, work, work->thread, rng_xorshift64(&random));
    gc_block(m);
    pthread_join(thread, NULL);
    gc_unblock(m);
  }
  return laps;
}

/* ---- check ---- */

/* Each reference leads to the seal that it should, and none is reached twice. */
static void seal_check(struct gc_mutator *m, const struct gc_work *work, struct seen *seen, gc_ref seal, uint64_t id) {
  seen_object(m, work, seen, seal);
  if (GC_DEREF(m, seal, seal)->id != id)
    work_fail(work, "a seal is not what it was made");
}

static uint64_t cargo_check(struct gc_mutator *m, const struct gc_work *work, struct seen *seen, gc_ref cargo) {
  seen_object(m, work, seen, cargo);
  uint64_t id = GC_DEREF(m, cargo, cargo)->id;
  gc_ref anchor = gc_global_load(m, GLOBAL_ANCHOR);
  if (id - 1 >= cargo_count(work) || !gc_same(m, GC_LOAD(m, cargo, cargo, anchor), anchor))
    work_fail(work, "cargo %llu is not what it was made", (unsigned long long)id);
  seal_check(m, work, seen, GC_LOAD(m, cargo, cargo, seal), seal_id(id));
  return rng_mix(id, 3);
}

static uint64_t token_check(struct gc_mutator *m, const struct gc_work *work, struct seen *seen, gc_ref token) {
  seen_object(m, work, seen, token);
  uint64_t id = GC_DEREF(m, token, token)->id;
  if (id - 1 >= token_count(work))
    work_fail(work, "token %llu was never made", (unsigned long long)id);
  return rng_mix(id, 4) + cargo_check(m, work, seen, GC_LOAD(m, token, token, cargo));
}

static uint64_t board_check(struct gc_mutator *m, const struct gc_work *work, struct seen *seen) {
  gc_ref board = gc_global_load(m, GLOBAL_BOARD);
  uint64_t sum = 0;
  if (gc_is_null(board) || gc_array_length(m, board) != cargo_count(work))
    work_fail(work, "the board is gone");
  for (uint64_t i = 0; i < cargo_count(work); i++) {
    gc_ref placed = gc_array_load(m, board, i);
    sum += i < token_count(work) ? token_check(m, work, seen, placed) : cargo_check(m, work, seen, placed);
  }
  return sum;
}

static uint64_t check(struct gc_mutator *m, const struct gc_work *work) {
  uint64_t count = (uint64_t)work_int(work, P_LEAVES);
  gc_ref anchor = gc_global_load(m, GLOBAL_ANCHOR), leaves = gc_global_load(m, GLOBAL_LEAVES);
  struct seen seen = seen_create(work, 1 + token_count(work) + 2 * cargo_count(work) + count);
  seal_check(m, work, &seen, anchor, 0);
  if (gc_is_null(leaves) || gc_array_length(m, leaves) != count)
    work_fail(work, "the leaves are gone");
  for (uint64_t i = 0; i < count; i++)
    seal_check(m, work, &seen, gc_array_load(m, leaves, i), leaf_id(i));
  uint64_t sum = board_check(m, work, &seen);
  seen_check_full(work, &seen);
  seen_destroy(&seen);
  return sum;
}

GC_WORKLOAD(.name = "relay", .summary = "threads that come and go hand objects to one another",
            .stresses = "Threads that attach and detach in mid-cycle, objects whose only reference is a local that is "
                        "about to be stored, one header that all threads write.",
            .source = "gclab's own", .sharing = GC_WORK_COPIES, .needs = {.threads = true}, .types = types,
            .type_count = 3, .params = params,
            .small = "steps=20,laps=2,collect=5,leaves=2500", .prepare = prepare, .run = run, .check = check);
