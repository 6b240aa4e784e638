/* server.c -- a table of small trees that all threads read and replace, request by request.
 *
 * A request sums one entry of the table, builds and sums a list of 93 nodes, and publishes a new entry in another
 * slot.  closed: each thread serves a fixed number of requests, one after another; the figure is requests a second.
 * open: requests are due at a fixed rate, and latency counts from when a request was due, so that a pause delays
 * all requests that it covers.
 *
 * Entry `slot` is a tree of 7 nodes with i = slot and j = slot + index in the tree, whoever built it: threads race to
 * replace entries, and what they read and leave is the same in every order. */
#include <sched.h>

#include "runtime/base/rng.h"
#include "runtime/gc.h"
#include "runtime/os/clock.h"
#include "runtime/stats/latency.h"
#include "runtime/workload.h"

struct node {
  struct gc_header header;
  gc_field left, right;
  int32_t i, j;
};

enum { TYPE_node = GC_TYPE_FIRST };
static const struct gc_type types[] = {GC_TYPE(node, left, 2)};

enum { P_LOOP, P_LIVE, P_REQUESTS, P_RATE, P_WARMUP, P_SECONDS };
enum loop { LOOP_CLOSED, LOOP_OPEN };
static const char *const loops[] = {"closed", "open", NULL};
static const struct gc_option params[] = {
    {"loop", GC_OPTION_CHOICE, .choices = loops, .fallback = "closed", .help = "closed or open"},
    {"live", GC_OPTION_BYTES, 4096, 1e11, .fallback = "20M",
     .help = "bytes of the table and its entries, shared by all threads; published comparisons use 200M"},
    {"requests", GC_OPTION_INT, 0, 1e12, .fallback = "200000", .help = "closed loop: requests of each thread"},
    {"rate", GC_OPTION_REAL, 1, 1e9, .fallback = "50000", .help = "open loop: requests a second, for each thread"},
    {"warmup", GC_OPTION_REAL, 0, 86400, .fallback = "0.1",
     .help = "open loop: seconds whose latencies are not recorded; published: 3"},
    {"seconds", GC_OPTION_REAL, 0, 86400, .fallback = "0.4", .help = "open loop: seconds recorded; published: 6"},
    {0}};

enum { ENTRY_NODES = 7, LIST_NODES = 93, GLOBAL_TABLE = 0 };
enum { SLEEP_NS = 1000 * 1000, SLEEP_IF_EARLIER_NS = 2 * SLEEP_NS };

struct shared {
  _Atomic uint64_t start_ns; /* of the open loop; 0 until the first thread runs */
};

static uint64_t slot_count(const struct gc_work *work) {
  return (uint64_t)work_int(work, P_LIVE) / (ENTRY_NODES * GC_SIZEOF(node) + sizeof(gc_field));
}

/* ---- entries ---- */

static GC_INLINE gc_ref node_new(struct gc_mutator *m, uint64_t slot, unsigned index) {
  gc_ref node = GC_NEW(m, node);
  GC_PUT(m, node, node, i, (int32_t)slot);
  GC_PUT(m, node, node, j, (int32_t)slot + (int32_t)index);
  return node;
}

/* Node `index` of an entry with its two leaves. */
static GC_INLINE gc_ref triple_new(struct gc_mutator *m, uint64_t slot, unsigned index) {
  GC_ROOTS(m, r, left, right);
  gc_set(m, &r.left, node_new(m, slot, 2 * index + 1));
  gc_set(m, &r.right, node_new(m, slot, 2 * index + 2));
  gc_ref node = node_new(m, slot, index);
  GC_INIT(m, node, node, left, gc_get(m, &r.left));
  GC_INIT(m, node, node, right, gc_get(m, &r.right));
  gc_frame_pop(m, &r.frame);
  return node;
}

static gc_ref entry_new(struct gc_mutator *m, uint64_t slot) {
  GC_ROOTS(m, r, left, right);
  gc_set(m, &r.left, triple_new(m, slot, 1));
  gc_set(m, &r.right, triple_new(m, slot, 2));
  gc_ref entry = node_new(m, slot, 0);
  GC_INIT(m, entry, node, left, gc_get(m, &r.left));
  GC_INIT(m, entry, node, right, gc_get(m, &r.right));
  gc_frame_pop(m, &r.frame);
  return entry;
}

