/* weak_cache.c -- a cache that holds its entries weakly, beside strong references to a hot subset.
 *
 * Each thread looks up random keys, low ones more often.  The cache is a table of weak values (gc_weak_table.h); an
 * entry that is gone is built again.  The last entry that was looked up in each of `hot` groups is held strongly.
 * Promised and checked: an entry that is held strongly is found; at the end, what is no longer held is gone after a
 * full collection (where the collector collects at all).
 * When entries die is up to the collector and decides nothing that enters the checksum: an entry follows from its
 * key. */
#include "runtime/gc_weak_table.h"
#include "workloads/go_on.h"
#include "workloads/lane.h"
#include "workloads/payload.h"

struct entry {
  struct gc_header header;
  gc_field data;
  uint64_t id; /* thread and key */
};

struct cache {
  struct gc_header header;
  gc_field table; /* of weak values: entries, by key */
  gc_field hot;   /* array of entries, by group_of(key) */
  uint64_t thread;
};

enum { TYPE_entry = GC_TYPE_FIRST, TYPE_cache };
static const struct gc_type types[] = {GC_TYPE(entry, data, 1), GC_TYPE(cache, table, 2)};

enum { P_KEYS, P_HOT, P_REQUESTS, P_BYTES };
static const struct gc_option params[] = {
    {"keys", GC_OPTION_INT, 1, 1e9, .fallback = "50000", .help = "different keys, for each thread"},
    {"hot", GC_OPTION_INT, 2, 1e9, .fallback = "5000", .help = "entries held strongly, at most"},
    {"requests", GC_OPTION_INT, 0, 1e12, .fallback = "1000000", .help = "look-ups of each thread"},
    {"bytes", GC_OPTION_INT, PAYLOAD_LEAST_BYTES, 1e6, .fallback = "256", .help = "data of an entry, in bytes"},
    {0}};

enum { F_LEFT, F_LEFT_COLLECTED };
static const struct gc_figure figures[] = {
    {"left_entries", "found in the table though nothing holds them, before a collection was asked for"},
    {"left_collected_entries", "of them, found after a full collection"},
    {0}};

enum { ID_THREAD_SHIFT = 40 };

/* Never 0, which a stray reference would find in almost any object. */
static uint64_t entry_id(unsigned thread, uint64_t key) { return (uint64_t)(thread + 1) << ID_THREAD_SHIFT | key; }
static uint64_t id_key(uint64_t id) { return id & (((uint64_t)1 << ID_THREAD_SHIFT) - 1); }

static uint64_t group_of(const struct gc_work *work, uint64_t key) {
  return rng_below(&(uint64_t){rng_stream(key, 0)}, (uint64_t)work_int(work, P_HOT));
}

/* At the end the odd groups are let go. */
static bool group_stays(uint64_t group) { return group % 2 == 0; }

static gc_ref entry_new(struct gc_mutator *m, const struct gc_work *work, uint64_t id) {
  GC_ROOTS(m, r, data);
  gc_set(m, &r.data, payload_new(m, id, (uint64_t)work_int(work, P_BYTES)));
  gc_ref entry = GC_NEW(m, entry);
  GC_INIT(m, entry, entry, data, gc_get(m, &r.data));
  GC_PUT(m, entry, entry, id, id);
  gc_frame_pop(m, &r.frame);
  return entry;
}

static void entry_check(struct gc_mutator *m, const struct gc_work *work, gc_ref entry, uint64_t id) {
  if (GC_DEREF(m, entry, entry)->id != id)
    work_fail(work, "entry %llx is another one", (unsigned long long)id);
  payload_check(m, work, GC_LOAD(m, entry, entry, data), id, (uint64_t)work_int(work, P_BYTES));
}

/* Fails if `held`, which may be null, has this id and is not `found`. */
static void held_check(struct gc_mutator *m, const struct gc_work *work, gc_ref held, gc_ref found, uint64_t id) {
  if (gc_is_null(held) || GC_DEREF(m, entry, held)->id != id)
    return;
  if (gc_is_null(found))
    work_fail(work, "the weak reference to entry %llx was cleared while it was alive", (unsigned long long)id);
  if (!gc_same(m, held, found))
    work_fail(work, "the weak reference to entry %llx refers to another object", (unsigned long long)id);
}

