/* plan_loops.c -- one operation of gc.h in a loop; compiled for each plan, as a workload is.
 *
 * Objects that a loop reads are kept in globals.  Old ones have survived two full collections, young ones were just
 * allocated.  Within a loop that neither allocates nor polls a gc_ref stays good. */
#include <string.h>

#include "bench/gbench_shim.h"
#include "bench/micro/loops.h"
#include "runtime/gc.h"

struct object16 {
  struct gc_header header;
  uint64_t word[1];
};
struct object32 {
  struct gc_header header;
  uint64_t word[3];
};
struct object64 {
  struct gc_header header;
  uint64_t word[7];
};
struct object256 {
  struct gc_header header;
  uint64_t word[31];
};
struct node {
  struct gc_header header;
  gc_field left, right;
};

enum { TYPE_object16 = GC_TYPE_FIRST, TYPE_object32, TYPE_object64, TYPE_object256, TYPE_node };
static const struct gc_type types[] = {GC_TYPE_LEAF(object16), GC_TYPE_LEAF(object32), GC_TYPE_LEAF(object64),
                                       GC_TYPE_LEAF(object256), GC_TYPE(node, left, 2)};

enum { GLOBAL_OLD, GLOBAL_WEAK };

/* Keeps `value` in a register and the compiler from knowing it; unlike GBENCH_USE, memory stays known. */
#define OPAQUE(value) __asm__ volatile("" : "+r"(value))

static void prepare(struct gc_mutator *m) {
  GC_ROOTS(m, r, node);
  gc_set(m, &r.node, GC_NEW(m, node));
  gc_global_store(m, GLOBAL_OLD, gc_get(m, &r.node));
  gc_ref weak = gc_weak_new(m, &r.node, NULL, NULL);
  gc_global_store(m, GLOBAL_WEAK, weak);
  gc_frame_pop(m, &r.frame);
  gc_collect(m, 1);
  gc_collect(m, 1);
  gc_ref old = gc_global_load(m, GLOBAL_OLD);
  GC_STORE(m, old, node, left, old);
}

/* ---- allocation: as in the workload alloc ---- */

/* A reference as a value that the compiler must produce; costs nothing. */
static GC_INLINE uintptr_t word_of(gc_ref ref) {
  uintptr_t word;
  memcpy(&word, &ref, sizeof word);
  return word;
}

static GC_INLINE void allocate(struct gc_mutator *m, uint32_t type, size_t bytes, uint64_t count) {
  for (uint64_t i = 0; i < count; i++) {
    gc_ref object = gc_alloc(m, type, bytes);
    GC_PUT(m, object, object16, word[0], i);
    GBENCH_USE(word_of(object));
  }
}
static void alloc16(struct gc_mutator *m, uint64_t count) { allocate(m, TYPE_object16, 16, count); }
static void alloc32(struct gc_mutator *m, uint64_t count) { allocate(m, TYPE_object32, 32, count); }
static void alloc64(struct gc_mutator *m, uint64_t count) { allocate(m, TYPE_object64, 64, count); }
static void alloc256(struct gc_mutator *m, uint64_t count) { allocate(m, TYPE_object256, 256, count); }

/* ---- fields ---- */

static void load(struct gc_mutator *m, uint64_t count) {
  gc_ref node = gc_global_load(m, GLOBAL_OLD);
  for (uint64_t i = 0; i < count; i++) {
    gc_ref left = GC_LOAD(m, node, node, left);
    GBENCH_USE(word_of(left));
  }
}

/* No collection is under way, and both objects are young. */
static void store_young(struct gc_mutator *m, uint64_t count) {
  gc_ref node = GC_NEW(m, node);
  for (uint64_t i = 0; i < count; i++) {
    GC_STORE(m, node, node, left, node);
    GBENCH_USE(i);
  }
}

/* The same with both objects old. */
static void store_old(struct gc_mutator *m, uint64_t count) {
  gc_ref node = gc_global_load(m, GLOBAL_OLD);
  for (uint64_t i = 0; i < count; i++) {
    GC_STORE(m, node, node, left, node);
    GBENCH_USE(i);
  }
}

static void init_store(struct gc_mutator *m, uint64_t count) {
  gc_ref node = GC_NEW(m, node);
  for (uint64_t i = 0; i < count; i++) {
    GC_INIT(m, node, node, left, node);
    GBENCH_USE(i);
  }
}

/* ---- polls: two loops, each without and with one ---- */

static void loop_empty(struct gc_mutator *m, uint64_t count) {
  (void)m;
  for (uint64_t i = 0; i < count; i++)
    OPAQUE(i);
}

static void loop_empty_poll(struct gc_mutator *m, uint64_t count) {
  for (uint64_t i = 0; i < count; i++) {
    OPAQUE(i);
    gc_poll(m);
  }
}

/* A step of a linear congruential generator: a loop that waits for a multiplication, as most wait for something. */
static void loop_work(struct gc_mutator *m, uint64_t count) {
  (void)m;
  uint64_t x = count;
  for (uint64_t i = 0; i < count; i++) {
    x = x * 6364136223846793005u + 1442695040888963407u;
    OPAQUE(x);
  }
}

static void loop_work_poll(struct gc_mutator *m, uint64_t count) {
  uint64_t x = count;
  for (uint64_t i = 0; i < count; i++) {
    x = x * 6364136223846793005u + 1442695040888963407u;
    OPAQUE(x);
    gc_poll(m);
  }
}

/* ---- the rest ---- */

static void frame(struct gc_mutator *m, uint64_t count) {
  for (uint64_t i = 0; i < count; i++) {
    GC_ROOTS(m, r, a, b);
    GBENCH_USE(r.frame.count);
    gc_frame_pop(m, &r.frame);
  }
}

static void hash(struct gc_mutator *m, uint64_t count) {
  gc_ref node = gc_global_load(m, GLOBAL_OLD);
  for (uint64_t i = 0; i < count; i++) {
    uint64_t value = gc_hash(m, node);
    GBENCH_USE(value);
  }
}

static void weak_get(struct gc_mutator *m, uint64_t count) {
  gc_ref weak = gc_global_load(m, GLOBAL_WEAK);
  for (uint64_t i = 0; i < count; i++) {
    gc_ref target = gc_weak_get(m, weak);
    GBENCH_USE(word_of(target));
  }
}

static const struct micro_loop loops[] = {{"alloc16", 16, alloc16},
                                          {"alloc32", 32, alloc32},
                                          {"alloc64", 64, alloc64},
                                          {"alloc256", 256, alloc256},
                                          {"load", 0, load},
                                          {"store_young", 0, store_young},
                                          {"store_old", 0, store_old},
                                          {"init_store", 0, init_store},
                                          {"loop_empty", 0, loop_empty},
                                          {"loop_empty_poll", 0, loop_empty_poll},
                                          {"loop_work", 0, loop_work},
                                          {"loop_work_poll", 0, loop_work_poll},
                                          {"frame", 0, frame},
                                          {"hash", 0, hash},
                                          {"weak_get", 0, weak_get},
                                          {0}};

extern const struct gc_collector GC_CONCAT(GC_PLAN, _collector);
const struct micro_plan GC_CONCAT(micro__, GC_PLAN) = {.collector = &GC_CONCAT(GC_PLAN, _collector),
                                                       .types = types,
                                                       .type_count = sizeof types / sizeof *types,
                                                       .prepare = prepare,
                                                       .loops = loops};
