/* lru_cache.c -- a cache of bounded size in the heap: a hash table of entries that also form a list by age of last use.
 *
 * Each thread has a cache of its own and asks it for keys, few of them often and many of them rarely.  A hit moves
 * the entry to the front of the list; a miss makes an entry and, in a full cache, drops the one at the back.
 * Entries die in the order of their last use: the opposite of what a generational collector hopes for.
 * Neither lookup nor linking allocates or polls, so their references stay valid. */
#include "workloads/lane.h"
#include "workloads/payload.h"

struct entry {
  struct gc_header header;
  gc_field newer, older; /* the list by last use */
  gc_field chain;        /* the next entry of the bucket */
  gc_field value;        /* payload_new with id value_id */
  uint64_t key;          /* the thread's number above KEY_BITS */
  uint64_t value_id;
};

struct cache {
  struct gc_header header;
  gc_field buckets, newest, oldest;
  uint64_t thread, size; /* entries */
  uint64_t hits, misses;
};

enum { TYPE_entry = GC_TYPE_FIRST, TYPE_cache };
static const struct gc_type types[] = {GC_TYPE(entry, newer, 4), GC_TYPE(cache, buckets, 3)};

enum { P_CAPACITY, P_KEYS, P_REQUESTS, P_UPDATES, P_VALUE_WORDS };
static const struct gc_option params[] = {
    {"capacity", GC_OPTION_INT, 64, 1e8, .fallback = "50000", .help = "entries that a cache holds"},
    {"keys", GC_OPTION_INT, 1, 1e9, .fallback = "200000", .help = "different keys that are asked for"},
    {"requests", GC_OPTION_INT, 0, 1e12, .fallback = "1000000", .help = "requests of each thread"},
    {"updates", GC_OPTION_REAL, 0, 100, .fallback = "10", .help = "percentage of hits that get a new value"},
    {"value_words", GC_OPTION_INT, 1, 1e6, .fallback = "14", .help = "words of a value, beside its header and length"},
    {0}};

enum { KEY_BITS = 40, LEAST_BUCKETS = 4096 };

static uint64_t bucket_count(const struct gc_work *work) {
  uint64_t capacity = (uint64_t)work_int(work, P_CAPACITY);
  return capacity < LEAST_BUCKETS ? LEAST_BUCKETS : 2ull << bits_log2(capacity);
}
static uint64_t value_bytes(const struct gc_work *work) {
  return GC_SIZEOF(gc_raw) + (uint64_t)work_int(work, P_VALUE_WORDS) * sizeof(uint64_t);
}

/* `count` is a power of two. */
static GC_INLINE uint64_t bucket_of(uint64_t key, uint64_t count) {
  return (key * 0x9e3779b97f4a7c15u) >> 20 & (count - 1);
}

/* Takes `entry` out of the list. */
static GC_INLINE void list_unlink(struct gc_mutator *m, gc_ref cache, gc_ref entry) {
  gc_ref newer = GC_LOAD(m, entry, entry, newer), older = GC_LOAD(m, entry, entry, older);
  if (gc_is_null(newer))
    GC_STORE(m, cache, cache, newest, older);
  else
    GC_STORE(m, newer, entry, older, older);
  if (gc_is_null(older))
    GC_STORE(m, cache, cache, oldest, newer);
  else
    GC_STORE(m, older, entry, newer, newer);
}

/* Puts `entry` at the front of the list. */
static GC_INLINE void list_push(struct gc_mutator *m, gc_ref cache, gc_ref entry) {
  gc_ref newest = GC_LOAD(m, cache, cache, newest);
  GC_STORE(m, entry, entry, newer, GC_NULL);
  GC_STORE(m, entry, entry, older, newest);
  if (gc_is_null(newest))
    GC_STORE(m, cache, cache, oldest, entry);
  else
    GC_STORE(m, newest, entry, newer, entry);
  GC_STORE(m, cache, cache, newest, entry);
}

static GC_INLINE gc_ref cache_find(struct gc_mutator *m, gc_ref cache, uint64_t bucket, uint64_t key) {
  gc_ref entry = gc_array_load(m, GC_LOAD(m, cache, cache, buckets), bucket);
  while (!gc_is_null(entry) && GC_DEREF(m, entry, entry)->key != key)
    entry = GC_LOAD(m, entry, entry, chain);
  return entry;
}

