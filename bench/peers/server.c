/* server.c -- workloads/server.c on a peer: a table of small trees that all threads read and replace.
 *
 * A request sums one entry, builds and sums a list of 93 nodes, and publishes a new entry in another slot.
 * closed: one request after another.  open: requests are due at a fixed rate, latency counts from when one was due. */
#include <sched.h>
#include <stdatomic.h>

#include "bench/peers/peer.h"
#include "runtime/os/clock.h"

struct node {
  struct node *left, *right;
  int32_t i, j;
};

enum { P_LOOP, P_LIVE, P_REQUESTS, P_RATE, P_WARMUP, P_SECONDS };
enum loop { LOOP_CLOSED, LOOP_OPEN };
static const char *const loops[] = {"closed", "open", NULL};
static const struct gc_option params[] = {
    {"loop", GC_OPTION_CHOICE, .choices = loops, .fallback = "closed", .help = "closed or open"},
    {"live", GC_OPTION_BYTES, 4096, 1e11, .fallback = "20M", .help = "bytes of the table and its entries"},
    {"requests", GC_OPTION_INT, 0, 1e12, .fallback = "200000", .help = "closed loop: requests of each thread"},
    {"rate", GC_OPTION_REAL, 1, 1e9, .fallback = "50000", .help = "open loop: requests a second, for each thread"},
    {"warmup", GC_OPTION_REAL, 0, 86400, .fallback = "0.1", .help = "open loop: seconds that are not recorded"},
    {"seconds", GC_OPTION_REAL, 0, 86400, .fallback = "0.4", .help = "open loop: seconds recorded"},
    {0}};

enum { ENTRY_NODES = 7, LIST_NODES = 93, NODE_BYTES_IN_LIVE = 32, KEPT_TABLE = 0 };
enum { SLEEP_NS = 1000 * 1000, SLEEP_IF_EARLIER_NS = 2 * SLEEP_NS };

/* As many entries as under gclab, where a node has a header and 32 bytes. */
static uint64_t slot_count(const struct peer_run *run) {
  return (uint64_t)run->params[P_LIVE].integer / (ENTRY_NODES * NODE_BYTES_IN_LIVE + sizeof(void *));
}

/* ---- entries ---- */

static struct node *node_new(struct memory_pool *pool, uint64_t slot, unsigned index) {
  struct node *node = memory_new(pool, sizeof *node);
  node->i = (int32_t)slot;
  node->j = (int32_t)slot + (int32_t)index;
  return node;
}

/* The subtree at `index` = 1 or 2 of an entry: two leaves and their parent. */
static struct node *triple_new(struct memory_pool *pool, uint64_t slot, unsigned index) {
  struct node *left = node_new(pool, slot, 2 * index + 1), *right = node_new(pool, slot, 2 * index + 2);
  struct node *node = node_new(pool, slot, index);
  node->left = left;
  node->right = right;
  return node;
}

static struct node *entry_new(struct memory_pool *pool, uint64_t slot) {
  struct node *left = triple_new(pool, slot, 1), *right = triple_new(pool, slot, 2);
  struct node *entry = node_new(pool, slot, 0);
  entry->left = left;
  entry->right = right;
  return entry;
}

static int64_t triple_sum(const struct node *node) { return (int64_t)node->j + node->left->j + node->right->j; }
static int64_t entry_sum(const struct node *entry) {
  return entry->j + triple_sum(entry->left) + triple_sum(entry->right);
}

/* ---- requests ---- */

static int64_t list_sum(struct memory_pool *pool) {
  struct node *head = NULL;
  for (unsigned i = 0; i < LIST_NODES; i++) {
    struct node *node = node_new(pool, 0, i);
    node->left = head;
    head = node;
  }
  int64_t sum = 0;
  for (const struct node *node = head; node; node = node->left)
    sum += node->j;
  return sum;
}