static GC_INLINE int64_t node_j(struct gc_mutator *m, gc_ref node) { return GC_DEREF(m, node, node)->j; }

static GC_INLINE int64_t triple_sum(struct gc_mutator *m, gc_ref node) {
  return node_j(m, node) + node_j(m, GC_LOAD(m, node, node, left)) + node_j(m, GC_LOAD(m, node, node, right));
}

static GC_INLINE int64_t entry_sum(struct gc_mutator *m, gc_ref entry) {
  return node_j(m, entry) + triple_sum(m, GC_LOAD(m, entry, node, left)) +
         triple_sum(m, GC_LOAD(m, entry, node, right));
}

/* ---- requests ---- */

/* Builds a list of temporary nodes and returns the sum of its j. */
static GC_INLINE int64_t list_sum(struct gc_mutator *m) {
  GC_ROOTS(m, r, head);
  for (unsigned i = 0; i < LIST_NODES; i++) {
    gc_ref node = node_new(m, 0, i);
    GC_INIT(m, node, node, left, gc_get(m, &r.head));
    gc_set(m, &r.head, node);
  }
  int64_t sum = 0;
  for (gc_ref node = gc_get(m, &r.head); !gc_is_null(node); node = GC_LOAD(m, node, node, left))
    sum += node_j(m, node);
  gc_frame_pop(m, &r.frame);
  return sum;
}

/* `x` is the request's random word.  Returns what the client gets. */
static uint64_t serve(struct gc_mutator *m, const struct gc_work *work, const gc_root *table, uint64_t slots,
                      uint64_t x) {
  uint64_t read = (x >> 32) % slots, write = (x & 0xffffffff) % slots;
  int64_t sum = entry_sum(m, gc_array_load(m, gc_get(m, table), read));
  if (sum != ENTRY_NODES * (int64_t)read + ENTRY_NODES * (ENTRY_NODES - 1) / 2)
    work_fail(work, "entry %llu has the sum %lld", (unsigned long long)read, (long long)sum);
  int64_t listed = list_sum(m);
  if (listed != LIST_NODES * (LIST_NODES - 1) / 2)
    work_fail(work, "a list of temporary nodes has the sum %lld", (long long)listed);
  gc_ref entry = entry_new(m, write);
  gc_array_store(m, gc_get(m, table), write, entry);
  return (uint64_t)(sum + listed);
}

static uint64_t run_closed(struct gc_mutator *m, const struct gc_work *work, const gc_root *table) {
  uint64_t requests = (uint64_t)work_int(work, P_REQUESTS), slots = slot_count(work), sum = 0;
  uint64_t random = rng_stream(work->seed, work->thread);
  uint64_t began_ns = clock_now_ns();
  for (uint64_t n = 0; n < requests; n++) {
    sum += serve(m, work, table, slots, rng_xorshift64(&random));
    uint64_t ended_ns = clock_now_ns();
    latency_record(work->latency, began_ns, ended_ns);
    began_ns = ended_ns;
  }
  work_add_ops(work, requests);
  return sum;
}

static void wait_until(struct gc_mutator *m, uint64_t due_ns) {
  for (uint64_t now_ns; (now_ns = clock_now_ns()) < due_ns;) {
    gc_block(m);
    if (due_ns - now_ns > SLEEP_IF_EARLIER_NS)
      nanosleep(&(struct timespec){.tv_nsec = SLEEP_NS}, NULL);
    else
      sched_yield();
    gc_unblock(m);
  }
}

/* All threads count from the moment when the first of them began. */
static uint64_t start_together(struct shared *shared) {
  uint64_t start_ns = 0, now_ns = clock_now_ns();
  if (atomic_compare_exchange_strong_explicit(&shared->start_ns, &start_ns, now_ns, memory_order_relaxed,
                                              memory_order_relaxed)) /* relaxed: the word itself is all there is */
    return now_ns;
  return start_ns;
}