/* Drops the entry that was not used for longest.  Nothing that stays refers to it afterwards. */
static void cache_evict(struct gc_mutator *m, gc_ref cache, uint64_t buckets_count) {
  gc_ref victim = GC_LOAD(m, cache, cache, oldest), buckets = GC_LOAD(m, cache, cache, buckets);
  list_unlink(m, cache, victim);
  uint64_t bucket = bucket_of(GC_DEREF(m, entry, victim)->key, buckets_count);
  gc_ref next = GC_LOAD(m, victim, entry, chain), at = gc_array_load(m, buckets, bucket);
  if (gc_same(m, at, victim)) {
    gc_array_store(m, buckets, bucket, next);
    return;
  }
  for (gc_ref after; !gc_same(m, after = GC_LOAD(m, at, entry, chain), victim);)
    at = after;
  GC_STORE(m, at, entry, chain, next);
}

/* Makes room, and an entry for `key`. */
static void cache_miss(struct gc_mutator *m, const struct gc_work *work, const gc_root *cache, uint64_t bucket,
                       uint64_t key, uint64_t value_id) {
  GC_ROOTS(m, r, value);
  gc_set(m, &r.value, payload_new(m, value_id, value_bytes(work)));
  gc_ref entry = GC_NEW(m, entry);
  gc_ref self = gc_get(m, cache), buckets = GC_LOAD(m, self, cache, buckets);
  GC_INIT(m, entry, entry, value, gc_get(m, &r.value));
  GC_PUT(m, entry, entry, key, key);
  GC_PUT(m, entry, entry, value_id, value_id);
  uint64_t size = GC_DEREF(m, cache, self)->size;
  if (size == (uint64_t)work_int(work, P_CAPACITY))
    cache_evict(m, self, bucket_count(work));
  else
    GC_PUT(m, self, cache, size, size + 1);
  GC_STORE(m, entry, entry, chain, gc_array_load(m, buckets, bucket));
  gc_array_store(m, buckets, bucket, entry);
  list_push(m, self, entry);
  gc_frame_pop(m, &r.frame);
}

/* Moves `entry` to the front, if it is not there, and gives it a new value if `value_id` is not 0. */
static void cache_hit(struct gc_mutator *m, const struct gc_work *work, gc_ref cache, gc_ref entry, uint64_t value_id) {
  if (!gc_is_null(GC_LOAD(m, entry, entry, newer))) {
    list_unlink(m, cache, entry);
    list_push(m, cache, entry);
  }
  if (value_id == 0)
    return;
  GC_ROOTS(m, r, entry);
  gc_set(m, &r.entry, entry);
  gc_ref value = payload_new(m, value_id, value_bytes(work));
  entry = gc_get(m, &r.entry);
  GC_STORE(m, entry, entry, value, value);
  GC_PUT(m, entry, entry, value_id, value_id);
  gc_frame_pop(m, &r.frame);
}

static void prepare(struct gc_mutator *m, const struct gc_work *work) { lanes_create(m, work); }

static void cache_create(struct gc_mutator *m, const struct gc_work *work, gc_root *cache) {
  gc_set(m, cache, GC_NEW(m, cache));
  GC_PUT(m, gc_get(m, cache), cache, thread, work->thread);
  gc_ref buckets = gc_alloc_array(m, bucket_count(work));
  GC_STORE(m, gc_get(m, cache), cache, buckets, buckets);
  lane_store(m, work, gc_get(m, cache));
}

static uint64_t run(struct gc_mutator *m, const struct gc_work *work) {
  uint64_t random = rng_stream(work->seed, work->thread), keys = (uint64_t)work_int(work, P_KEYS);
  uint64_t requests = (uint64_t)work_int(work, P_REQUESTS), buckets = bucket_count(work);
  uint64_t values = (uint64_t)work->thread << KEY_BITS, hits = 0, misses = 0;
  double updates = work_real(work, P_UPDATES) / 100;
  GC_ROOTS(m, r, cache);
  cache_create(m, work, &r.cache);
  for (uint64_t i = 0; i < requests; i++) {
    /* Below x with x uniform: the chance of a key falls with the logarithm of its rank. */
    uint64_t rank = rng_below(&random, rng_below(&random, keys) + 1);
    uint64_t key = (uint64_t)work->thread << KEY_BITS | rank, bucket = bucket_of(key, buckets);
    bool update = rng_unit(&random) < updates;
    gc_ref cache = gc_get(m, &r.cache), entry = cache_find(m, cache, bucket, key);
    if (gc_is_null(entry)) {
      misses++;
      cache_miss(m, work, &r.cache, bucket, key, ++values);
    } else {
      hits++;
      cache_hit(m, work, cache, entry, update ? ++values : 0);
    }
    gc_poll(m);
  }
  GC_PUT(m, gc_get(m, &r.cache), cache, hits, hits);
  GC_PUT(m, gc_get(m, &r.cache), cache, misses, misses);
  gc_frame_pop(m, &r.frame);
  return rng_mix(hits, misses);
}