static uint64_t serve(struct memory_pool *pool, _Atomic(struct node *) *table, uint64_t slots, uint64_t x) {
  uint64_t read = (x >> 32) % slots, write = (x & 0xffffffff) % slots;
  /* acquire: pairs with the release below, of another thread */
  int64_t sum = entry_sum(atomic_load_explicit(&table[read], memory_order_acquire));
  if (sum != ENTRY_NODES * (int64_t)read + ENTRY_NODES * (ENTRY_NODES - 1) / 2)
    peer_fail("entry %llu has the sum %lld", (unsigned long long)read, (long long)sum);
  int64_t listed = list_sum(pool);
  if (listed != LIST_NODES * (LIST_NODES - 1) / 2)
    peer_fail("a list of temporary nodes has the sum %lld", (long long)listed);
  struct node *entry = entry_new(pool, write);
  /* release: publishes the entry; pairs with the acquire above */
  atomic_store_explicit(&table[write], entry, memory_order_release);
  return (uint64_t)(sum + listed);
}

static void run_closed(struct peer_thread *thread, _Atomic(struct node *) *table) {
  uint64_t requests = (uint64_t)peer_int(thread, P_REQUESTS), slots = slot_count(thread->run);
  uint64_t random = rng_stream(thread->run->seed, thread->index);
  struct memory_pool pool = {0};
  uint64_t began_ns = clock_now_ns();
  for (uint64_t n = 0; n < requests; n++) {
    thread->sum += serve(&pool, table, slots, rng_xorshift64(&random));
    uint64_t ended_ns = clock_now_ns();
    histogram_record(&thread->latency, ended_ns - began_ns);
    began_ns = ended_ns;
  }
  thread->ops = requests;
}

static void wait_until(uint64_t due_ns) {
  for (uint64_t now_ns; (now_ns = clock_now_ns()) < due_ns;)
    if (due_ns - now_ns > SLEEP_IF_EARLIER_NS)
      nanosleep(&(struct timespec){.tv_nsec = SLEEP_NS}, NULL);
    else
      sched_yield();
}

static void run_open(struct peer_thread *thread, _Atomic(struct node *) *table) {
  uint64_t slots = slot_count(thread->run), random = rng_stream(thread->run->seed, thread->index);
  double rate = peer_real(thread, P_RATE), offset = (double)thread->index / thread->run->threads;
  uint64_t warmup = (uint64_t)(rate * peer_real(thread, P_WARMUP));
  uint64_t requests = warmup + (uint64_t)(rate * peer_real(thread, P_SECONDS));
  struct memory_pool pool = {0};
  for (uint64_t n = 0; n < requests; n++) {
    uint64_t due_ns = thread->start_ns + (uint64_t)(((double)n + offset) * 1e9 / rate);
    wait_until(due_ns);
    thread->sum += serve(&pool, table, slots, rng_xorshift64(&random));
    if (n >= warmup)
      histogram_record(&thread->latency, clock_now_ns() - due_ns);
  }
  thread->ops = requests;
}

static void prepare(struct peer_thread *thread) {
  uint64_t slots = slot_count(thread->run);
  struct memory_pool pool = {0};
  struct node **table = memory_array(slots * sizeof *table);
  thread->kept[KEPT_TABLE] = table;
  for (uint64_t slot = 0; slot < slots; slot++)
    table[slot] = entry_new(&pool, slot);
}

static void run(struct peer_thread *thread) {
  _Atomic(struct node *) *table = thread->run->thread[0].kept[KEPT_TABLE];
  if (peer_int(thread, P_LOOP) == LOOP_OPEN)
    run_open(thread, table);
  else
    run_closed(thread, table);
}

static void node_check(const struct node *node, uint64_t slot, unsigned index) {
  if (index >= ENTRY_NODES) {
    if (node)
      peer_fail("a leaf of entry %llu has a child", (unsigned long long)slot);
    return;
  }
  if (!node || node->i != (int32_t)slot || node->j != (int32_t)slot + (int32_t)index)
    peer_fail("node %u of entry %llu is gone or has changed", index, (unsigned long long)slot);
  node_check(node->left, slot, 2 * index + 1);
  node_check(node->right, slot, 2 * index + 2);
}

static void check(const struct peer_run *run) {
  struct node **table = run->thread[0].kept[KEPT_TABLE];
  for (uint64_t slot = 0; slot < slot_count(run); slot++)
    node_check(table[slot], slot, 0);
}

const struct peer_program peer_server = {
    .name = "server", .params = params, .prepare = prepare, .run = run, .check = check};