static void look_up(struct gc_mutator *m, const struct gc_work *work, const gc_root *table, const gc_root *hot,
                    uint64_t key) {
  uint64_t id = entry_id(work->thread, key), group = group_of(work, key);
  gc_ref found = gc_weak_table_get(m, gc_get(m, table), key);
  held_check(m, work, gc_array_load(m, gc_get(m, hot), group), found, id);
  if (!gc_is_null(found)) {
    entry_check(m, work, found, id);
    gc_array_store(m, gc_get(m, hot), group, found);
    return;
  }
  GC_ROOTS(m, r, entry);
  gc_set(m, &r.entry, entry_new(m, work, id));
  gc_weak_table_put(m, table, key, &r.entry);
  gc_array_store(m, gc_get(m, hot), group, gc_get(m, &r.entry));
  gc_frame_pop(m, &r.frame);
}

/* Entries that the table finds and nobody holds. */
static uint64_t left_entries(struct gc_mutator *m, const struct gc_work *work, const gc_root *table,
                             const gc_root *hot) {
  uint64_t left = 0;
  for (uint64_t key = 0; key < (uint64_t)work_int(work, P_KEYS); key++) {
    gc_poll(m);
    gc_ref found = gc_weak_table_get(m, gc_get(m, table), key);
    gc_ref held = gc_array_load(m, gc_get(m, hot), group_of(work, key));
    left += !gc_is_null(found) && (gc_is_null(held) || !gc_same(m, found, held));
  }
  return left;
}

/* Lets the odd groups go, collects, and checks who lived and who died.  Then takes out what nobody holds, which
 * lives on where nothing is collected: the table knows exactly what is held. */
static void settle(struct gc_mutator *m, const struct gc_work *work, const gc_root *table, const gc_root *hot) {
  for (uint64_t group = 0; group < (uint64_t)work_int(work, P_HOT); group++) {
    gc_poll(m);
    if (!group_stays(group))
      gc_array_store(m, gc_get(m, hot), group, GC_NULL);
  }
  go_on(m);
  work_set_figure(work, F_LEFT, (double)left_entries(m, work, table, hot));
  /* Twice: the first may join a cycle that began when the odd groups were still held. */
  int64_t freed_bytes = gc_collect(m, 1);
  bool collects = freed_bytes >= 0 && gc_collect(m, 1) >= 0;
  work_set_figure(work, F_LEFT_COLLECTED, (double)left_entries(m, work, table, hot));
  for (uint64_t key = 0; key < (uint64_t)work_int(work, P_KEYS); key++) {
    gc_poll(m);
    uint64_t id = entry_id(work->thread, key);
    gc_ref held = gc_array_load(m, gc_get(m, hot), group_of(work, key));
    gc_ref found = gc_weak_table_get(m, gc_get(m, table), key);
    held_check(m, work, held, found, id);
    if (!gc_is_null(held) && GC_DEREF(m, entry, held)->id == id)
      continue;
    if (collects && !gc_is_null(found))
      work_fail(work, "the weak reference to entry %llx outlived it", (unsigned long long)id);
    gc_weak_table_remove(m, gc_get(m, table), key);
  }
}

/* Puts what is held into a new table, so that what is left is the same whenever the others died. */
static void renew(struct gc_mutator *m, const struct gc_work *work, const gc_root *table, const gc_root *hot) {
  GC_ROOTS(m, r, fresh, held);
  gc_set(m, &r.fresh, gc_weak_table_new(m));
  for (uint64_t group = 0; group < (uint64_t)work_int(work, P_HOT); group++) {
    gc_poll(m);
    gc_set(m, &r.held, gc_array_load(m, gc_get(m, hot), group));
    if (!gc_is_null(gc_get(m, &r.held)))
      gc_weak_table_put(m, &r.fresh, id_key(GC_DEREF(m, entry, gc_get(m, &r.held))->id), &r.held);
  }
  uint64_t known_count = gc_weak_table_size(m, gc_get(m, table));
  uint64_t held_count = gc_weak_table_size(m, gc_get(m, &r.fresh));
  if (known_count != held_count)
    work_fail(work, "%llu entries are held, and the table knows %llu", (unsigned long long)held_count,
              (unsigned long long)known_count);
  gc_ref cache = lane_check(m, work, work->thread);
  GC_STORE(m, cache, cache, table, gc_get(m, &r.fresh));
  gc_frame_pop(m, &r.frame);
}

static void prepare(struct gc_mutator *m, const struct gc_work *work) { lanes_create(m, work); }