/* Mixes the entries from newest to oldest.  Fails unless each one's `newer` leads back and its value is whole. */
static uint64_t list_check(struct gc_mutator *m, const struct gc_work *work, gc_ref cache, unsigned thread) {
  uint64_t size = GC_DEREF(m, cache, cache)->size, count = 0, sum = size;
  gc_ref newer = GC_NULL;
  for (gc_ref entry = GC_LOAD(m, cache, cache, newest); !gc_is_null(entry);
       newer = entry, entry = GC_LOAD(m, entry, entry, older)) {
    const struct entry *e = GC_DEREF(m, entry, entry);
    if (count++ == size || e->key >> KEY_BITS != thread || !gc_same(m, GC_LOAD(m, entry, entry, newer), newer))
      work_fail(work, "entry %llu of a cache's list is wrong", (unsigned long long)count);
    payload_check(m, work, GC_LOAD(m, entry, entry, value), e->value_id, value_bytes(work));
    sum = rng_mix(rng_mix(sum, e->key), e->value_id);
  }
  if (count != size || !gc_same(m, GC_LOAD(m, cache, cache, oldest), newer))
    work_fail(work, "a cache's list has %llu entries, not %llu", (unsigned long long)count, (unsigned long long)size);
  return sum;
}

/* Fails unless every entry of a bucket belongs there, and there are `size` of them.  A reference redirected within its
 * bucket omits entries or repeats them. */
static void buckets_check(struct gc_mutator *m, const struct gc_work *work, gc_ref cache, unsigned thread) {
  uint64_t size = GC_DEREF(m, cache, cache)->size, count = 0, length = bucket_count(work);
  gc_ref buckets = GC_LOAD(m, cache, cache, buckets);
  array_check(m, work, buckets, length);
  for (uint64_t bucket = 0; bucket < length; bucket++)
    for (gc_ref entry = gc_array_load(m, buckets, bucket); !gc_is_null(entry);
         entry = GC_LOAD(m, entry, entry, chain)) {
      uint64_t key = GC_DEREF(m, entry, entry)->key;
      if (count++ == size || key >> KEY_BITS != thread || bucket_of(key, length) != bucket)
        work_fail(work, "bucket %llu has an entry too many", (unsigned long long)bucket);
    }
  if (count != size)
    work_fail(work, "the buckets have %llu entries, not %llu", (unsigned long long)count, (unsigned long long)size);
}

static uint64_t check(struct gc_mutator *m, const struct gc_work *work) {
  uint64_t sum = 0;
  for (unsigned thread = 0; thread < work->threads; thread++) {
    gc_ref cache = lane_check(m, work, thread);
    const struct cache *c = GC_DEREF(m, cache, cache);
    if (c->thread != thread || c->hits + c->misses != (uint64_t)work_int(work, P_REQUESTS))
      work_fail(work, "the cache of thread %u is not its own", thread);
    buckets_check(m, work, cache, thread);
    sum += rng_mix(list_check(m, work, cache, thread), c->hits);
  }
  return sum;
}

GC_WORKLOAD(.name = "lru_cache", .summary = "a hash table of bounded size that drops what was not used for longest",
            .stresses = "Entries die old, in order of last use; every request stores into old objects, and new entries "
                        "are referred to by old ones.",
            .source = "gclab's own", .sharing = GC_WORK_COPIES,
            .needs = {.cycles = true}, /* a list with links both ways is cyclic garbage once its cache is dropped */
            .types = types, .type_count = 2, .params = params,
            .small = "capacity=300,keys=1200,requests=5000,value_words=8",
            .prepare = prepare, .run = run, .check = check);
