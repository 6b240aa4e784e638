/* plan_loops.c -- one operation of gc.h in a loop; compiled for each plan, as a workload is. */
#include "bench/gbench_shim.h"
#include "bench/micro/loops.h"
#include "bench/micro/objects.h"

static const struct gc_type types[] = {GC_TYPE_LEAF(object16), GC_TYPE_LEAF(object32), GC_TYPE_LEAF(object64),
                                       GC_TYPE_LEAF(object256), GC_TYPE_LEAF(object1024), GC_TYPE(node, left, 2),
                                       GC_TYPE(quad, edge, QUAD_EDGES), GC_TYPE(list, items, 1)};

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
static void alloc1024(struct gc_mutator *m, uint64_t count) { allocate(m, TYPE_object1024, 1024, count); }

/* A large object under every plan. */
enum { LARGE_BYTES = 64 << 10 };
static void alloc64k(struct gc_mutator *m, uint64_t count) {
  for (uint64_t i = 0; i < count; i++) {
    gc_ref raw = gc_alloc_raw(m, LARGE_BYTES - sizeof(struct gc_raw));
    GBENCH_USE(word_of(raw));
  }
}

/* Two objects that refer to each other, dropped at once. */
static void pair_cycle(struct gc_mutator *m, uint64_t count) {
  GC_ROOTS(m, r, a, b);
  for (uint64_t i = 0; i < count; i++) {
    gc_set(m, &r.a, GC_NEW(m, node));
    gc_set(m, &r.b, GC_NEW(m, node));
    gc_ref a = gc_get(m, &r.a), b = gc_get(m, &r.b);
    GC_STORE(m, a, node, left, b);
    GC_STORE(m, b, node, left, a);
    gc_set(m, &r.a, GC_NULL);
    gc_set(m, &r.b, GC_NULL);
  }
  gc_frame_pop(m, &r.frame);
}

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

static const struct micro_loop loops[] = {{.name = "alloc16", .bytes = 16, .run = alloc16},
                                          {.name = "alloc32", .bytes = 32, .run = alloc32},
                                          {.name = "alloc64", .bytes = 64, .run = alloc64},
                                          {.name = "alloc256", .bytes = 256, .run = alloc256},
                                          {.name = "alloc1024", .bytes = 1024, .run = alloc1024},
                                          {.name = "alloc64k", .bytes = LARGE_BYTES, .run = alloc64k},
                                          {.name = "pair_cycle", .bytes = 2 * sizeof(struct node), .run = pair_cycle},
                                          {.name = "load", .run = load},
                                          {.name = "load_marking", .when = MICRO_MARKING, .run = load},
                                          {.name = "store_young", .run = store_young},
                                          {.name = "store_old", .run = store_old},
                                          {.name = "store_old_marking", .when = MICRO_MARKING, .run = store_old},
                                          {.name = "init_store", .run = init_store},
                                          {.name = "loop_empty", .run = loop_empty},
                                          {.name = "loop_empty_poll", .run = loop_empty_poll},
                                          {.name = "loop_work", .run = loop_work},
                                          {.name = "loop_work_poll", .run = loop_work_poll},
                                          {.name = "frame", .run = frame},
                                          {.name = "hash", .run = hash},
                                          {.name = "weak_get", .run = weak_get},
                                          {.name = "weak_get_marking", .when = MICRO_MARKING, .run = weak_get},
                                          {0}};

extern const struct gc_collector GC_CONCAT(GC_PLAN, _collector);
extern const struct micro_loop GC_CONCAT(micro_barriers__, GC_PLAN)[];
void GC_CONCAT(micro_graph__, GC_PLAN)(struct gc_mutator *m, uint64_t count, uint64_t seed);
void GC_CONCAT(micro_lists__, GC_PLAN)(struct gc_mutator *m, uint64_t count);
const struct micro_plan GC_CONCAT(micro__, GC_PLAN) = {.collector = &GC_CONCAT(GC_PLAN, _collector),
                                                       .types = types,
                                                       .type_count = sizeof types / sizeof *types,
                                                       .prepare = prepare,
                                                       .loops = loops,
                                                       .barriers = GC_CONCAT(micro_barriers__, GC_PLAN),
                                                       .build_graph = GC_CONCAT(micro_graph__, GC_PLAN),
                                                       .build_lists = GC_CONCAT(micro_lists__, GC_PLAN)};