static uint64_t run_open(struct gc_mutator *m, const struct gc_work *work, const gc_root *table) {
  uint64_t slots = slot_count(work), random = rng_stream(work->seed, work->thread), sum = 0;
  double rate = work_real(work, P_RATE), offset = (double)work->thread / work->threads;
  uint64_t warmup = (uint64_t)(rate * work_real(work, P_WARMUP));
  uint64_t requests = warmup + (uint64_t)(rate * work_real(work, P_SECONDS));
  uint64_t start_ns = start_together(work->shared);
  for (uint64_t n = 0; n < requests; n++) {
    uint64_t due_ns = start_ns + (uint64_t)(((double)n + offset) * 1e9 / rate);
    wait_until(m, due_ns);
    sum += serve(m, work, table, slots, rng_xorshift64(&random));
    if (n >= warmup)
      latency_record(work->latency, due_ns, clock_now_ns());
  }
  work_add_ops(work, requests);
  return sum;
}

static void prepare(struct gc_mutator *m, const struct gc_work *work) {
  uint64_t slots = slot_count(work);
  GC_ROOTS(m, r, table);
  gc_set(m, &r.table, gc_alloc_array(m, slots));
  gc_global_store(m, GLOBAL_TABLE, gc_get(m, &r.table));
  for (uint64_t slot = 0; slot < slots; slot++) {
    gc_ref entry = entry_new(m, slot);
    gc_array_store(m, gc_get(m, &r.table), slot, entry);
  }
  gc_frame_pop(m, &r.frame);
}

static uint64_t run(struct gc_mutator *m, const struct gc_work *work) {
  bool open = work_int(work, P_LOOP) == LOOP_OPEN;
  work->latency->open_loop = open;
  GC_ROOTS(m, r, table);
  gc_set(m, &r.table, gc_global_load(m, GLOBAL_TABLE));
  uint64_t sum = open ? run_open(m, work, &r.table) : run_closed(m, work, &r.table);
  gc_frame_pop(m, &r.frame);
  return sum;
}

/* ---- checking ---- */

/* The subtree at `index` of entry `slot`: every node's i, j and children. */
static void node_check(struct gc_mutator *m, const struct gc_work *work, gc_ref node, uint64_t slot, unsigned index) {
  if (index >= ENTRY_NODES) {
    if (!gc_is_null(node))
      work_fail(work, "a leaf of entry %llu has a child", (unsigned long long)slot);
    return;
  }
  if (gc_is_null(node) || GC_DEREF(m, node, node)->i != (int32_t)slot ||
      node_j(m, node) != (int64_t)slot + index)
    work_fail(work, "node %u of entry %llu is gone or has changed", index, (unsigned long long)slot);
  node_check(m, work, GC_LOAD(m, node, node, left), slot, 2 * index + 1);
  node_check(m, work, GC_LOAD(m, node, node, right), slot, 2 * index + 2);
}

static uint64_t check(struct gc_mutator *m, const struct gc_work *work) {
  uint64_t slots = slot_count(work);
  GC_ROOTS(m, r, table);
  gc_set(m, &r.table, gc_global_load(m, GLOBAL_TABLE));
  if (gc_is_null(gc_get(m, &r.table)) || gc_array_length(m, gc_get(m, &r.table)) != slots)
    work_fail(work, "the table is gone or has another length");
  for (uint64_t slot = 0; slot < slots; slot++) {
    gc_poll(m);
    node_check(m, work, gc_array_load(m, gc_get(m, &r.table), slot), slot, 0);
  }
  gc_frame_pop(m, &r.frame);
  return slots;
}

GC_WORKLOAD(.name = "server", .summary = "requests that read and replace entries of a shared table of small trees",
            .stresses = "Throughput (closed loop) and request latency (open loop) beside a live set that changes "
                        "slowly and at random, shared by all threads.",
            .operation = "requests",
            .source = "gclab's peer comparison: 200 MB, 50 000 requests a second and thread, 3 s of warm-up, 6 s",
            .sharing = GC_WORK_COPIES, .types = types, .type_count = 1, .params = params,
            .small = "live=100K,requests=600",
            .shared_bytes = sizeof(struct shared), .prepare = prepare, .run = run, .check = check);
