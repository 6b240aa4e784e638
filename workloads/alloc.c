/* alloc.c -- allocates objects of one size, writes the first field of each, and drops it at once.
 *
 * The loop is as tight as the interface allows: what it measures is one allocation, its share of zeroing, and of
 * collections that find nothing alive.  Each thread leaves a tally, the only object that outlives its statement. */
#include "workloads/lane.h"

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
struct tally {
  struct gc_header header;
  uint64_t thread, count, bytes;
};

enum { TYPE_object16 = GC_TYPE_FIRST, TYPE_object32, TYPE_object64, TYPE_tally };
static const struct gc_type types[] = {GC_TYPE_LEAF(object16), GC_TYPE_LEAF(object32), GC_TYPE_LEAF(object64),
                                       GC_TYPE_LEAF(tally)};

enum { P_BYTES, P_COUNT };
enum bytes_choice { BYTES_16, BYTES_32, BYTES_64 };
static const char *const bytes_choices[] = {"16", "32", "64", NULL};
static const struct gc_option params[] = {
    {"bytes", GC_OPTION_CHOICE, .choices = bytes_choices, .fallback = "32", .help = "size of an object"},
    {"count", GC_OPTION_INT, 1, 1e12, .fallback = "50000000", .help = "objects that each thread allocates"},
    {0}};

/* `type` and `bytes` are constants at each call; all three types begin as object16 does. */
static GC_INLINE void allocate_and_drop(struct gc_mutator *m, uint32_t type, size_t bytes, uint64_t count) {
  for (uint64_t i = 0; i < count; i++) {
    gc_ref object = gc_alloc(m, type, bytes);
    GC_PUT(m, object, object16, word[0], i);
  }
}

static uint64_t chosen_bytes(const struct gc_work *work) {
  static const uint64_t bytes[] = {GC_SIZEOF(object16), GC_SIZEOF(object32), GC_SIZEOF(object64)};
  return bytes[work_int(work, P_BYTES)];
}

static void prepare(struct gc_mutator *m, const struct gc_work *work) { lanes_create(m, work); }

static uint64_t run(struct gc_mutator *m, const struct gc_work *work) {
  uint64_t count = (uint64_t)work_int(work, P_COUNT), bytes = count * chosen_bytes(work);
  switch (work_int(work, P_BYTES)) {
  case BYTES_16: allocate_and_drop(m, TYPE_object16, sizeof(struct object16), count); break;
  case BYTES_32: allocate_and_drop(m, TYPE_object32, sizeof(struct object32), count); break;
  case BYTES_64: allocate_and_drop(m, TYPE_object64, sizeof(struct object64), count); break;
  }
  gc_ref tally = GC_NEW(m, tally);
  GC_PUT(m, tally, tally, thread, work->thread);
  GC_PUT(m, tally, tally, count, count);
  GC_PUT(m, tally, tally, bytes, bytes);
  lane_store(m, work, tally);
  work_add_ops(work, count);
  return bytes;
}

static uint64_t check(struct gc_mutator *m, const struct gc_work *work) {
  uint64_t count = (uint64_t)work_int(work, P_COUNT), sum = 0;
  for (unsigned thread = 0; thread < work->threads; thread++) {
    const struct tally *tally = GC_DEREF(m, tally, lane_check(m, work, thread));
    if (tally->thread != thread || tally->count != count || tally->bytes != count * chosen_bytes(work))
      work_fail(work, "the tally of thread %u is not what it wrote", thread);
    sum += tally->count;
  }
  return sum;
}

GC_WORKLOAD(.name = "alloc", .summary = "objects of one size, dropped at once",
            .stresses = "The allocation path alone: nothing survives, so a collection costs almost nothing.",
            .operation = "objects allocated",
            .source = "gclab's peer comparison: objects of 16, 32 and 64 bytes, 50 million of them",
            .sharing = GC_WORK_COPIES, .types = types, .type_count = 4, .params = params,
            .small = "bytes=64,count=30000", .prepare = prepare,
            .run = run, .check = check);