static uint64_t run(struct gc_mutator *m, const struct gc_work *work) {
  uint64_t keys = (uint64_t)work_int(work, P_KEYS), requests = (uint64_t)work_int(work, P_REQUESTS), sum = 0;
  uint64_t random = rng_stream(work->seed, work->thread);
  GC_ROOTS(m, r, table, hot);
  gc_set(m, &r.table, gc_weak_table_new(m));
  gc_set(m, &r.hot, gc_alloc_array(m, (uint64_t)work_int(work, P_HOT)));
  gc_ref cache = GC_NEW(m, cache);
  GC_INIT(m, cache, cache, table, gc_get(m, &r.table));
  GC_INIT(m, cache, cache, hot, gc_get(m, &r.hot));
  GC_PUT(m, cache, cache, thread, work->thread);
  lane_store(m, work, cache);
  for (uint64_t i = 0; i < requests; i++) {
    gc_poll(m);
    uint64_t key = rng_below(&random, 1 + rng_below(&random, keys)); /* density falls with the logarithm of the key */
    look_up(m, work, &r.table, &r.hot, key);
    sum += key;
  }
  settle(m, work, &r.table, &r.hot);
  renew(m, work, &r.table, &r.hot);
  gc_frame_pop(m, &r.frame);
  work_add_ops(work, requests);
  return sum;
}

/* ---- checking: the table knows exactly the entries that are held ---- */

static uint64_t hot_check(struct gc_mutator *m, const struct gc_work *work, unsigned thread, const gc_root *table,
                          const gc_root *hot, uint64_t *held_count) {
  uint64_t keys = (uint64_t)work_int(work, P_KEYS), sum = 0;
  for (uint64_t group = 0; group < (uint64_t)work_int(work, P_HOT); group++) {
    gc_poll(m);
    gc_ref held = gc_array_load(m, gc_get(m, hot), group);
    if (gc_is_null(held))
      continue;
    uint64_t id = GC_DEREF(m, entry, held)->id, key = id_key(id);
    if (id != entry_id(thread, key) || key >= keys || group_of(work, key) != group || !group_stays(group))
      work_fail(work, "group %llu of thread %u holds entry %llx", (unsigned long long)group, thread,
                (unsigned long long)id);
    entry_check(m, work, held, id);
    held_check(m, work, held, gc_weak_table_get(m, gc_get(m, table), key), id);
    sum = rng_mix(sum, id);
    ++*held_count;
  }
  return sum;
}

static uint64_t check(struct gc_mutator *m, const struct gc_work *work) {
  uint64_t sum = 0;
  GC_ROOTS(m, r, table, hot);
  for (unsigned thread = 0; thread < work->threads; thread++) {
    gc_ref cache = lane_check(m, work, thread);
    if (GC_DEREF(m, cache, cache)->thread != thread)
      work_fail(work, "the cache of thread %u has changed", thread);
    gc_set(m, &r.table, GC_LOAD(m, cache, cache, table));
    gc_set(m, &r.hot, GC_LOAD(m, cache, cache, hot));
    array_check(m, work, gc_get(m, &r.hot), (uint64_t)work_int(work, P_HOT));
    if (!gc_weak_table_is_packed(m, gc_get(m, &r.table)))
      work_fail(work, "the table of thread %u has changed", thread);
    uint64_t held_count = 0;
    sum = rng_mix(sum, hot_check(m, work, thread, &r.table, &r.hot, &held_count));
    uint64_t known_count = gc_weak_table_size(m, gc_get(m, &r.table));
    if (known_count != held_count)
      work_fail(work, "thread %u holds %llu entries, and its table knows %llu", thread,
                (unsigned long long)held_count, (unsigned long long)known_count);
  }
  gc_frame_pop(m, &r.frame);
  return sum;
}

GC_WORKLOAD(.name = "weak_cache", .summary = "a cache of weak references beside strong ones to a hot subset",
            .stresses = "Tens of thousands of weak references, decided at every collection; reading them while a "
                        "concurrent collector clears.  The more often it collects, the more entries are built again.",
            .operation = "look-ups",
            .source = "gclab's own", .sharing = GC_WORK_COPIES, .needs = {.weak = true}, .types = types,
            .type_count = 2, .params = params, .figures = figures,
            .small = "keys=400,hot=100,requests=3000,bytes=64", .prepare = prepare, .run = run, .check = check);
