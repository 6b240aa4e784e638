/* churn.c -- every allocation survives with probability s into a live set of L bytes, or is dropped.
 *
 * The two dials that decide what a collection costs, and nothing else: each thread fills a table to L bytes, then
 * allocates; a survivor replaces the item in a random slot.  So survivors live for L / s allocated bytes on average,
 * whatever their age: no generation of them is safer than another.  An item is a small object and its data. */
#include "workloads/lane.h"
#include "workloads/payload.h"

struct item {
  struct gc_header header;
  gc_field data;
  uint64_t id; /* thread and serial; the size of the data follows from it */
};

enum { TYPE_item = GC_TYPE_FIRST };
static const struct gc_type types[] = {GC_TYPE(item, data, 1)};

enum { P_LIVE, P_SURVIVAL, P_ALLOCATE, P_LEAST, P_MOST };
static const struct gc_option params[] = {
    {"live", GC_OPTION_BYTES, 4096, 1e12, .fallback = "16M", .help = "bytes that stay alive, for each thread"},
    {"survival", GC_OPTION_REAL, 0, 1, .fallback = "0.1", .help = "probability that an allocation survives"},
    {"allocate", GC_OPTION_BYTES, 0, 1e15, .fallback = "256M", .help = "bytes that each thread allocates once full"},
    {"least", GC_OPTION_INT, PAYLOAD_LEAST_BYTES, 65536, .fallback = "32", .help = "smallest data object, in bytes"},
    {"most", GC_OPTION_INT, PAYLOAD_LEAST_BYTES, 65536, .fallback = "224",
     .help = "largest data object, in bytes; sizes are uniform, and all `least` if that is larger"},
    {0}};

enum { ID_THREAD_SHIFT = 40 };

struct sizes {
  uint64_t least_words, spread; /* data objects have least_words … least_words + spread - 1 words */
  uint64_t mean_bytes;          /* an item, its data and its slot in the table */
  uint64_t slots;               /* items in a table */
};

static struct sizes sizes_of(const struct gc_work *work) {
  uint64_t least = (uint64_t)work_int(work, P_LEAST) / 8, most = (uint64_t)work_int(work, P_MOST) / 8;
  struct sizes sizes = {.least_words = least, .spread = most > least ? most - least + 1 : 1};
  sizes.mean_bytes = GC_SIZEOF(item) + sizeof(gc_field) + 8 * least + 4 * (sizes.spread - 1);
  sizes.slots = (uint64_t)work_int(work, P_LIVE) / sizes.mean_bytes;
  if (sizes.slots == 0)
    sizes.slots = 1;
  return sizes;
}

static uint64_t data_bytes(struct sizes sizes, uint64_t id) {
  return 8 * (sizes.least_words + rng_below(&(uint64_t){rng_stream(id, 0)}, sizes.spread));
}

static gc_ref item_new(struct gc_mutator *m, struct sizes sizes, uint64_t id) {
  GC_ROOTS(m, r, data);
  gc_set(m, &r.data, payload_new(m, id, data_bytes(sizes, id)));
  gc_ref item = GC_NEW(m, item);
  GC_INIT(m, item, item, data, gc_get(m, &r.data));
  GC_PUT(m, item, item, id, id);
  gc_frame_pop(m, &r.frame);
  return item;
}

static void prepare(struct gc_mutator *m, const struct gc_work *work) { lanes_create(m, work); }

static uint64_t run(struct gc_mutator *m, const struct gc_work *work) {
  struct sizes sizes = sizes_of(work);
  uint64_t random = rng_stream(work->seed, work->thread);
  double survival = work_real(work, P_SURVIVAL);
  uint64_t count = (uint64_t)work_int(work, P_ALLOCATE) / sizes.mean_bytes;
  uint64_t id = (uint64_t)work->thread << ID_THREAD_SHIFT, survivors = 0;

  GC_ROOTS(m, r, table);
  gc_set(m, &r.table, gc_alloc_array(m, sizes.slots));
  lane_store(m, work, gc_get(m, &r.table));
  for (uint64_t slot = 0; slot < sizes.slots; slot++) {
    gc_ref item = item_new(m, sizes, ++id);
    gc_array_store(m, gc_get(m, &r.table), slot, item);
  }
  for (uint64_t i = 0; i < count; i++) {
    gc_ref item = item_new(m, sizes, ++id);
    if (rng_unit(&random) >= survival)
      continue;
    gc_array_store(m, gc_get(m, &r.table), rng_below(&random, sizes.slots), item);
    survivors++;
  }
  gc_frame_pop(m, &r.frame);
  work_add_ops(work, sizes.slots + count);
  return survivors;
}

static uint64_t check(struct gc_mutator *m, const struct gc_work *work) {
  struct sizes sizes = sizes_of(work);
  uint64_t sum = 0;
  GC_ROOTS(m, r, table);
  for (unsigned thread = 0; thread < work->threads; thread++) {
    gc_set(m, &r.table, lane_check(m, work, thread));
    array_check(m, work, gc_get(m, &r.table), sizes.slots);
    for (uint64_t slot = 0; slot < sizes.slots; slot++) {
      gc_poll(m);
      gc_ref item = gc_array_load(m, gc_get(m, &r.table), slot);
      if (gc_is_null(item) || GC_DEREF(m, item, item)->id >> ID_THREAD_SHIFT != thread)
        work_fail(work, "slot %llu of thread %u holds no item of its own", (unsigned long long)slot, thread);
      uint64_t id = GC_DEREF(m, item, item)->id;
      payload_check(m, work, GC_LOAD(m, item, item, data), id, data_bytes(sizes, id));
      sum = rng_mix(sum, id);
    }
  }
  gc_frame_pop(m, &r.frame);
  return sum;
}

GC_WORKLOAD(.name = "churn", .summary = "random replacement in a live set, with survival and live size as dials",
            .stresses = "Cost of a collection against survival rate and live size; old-to-young stores at the "
                        "survival rate; memory is freed in random places.",
            .operation = "items allocated",
            .source = "gclab's own; dials in the manner of HyperAlloc and GCPerfSim", .sharing = GC_WORK_COPIES,
            .types = types, .type_count = 1, .params = params,
            .small = "live=96K,survival=0.2,allocate=800K", .prepare = prepare, .run = run, .check = check);
