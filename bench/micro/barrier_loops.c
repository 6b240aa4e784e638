/* barrier_loops.c -- loads and stores where a barrier has work to do, and where it never has any; per plan.
 *
 * The array that is stored into is old.  Before each batch its slots refer to nodes, each to another one: where a
 * cycle marks a snapshot, every store of a batch overwrites an unmarked object; where the stored object is young,
 * every store makes an old-to-young reference.  That is the barrier active, each time.
 * The inert loops are small programs without allocation, so that no collection ever runs: under any plan they take
 * longer than limit/walk and limit/swap, their plain C twins, by what its barriers cost when nothing happens. */
#include "bench/gbench_shim.h"
#include "bench/micro/limits.h"
#include "bench/micro/loops.h"
#include "bench/micro/objects.h"

enum { RING = LIMIT_RING, STRIDE = LIMIT_STRIDE };

/* Makes the slots refer to the old nodes again. */
static void refill(struct gc_mutator *m) {
  gc_ref olds = gc_global_load(m, GLOBAL_OLDS), slots = gc_global_load(m, GLOBAL_SLOTS);
  gc_copy_fields(m, slots, gc_array_slot(m, slots, 0), olds, gc_array_slot(m, olds, 0), MICRO_BATCH);
}

/* The first RING nodes are a ring through their left fields. */
static void prepare(struct gc_mutator *m) {
  GC_ROOTS(m, r, array);
  gc_set(m, &r.array, gc_alloc_array(m, MICRO_BATCH));
  for (uint64_t i = 0; i < MICRO_BATCH; i++) {
    gc_ref node = GC_NEW(m, node);
    gc_array_store(m, gc_get(m, &r.array), i, node);
  }
  gc_ref olds = gc_get(m, &r.array);
  for (uint64_t i = 0; i < RING; i++)
    GC_STORE(m, gc_array_load(m, olds, i), node, left, gc_array_load(m, olds, (i + STRIDE) % RING));
  gc_global_store(m, GLOBAL_OLDS, olds);
  gc_global_store(m, GLOBAL_SLOTS, gc_alloc_array(m, MICRO_BATCH));
  gc_frame_pop(m, &r.frame);
  refill(m);
  gc_collect(m, 1);
  gc_collect(m, 1);
}

/* ---- active ---- */

static void before_young(struct gc_mutator *m) {
  gc_collect(m, 0); /* what the last batch remembered is done with */
  gc_global_store(m, GLOBAL_YOUNG, GC_NEW(m, node));
  refill(m);
}

static GC_INLINE void store_into_slots(struct gc_mutator *m, unsigned global, uint64_t count) {
  gc_ref slots = gc_global_load(m, GLOBAL_SLOTS), value = gc_global_load(m, global);
  for (uint64_t i = 0; i < count; i++)
    gc_array_store(m, slots, i % MICRO_BATCH, value);
}
static void store_slots(struct gc_mutator *m, uint64_t count) { store_into_slots(m, GLOBAL_OLD, count); }
static void store_slots_young(struct gc_mutator *m, uint64_t count) { store_into_slots(m, GLOBAL_YOUNG, count); }

/* ---- inert ---- */

static void walk(struct gc_mutator *m, uint64_t count) {
  gc_ref at = gc_array_load(m, gc_global_load(m, GLOBAL_OLDS), 0);
  for (uint64_t i = 0; i < count; i++)
    at = GC_LOAD(m, at, node, left);
  GBENCH_USE(word_of(at));
}

static void swap(struct gc_mutator *m, uint64_t count) {
  gc_ref slots = gc_global_load(m, GLOBAL_SLOTS);
  for (uint64_t i = 0; i < count; i++) {
    uint64_t a = i % RING, b = i * STRIDE % RING;
    gc_ref first = gc_array_load(m, slots, a), second = gc_array_load(m, slots, b);
    gc_array_store(m, slots, a, second);
    gc_array_store(m, slots, b, first);
  }
}

const struct micro_loop GC_CONCAT(micro_barriers__, GC_PLAN)[] = {
    {.name = "store_slots", .prepare = prepare, .run = store_slots},
    {.name = "store_slots_young", .when = MICRO_GENERATIONAL, .prepare = prepare, .before = before_young,
     .run = store_slots_young},
    {.name = "store_slots_marking", .when = MICRO_MARKING, .prepare = prepare, .before = refill, .run = store_slots},
    {.name = "inert_walk", .prepare = prepare, .run = walk},
    {.name = "inert_swap", .prepare = prepare, .run = swap},
    {0}};
