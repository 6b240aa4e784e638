/* frag.c -- the size-shift adversary: leaves holes of one size, then asks for objects that do not fit them.
 *
 * Pass by pass, each thread fills its live bytes up with objects of one size, then drops all but every k-th of them,
 * and goes on with a larger size.  The survivors of all passes stay, spread evenly over the memory of their pass: a
 * collector that does not move objects needs a multiple of the live bytes, one that frees whole blocks or lines
 * frees few of them (Robson 1974; HeapFragger does this with the sizes of a JVM). */
#include "workloads/lane.h"
#include "workloads/payload.h"

enum { P_LIVE, P_PASSES, P_FIRST, P_GROWTH, P_KEEP, P_ROUNDS };
enum { PASSES_MAX = 32 };
static const struct gc_option params[] = {
    {"live", GC_OPTION_BYTES, 65536, 1e12, .fallback = "16M", .help = "most bytes alive, for each thread"},
    {"passes", GC_OPTION_INT, 1, PASSES_MAX, .fallback = "10", .help = "sizes, one after another"},
    {"first", GC_OPTION_INT, PAYLOAD_LEAST_BYTES, 65536, .fallback = "32", .help = "bytes of an object in pass 0"},
    {"growth", GC_OPTION_REAL, 1, 16, .fallback = "1.5", .help = "ratio of sizes from pass to pass"},
    {"keep", GC_OPTION_INT, 2, 65536, .fallback = "16", .help = "one object in this many survives its pass"},
    {"rounds", GC_OPTION_INT, 1, 1e6, .fallback = "2", .help = "how often all of it is done, from an empty start"},
    {0}};

struct pass {
  uint64_t object_bytes, count;
};

/* Sizes and counts such that survivors, new objects and tables of each pass take P_LIVE bytes; a size that no longer
 * fits gets one object. */
static unsigned passes_of(const struct gc_work *work, struct pass *passes) {
  unsigned count = (unsigned)work_int(work, P_PASSES);
  uint64_t live = (uint64_t)work_int(work, P_LIVE), keep = (uint64_t)work_int(work, P_KEEP), survived = 0;
  double object_bytes = (double)work_int(work, P_FIRST);
  for (unsigned i = 0; i < count; i++, object_bytes *= work_real(work, P_GROWTH)) {
    struct pass *pass = &passes[i];
    if (object_bytes > (double)live)
      object_bytes = (double)live;
    pass->object_bytes = (uint64_t)object_bytes / 8 * 8;
    pass->count = survived < live ? (live - survived) / (pass->object_bytes + sizeof(gc_field)) : 0;
    if (pass->count == 0)
      pass->count = 1;
    survived += (pass->count + keep - 1) / keep * pass->object_bytes + pass->count * sizeof(gc_field);
  }
  return count;
}

static uint64_t object_id(const struct gc_work *work, unsigned thread, unsigned pass, uint64_t index) {
  return rng_stream(work->seed, (uint64_t)thread << 48 | (uint64_t)pass << 40) + index;
}

static bool survives(const struct gc_work *work, unsigned pass, uint64_t index) {
  return (index + pass) % (uint64_t)work_int(work, P_KEEP) == 0;
}

static void fill(struct gc_mutator *m, const struct gc_work *work, unsigned number, struct pass pass,
                 const gc_root *table) {
  for (uint64_t i = 0; i < pass.count; i++) {
    gc_ref object = payload_new(m, object_id(work, work->thread, number, i), pass.object_bytes);
    gc_array_store(m, gc_get(m, table), i, object);
  }
}

static void drop_most(struct gc_mutator *m, const struct gc_work *work, unsigned number, struct pass pass,
                      const gc_root *table) {
  for (uint64_t i = 0; i < pass.count; i++) {
    gc_poll(m);
    if (!survives(work, number, i))
      gc_array_store(m, gc_get(m, table), i, GC_NULL);
  }
}

static void prepare(struct gc_mutator *m, const struct gc_work *work) { lanes_create(m, work); }

static uint64_t run(struct gc_mutator *m, const struct gc_work *work) {
  struct pass passes[PASSES_MAX];
  unsigned count = passes_of(work, passes);
  uint64_t objects = 0;
  GC_ROOTS(m, r, tables, table);
  for (int64_t round = 0; round < work_int(work, P_ROUNDS); round++) {
    lane_store(m, work, GC_NULL);
    gc_set(m, &r.tables, GC_NULL);
    gc_set(m, &r.table, GC_NULL);
    gc_set(m, &r.tables, gc_alloc_array(m, count));
    lane_store(m, work, gc_get(m, &r.tables));
    for (unsigned i = 0; i < count; i++) {
      gc_set(m, &r.table, gc_alloc_array(m, passes[i].count));
      gc_array_store(m, gc_get(m, &r.tables), i, gc_get(m, &r.table));
      fill(m, work, i, passes[i], &r.table);
      drop_most(m, work, i, passes[i], &r.table);
      objects += passes[i].count;
    }
  }
  gc_frame_pop(m, &r.frame);
  work_add_ops(work, objects);
  return objects;
}

static void table_check(struct gc_mutator *m, const struct gc_work *work, unsigned thread, unsigned number,
                        struct pass pass, const gc_root *table) {
  array_check(m, work, gc_get(m, table), pass.count);
  for (uint64_t i = 0; i < pass.count; i++) {
    gc_poll(m);
    gc_ref object = gc_array_load(m, gc_get(m, table), i);
    if (survives(work, number, i))
      payload_check(m, work, object, object_id(work, thread, number, i), pass.object_bytes);
    else if (!gc_is_null(object))
      work_fail(work, "object %llu of pass %u, thread %u is back", (unsigned long long)i, number, thread);
  }
}

static uint64_t check(struct gc_mutator *m, const struct gc_work *work) {
  struct pass passes[PASSES_MAX];
  unsigned count = passes_of(work, passes);
  uint64_t sum = 0;
  GC_ROOTS(m, r, tables, table);
  for (unsigned thread = 0; thread < work->threads; thread++) {
    gc_set(m, &r.tables, lane_check(m, work, thread));
    array_check(m, work, gc_get(m, &r.tables), count);
    for (unsigned i = 0; i < count; i++) {
      gc_set(m, &r.table, gc_array_load(m, gc_get(m, &r.tables), i));
      table_check(m, work, thread, i, passes[i], &r.table);
      sum = rng_mix(sum, object_id(work, thread, i, passes[i].count));
    }
  }
  gc_frame_pop(m, &r.frame);
  return sum;
}

GC_WORKLOAD(.name = "frag", .summary = "fills with one size, drops most, and goes on with a larger size",
            .stresses = "Fragmentation: holes that later sizes do not fit; the smallest heap says what moving "
                        "objects is worth.",
            .operation = "objects allocated",
            .source = "gclab's own numbers; the scheme of Robson 1974 and of HeapFragger", .sharing = GC_WORK_COPIES,
            .params = params,
            .small = "live=128K,passes=6,rounds=3", .prepare = prepare, .run = run, .check = check);
